package sweep

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ptsim/internal/workload"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// Point is one load.
type Point struct {
	Processes int           `json:"processes"`
	Tables    int           `json:"tables"`   // of a process that has touched all of its memory
	Lifetime  time.Duration `json:"lifetime"` // in the mean; 0: for ever
	Collapse  float64       `json:"collapse"` // of segments a second, on the whole machine
	Grace     time.Duration `json:"grace"`
	CPUs      int           `json:"cpus"`
}

// Name is the point as a word.
func (p Point) Name() string {
	return fmt.Sprintf("p%d.t%d.l%s.c%g.g%s.n%d", p.Processes, p.Tables, LifetimeText(p.Lifetime), p.Collapse, p.Grace, p.CPUs)
}

// LifetimeText writes a lifetime.
func LifetimeText(d time.Duration) string {
	if d == 0 {
		return "forever"
	}
	return d.String()
}

// ParseLifetime is the inverse of LifetimeText.
func ParseLifetime(text string) (time.Duration, error) {
	if text == "forever" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q; expected forever, or a duration such as 300ms", text)
	}
	return d, nil
}

// Limits of a run, so that it takes milliseconds.
const (
	longest   = time.Second
	lifetimes = 10 // a run need not be longer than so many
	faultRate = 50 // page faults of a process a second
)

// Duration is how much virtual time a run takes.
func (p Point) Duration() time.Duration {
	if p.Lifetime > 0 {
		return min(longest, max(lifetimes*p.Lifetime, 10*p.Grace))
	}
	return longest
}

// Text is the workload.
func (p Point) Text() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	own := (p.Tables + 1) / 2 // the rest are of the file
	line("duration %s", p.Duration())
	line("cpus %d", p.CPUs)
	line("grace-period %s jitter 30%%", p.Grace)
	if p.Collapse > 0 {
		line("split %g/s", p.Collapse)
	}
	if p.Tables > own {
		line("file shared %dM filled", p.Tables-own)
	}
	line("process worker")
	line("count %d", p.Processes)
	if p.Lifetime > 0 {
		line("arrive %g/s", float64(p.Processes)/p.Lifetime.Seconds())
		line("lifetime exponential %s", p.Lifetime)
	}
	if p.Tables > own {
		line("map shared shared touch 100%% write 30%%")
	}
	line("anon %dM touch 100%%", own)
	line("fault %d/s", faultRate)
	if p.Collapse > 0 {
		line("collapse %g/s", p.Collapse/float64(p.Processes))
	}
	return b.String()
}

// Row is what a variant costs at a point.
type Row struct {
	Variant    string  `json:"variant"` // with its pin
	Tables     uint64  `json:"tables"`  // allocated
	MeanPages  float64 `json:"mean_pages"`
	LeastPages float64 `json:"least_pages"` // half a page for each live table
	PeakPages  int64   `json:"peak_pages"`
	Locks      uint64  `json:"locks"`   // acquisitions of context.lock
	Atomics    uint64  `json:"atomics"` // other atomic operations on pages and mms
	Queue      int     `json:"queue"`   // the longest queue of callbacks
	IPIs       uint64  `json:"ipis"`
}

// Machines are the variants, with every pin.
func Machines() []s390sim.Config {
	var list []s390sim.Config
	for _, i := range pgalloc.Variants() {
		if i.Variant == pgalloc.RFCAsPosted {
			continue // the same as rfc, but for its faults
		}
		if i.Variant != pgalloc.Pinned {
			list = append(list, s390sim.Config{Variant: i.Variant, Count: true})
			continue
		}
		for _, pin := range pgalloc.Pins() {
			list = append(list, s390sim.Config{Variant: i.Variant, Pin: pin, Count: true})
		}
	}
	return list
}

// Run plays a point on every variant.
func Run(ctx context.Context, p Point, seed uint64) ([]Row, error) {
	spec, err := workload.Parse(p.Name(), strings.NewReader(p.Text()))
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, cfg := range Machines() {
		out, err := workload.Run(ctx, spec, workload.Options{Seed: seed, Machine: cfg})
		if err != nil {
			return nil, err
		}
		if out.Stopped {
			return nil, ctx.Err()
		}
		name := string(cfg.Variant)
		if cfg.Pin != "" {
			name += "/" + string(cfg.Pin)
		}
		f := &out.Figures
		rows = append(rows, Row{
			Variant: name, Tables: f.Alloc.Allocated(), MeanPages: round(f.MeanPages), LeastPages: round(f.MeanLive / 2), PeakPages: f.PeakPages,
			Locks: f.Steps.ContextLocks, Atomics: f.Steps.Atomics(), Queue: f.LongestQueue, IPIs: f.Alloc.IPIs,
		})
	}
	return rows, nil
}

// round keeps three digits behind the point: of fused operations, which some processors have, the others do not show.
func round(x float64) float64 { return float64(int64(x*1000+0.5)) / 1000 }
