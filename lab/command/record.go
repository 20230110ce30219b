package command

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"ptsim/internal/prose"
	"ptsim/internal/record"
)

// recordOptions are the flags of ptsim record.
type recordOptions struct {
	output     string
	buffer     int
	khugepaged bool
	tracefs    string
}

func newRecord(std streams) *cobra.Command {
	var o recordOptions
	cmd := &cobra.Command{
		Use:   "record [-o FILE] -- COMMAND...",
		Short: "Record what a command does to its memory (Linux, as root)",
		Long: `Record runs a command and records, through the kernel's tracefs, the page faults,
mappings, forks, exits and huge page collapses of the command, of all its
descendants, and of khugepaged. "ptsim retract" replays the file.

Record works in its own instance of tracefs, so it changes no setting of the
system. It removes the instance at the end, even if the command fails or a signal
comes. The first signal goes to the command. When the command has ended, or after
a while, or at a second signal, record writes the trace so far and exits with
130.

The exit code says whether there is a trace. Standard error says how the command
ended.`,
		Example: `  ptsim record -- make -j8 && ptsim retract ptsim.trace
  ptsim record -o my.trace.gz -- sh -c 'initdb db && postgres -D db'
  ptsim record -- sudo -u me make check`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("record: no command; expected one, as in ptsim record -- make -j8")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), std, args) },
	}
	cmd.Flags().SetInterspersed(false) // what follows the command is the command's
	cmd.Flags().StringVarP(&o.output, "output", "o", "ptsim.trace", "file to write; it is gzip if the name ends in .gz")
	cmd.Flags().IntVar(&o.buffer, "buffer", 0, "buffer of each CPU, in KiB; 0 means that ptsim chooses")
	bounded(cmd, "buffer", 0, 64<<20)
	cmd.Flags().BoolVar(&o.khugepaged, "khugepaged", true, "also record what khugepaged does, for all processes")
	cmd.Flags().StringVar(&o.tracefs, "tracefs", "", "root of tracefs (default: where it is mounted)")
	return cmd
}

func (o *recordOptions) check() error {
	switch {
	case o.output == "":
		return errors.New("--output: empty; expected the name of a file")
	case o.output == "-":
		return errors.New("--output: -; expected a file, as standard output is the command's")
	}
	return nil
}

func (o *recordOptions) run(ctx context.Context, std streams, command []string) error {
	if err := o.check(); err != nil {
		return err
	}
	defer mustTidy(ctx)()
	// From here on a signal is an event, not an end. A broken pipe, too: a message that nobody reads must not be the last.
	signals := make(chan os.Signal, 2)
	broken := make(chan os.Signal, 1)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		if !signal.Ignored(s) { // as by nohup: the command is to ignore it, too
			signal.Notify(signals, s)
		}
	}
	if !signal.Ignored(syscall.SIGPIPE) {
		signal.Notify(broken, syscall.SIGPIPE)
	}
	defer signal.Stop(signals)
	defer signal.Stop(broken)
	if err := ctx.Err(); err != nil {
		return err
	}
	file, err := createOut(o.output)
	if err != nil {
		return err
	}
	defer file.discard()
	out, closeOut := traceOutput(file)
	res, err := record.Run(record.Options{
		Command: command, Output: out, Stdin: std.in, Stdout: std.out, Stderr: std.err,
		Tracefs: o.tracefs, BufferKiB: o.buffer, OmitKhugepaged: !o.khugepaged, Signals: signals,
		Warn: func(s string) { fmt.Fprintf(std.err, "ptsim: %s\n", oneLine(errors.New(s))) },
	})
	if err == nil {
		err = closeOut()
	}
	if failed := (*record.OutputError)(nil); errors.As(err, &failed) {
		err = cannotWrite(o.output, failed.Err)
	}
	if err != nil {
		return err
	}
	if err := file.commit(); err != nil {
		return err
	}
	_, _ = io.WriteString(std.err, recordReport(o.output, res)) // there is a trace, even if nobody listens any more
	if res.Interrupted {
		return context.Canceled
	}
	return nil
}

// traceOutput is where the trace goes on its way to the file, and what completes it.
func traceOutput(file *outFile) (io.Writer, func() error) {
	if strings.EqualFold(filepath.Ext(file.name), ".gz") {
		z, err := gzip.NewWriterLevel(file, gzip.BestSpeed)
		if err != nil {
			panic(err) // the level is no level
		}
		return z, func() error {
			if err := z.Close(); err != nil {
				return &record.OutputError{Err: err}
			}
			return nil
		}
	}
	nothing := func() error { return nil }
	if file.path == "" { // a device or a pipe: what is written is gone
		return file, nothing
	}
	return seekable{file}, nothing
}

// seekable is a file in which something can be filled in later.
type seekable struct{ *outFile }

func (s seekable) WriteAt(p []byte, off int64) (int, error) {
	if err := s.Flush(); err != nil {
		return 0, err
	}
	return s.f.WriteAt(p, off)
}

// recordReport tells what was recorded.
func recordReport(name string, r *record.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "recorded %s: %s, %s, %s, %s, %s in %v\n", name, prose.Count(r.Events, "event", "events"), prose.Count(r.Forks, "fork", "forks"),
		prose.Count(r.Execs, "exec", "execs"), prose.Count(r.Exits, "exit", "exits"), prose.Count(r.Collapses, "collapse", "collapses"), r.Duration.Round(time.Millisecond))
	if r.Status == "" {
		fmt.Fprintf(&b, "the command still runs, PID %d\n", r.PID)
	} else {
		fmt.Fprintf(&b, "the command ended: %s\n", r.Status)
	}
	if r.Background > 0 {
		fmt.Fprintf(&b, "in the background still: %s, not recorded any further\n", prose.Count(r.Background, "task", "tasks"))
	}
	if r.Lost > 0 || r.LostGaps > 0 {
		lost := prose.Count(r.Lost, "event", "events")
		if r.LostGaps > 0 {
			lost += " and an unknown number in " + prose.Count(r.LostGaps, "place", "places")
		}
		fmt.Fprintf(&b, "LOST: %s; more than --buffer %d would keep more\n", lost, r.BufferKiB)
	}
	if r.Torn > 0 {
		fmt.Fprintf(&b, "left out: %s of lines that are no events\n", prose.Count(r.Torn, "piece", "pieces"))
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	return b.String()
}
