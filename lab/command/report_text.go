package command

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"ptsim/internal/chart"
	"ptsim/internal/prose"
	"ptsim/internal/replay"
	"ptsim/pgalloc"
)

// maxSplats is how many violations of a machine are shown whole.
const maxSplats = 2

func (r *report) writeText(w io.Writer, term any) error {
	width, tty := columnsOf(term)
	first := r.first()
	if r.Stopped {
		fmt.Fprintln(w, "INTERRUPTED: the figures so far, - where there are none")
	}
	fmt.Fprintf(w, "%s: %s, %s in %.3f s, %s", r.kind, r.title, prose.Count(r.Events, "event", "events"),
		float64(first.End-first.Begin)/1e9, prose.Count(first.MMs, "address space", "address spaces"))
	if r.Lost > 0 {
		fmt.Fprintf(w, "; %s LOST", prose.Count(r.Lost, "event", "events"))
	}
	if r.LostGaps > 0 {
		fmt.Fprintf(w, "; events LOST in %s, nobody says how many", prose.Count(r.LostGaps, "place", "places"))
	}
	fmt.Fprint(w, "\n\n")
	r.table(w, width)
	fmt.Fprintln(w)
	err := r.plot().Terminal(w, chart.TermOptions{Width: min(width, 100), Height: 12, ASCII: r.options.ascii, Color: tty})
	if err != nil {
		return err
	}
	r.assumed(w, width)
	r.violations(w, width)
	return nil
}

// line of the table: a label and a cell a machine.
type line struct {
	label string
	cell  func(o *replay.Outcome) string
}

func count(f func(o *replay.Outcome) uint64) func(o *replay.Outcome) string {
	return func(o *replay.Outcome) string { return whole(f(o)).grouped() }
}

func (r *report) lines() []line {
	full := r.fullPage()
	lines := []line{
		{"tables allocated", count(func(o *replay.Outcome) uint64 { return o.Figures.Alloc.Allocated() })},
		{"  from the list", count(func(o *replay.Outcome) uint64 { return o.Figures.Alloc.Reused })},
		{"  on a fresh page", count(func(o *replay.Outcome) uint64 { return o.Figures.Alloc.Fresh })},
		{"freed at once", count(func(o *replay.Outcome) uint64 { return o.Figures.Alloc.FreedNow })},
		{"  by gather", count(func(o *replay.Outcome) uint64 { return o.Figures.Alloc.FreedGather })},
		{"  deferred", count(func(o *replay.Outcome) uint64 { return o.Figures.Alloc.FreedDeferred })},
		{"live at the end", func(o *replay.Outcome) string { return atEnd(o, whole(o.Figures.Alloc.Tables)).grouped() }},
		{"retracts", count(func(o *replay.Outcome) uint64 { return o.Figures.Retracts })},
		{"huge faults", count(func(o *replay.Outcome) uint64 { return o.Figures.HugeFaults })},
		{"grace periods", count(func(o *replay.Outcome) uint64 { return o.Figures.GracePeriods })},
		{"callbacks", count(func(o *replay.Outcome) uint64 { return o.Figures.Callbacks })},
		{"batches", count(func(o *replay.Outcome) uint64 { return o.Figures.Batches })},
		{"IPI rounds", count(func(o *replay.Outcome) uint64 { return o.Figures.Alloc.IPIs })},
		{"peak tables", count(func(o *replay.Outcome) uint64 { return uint64(o.Figures.PeakTables) })},
		{"peak pages", count(func(o *replay.Outcome) uint64 { return uint64(o.Figures.PeakPages) })},
		{"halves wasted then", count(func(o *replay.Outcome) uint64 { return uint64(o.Figures.WastedHalvesPeak) })},
		{"mean pages", func(o *replay.Outcome) string { return strconv.FormatFloat(o.Figures.MeanPages, 'f', 1, 64) }},
		{"mean MiB", func(o *replay.Outcome) string { return mib(o.Figures.MeanPages) }},
		{"  against fullpage", func(o *replay.Outcome) string {
			if full == nil || full.Stopped {
				return "-"
			}
			return strings.Replace(fmt.Sprintf("%+.2f", (o.Figures.MeanPages-full.Figures.MeanPages)/256), "+0.00", "0.00", 1)
		}},
	}
	if r.options.khugepaged.on {
		lines = append(lines, line{"khugepaged wakeups", count(func(o *replay.Outcome) uint64 { return o.Figures.Khugepaged.Wakeups })},
			line{"  collapses", count(func(o *replay.Outcome) uint64 { return o.Figures.Khugepaged.Collapsed })})
	}
	return append(lines, line{"violations", func(o *replay.Outcome) string { return found(o).grouped() }})
}

func mib(pages float64) string { return fmt.Sprintf("%.2f", pages/256) }

func (r *report) fullPage() *replay.Outcome {
	for i := range r.Outcomes {
		if r.Outcomes[i].Variant == pgalloc.FullPage {
			return &r.Outcomes[i]
		}
	}
	return nil
}

// table prints the figures, as many machines side by side as the width allows.
func (r *report) table(w io.Writer, width int) {
	head := []string{""}
	for _, o := range r.Outcomes {
		head = append(head, o.Name)
	}
	rows := [][]string{head}
	for _, l := range r.lines() {
		row := []string{l.label}
		for i := range r.Outcomes {
			cell := "-"
			if o := &r.Outcomes[i]; reached(o) {
				cell = l.cell(o)
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	fmt.Fprint(w, prose.Table(rows, "", width))
}

func (r *report) assumed(w io.Writer, width int) {
	var parts []string
	for _, a := range assumptions(r.Outcomes[0].Assumptions) {
		if a.n > 0 {
			parts = append(parts, prose.Count(a.n, a.one, a.many))
		}
	}
	for _, n := range r.notes() {
		fmt.Fprint(w, "\n", prose.Hang("", "  ", "note: "+n, width))
	}
	if len(parts) > 0 {
		fmt.Fprint(w, "\n", prose.Hang("", "  ", "assumed: "+strings.Join(parts, "; "), width))
	}
}

// violations says which versions broke a rule, and how often; with --splats as a kernel would.
func (r *report) violations(w io.Writer, width int) {
	asked := false
	for _, o := range r.Outcomes {
		if o.Total == 0 {
			continue
		}
		fmt.Fprint(w, "\n", prose.Hang("", "  ", told(o.Name, o.Variant, o.Total), width))
		if !r.options.splats {
			if len(o.Violations) > 0 {
				fmt.Fprint(w, prose.Hang("  the first: ", "  ", o.Violations[0].Sentence(), width))
				asked = true
			}
			continue
		}
		for i, v := range o.Violations {
			if i == maxSplats {
				fmt.Fprintf(w, "... and %s more; --format json has the first %d\n", prose.Group(o.Total-i), len(o.Violations))
				break
			}
			fmt.Fprint(w, v.Splat())
		}
	}
	if asked {
		fmt.Fprintln(w, "  --splats shows what a kernel would print")
	}
}

// told says how many violations a version had, and whether that was to be expected.
func told(name string, v pgalloc.Variant, violations int) string {
	s := fmt.Sprintf("%s: %s", name, prose.Count(violations, "violation", "violations"))
	if why := v.Info().Flawed; why != "" {
		s += ", as expected of it: it " + why
	}
	return s
}
