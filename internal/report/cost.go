package report

import "ptsim/pgalloc"

// Cost is what a version costs on a load.
type Cost struct {
	Variant         string `json:"variant"`
	Tables          Figure `json:"tables_allocated"`
	ReuseRate       Figure `json:"reuse_rate"`
	PeakTables      Figure `json:"peak_tables"`
	PeakPages       Figure `json:"peak_pages"`
	PeakMiB         Figure `json:"peak_mib"`
	MeanPages       Figure `json:"mean_pages"`
	MeanMiB         Figure `json:"mean_mib"`
	OfFullPage      Figure `json:"mean_of_fullpage"`      // 1: as much
	LeastPages      Figure `json:"least_mean_pages"`      // half a page a live table
	AboveLeast      Figure `json:"mean_above_least"`      // 0.1: a tenth more
	WastedHalves    Figure `json:"mean_wasted_halves"`    //
	WastedMiB       Figure `json:"mean_wasted_mib"`       //
	WasteSeconds    Figure `json:"mean_waste_seconds"`    // how long a half is wasted
	PeakWasted      Figure `json:"wasted_halves_at_peak"` //
	LocksPerTable   Figure `json:"context_locks_per_table"`
	AtomicsPerTable Figure `json:"atomics_per_table"`
	MaskPerTable    Figure `json:"mask_atomics_per_table"`
	MMPerTable      Figure `json:"mm_atomics_per_table"`
	Callbacks       Figure `json:"callbacks"`
	GracePeriods    Figure `json:"grace_periods"`
	PerGracePeriod  Figure `json:"callbacks_per_grace_period"`
	LongestQueue    Figure `json:"longest_callback_queue"`
	IPIs            Figure `json:"ipis"`
	KeptMMs         Figure `json:"mms_kept_after_exit"`
	KeptMeanMS      Figure `json:"mms_kept_mean_ms"`
	KeptMaxMS       Figure `json:"mms_kept_max_ms"`
	Violations      Figure `json:"violations"`
}

// Costs turns figures into costs.
func (r *Report) Costs() []Cost {
	full := 0.0
	for i := range r.Outcomes {
		if o := &r.Outcomes[i]; o.Variant == pgalloc.FullPage && !o.Stopped {
			full = o.Figures.MeanPages
		}
	}
	out := []Cost{}
	for i := range r.Outcomes {
		o := &r.Outcomes[i]
		f, a, s := &o.Figures, &o.Figures.Alloc, &o.Figures.Steps
		tables := float64(a.Allocated())
		c := Cost{
			Variant: o.Name, Tables: Whole(a.Allocated()), ReuseRate: Ratio(float64(a.Reused), tables),
			PeakTables: Whole(f.PeakTables), PeakPages: Whole(f.PeakPages), PeakMiB: Round(float64(f.PeakPages) / 256),
			MeanPages: Round(f.MeanPages), MeanMiB: Round(f.MeanPages / 256), OfFullPage: Ratio(f.MeanPages, full),
			LeastPages: Round(f.MeanLive / 2), AboveLeast: Ratio(f.MeanPages-f.MeanLive/2, f.MeanLive/2),
			WastedHalves: Round(f.MeanWasted), WastedMiB: Round(f.MeanWasted / 512),
			WasteSeconds: Ratio(f.MeanWasted*float64(f.End-f.Begin)/1e9, float64(f.WasteBegan)), PeakWasted: Whole(f.WastedHalvesPeak),
			LocksPerTable: Ratio(float64(s.ContextLocks), tables), AtomicsPerTable: Ratio(float64(s.Atomics()), tables),
			MaskPerTable: Ratio(float64(s.MaskAtomics), tables), MMPerTable: Ratio(float64(s.MMAtomics), tables),
			Callbacks: Whole(f.Callbacks), GracePeriods: Whole(f.GracePeriods), PerGracePeriod: Ratio(float64(f.Callbacks), float64(f.GracePeriods)),
			LongestQueue: Whole(f.LongestQueue), IPIs: Whole(a.IPIs),
			KeptMMs: Whole(f.ExtraLife.MMs), KeptMeanMS: Ratio(float64(f.ExtraLife.Total)/1e6, float64(f.ExtraLife.MMs)), KeptMaxMS: NotReached,
			Violations: found(o),
		}
		if f.ExtraLife.MMs > 0 {
			c.KeptMaxMS = Round(float64(f.ExtraLife.Max) / 1e6)
		}
		if !reached(o) {
			Forget(&c)
		}
		out = append(out, c)
	}
	return out
}
