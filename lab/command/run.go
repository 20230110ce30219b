package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/internal/scenario"
	"ptsim/internal/script"
	"ptsim/pgalloc"
)

// runOptions are the flags of ptsim run.
type runOptions struct {
	variant, pin string
	format       string
	ascii        bool
	full, quiet  bool
}

func newRun(std streams, verbose *int) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run SCRIPT",
		Short: "Run a script of allocator operations, step by step",
		Long: `Run carries out a script of allocator operations, one per line, and shows what
each operation changed: the pages as pictures of their two halves, the lists, the
open batches, the RCU queue, and the mms. --full shows the whole machine after
each operation, --quiet only the verdict. SCRIPT is a file, or - for standard
input. The default variant is pinned.

These are the operations. "ptsim help script" says more.

` + operations() + `
There are two formats for machines. jsonl has the whole state after each
operation, one per line, so its size grows with the number of operations times
the number of pages. changes has what each operation changed, so it grows with
the operations alone.

Exit codes:

  0  success
  1  the script met a violation
  2  bad input`,
		Example: `  ptsim run testdata/scripts/flaw.txt --variant rfc
  ptsim run script.txt --variant active --format jsonl
  ptsim run long.txt --quiet
  printf 'mm 1\nalloc 1 -> t1\nfree t1\n' | ptsim run -`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("run: no script; expected a file, or - for standard input")
			}
			return o.run(cmd, std, args[0], *verbose)
		},
	}
	variantFlags(cmd, &o.variant, &o.pin, string(pgalloc.Pinned), "")
	formatFlag(cmd, &o.format, runFormats...)
	cmd.Flags().BoolVar(&o.full, "full", false, "show the whole machine after each operation, not only what changed")
	cmd.Flags().BoolVarP(&o.quiet, "quiet", "q", false, "print only the verdict")
	cmd.Flags().BoolVar(&o.ascii, "ascii", false, "draw with plain characters")
	return cmd
}

// operations lists the operations of a script with what the kernel calls them.
func operations() string {
	text := ""
	for k := script.MM; k <= script.Hook; k++ {
		text += fmt.Sprintf("  %-18s %s\n", k.Form(), k.Kernel())
	}
	return text
}

// runMemory is how much memory ptsim run means to get along with, for scripts of a million operations: the collector works
// harder when it comes near.
const runMemory = 440 << 20

func (o *runOptions) run(cmd *cobra.Command, std streams, name string, verbose int) error {
	if had := debug.SetMemoryLimit(-1); had > runMemory {
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(runMemory))
	}
	if err := checkFormat(o.format, runFormats...); err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	switch {
	case o.full && o.quiet:
		return errors.New("--full and --quiet: expected one of them")
	case o.full && o.format != "text":
		return fmt.Errorf("--full with --format %s: expected text; jsonl has the whole machine in any case", o.format)
	}
	v, p, err := parseVersion(cmd, o.variant, o.pin)
	if err != nil {
		return err
	}
	s, err := readScript(name, std.in)
	if err != nil {
		return err
	}
	opt := script.Options{Variant: v, Pin: p}
	var log *logger
	var r *script.Runner
	if verbose > 0 {
		log = newLog(std.err, verbose)
		if verbose > 1 {
			opt.Observe = log.primitive(&r)
		}
	}
	r, err = script.New(s, opt)
	if err != nil {
		return err
	}
	err = buffered(std.out, func(w io.Writer) error {
		show, end, cut := o.view(w, std.out, s, r)
		err := r.Each(func(ch *script.Change) error {
			if err := cmd.Context().Err(); err != nil {
				return err
			}
			if log != nil {
				log.operation(ch)
			}
			return show(ch)
		})
		switch {
		case errors.Is(err, context.Canceled):
			cut()
		case err != nil:
			return err
		}
		return cmp.Or(end(), err)
	})
	if err != nil {
		return err
	}
	if r.Found() > 0 {
		return errFinding
	}
	return nil
}

// runFormats are the formats of ptsim run.
var runFormats = []string{"text", "jsonl", "changes"}

// view returns what shows an operation, what comes after the last, and what tells it that the run was interrupted. term is the stream
// that w ends up on.
func (o *runOptions) view(w io.Writer, term any, s *script.Script, r *script.Runner) (show func(*script.Change) error, end func() error, cut func()) {
	var line []byte
	put := func() error {
		line = append(line, '\n')
		_, err := w.Write(line)
		return stdoutError(err)
	}
	switch {
	case o.format != "text" && o.quiet:
		sum := script.Summary{Version: r.Name()}
		return func(ch *script.Change) error { sum.Add(ch); return nil },
			func() error { line = sum.AppendJSON(line[:0]); return put() },
			func() { sum.Interrupted = true }
	case o.format == "jsonl":
		return func(*script.Change) error { line = r.State().AppendJSON(line[:0]); return put() },
			func() error { return nil }, func() {}
	case o.format == "changes":
		return func(ch *script.Change) error { line = ch.AppendJSON(line[:0]); return put() },
			func() error { return nil }, func() {}
	}
	width, _ := columnsOf(term)
	t := script.NewText(w, script.TextOptions{Title: s.Name + " on " + r.Name(), Box: !o.ascii, Width: width, Quiet: o.quiet})
	show = func(ch *script.Change) error { return stdoutError(t.Change(ch)) }
	if o.full {
		show = func(ch *script.Change) error { return stdoutError(t.Full(ch, r.State())) }
	}
	return show, func() error { return stdoutError(t.Close()) }, t.Interrupt
}

// errIsScenario says what to do with a scenario where a script is wanted.
func errIsScenario(name string) error {
	return fmt.Errorf("%s: is a scenario, whose tasks may run in any order; expected a script, which is one order. ptsim explore and ptsim step take scenarios", name)
}

func readScript(name string, stdin io.Reader) (*script.Script, error) {
	if scenario.Known(name) {
		return nil, errIsScenario(name)
	}
	if text, ok, err := readText(name, stdin); err == nil && ok { // one that is too long to be a scenario is a script
		if isScenario(text) {
			return nil, errIsScenario(fileName(name))
		}
		return script.Parse(fileName(name), strings.NewReader(text))
	} else if name == "-" {
		stdin = io.MultiReader(strings.NewReader(text), stdin)
	}
	if name == "-" {
		return script.Parse("standard input", stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			return nil, fmt.Errorf("%s: %w; expected a script", name, pe.Err)
		}
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s: is a directory; expected a script", name)
	}
	return script.Parse(name, f)
}
