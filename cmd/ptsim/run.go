package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"ptsim/internal/script"
	"ptsim/pgalloc"
)

// runOptions are the flags of ptsim run.
type runOptions struct {
	variant, pin string
	format       string
	ascii        bool
}

func newRun(std streams, verbose *int) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run SCRIPT",
		Short: "Run a script of allocator operations, step by step",
		Long: `Run carries out a script of allocator operations, one a line, and shows the machine after each: every
page as a picture of its two halves, the lists, the open batches, the RCU queue, the mms.
SCRIPT is a file, or - for standard input. The operations:

` + operations() + `
The exit code is 1 if the script met a violation.`,
		Example: `  ptsim run testdata/scripts/flaw.txt --variant rfc
  ptsim run script.txt --variant active --format jsonl
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
	formatFlag(cmd, &o.format, "text", "jsonl")
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

func (o *runOptions) run(cmd *cobra.Command, std streams, name string, verbose int) error {
	if err := checkFormat(o.format, "text", "jsonl"); err != nil {
		return fmt.Errorf("--format: %w", err)
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
		show, end := o.view(w, std.out, s, r)
		err := r.Run(func(st *script.State) error {
			if err := cmd.Context().Err(); err != nil {
				return err
			}
			if log != nil {
				log.operation(st)
			}
			return show(st)
		})
		if err != nil {
			return err
		}
		return end()
	})
	if err != nil {
		return err
	}
	if len(r.Violations()) > 0 {
		return errFinding
	}
	return nil
}

// view returns what shows a state, and what comes after the last. term is the stream that w ends up on.
func (o *runOptions) view(w io.Writer, term any, s *script.Script, r *script.Runner) (show func(*script.State) error, end func() error) {
	if o.format == "jsonl" {
		var line []byte
		return func(st *script.State) error {
			line = append(st.AppendJSON(line[:0]), '\n')
			_, err := w.Write(line)
			return stdoutError(err)
		}, func() error { return nil }
	}
	width, _ := isTerminal(term)
	t := script.NewText(w, script.TextOptions{Title: s.Name + " on " + r.Name(), Box: !o.ascii, Width: width})
	return func(st *script.State) error { return stdoutError(t.State(st)) }, func() error { return stdoutError(t.Close()) }
}

func readScript(name string, stdin io.Reader) (*script.Script, error) {
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
