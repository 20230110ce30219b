package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"reflect"
	"strconv"

	"github.com/spf13/cobra"

	"ptsim/pgalloc"
	"ptsim/s390sim"
)

func newCompare(std streams) *cobra.Command {
	o := retractOptions{variant: "all"}
	var html string
	cmd := &cobra.Command{
		Use:   "compare [TRACE...]",
		Short: "What each version and each pin costs, side by side",
		Long: `Compare runs one trace or one synthetic load through all versions of the allocator and all pins of
the pinned one, counts every lock and every atomic operation, and puts the figures side by side:
memory against fullpage and against the least there can be (half a page a live table), halves
wasted and for how long, locks and atomics a table, callbacks, and how long pins keep mms that have
exited.

The exit code is 1 if a version that is not known to be flawed violated a rule.`,
		Example: `  ptsim compare
  ptsim compare --workload database --seed 7
  ptsim compare --workload jvm --html jvm.html
  ptsim compare my.trace.gz --format csv`,
		RunE: func(cmd *cobra.Command, args []string) error { return o.compare(cmd, std, args, html) },
	}
	formatFlag(cmd, &o.format, "text", "json", "csv")
	cmd.Flags().StringVar(&html, "html", "", "also write a report with pictures into this file")
	cmd.Flags().Var(&o.grace, "grace-period", "length of an RCU grace period, or a distribution: see ptsim retract --help")
	cmd.Flags().IntVar(&o.cpus, "cpus", 8, "CPUs of the machine")
	cmd.Flags().BoolVar(&o.contents, "contents", false, "give page tables real contents, and check them")
	o.input.flags(cmd)
	o.khugepaged.flags(cmd)
	o.workload.flags(cmd)
	return cmd
}

// everyVersion returns a machine for each version and pin.
func (o *retractOptions) everyVersion(cmd *cobra.Command) ([]s390sim.Config, error) {
	base, err := o.machines(cmd)
	if err != nil {
		return nil, err
	}
	var list []s390sim.Config
	for _, cfg := range base {
		cfg.Count = true
		if cfg.Variant != pgalloc.Pinned {
			list = append(list, cfg)
			continue
		}
		for _, p := range pgalloc.Pins() {
			cfg.Pin = p
			list = append(list, cfg)
		}
	}
	return list, nil
}

func (o *retractOptions) compare(cmd *cobra.Command, std streams, names []string, html string) error {
	if err := checkFormat(o.format, "text", "json", "csv"); err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	machines, err := o.everyVersion(cmd)
	if err != nil {
		return err
	}
	defer o.finish(cmd.Context())()
	var page *outFile
	if html != "" {
		if page, err = createOut(html); err != nil {
			return err
		}
		defer page.discard()
	}
	var rep *report
	if o.workload.name != "" {
		rep, err = o.runWorkload(cmd, std, first(names), machines, 0)
	} else {
		rep, err = o.runTrace(cmd, std, names, machines, 0)
	}
	if err != nil {
		return err
	}
	rows := rep.costs()
	if page != nil {
		if err := rep.writeHTML(page, rows); err != nil {
			return err
		}
		if err := page.commit(); err != nil {
			return err
		}
	}
	err = buffered(std.out, func(w io.Writer) error {
		switch o.format {
		case "json":
			return writeJSON(w, rows)
		case "csv":
			return writeCostsCSV(w, rows)
		}
		return rep.writeCosts(w, std.out, rows)
	})
	switch {
	case err != nil:
		return err
	case rep.Stopped:
		return context.Canceled
	}
	return rep.verdict()
}

// cost is what a version costs on a load. Where a figure makes no sense it is 0.
type cost struct {
	Variant         string  `json:"variant"`
	Tables          uint64  `json:"tables_allocated"`
	ReuseRate       float64 `json:"reuse_rate"`
	PeakTables      int64   `json:"peak_tables"`
	PeakPages       int64   `json:"peak_pages"`
	PeakMiB         float64 `json:"peak_mib"`
	MeanPages       float64 `json:"mean_pages"`
	MeanMiB         float64 `json:"mean_mib"`
	OfFullPage      float64 `json:"mean_of_fullpage"`      // 1: as much
	LeastPages      float64 `json:"least_mean_pages"`      // half a page a live table
	AboveLeast      float64 `json:"mean_above_least"`      // 0.1: a tenth more
	WastedHalves    float64 `json:"mean_wasted_halves"`    //
	WastedMiB       float64 `json:"mean_wasted_mib"`       //
	WasteSeconds    float64 `json:"mean_waste_seconds"`    // how long a half is wasted
	PeakWasted      int64   `json:"wasted_halves_at_peak"` //
	LocksPerTable   float64 `json:"context_locks_per_table"`
	AtomicsPerTable float64 `json:"atomics_per_table"`
	MaskPerTable    float64 `json:"mask_atomics_per_table"`
	MMPerTable      float64 `json:"mm_atomics_per_table"`
	Callbacks       uint64  `json:"callbacks"`
	GracePeriods    uint64  `json:"grace_periods"`
	PerGracePeriod  float64 `json:"callbacks_per_grace_period"`
	LongestQueue    int     `json:"longest_callback_queue"`
	IPIs            uint64  `json:"ipis"`
	KeptMMs         int64   `json:"mms_kept_after_exit"`
	KeptMeanMS      float64 `json:"mms_kept_mean_ms"`
	KeptMaxMS       float64 `json:"mms_kept_max_ms"`
	Violations      int     `json:"violations"`
}

func over(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// costs turns figures into costs.
func (r *report) costs() []cost {
	full := 0.0
	if f := r.fullPage(); f != nil {
		full = f.Figures.MeanPages
	}
	out := []cost{}
	for i := range r.Outcomes {
		o := &r.Outcomes[i]
		f, a, s := &o.Figures, &o.Figures.Alloc, &o.Figures.Steps
		tables := float64(a.Allocated())
		out = append(out, cost{
			Variant: o.Name, Tables: a.Allocated(), ReuseRate: round(over(float64(a.Reused), tables)),
			PeakTables: f.PeakTables, PeakPages: f.PeakPages, PeakMiB: round(float64(f.PeakPages) / 256),
			MeanPages: round(f.MeanPages), MeanMiB: round(f.MeanPages / 256), OfFullPage: round(over(f.MeanPages, full)),
			LeastPages: round(f.MeanLive / 2), AboveLeast: round(over(f.MeanPages, f.MeanLive/2) - b2f(f.MeanLive > 0)),
			WastedHalves: round(f.MeanWasted), WastedMiB: round(f.MeanWasted / 512),
			WasteSeconds: round(over(f.MeanWasted*float64(f.End-f.Begin)/1e9, float64(f.WasteBegan))), PeakWasted: f.WastedHalvesPeak,
			LocksPerTable: round(over(float64(s.ContextLocks), tables)), AtomicsPerTable: round(over(float64(s.Atomics()), tables)),
			MaskPerTable: round(over(float64(s.MaskAtomics), tables)), MMPerTable: round(over(float64(s.MMAtomics), tables)),
			Callbacks: f.Callbacks, GracePeriods: f.GracePeriods, PerGracePeriod: round(over(float64(f.Callbacks), float64(f.GracePeriods))),
			LongestQueue: f.LongestQueue, IPIs: a.IPIs,
			KeptMMs: f.ExtraLife.MMs, KeptMeanMS: round(over(float64(f.ExtraLife.Total)/1e6, float64(f.ExtraLife.MMs))), KeptMaxMS: round(float64(f.ExtraLife.Max) / 1e6),
			Violations: o.Total,
		})
	}
	return out
}

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// costLine is a line of the table: what it says of a version, and how exactly.
type costLine struct {
	Label string
	cell  func(c *cost) string
}

func whole[T int | int64 | uint64](f func(c *cost) T) func(c *cost) string {
	return func(c *cost) string { return group(int64(f(c))) }
}

func decimals(n int, f func(c *cost) float64) func(c *cost) string {
	return func(c *cost) string { return strconv.FormatFloat(f(c), 'f', n, 64) }
}

func percent(f func(c *cost) float64) func(c *cost) string {
	return func(c *cost) string { return strconv.FormatFloat(100*f(c), 'f', 1, 64) + "%" }
}

var costLines = []costLine{
	{"tables allocated", whole(func(c *cost) uint64 { return c.Tables })},
	{"  reused halves", percent(func(c *cost) float64 { return c.ReuseRate })},
	{"peak pages", whole(func(c *cost) int64 { return c.PeakPages })},
	{"peak MiB", decimals(2, func(c *cost) float64 { return c.PeakMiB })},
	{"mean pages", decimals(1, func(c *cost) float64 { return c.MeanPages })},
	{"mean MiB", decimals(2, func(c *cost) float64 { return c.MeanMiB })},
	{"  of fullpage's", percent(func(c *cost) float64 { return c.OfFullPage })},
	{"  above the least", percent(func(c *cost) float64 { return c.AboveLeast })},
	{"halves wasted, mean", decimals(1, func(c *cost) float64 { return c.WastedHalves })},
	{"  at the peak", whole(func(c *cost) int64 { return c.PeakWasted })},
	{"  each for s", decimals(3, func(c *cost) float64 { return c.WasteSeconds })},
	{"locks a table", decimals(2, func(c *cost) float64 { return c.LocksPerTable })},
	{"atomics a table", decimals(2, func(c *cost) float64 { return c.AtomicsPerTable })},
	{"  of masks", decimals(2, func(c *cost) float64 { return c.MaskPerTable })},
	{"  of mms", decimals(2, func(c *cost) float64 { return c.MMPerTable })},
	{"callbacks", whole(func(c *cost) uint64 { return c.Callbacks })},
	{"  a grace period", decimals(1, func(c *cost) float64 { return c.PerGracePeriod })},
	{"  longest queue", whole(func(c *cost) int { return c.LongestQueue })},
	{"IPI rounds", whole(func(c *cost) uint64 { return c.IPIs })},
	{"mms kept after exit", whole(func(c *cost) int64 { return c.KeptMMs })},
	{"  mean ms", decimals(1, func(c *cost) float64 { return c.KeptMeanMS })},
	{"violations", whole(func(c *cost) int { return c.Violations })},
}

// heading says what was run.
func (r *report) heading() string {
	f := &r.Outcomes[0].Figures
	s := fmt.Sprintf("%s: %s, %s in %.3f s, %s, grace period %v", r.kind, r.title, plural(r.Events, "event", "events"),
		float64(f.End-f.Begin)/1e9, plural(int64(f.MMs), "address space", "address spaces"), &r.options.grace)
	if r.Stopped {
		s = "INTERRUPTED, the figures so far: " + s
	}
	return s
}

func (r *report) writeCosts(w io.Writer, term any, rows []cost) error {
	width, _ := columnsOf(term)
	fmt.Fprintf(w, "%s\n\n", r.heading())
	const label = 20
	for from := 0; from < len(rows); {
		used, to := label, from
		for ; to < len(rows); to++ {
			n := max(len(rows[to].Variant), 9) + 2
			if used+n > width && to > from {
				break
			}
			used += n
		}
		part := rows[from:to]
		fmt.Fprintf(w, "%-*s", label, "")
		for i := range part {
			fmt.Fprintf(w, "%*s", max(len(part[i].Variant), 9)+2, part[i].Variant)
		}
		fmt.Fprintln(w)
		for _, l := range costLines {
			fmt.Fprintf(w, "%-*s", label, l.Label)
			for i := range part {
				fmt.Fprintf(w, "%*s", max(len(part[i].Variant), 9)+2, l.cell(&part[i]))
			}
			fmt.Fprintln(w)
		}
		if from = to; from < len(rows) {
			fmt.Fprintln(w)
		}
	}
	r.violations(w, width)
	return nil
}

// writeCostsCSV writes the same columns as JSON has, in the same order.
func writeCostsCSV(w io.Writer, rows []cost) error {
	c := csv.NewWriter(w)
	for i := range rows {
		names, values := columns(&rows[i])
		if i == 0 {
			c.Write(names)
		}
		c.Write(values)
	}
	c.Flush()
	return stdoutError(c.Error())
}

// columns returns the names and the values of a row.
func columns(row any) (names, values []string) {
	v := reflect.ValueOf(row).Elem()
	for i := range v.NumField() {
		names = append(names, v.Type().Field(i).Tag.Get("json"))
		values = append(values, fmt.Sprint(v.Field(i).Interface()))
	}
	return names, values
}
