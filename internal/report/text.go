package report

import (
	"fmt"
	"io"
	"strings"

	"ptsim/internal/chart"
	"ptsim/internal/prose"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// maxSplats is how many violations of a machine are shown whole.
const maxSplats = 2

// TextOptions say how a report is written.
type TextOptions struct {
	Width  int
	ASCII  bool // with plain characters
	Color  bool
	Splats bool // violations as a kernel would print them
}

// WriteText writes the report for people: a table, a picture, what was assumed, what went wrong.
func (r *Report) WriteText(w io.Writer, o TextOptions) error {
	if r.Stopped {
		fmt.Fprintln(w, "INTERRUPTED: "+SoFar)
	}
	fmt.Fprint(w, r.heading())
	if r.Lost > 0 {
		fmt.Fprintf(w, "; %s LOST", prose.Count(r.Lost, "event", "events"))
	}
	if r.LostGaps > 0 {
		fmt.Fprintf(w, "; events LOST in %s, nobody says how many", prose.Count(r.LostGaps, "place", "places"))
	}
	fmt.Fprint(w, "\n\n")
	rows := r.Rows()
	writeTable(w, rows, func(w *Row) string { return w.Variant }, r.lines(rows), o.Width)
	fmt.Fprintln(w)
	err := r.Plot().Terminal(w, chart.TermOptions{Width: min(o.Width, 100), Height: 12, ASCII: o.ASCII, Color: o.Color})
	if err != nil {
		return err
	}
	r.assumed(w, o.Width)
	r.violations(w, o.Width, o.Splats)
	return nil
}

// lines are those of the table.
func (r *Report) lines(rows []Row) []line[Row] {
	lines := []line[Row]{
		grouped("tables allocated", func(w *Row) Figure { return w.TablesAllocated }),
		part(grouped("from the list", func(w *Row) Figure { return w.TablesReused })),
		part(grouped("on a fresh page", func(w *Row) Figure { return w.TablesFresh })),
		grouped("freed at once", func(w *Row) Figure { return w.FreedNow }),
		part(grouped("by gather", func(w *Row) Figure { return w.FreedGather })),
		part(grouped("deferred", func(w *Row) Figure { return w.FreedDeferred })),
		grouped("live at the end", func(w *Row) Figure { return w.LiveTables }),
		grouped("retracts", func(w *Row) Figure { return w.Retracts }),
		grouped("huge faults", func(w *Row) Figure { return w.HugeFaults }),
		grouped("grace periods", func(w *Row) Figure { return w.GracePeriods }),
		grouped("callbacks", func(w *Row) Figure { return w.Callbacks }),
		grouped("batches", func(w *Row) Figure { return w.Batches }),
		grouped("IPI rounds", func(w *Row) Figure { return w.IPIs }),
		grouped("peak tables", func(w *Row) Figure { return w.PeakTables }),
		grouped("peak pages", func(w *Row) Figure { return w.PeakPages }),
		grouped("halves wasted then", func(w *Row) Figure { return w.WastedHalvesPeak }),
		decimals("mean pages", 1, func(w *Row) Figure { return w.MeanPages }),
		decimals("mean MiB", 2, func(w *Row) Figure { return w.MeanPages / 256 }),
		part(line[Row]{label: "against fullpage", cell: func(w *Row) string { return against(w, r.fullPage(rows)) }}),
	}
	if r.Khugepaged {
		lines = append(lines,
			grouped("khugepaged wakeups", daemon(func(c *s390sim.KhugepagedCounts) uint64 { return c.Wakeups })),
			part(grouped("collapses", daemon(func(c *s390sim.KhugepagedCounts) uint64 { return c.Collapsed }))))
	}
	return append(lines, grouped("violations", func(w *Row) Figure { return w.ViolationsTotal }))
}

// daemon returns a count of khugepaged's.
func daemon(count func(*s390sim.KhugepagedCounts) uint64) func(*Row) Figure {
	return func(w *Row) Figure {
		if w.Khugepaged == nil {
			return NotReached
		}
		return Whole(count(w.Khugepaged))
	}
}

// against is how many MiB more than fullpage a row takes.
func against(w, full *Row) string {
	if full == nil || !w.MeanPages.Known() {
		return "-"
	}
	return strings.Replace(fmt.Sprintf("%+.2f", (w.MeanPages-full.MeanPages)/256), "+0.00", "0.00", 1)
}

// fullPage returns the row of fullpage, nil if it did not run to its end.
func (r *Report) fullPage(rows []Row) *Row {
	for i := range r.Outcomes {
		if r.Outcomes[i].Variant == pgalloc.FullPage && !r.Outcomes[i].Stopped {
			return &rows[i]
		}
	}
	return nil
}

func (r *Report) assumed(w io.Writer, width int) {
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

// violations says which variants broke a rule, and how often; with --splats as a kernel would.
func (r *Report) violations(w io.Writer, width int, splats bool) {
	asked := false
	for _, o := range r.Outcomes {
		if o.Total == 0 {
			continue
		}
		fmt.Fprint(w, "\n", prose.Hang("", "  ", Told(o.Name, o.Variant, o.Total), width))
		if !splats {
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

// Told says how many violations a variant had, and whether that was to be expected.
func Told(name string, v pgalloc.Variant, violations int) string {
	s := fmt.Sprintf("%s: %s", name, prose.Count(violations, "violation", "violations"))
	if why := v.Info().Flawed; why != "" {
		s += ", as expected of it: it " + why
	}
	return s
}
