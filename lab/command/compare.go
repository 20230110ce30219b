package command

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"reflect"

	"github.com/spf13/cobra"

	"ptsim/internal/prose"
	"ptsim/internal/replay"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

func newCompare(std streams) *cobra.Command {
	o := retractOptions{variant: "all"}
	var html string
	cmd := &cobra.Command{
		Use:   "compare [TRACE...]",
		Short: "What each variant and each pin costs, side by side",
		Long: `Compare runs one trace, or one synthetic load, through all variants of the
allocator and all pins of pinned. It counts every lock and every atomic
operation, and prints the figures side by side: memory, compared with fullpage
and with the least possible (half a page for each live table); wasted halves,
and for how long; locks and atomics per table; callbacks; and how long pins keep
mms that have exited.

"ptsim beside" follows one schedule on two variants.

Exit codes:

  0  success
  1  a variant with no known flaw broke a rule`,
		Example: `  ptsim compare
  ptsim compare --workload database --seed 7
  ptsim compare --workload jvm --html jvm.html
  ptsim compare my.trace.gz --format csv`,
		RunE: func(cmd *cobra.Command, args []string) error { return o.compare(cmd, std, args, html) },
	}
	formatFlag(cmd, &o.format, "text", "json", "csv")
	cmd.Flags().StringVar(&html, "html", "", "also write a report with pictures to this file")
	cmd.Flags().Var(&o.grace, "grace-period", "length of an RCU grace period, or a distribution: see ptsim retract --help")
	cmd.Flags().IntVar(&o.cpus, "cpus", 8, "CPUs of the machine")
	cmd.Flags().BoolVar(&o.contents, "contents", false, "give page tables real contents, and check them")
	o.input.flags(cmd)
	o.khugepaged.flags(cmd)
	o.workload.flags(cmd)
	o.splatsFlag(cmd)
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

// cost is what a version costs on a load.
type cost struct {
	Variant         string `json:"variant"`
	Tables          figure `json:"tables_allocated"`
	ReuseRate       figure `json:"reuse_rate"`
	PeakTables      figure `json:"peak_tables"`
	PeakPages       figure `json:"peak_pages"`
	PeakMiB         figure `json:"peak_mib"`
	MeanPages       figure `json:"mean_pages"`
	MeanMiB         figure `json:"mean_mib"`
	OfFullPage      figure `json:"mean_of_fullpage"`      // 1: as much
	LeastPages      figure `json:"least_mean_pages"`      // half a page a live table
	AboveLeast      figure `json:"mean_above_least"`      // 0.1: a tenth more
	WastedHalves    figure `json:"mean_wasted_halves"`    //
	WastedMiB       figure `json:"mean_wasted_mib"`       //
	WasteSeconds    figure `json:"mean_waste_seconds"`    // how long a half is wasted
	PeakWasted      figure `json:"wasted_halves_at_peak"` //
	LocksPerTable   figure `json:"context_locks_per_table"`
	AtomicsPerTable figure `json:"atomics_per_table"`
	MaskPerTable    figure `json:"mask_atomics_per_table"`
	MMPerTable      figure `json:"mm_atomics_per_table"`
	Callbacks       figure `json:"callbacks"`
	GracePeriods    figure `json:"grace_periods"`
	PerGracePeriod  figure `json:"callbacks_per_grace_period"`
	LongestQueue    figure `json:"longest_callback_queue"`
	IPIs            figure `json:"ipis"`
	KeptMMs         figure `json:"mms_kept_after_exit"`
	KeptMeanMS      figure `json:"mms_kept_mean_ms"`
	KeptMaxMS       figure `json:"mms_kept_max_ms"`
	Violations      figure `json:"violations"`
}

// costs turns figures into costs.
func (r *report) costs() []cost {
	full := 0.0
	if f := r.fullPage(); f != nil && !f.Stopped {
		full = f.Figures.MeanPages
	}
	out := []cost{}
	for i := range r.Outcomes {
		o := &r.Outcomes[i]
		f, a, s := &o.Figures, &o.Figures.Alloc, &o.Figures.Steps
		tables := float64(a.Allocated())
		c := cost{
			Variant: o.Name, Tables: whole(a.Allocated()), ReuseRate: ratio(float64(a.Reused), tables),
			PeakTables: whole(f.PeakTables), PeakPages: whole(f.PeakPages), PeakMiB: round(float64(f.PeakPages) / 256),
			MeanPages: round(f.MeanPages), MeanMiB: round(f.MeanPages / 256), OfFullPage: ratio(f.MeanPages, full),
			LeastPages: round(f.MeanLive / 2), AboveLeast: ratio(f.MeanPages-f.MeanLive/2, f.MeanLive/2),
			WastedHalves: round(f.MeanWasted), WastedMiB: round(f.MeanWasted / 512),
			WasteSeconds: ratio(f.MeanWasted*float64(f.End-f.Begin)/1e9, float64(f.WasteBegan)), PeakWasted: whole(f.WastedHalvesPeak),
			LocksPerTable: ratio(float64(s.ContextLocks), tables), AtomicsPerTable: ratio(float64(s.Atomics()), tables),
			MaskPerTable: ratio(float64(s.MaskAtomics), tables), MMPerTable: ratio(float64(s.MMAtomics), tables),
			Callbacks: whole(f.Callbacks), GracePeriods: whole(f.GracePeriods), PerGracePeriod: ratio(float64(f.Callbacks), float64(f.GracePeriods)),
			LongestQueue: whole(f.LongestQueue), IPIs: whole(a.IPIs),
			KeptMMs: whole(f.ExtraLife.MMs), KeptMeanMS: ratio(float64(f.ExtraLife.Total)/1e6, float64(f.ExtraLife.MMs)), KeptMaxMS: notReached,
			Violations: found(o),
		}
		if f.ExtraLife.MMs > 0 {
			c.KeptMaxMS = round(float64(f.ExtraLife.Max) / 1e6)
		}
		if !reached(o) {
			forget(&c)
		}
		out = append(out, c)
	}
	return out
}

// reached tells whether there are figures of a machine: it ran to its end, or some of the way.
func reached(o *replay.Outcome) bool { return !o.Stopped || o.Events > 0 }

// found is how many violations there were. That there was none is known only at the end.
func found(o *replay.Outcome) figure {
	if o.Stopped && o.Total == 0 {
		return notReached
	}
	return whole(o.Total)
}

// forget makes every figure of a row one that was not reached.
func forget(row any) {
	v := reflect.ValueOf(row).Elem()
	for i := range v.NumField() {
		if f, ok := v.Field(i).Addr().Interface().(*figure); ok {
			*f = notReached
		}
	}
}

// costLine is a line of the table: what it says of a version, and how exactly.
type costLine struct {
	Label string
	cell  func(c *cost) string
}

func counts(f func(c *cost) figure) func(c *cost) string {
	return func(c *cost) string { return f(c).grouped() }
}

func decimals(n int, f func(c *cost) figure) func(c *cost) string {
	return func(c *cost) string { return f(c).decimals(n) }
}

func percent(f func(c *cost) figure) func(c *cost) string {
	return func(c *cost) string { return f(c).percent() }
}

var costLines = []costLine{
	{"tables allocated", counts(func(c *cost) figure { return c.Tables })},
	{"  reused halves", percent(func(c *cost) figure { return c.ReuseRate })},
	{"peak pages", counts(func(c *cost) figure { return c.PeakPages })},
	{"peak MiB", decimals(2, func(c *cost) figure { return c.PeakMiB })},
	{"mean pages", decimals(1, func(c *cost) figure { return c.MeanPages })},
	{"mean MiB", decimals(2, func(c *cost) figure { return c.MeanMiB })},
	{"  of fullpage's", percent(func(c *cost) figure { return c.OfFullPage })},
	{"  above the least", percent(func(c *cost) figure { return c.AboveLeast })},
	{"halves wasted, mean", decimals(1, func(c *cost) figure { return c.WastedHalves })},
	{"  at the peak", counts(func(c *cost) figure { return c.PeakWasted })},
	{"  each for, s", decimals(3, func(c *cost) figure { return c.WasteSeconds })},
	{"locks per table", decimals(2, func(c *cost) figure { return c.LocksPerTable })},
	{"atomics per table", decimals(2, func(c *cost) figure { return c.AtomicsPerTable })},
	{"  of masks", decimals(2, func(c *cost) figure { return c.MaskPerTable })},
	{"  of mms", decimals(2, func(c *cost) figure { return c.MMPerTable })},
	{"callbacks", counts(func(c *cost) figure { return c.Callbacks })},
	{"  per grace period", decimals(1, func(c *cost) figure { return c.PerGracePeriod })},
	{"  longest queue", counts(func(c *cost) figure { return c.LongestQueue })},
	{"IPI rounds", counts(func(c *cost) figure { return c.IPIs })},
	{"mms kept after exit", counts(func(c *cost) figure { return c.KeptMMs })},
	{"  mean ms", decimals(1, func(c *cost) figure { return c.KeptMeanMS })},
	{"violations", counts(func(c *cost) figure { return c.Violations })},
}

// heading says what was run.
func (r *report) heading() string {
	f := r.first()
	s := fmt.Sprintf("%s: %s, %s in %.3f s, %s, grace period %v", r.kind, r.title, prose.Count(r.Events, "event", "events"),
		float64(f.End-f.Begin)/1e9, prose.Count(f.MMs, "address space", "address spaces"), &r.options.grace)
	if r.Stopped {
		s = "INTERRUPTED, the figures so far, - where there are none: " + s
	}
	return s
}

func (r *report) writeCosts(w io.Writer, term any, rows []cost) error {
	width, _ := columnsOf(term)
	fmt.Fprintf(w, "%s\n", prose.Hang("", "", r.heading(), width))
	head := []string{""}
	for i := range rows {
		head = append(head, rows[i].Variant)
	}
	table := [][]string{head}
	for _, l := range costLines {
		row := []string{l.Label}
		for i := range rows {
			row = append(row, l.cell(&rows[i]))
		}
		table = append(table, row)
	}
	fmt.Fprint(w, prose.Table(table, "", width))
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
