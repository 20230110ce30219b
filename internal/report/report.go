package report

import (
	"fmt"

	"ptsim/internal/chart"
	"ptsim/internal/ftrace"
	"ptsim/internal/prose"
	"ptsim/internal/replay"
	"ptsim/kern"
	"ptsim/s390sim"
)

// Kind is what was run.
type Kind string

const (
	Trace    Kind = "trace"
	Workload Kind = "workload"
)

// Report is what machines came to on the same load.
type Report struct {
	Kind  Kind
	Title string
	Grace fmt.Stringer // how long grace periods were

	Khugepaged bool // it ran

	*replay.Result
}

// Row is the outcome on one machine, as JSON and CSV have it.
type Row struct {
	Variant          string      `json:"variant"`
	Events           int64       `json:"events"`
	LostEvents       int64       `json:"lost_events"`
	KernelFaults     int64       `json:"kernel_faults" csv:"-"`
	MMs              Figure      `json:"mms"`
	TablesAllocated  Figure      `json:"tables_allocated"`
	TablesReused     Figure      `json:"tables_reused"`
	TablesFresh      Figure      `json:"tables_fresh"`
	FreedNow         Figure      `json:"freed_now"`
	FreedGather      Figure      `json:"freed_gather"`
	FreedDeferred    Figure      `json:"freed_deferred"`
	LiveTables       Figure      `json:"live_tables"`
	Retracts         Figure      `json:"retracts"`
	HugeFaults       Figure      `json:"huge_faults"`
	GracePeriods     Figure      `json:"grace_periods"`
	Callbacks        Figure      `json:"callbacks"`
	Batches          Figure      `json:"batches"`
	IPIs             Figure      `json:"ipis"`
	PeakPages        Figure      `json:"peak_pages"`
	PeakTables       Figure      `json:"peak_tables"`
	MeanPages        Figure      `json:"mean_pages"`
	WastedHalvesPeak Figure      `json:"wasted_halves_peak"`
	TraceSeconds     Figure      `json:"trace_seconds"`
	Violations       []Violation `json:"violations"`
	ViolationsTotal  Figure      `json:"violations_total" csv:"violations"`
	Seconds          Figure      `json:"seconds"`

	Khugepaged *s390sim.KhugepagedCounts `json:"khugepaged,omitempty"`

	Assumptions map[string]int `json:"assumptions"`

	Input    *ftrace.Stats `json:"input,omitempty"`     // what the reader met, of a trace
	NeverMet []string      `json:"never_met,omitempty"` // kinds of events that a replay needs, of a trace
}

// Violation is one as JSON has it.
type Violation struct {
	Kind     kern.Kind `json:"kind"`
	Sentence string    `json:"sentence"`
	Line     int       `json:"line,omitempty"`
	CPU      int       `json:"cpu"`
	Task     string    `json:"task,omitempty"`
	Op       string    `json:"op,omitempty"`
	Func     string    `json:"func,omitempty"`
	Page     kern.PFN  `json:"page,omitempty"`
	Picture  string    `json:"picture,omitempty"`
	Trace    []string  `json:"trace,omitempty"`
	History  []string  `json:"history,omitempty"`
}

// Rows are the outcomes, one for each machine.
func (r *Report) Rows() []Row {
	out := []Row{}
	for i := range r.Outcomes {
		o := &r.Outcomes[i]
		f, a := o.Figures, o.Figures.Alloc
		w := Row{
			Variant: o.Name, Events: r.Events, LostEvents: r.Lost, KernelFaults: r.KernelFaults, MMs: Whole(f.MMs),
			TablesAllocated: Whole(a.Allocated()), TablesReused: Whole(a.Reused), TablesFresh: Whole(a.Fresh),
			FreedNow: Whole(a.FreedNow), FreedGather: Whole(a.FreedGather), FreedDeferred: Whole(a.FreedDeferred), LiveTables: atEnd(o, Whole(a.Tables)),
			Retracts: Whole(f.Retracts), HugeFaults: Whole(f.HugeFaults),
			GracePeriods: Whole(f.GracePeriods), Callbacks: Whole(f.Callbacks), Batches: Whole(f.Batches), IPIs: Whole(a.IPIs),
			PeakPages: Whole(f.PeakPages), PeakTables: Whole(f.PeakTables), MeanPages: Round(f.MeanPages), WastedHalvesPeak: Whole(f.WastedHalvesPeak),
			TraceSeconds: Figure(float64(f.End-f.Begin) / 1e9), ViolationsTotal: found(o), Seconds: Figure(o.Seconds),
			Assumptions: map[string]int{},
		}
		if !reached(o) {
			Forget(&w)
		}
		if found(o).Known() {
			w.Violations = []Violation{}
		}
		if r.Kind == Trace {
			w.Input, w.NeverMet = &r.Input, r.NeverMet
		}
		if r.Khugepaged && reached(o) {
			w.Khugepaged = &f.Khugepaged
		}
		for _, s := range assumptions(o.Assumptions) {
			w.Assumptions[s.name] = s.n
		}
		for _, v := range o.Violations {
			w.Violations = append(w.Violations, ViolationOf(v))
		}
		out = append(out, w)
	}
	return out
}

// atEnd is a figure of the end, if that was reached.
func atEnd(o *replay.Outcome, f Figure) Figure {
	if o.Stopped {
		return NotReached
	}
	return f
}

// first returns figures that say how long what was run is: those of the first machine that ran.
func (r *Report) first() *s390sim.Figures {
	for i := range r.Outcomes {
		if reached(&r.Outcomes[i]) {
			return &r.Outcomes[i].Figures
		}
	}
	return &r.Outcomes[0].Figures
}

// Plot draws pages over time, a curve a machine.
func (r *Report) Plot() *chart.Plot {
	p := &chart.Plot{
		Title:  "Page frames in use for page tables: " + r.Title,
		XLabel: string(r.Kind) + " time", YLabel: "4K pages",
		Caption: fmt.Sprintf("%s, grace period %v. Frames that hold page tables, those waiting for a grace period included.", prose.Count(r.Events, string(r.Kind)+" event", string(r.Kind)+" events"), r.Grace),
	}
	for _, o := range r.Outcomes {
		if !reached(&o) {
			continue
		}
		s := chart.Series{Name: o.Name, Mean: &o.Figures.MeanPages}
		for _, pt := range o.Curve {
			s.Points = append(s.Points, chart.Point{T: pt.Time, V: float64(pt.Pages)})
		}
		p.End = max(p.End, o.Figures.End-o.Figures.Begin)
		p.Series = append(p.Series, s)
	}
	return p
}

// reached tells whether there are figures of a machine: it ran to its end, or some of the way.
func reached(o *replay.Outcome) bool { return !o.Stopped || o.Events > 0 }

// found is how many violations there were. That there was none is known only at the end.
func found(o *replay.Outcome) Figure {
	if o.Stopped && o.Total == 0 {
		return NotReached
	}
	return Whole(o.Total)
}

// ViolationOf returns a violation as JSON has it.
func ViolationOf(v *kern.Violation) Violation {
	return Violation{v.Kind, v.Sentence(), v.Step, v.CPU, v.Task, v.Doing, v.Func, v.Page, v.Picture, v.Trace, v.History}
}

// heading says what was run.
func (r *Report) heading() string {
	f := r.first()
	s := fmt.Sprintf("%s: %s, %s in %.3f s, %s", r.Kind, r.Title, prose.Count(r.Events, "event", "events"),
		float64(f.End-f.Begin)/1e9, prose.Count(f.MMs, "address space", "address spaces"))
	return s
}
