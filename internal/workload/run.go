package workload

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"ptsim/kern"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// Options say how a workload is run in virtual time.
type Options struct {
	Seed     uint64
	Duration time.Duration // the workload's own if 0

	// Machine is the machine to build: variant, pin, checks and listeners. What the workload says of CPUs, grace periods,
	// khugepaged and failures goes before what is set there, but for a Khugepaged, which goes before the workload's.
	Machine s390sim.Config
	// CPUs and GracePeriod go before what the workload says, if not 0.
	CPUs        int
	GracePeriod time.Duration

	// Progress, if not nil, is told now and then how much of the run's time has passed.
	Progress func(done, all time.Duration)
}

// Outcome is what a workload came to on one machine.
type Outcome struct {
	Name       string
	Variant    pgalloc.Variant
	Events     int64
	Processes  int64 // started
	Refs       int64 // speculative references taken
	Figures    s390sim.Figures
	Curve      []s390sim.Sample
	Violations []*kern.Violation // the first of them, if there were very many
	Total      int
	Seconds    float64 // wall time, the check at the end not included
	Stopped    bool    // interrupted before its end
}

// config is the machine that the workload runs on.
func (s *Spec) config(o *Options) s390sim.Config {
	cfg := o.Machine
	cfg.CPUs, cfg.GracePeriod = s.CPUs, int64(s.GracePeriod)
	if o.CPUs > 0 {
		cfg.CPUs = o.CPUs
	}
	if o.GracePeriod > 0 {
		cfg.GracePeriod = int64(o.GracePeriod)
	}
	if k := s.Khugepaged; k != nil && cfg.Khugepaged == nil {
		cfg.Khugepaged = &s390sim.KhugepagedConfig{PagesToScan: k.PagesToScan, MaxPtesNone: k.MaxPtesNone, ScanSleep: int64(k.ScanSleep)}
	}
	cfg.Disturb.PageFail, cfg.Disturb.BatchFail = max(cfg.Disturb.PageFail, s.Faults.PageFail), max(cfg.Disturb.BatchFail, s.Faults.BatchFail)
	if cfg.Disturb != (s390sim.Disturb{}) {
		cfg.Disturb.Seed = o.Seed
	}
	return cfg
}

// Run runs the workload in virtual time. When ctx is done it stops, and returns what it came to so far.
func Run(ctx context.Context, s *Spec, o Options) (*Outcome, error) {
	cfg := s.config(&o)
	var d *driver
	if s.GraceJitter > 0 {
		rnd := rand.New(rand.NewPCG(o.Seed, 1))
		cfg.GraceJitter = func(length int64) int64 {
			return int64(float64(length) * (1 + s.GraceJitter*(2*rnd.Float64()-1)))
		}
	}
	if s.Faults.ExitInRetract > 0 {
		cfg.DuringRetract = func(c *kern.CPU, as *s390sim.AddressSpace) { d.duringRetract(c, as) }
	}
	began := time.Now()
	m, err := s390sim.New(cfg)
	if err != nil {
		return nil, err
	}
	length := s.Duration
	if o.Duration > 0 {
		length = o.Duration
	}
	m.Advance(0)
	if cfg.Khugepaged != nil && s.Khugepaged == nil {
		with := *s
		with.Khugepaged = &Khugepaged{}
		s = &with
	}
	d = newDriver(s, m, o.Seed)
	var done atomic.Bool // some events take long: it is asked at each
	defer context.AfterFunc(ctx, func() { done.Store(true) })()
	stopped := ctx.Err() != nil
	for !stopped && d.step(int64(length)) {
		stopped = done.Load() || d.count&63 == 0 && ctx.Err() != nil
		if d.count&63 == 0 && o.Progress != nil {
			o.Progress(time.Duration(d.now), length)
		}
	}
	if !stopped {
		d.now = int64(length)
		m.Advance(d.now)
		d.bury()
	}
	out := &Outcome{
		Name: m.Sys.Name(), Variant: m.Sys.Variant, Events: d.count, Refs: d.refs, Figures: m.Figures(), Curve: m.Curve(),
		Seconds: time.Since(began).Seconds(), Stopped: stopped,
	}
	for _, k := range d.classes {
		out.Processes += k.created
	}
	if !stopped {
		d.end()
	}
	out.Violations, out.Total = m.M.Violations()
	return out, nil
}

// checkedTables is how many live tables are looked at one by one at the end of a run.
const checkedTables = 1 << 16

// end lets everything go and looks whether anything is left.
func (d *driver) end() {
	d.settle()
	if d.m.Sys.Use().Tables <= checkedTables {
		d.m.Check()
	}
	d.m.Close()
	d.m.NothingLeft()
}

// Describe says in a line what the workload is made of.
func (s *Spec) Describe() string {
	n, rate := 0, 0.0
	for _, c := range s.Classes {
		n += c.Count
		rate += c.Arrive
	}
	return fmt.Sprintf("%d processes at first, %.4g more a second, %v on %d CPUs", n, rate, s.Duration, s.CPUs)
}
