package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"ptsim/internal/chart"
	"ptsim/internal/ftrace"
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
	MMs              int         `json:"mms"`
	TablesAllocated  uint64      `json:"tables_allocated"`
	TablesReused     uint64      `json:"tables_reused"`
	TablesFresh      uint64      `json:"tables_fresh"`
	FreedNow         uint64      `json:"freed_now"`
	FreedGather      uint64      `json:"freed_gather"`
	FreedDeferred    uint64      `json:"freed_deferred"`
	LiveTables       int64       `json:"live_tables"`
	Retracts         uint64      `json:"retracts"`
	HugeFaults       uint64      `json:"huge_faults"`
	GracePeriods     uint64      `json:"grace_periods"`
	Callbacks        uint64      `json:"callbacks"`
	Batches          uint64      `json:"batches"`
	IPIs             uint64      `json:"ipis"`
	PeakPages        int64       `json:"peak_pages"`
	PeakTables       int64       `json:"peak_tables"`
	MeanPages        float64     `json:"mean_pages"`
	WastedHalvesPeak int64       `json:"wasted_halves_peak"`
	TraceSeconds     float64     `json:"trace_seconds"`
	Violations       []violation `json:"violations"`
	ViolationsTotal  int         `json:"violations_total"`
	Seconds          float64     `json:"seconds"`

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
	for _, o := range r.Outcomes {
		f, a := o.Figures, o.Figures.Alloc
		w := row{
			Variant: o.Name, Events: r.Events, LostEvents: r.Lost, KernelFaults: r.KernelFaults, MMs: f.MMs,
			TablesAllocated: a.Allocated(), TablesReused: a.Reused, TablesFresh: a.Fresh,
			FreedNow: a.FreedNow, FreedGather: a.FreedGather, FreedDeferred: a.FreedDeferred, LiveTables: a.Tables,
			Retracts: f.Retracts, HugeFaults: f.HugeFaults,
			GracePeriods: f.GracePeriods, Callbacks: f.Callbacks, Batches: f.Batches, IPIs: a.IPIs,
			PeakPages: f.PeakPages, PeakTables: f.PeakTables, MeanPages: round(f.MeanPages), WastedHalvesPeak: f.WastedHalvesPeak,
			TraceSeconds: float64(f.End-f.Begin) / 1e9, Violations: []violation{}, ViolationsTotal: o.Total, Seconds: o.Seconds,
			Assumptions: map[string]int{},
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

func round(v float64) float64 { return math.Round(v*1000) / 1000 }

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
			strconv.FormatFloat(o.MeanPages, 'f', -1, 64), o.WastedHalvesPeak, o.TraceSeconds, o.ViolationsTotal, o.Seconds} {
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
		Caption: fmt.Sprintf("%s, grace period %v. Frames that hold page tables, those waiting for a grace period included.", plural(r.Events, r.kind+" event", r.kind+" events"), &r.options.grace),
	}
	for _, o := range r.Outcomes {
		s := chart.Series{Name: o.Name, Mean: &o.Figures.MeanPages}
		for _, pt := range o.Curve {
			s.Points = append(s.Points, chart.Point{T: pt.Time, V: float64(pt.Pages)})
		}
		p.End = max(p.End, o.Figures.End-o.Figures.Begin)
		p.Series = append(p.Series, s)
	}
	return p
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return group(n) + " " + many
}

// group writes a number with a thin separator between thousands.
func group(n int64) string {
	s := strconv.FormatInt(n, 10)
	if len(s) <= 4 {
		return s
	}
	var b strings.Builder
	for i, ch := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(ch)
	}
	return b.String()
}
