package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ptsim/internal/litmus"
	"ptsim/internal/prose"
	"ptsim/internal/scenario"
	"ptsim/memory"
)

// litmusOptions are the flags of ptsim litmus.
type litmusOptions struct {
	model, release, format, expect string
	less                           []string // rules that --without takes out
	why, writes                    bool
	variant                        string
	states                         int
	run                            litmus.Options
	want                           expectations
}

func newLitmus(std streams) *cobra.Command {
	var o litmusOptions
	cmd := &cobra.Command{
		Use:   "litmus FILE|DIR|ARCHIVE...",
		Short: "Run C litmus tests under a memory model, as herd7 does",
		Long: `Litmus reads C litmus tests as herd7 does, and visits every state that each can
reach under a memory model: the Linux kernel's (lkmm), total store order (tso:
x86, z/Architecture), or sequential consistency (sc). A DIR is searched for files
*.litmus; an ARCHIVE is a .tar or .tar.xz.

Text is what herd7 prints: the final states, and whether the condition holds in
none of them, in some or in all. tsv has a line per test:

  path  name  verdict  states  seconds  reason

The verdict is Never, Sometimes or Always; or unsupported, with what; or bound,
if a search has visited --states states and found nothing; or interrupted.

--expect compares with the Result: comment of each test; --expect=TABLE.tsv with
a table that has the path in its first column and, in its third, a verdict, or
yes and no for what can happen; --expect=TABLE.tsv:4 takes column 4. Tests that
differ are listed at the end, and the exit code is 1.

--write SCENARIO prints a scenario of any lab as a litmus test, for herd7 and for
litmus itself. Its verdict Never means the same as safe in explore. A litmus test
has no callbacks, frees, lists, choices, or loops that wait: if a task needs one,
the error names the first such step. --write FILE prints a test as ptsim read it.

lkmm is linux-kernel.cat, with one exception: a store never overtakes an earlier
load of its own CPU, so load buffering is not found. See docs/litmus.md.`,
		Example: `  ptsim litmus testdata/litmus/MP+wmb+rmb.litmus
  ptsim litmus --why testdata/litmus/MP+wmb+po.litmus
  ptsim litmus --format tsv --memory tso testdata/litmus
  ptsim litmus --expect ~/linux/tools/memory-model/litmus-tests
  ptsim litmus --lkmm 6.12 tests.tar.xz
  ptsim litmus --write swap/on --variant no-rmb > on.litmus`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("expected a litmus test, a folder or an archive with some")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.writes {
				return o.write(cmd, std, args)
			}
			if o.variant != "" {
				return errors.New("--variant goes with --write: litmus tests have none")
			}
			o.less = without(cmd)
			if err := o.parse(); err != nil {
				return err
			}
			return buffered(std.out, func(w io.Writer) error { return o.all(cmd.Context(), w, std.err, args) })
		},
	}
	memoryFlags(cmd, &o.model, &o.release, memory.LKMM)
	withoutFlag(cmd)
	formatFlag(cmd, &o.format, "text", "tsv", "json")
	cmd.Flags().StringVar(&o.expect, "expect", "", "compare with the Result: comments, or with a table, TABLE.tsv[:COLUMN]")
	cmd.Flags().Lookup("expect").NoOptDefVal = "Result"
	cmd.Flags().BoolVar(&o.why, "why", false, "show the shortest schedule of the behaviour, or which barriers forbid it")
	cmd.Flags().BoolVar(&o.writes, "write", false, "print a scenario as a litmus test, or a litmus test as ptsim read it")
	cmd.Flags().StringVar(&o.variant, "variant", "", "variant of the protocol that --write takes (default: the one that explore takes)")
	cmd.Flags().IntVar(&o.states, "states", 10_000_000, "give up on a test that has more states")
	bounded(cmd, "states", 1, 1_000_000_000)
	return cmd
}

func (o *litmusOptions) parse() (err error) {
	if err := checkFormat(o.format, "text", "tsv", "json"); err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	if o.run.Model, o.run.Release, err = parseMemory(o.model, o.release, o.less...); err != nil {
		return err
	}
	if len(o.less) > 0 && o.run.Model != memory.LKMM {
		return fmt.Errorf("--without goes with --memory lkmm; expected none with %s", o.run.Model)
	}
	o.run.States = o.states
	if o.why && o.format != "text" {
		return fmt.Errorf("--why: is text; expected no --format %s", o.format)
	}
	o.want, err = readExpectations(o.expect)
	return err
}

// litmusRow is what tsv and json say of a test.
type litmusRow struct {
	Path    string   `json:"path"`
	Name    string   `json:"name"`
	Verdict string   `json:"verdict"`
	States  int      `json:"states"`
	Seconds float64  `json:"seconds"`
	Reason  string   `json:"reason,omitempty"`
	Finals  []string `json:"finals,omitempty"`
	Raced   bool     `json:"raced,omitempty"`
	expect  string
}

// tsv writes the row as a line.
func (r *litmusRow) tsv(w io.Writer) {
	fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%.3f\t%s\n", r.Path, r.Name, r.Verdict, r.States, r.Seconds, r.Reason)
}

// all runs every test of the arguments.
func (o *litmusOptions) all(ctx context.Context, w, stderr io.Writer, args []string) error {
	rows := []litmusRow{}
	compared := 0
	var wrong []litmusRow
	var stopped error
	for _, arg := range args {
		if _, err := os.Stat(arg); err != nil && scenario.Known(arg) {
			return fmt.Errorf("%s: is a scenario; expected a litmus test; --write %[1]s makes one of it", arg)
		}
		info, err := os.Stat(arg)
		single := err == nil && !info.IsDir() && !strings.Contains(filepath.Base(arg), ".tar")
		err = litmus.Collect(arg, func(path, text string) error {
			row, err := o.test(ctx, w, stderr, path, text, single)
			if err != nil && !errors.Is(err, context.Canceled) {
				return err
			}
			if stopped = err; o.want.on && row.Verdict != "interrupted" {
				if row.expect = o.want.of(path, row.expect); row.expect != "" {
					if compared++; !agrees(row.Verdict, row.expect) {
						wrong = append(wrong, row)
					}
				}
			}
			if o.format == "tsv" {
				row.tsv(w)
			}
			if o.format == "json" {
				rows = append(rows, row)
			}
			return stopped
		})
		if stopped != nil {
			break
		}
		if err != nil {
			return err
		}
	}
	if o.format == "json" {
		if err := writeJSON(w, rows); err != nil {
			return err
		}
	}
	if !o.want.on {
		return stopped
	}
	out := w
	if o.format != "text" {
		out = stderr
	}
	for _, r := range wrong {
		fmt.Fprintf(out, "%s: %s, expected %s\n", r.Path, r.Verdict, r.expect)
	}
	fmt.Fprintf(out, "compared %d tests%s: %d differ\n", compared, map[bool]string{true: " so far"}[stopped != nil], len(wrong))
	if stopped != nil {
		return stopped
	}
	if len(wrong) > 0 {
		return errFinding
	}
	return nil
}

// test runs one test. What is wrong with a test that was named is an error; in a folder or an archive it is a row.
func (o *litmusOptions) test(ctx context.Context, w, stderr io.Writer, path, text string, single bool) (litmusRow, error) {
	row := litmusRow{Path: path, Name: strings.TrimSuffix(filepath.Base(path), ".litmus")}
	t, err := litmus.Parse(path, text)
	if err != nil {
		var bad *litmus.Error
		if single && !(errors.As(err, &bad) && bad.Unsupported && o.format != "text") {
			return row, err
		}
		row.Verdict, row.Reason = "unsupported", err.Error()
		if o.format == "text" {
			fmt.Fprintln(w, err)
		}
		return row, nil
	}
	for _, warning := range t.Warnings {
		fmt.Fprintln(stderr, "ptsim: warning:", warning)
	}
	begin := time.Now()
	r, err := litmus.Run(ctx, t, o.run)
	if errors.Is(err, context.Canceled) {
		row.Name, row.Verdict, row.States, row.Seconds = t.Name, "interrupted", r.States, float64(time.Since(begin).Milliseconds())/1000
		row.Reason = fmt.Sprintf("after %s", prose.Count(r.States, "state", "states"))
		if o.format == "text" {
			fmt.Fprintf(w, "Test %s: interrupted %s, no verdict\n", t.Name, row.Reason)
		}
		return row, err
	}
	if err != nil {
		return row, err
	}
	row.Name, row.Verdict, row.States, row.Raced, row.expect = t.Name, r.Verdict(), r.States, r.Raced, t.Result
	row.Seconds = float64(time.Since(begin).Milliseconds()) / 1000
	if row.Verdict == "bound" {
		row.Reason = fmt.Sprintf("more than %d states", o.states)
	}
	switch o.format {
	case "json":
		for _, v := range r.Finals {
			row.Finals = append(row.Finals, t.FinalState(v))
		}
	case "text":
		t.Write(w, r)
		if o.why {
			if err := o.explain(ctx, w, t); err != nil {
				return row, err
			}
		}
		fmt.Fprintln(w)
	}
	return row, nil
}

// explain writes the shortest schedule of what the condition describes, or what each barrier does against it.
func (o *litmusOptions) explain(ctx context.Context, w io.Writer, t *litmus.Test) error {
	moves, err := litmus.Shortest(ctx, t, o.run)
	if err != nil {
		return err
	}
	if moves != nil {
		fmt.Fprintln(w, "Shortest schedule")
		for _, m := range moves {
			fmt.Fprintf(w, "%*sP%d: %s\n", 2+4*m.Proc, "", m.Proc, m.Text)
			if m.Remark != "" {
				fmt.Fprintf(w, "%*s    %s\n", 2+4*m.Proc, "", m.Remark)
			}
		}
		return nil
	}
	parts, err := litmus.Without(ctx, t, o.run)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "No schedule does this.")
	for _, p := range parts {
		fmt.Fprintf(w, "  without %s (line %d): %s\n", p.Text, p.Line, p.Verdict)
	}
	return nil
}
