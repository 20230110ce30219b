package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/internal/conform"
	"ptsim/internal/prose"
	"ptsim/internal/report"
	"ptsim/pgalloc"
)

// conformOptions are the flags of ptsim conform.
type conformOptions struct {
	variant, pin string
	format       string
}

func newConform(std streams) *cobra.Command {
	var o conformOptions
	cmd := &cobra.Command{
		Use:   "conform LOG...",
		Short: "Hold a variant against what a live kernel's allocator did",
		Long: `Conform replays logs of what the allocator of a live s390 kernel did. It compares
each decision: the first page of the list and its mask before an allocation; the
page and the half that were handed out; the masks after page_table_free,
page_table_free_rcu and __tlb_remove_table; the batches of RCU callbacks; the
empty list at the end of an mm. A LOG is a file of records, plain or gzip, or -
for standard input. "go doc ptsim/internal/conform" describes the records.

Without --variant, each log is compared with the variant that its kernel had:
classic where two tables share a page, fullpage where each table has a page. You
can name another variant with two tables to a page; the figures then say how
often it decides differently.

If a decision differs, conform shows the first one, with the list as the variant
has it, and the last ten operations of the mm.

Exit codes:

  0  every decision is the same
  1  a decision differs
  2  bad input`,
		Example: `  ptsim conform testdata/real/*.gz
  ptsim conform testdata/real/races.gz --variant rfc
  ptsim conform kernel.log --format json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("conform: no log; expected files of what a kernel's allocator did, or - for standard input")
			}
			return o.run(cmd, std, args)
		},
	}
	variantFlags(cmd, &o.variant, &o.pin, "", "")
	cmd.Flag("variant").Usage += "; that of the log, if none is named"
	formatFlag(cmd, &o.format, "text", "json")
	return cmd
}

func (o *conformOptions) run(cmd *cobra.Command, std streams, names []string) error {
	if err := checkFormat(o.format, "text", "json"); err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	var opt conform.Options
	if o.variant != "" || cmd.Flags().Changed("variant") || cmd.Flags().Changed("pin") {
		if o.variant == "" && !cmd.Flags().Changed("variant") {
			return errors.New("--pin goes with --variant pinned; no variant is named")
		}
		v, p, err := parseVersion(cmd, o.variant, o.pin)
		if err != nil {
			return err
		}
		opt = conform.Options{Variant: v, Pin: p}
	}
	results := []*conform.Result{}
	bar := newProgress(std.err, 0)
	stopped := false
	for i, name := range names {
		if stopped = cmd.Context().Err() != nil; stopped {
			break
		}
		l, err := openLog(name, std.in)
		if err != nil {
			bar.done()
			return err
		}
		r, err := conform.Replay(cmd.Context(), l, opt)
		if stopped = errors.Is(err, context.Canceled); err != nil && !stopped {
			bar.done()
			return err
		}
		results = append(results, r)
		if stopped {
			break
		}
		bar.share(float64(i+1) / float64(len(names)))
	}
	bar.done()
	err := buffered(std.out, func(w io.Writer) error {
		switch {
		case o.format != "json":
			return stdoutError(writeConform(w, results, names, stopped))
		case stopped:
			return writeJSON(w, conformSoFar(results, names))
		}
		return writeJSON(w, results)
	})
	switch {
	case err != nil:
		return err
	case stopped:
		return context.Canceled
	}
	for _, r := range results {
		if r.Disagree > 0 {
			return errFinding
		}
	}
	return nil
}

func openLog(name string, stdin io.Reader) (*conform.Log, error) {
	if name == "-" {
		return conform.Read("standard input", stdin)
	}
	return conform.Open(name)
}

// conformPart is a log in JSON that an interrupted run did not come to the end of: null for what it did not come to.
type conformPart struct {
	File        string          `json:"file"`
	Variant     *string         `json:"variant"`
	Decisions   report.Figure   `json:"decisions"`
	Agree       report.Figure   `json:"agree"`
	Disagree    report.Figure   `json:"disagree"`
	Kinds       []conform.Count `json:"kinds"`
	Interrupted *int            `json:"interrupted_at"` // the line
}

// conformSoFar are the logs of an interrupted run: the ones that were compared, the one that was under way, the others.
func conformSoFar(results []*conform.Result, names []string) (list []any) {
	for i, name := range names {
		if i >= len(results) {
			list = append(list, conformPart{name, nil, report.NotReached, report.NotReached, report.NotReached, nil, nil})
			continue
		}
		r := results[i]
		if r.Interrupted == 0 {
			list = append(list, r)
			continue
		}
		list = append(list, conformPart{r.File, &r.Variant, report.Whole(r.Decisions), report.Whole(r.Agree), disagreements(r), r.Kinds, &r.Interrupted})
	}
	return list
}

// disagreements is how many there are. That there is none is known at the end of a log only.
func disagreements(r *conform.Result) report.Figure {
	if r.Interrupted > 0 && r.Disagree == 0 {
		return report.NotReached
	}
	return report.Whole(r.Disagree)
}

// writeConform writes a table of the logs, one of what was compared, and the first disagreement of each log.
func writeConform(w io.Writer, results []*conform.Result, names []string, stopped bool) error {
	width := len("in all")
	if stopped {
		fmt.Fprintf(w, "INTERRUPTED: %s\n", report.SoFar)
		for _, name := range names {
			width = max(width, len(name))
		}
	}
	total := conform.Result{}
	var kinds []conform.Count
	for _, r := range results {
		width = max(width, len(r.File))
		total.Decisions += r.Decisions
		total.Agree += r.Agree
		total.Disagree += r.Disagree
		total.PutRight += r.PutRight
		total.Unrecorded += r.Unrecorded
		total.Interrupted += r.Interrupted
		for _, c := range r.Kinds {
			kinds = addCount(kinds, c)
		}
	}
	row := func(name, variant string, r *conform.Result) {
		fmt.Fprintf(w, "%-*s  %-16s%10s%10s%10s\n", width, name, variant, prose.Group(r.Decisions), prose.Group(r.Agree), disagreements(r).Grouped())
	}
	fmt.Fprintf(w, "%-*s  %-16s%10s%10s%10s\n", width, "file", "held against", "decisions", "agree", "disagree")
	for _, r := range results {
		row(r.File, r.Variant, r)
	}
	for _, name := range names[len(results):] {
		fmt.Fprintf(w, "%-*s  %-16s%10s%10s%10s\n", width, name, "-", "-", "-", "-")
	}
	if len(results) > 1 {
		row("in all", "", &total)
	}
	fmt.Fprintf(w, "\n%-58s%10s%10s\n", "compared", "agree", "disagree")
	for _, c := range kinds {
		fmt.Fprintf(w, "%-58s%10s%10s\n", c.About, prose.Group(c.Agree), prose.Group(c.Disagree))
	}
	if total.PutRight > 0 {
		fmt.Fprintf(w, "\n%s in the wrong order: the masks prove the right one.\n", prose.Count(total.PutRight, "record was", "records were"))
	}
	if total.Unrecorded > 0 {
		fmt.Fprintf(w, "\n%s: a mask seen later proves it.\n", prose.Count(total.Unrecorded, "removal has no record of its own", "removals have no record of their own"))
	}
	for _, s := range otherVersions(results) {
		fmt.Fprintf(w, "\n%s\n", s)
	}
	for _, r := range results {
		writeDisagreement(w, r)
	}
	return nil
}

func addCount(kinds []conform.Count, c conform.Count) []conform.Count {
	for i := range kinds {
		if kinds[i].Record == c.Record {
			kinds[i].Agree += c.Agree
			kinds[i].Disagree += c.Disagree
			return kinds
		}
	}
	return append(kinds, c)
}

func writeDisagreement(w io.Writer, r *conform.Result) {
	d := r.First
	if d == nil {
		return
	}
	label := func(s string) string { return fmt.Sprintf("  %-*s", max(len("the kernel:"), len(r.Variant)+1)+1, s) }
	fmt.Fprintf(w, "\n%s:%d: %s\n", r.File, d.Line, d.Record)
	fmt.Fprintf(w, "%s%s\n", label("the kernel:"), d.Kernel)
	fmt.Fprintf(w, "%s%s\n", label(r.Variant+":"), d.Model)
	if len(d.Last) > 0 {
		if d.List != "" {
			fmt.Fprintf(w, "  the list of mm %d on %s: %s\n", d.MM, r.Variant, d.List)
		}
		fmt.Fprintf(w, "  the last operations of mm %d:\n", d.MM)
		for _, l := range d.Last {
			fmt.Fprintf(w, "%8d  %s\n", l.Line, l.Record)
		}
	}
	if more := r.Disagree - 1; more > 0 {
		fmt.Fprintf(w, "  and %s after it\n", prose.Count(more, "disagreement", "disagreements"))
	}
	if r.Stopped > 0 {
		fmt.Fprintf(w, "  %s cannot go on from line %d\n", r.Variant, r.Stopped)
	}
}

// otherVersions says what to think of logs that are held against a version that the kernel did not have.
func otherVersions(results []*conform.Result) []string {
	var notes []string
	for _, r := range results {
		note := ""
		switch name, _, _ := strings.Cut(r.Variant, "/"); pgalloc.Variant(name) {
		case pgalloc.Classic, pgalloc.FullPage:
		case pgalloc.Active:
			note = "The kernel of such logs had classic; active decides as classic does where nothing is deferred."
		default:
			note = "The kernel of such logs had classic; " + r.Variant + " lists no page with a pending half, so it must disagree."
		}
		if note != "" && !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	return notes
}
