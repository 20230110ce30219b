package command

import (
	"encoding/csv"
	"fmt"
	"io"

	"ptsim/internal/chart"
	"ptsim/internal/ftrace"
	"ptsim/internal/prose"
	"ptsim/internal/replay"
	"ptsim/kern"
	"ptsim/s390sim"
)

// report is what ptsim retract prints.
type report struct {
	kind    string // of what was run: trace or workload
	title   string
	options *retractOptions
	*replay.Result
}

// row is the outcome on one machine, as JSON and CSV have it.
type row struct {
	Variant          string      `json:"variant"`
	Events           int64       `json:"events"`
	LostEvents       int64       `json:"lost_events"`
	KernelFaults     int64       `json:"kernel_faults"`
	MMs              figure      `json:"mms"`
	TablesAllocated  figure      `json:"tables_allocated"`
	TablesReused     figure      `json:"tables_reused"`
	TablesFresh      figure      `json:"tables_fresh"`
	FreedNow         figure      `json:"freed_now"`
	FreedGather      figure      `json:"freed_gather"`
	FreedDeferred    figure      `json:"freed_deferred"`
	LiveTables       figure      `json:"live_tables"`
	Retracts         figure      `json:"retracts"`
	HugeFaults       figure      `json:"huge_faults"`
	GracePeriods     figure      `json:"grace_periods"`
	Callbacks        figure      `json:"callbacks"`
	Batches          figure      `json:"batches"`
	IPIs             figure      `json:"ipis"`
	PeakPages        figure      `json:"peak_pages"`
	PeakTables       figure      `json:"peak_tables"`
	MeanPages        figure      `json:"mean_pages"`
	WastedHalvesPeak figure      `json:"wasted_halves_peak"`
	TraceSeconds     figure      `json:"trace_seconds"`
	Violations       []violation `json:"violations"`
	ViolationsTotal  figure      `json:"violations_total"`
	Seconds          figure      `json:"seconds"`

	Khugepaged *s390sim.KhugepagedCounts `json:"khugepaged,omitempty"`

	Assumptions map[string]int `json:"assumptions"`

	Input    *ftrace.Stats `json:"input,omitempty"`     // what the reader met, of a trace
	NeverMet []string      `json:"never_met,omitempty"` // kinds of events that a replay needs, of a trace
}

type violation struct {
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

func (r *report) rows() []row {
	out := []row{}
	for i := range r.Outcomes {
		o := &r.Outcomes[i]
		f, a := o.Figures, o.Figures.Alloc
		w := row{
			Variant: o.Name, Events: r.Events, LostEvents: r.Lost, KernelFaults: r.KernelFaults, MMs: whole(f.MMs),
			TablesAllocated: whole(a.Allocated()), TablesReused: whole(a.Reused), TablesFresh: whole(a.Fresh),
			FreedNow: whole(a.FreedNow), FreedGather: whole(a.FreedGather), FreedDeferred: whole(a.FreedDeferred), LiveTables: atEnd(o, whole(a.Tables)),
			Retracts: whole(f.Retracts), HugeFaults: whole(f.HugeFaults),
			GracePeriods: whole(f.GracePeriods), Callbacks: whole(f.Callbacks), Batches: whole(f.Batches), IPIs: whole(a.IPIs),
			PeakPages: whole(f.PeakPages), PeakTables: whole(f.PeakTables), MeanPages: round(f.MeanPages), WastedHalvesPeak: whole(f.WastedHalvesPeak),
			TraceSeconds: figure(float64(f.End-f.Begin) / 1e9), ViolationsTotal: found(o), Seconds: figure(o.Seconds),
			Assumptions: map[string]int{},
		}
		if !reached(o) {
			forget(&w)
		}
		if found(o).known() {
			w.Violations = []violation{}
		}
		if r.kind == "trace" {
			w.Input, w.NeverMet = &r.Input, r.NeverMet
		}
		if r.options.khugepaged.on {
			w.Khugepaged = &f.Khugepaged
		}
		for _, s := range assumptions(o.Assumptions) {
			w.Assumptions[s.name] = s.n
		}
		for _, v := range o.Violations {
			w.Violations = append(w.Violations, violationOf(v))
		}
		out = append(out, w)
	}
	return out
}

// atEnd is a figure that is one of the end, if that was reached.
func atEnd(o *replay.Outcome, f figure) figure {
	if o.Stopped {
		return notReached
	}
	return f
}

// first returns figures that say how long what was run is: those of the first machine that ran.
func (r *report) first() *s390sim.Figures {
	for i := range r.Outcomes {
		if reached(&r.Outcomes[i]) {
			return &r.Outcomes[i].Figures
		}
	}
	return &r.Outcomes[0].Figures
}

// assumption is one thing that was assumed so many times, and how to say it of one and of many.
type assumption struct {
	name      string
	n         int
	one, many string
}

func assumptions(a replay.Assumptions) []assumption {
	return []assumption{
		{"unknown_process", a.UnknownProcess, "process that was there before the trace", "processes that were there before the trace"},
		{"clone3_fork", a.Clone3Fork, "child of an unseen kind of clone, taken for a fork", "children of unseen kinds of clone, taken for forks"},
		{"clone3_thread", a.Clone3Thread, "child of clone3, taken for a thread", "children of clone3, taken for threads"},
		{"assumed_mapping", a.AssumedMapping, "fault in a mapping from before the trace", "faults in mappings from before the trace"},
		{"maybe_raced", a.MaybeRaced, "fault that may have lost the race for a table, which would be one more, freed at once", "faults that may have lost the race for a table, each of which would be one more, freed at once"},
		{"null_pointer", a.NullPointer, "fault at a null pointer, left out", "faults at null pointers, left out"},
		{"remote_access", a.RemoteAccess, "access to another process's memory, which may have populated some", "accesses to other processes' memory, which may have populated some"},
		{"kernel_address", a.KernelAddress, "fault beyond all user addresses, left out", "faults beyond all user addresses, left out"},
		{"unknown_fd", a.UnknownFD, "descriptor nobody saw being opened", "descriptors nobody saw being opened"},
		{"unknown_break", a.UnknownBreak, "break first seen when it moved", "breaks first seen when they moved"},
		{"unknown_collapse", a.UnknownCollapse, "collapse of an unknown range, left out", "collapses of unknown ranges, left out"},
		{"ambiguous_mm", a.AmbiguousMM, "collapse that fits several address spaces", "collapses that fit several address spaces"},
		{"tied_files", a.TiedFiles, "file that was opened apart, taken for another by a collapse's name or a fault after it", "files that were opened apart, taken for others by collapses' names or faults after them"},
		{"unseen_sharing", a.UnseenSharing, "fault on a mapped page after a collapse: sharing was not seen", "faults on mapped pages after a collapse: sharing was not seen"},
		{"unmatched_return", a.UnmatchedReturns, "result of a call from before the trace, left out", "results of calls from before the trace, left out"},
	}
}

// write prints the report. term is the stream it ends up on.
func (r *report) write(w io.Writer, term any) error {
	switch r.options.format {
	case "json":
		return writeJSON(w, r.rows())
	case "csv":
		return r.writeCSV(w)
	}
	return r.writeText(w, term)
}

func (r *report) writeCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	c.Write([]string{"variant", "events", "lost_events", "mms", "tables_allocated", "tables_reused", "tables_fresh", "freed_now", "freed_gather",
		"freed_deferred", "live_tables", "retracts", "huge_faults", "grace_periods", "callbacks", "batches", "ipis", "peak_pages", "peak_tables",
		"mean_pages", "wasted_halves_peak", "trace_seconds", "violations", "seconds"})
	for _, o := range r.rows() {
		line := []string{o.Variant}
		for _, v := range []any{o.Events, o.LostEvents, o.MMs, o.TablesAllocated, o.TablesReused, o.TablesFresh, o.FreedNow, o.FreedGather,
			o.FreedDeferred, o.LiveTables, o.Retracts, o.HugeFaults, o.GracePeriods, o.Callbacks, o.Batches, o.IPIs, o.PeakPages, o.PeakTables,
			o.MeanPages, o.WastedHalvesPeak, o.TraceSeconds, o.ViolationsTotal, o.Seconds} {
			line = append(line, fmt.Sprint(v))
		}
		c.Write(line)
	}
	c.Flush()
	return stdoutError(c.Error())
}

// plot draws pages over time, a curve a machine.
func (r *report) plot() *chart.Plot {
	p := &chart.Plot{
		Title:  "Page frames in use for page tables: " + r.title,
		XLabel: r.kind + " time", YLabel: "4K pages",
		Caption: fmt.Sprintf("%s, grace period %v. Frames that hold page tables, those waiting for a grace period included.", prose.Count(r.Events, r.kind+" event", r.kind+" events"), &r.options.grace),
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
