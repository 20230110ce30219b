package workload

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"ptsim/kern"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// NativeOptions say how a workload is run for stress: on goroutines that are the CPUs, as fast as they can.
type NativeOptions struct {
	Seed    uint64
	CPUs    int           // of the processes; khugepaged has one more
	For     time.Duration // real time
	Each    int64         // operations of each CPU after which it stops earlier; 0: none
	Stall   time.Duration // how long a CPU is held up, see s390sim.Disturb; 0: never
	Machine s390sim.Config
}

// NativeOutcome is what a native run came to.
type NativeOutcome struct {
	Name       string
	Variant    pgalloc.Variant
	Figures    s390sim.Figures
	Operations int64 // of processes
	Processes  int64
	Seconds    float64
	Violations []*kern.Violation
	Total      int
	Stuck      bool // after a violation, some CPU did not come back
	Stopped    bool
}

// nativeStallShare is how often a callback that is about to take context.lock is held up, if that is asked for.
const nativeStallShare = 0.01

// Native runs the workload on goroutines: so many processes of each kind as there would be, but no more than some for each
// CPU, and each CPU acts in any of them. Rates say how often things are done in proportion. It ends after a time, when
// ctx is done, or at the first violation.
func Native(ctx context.Context, s *Spec, o NativeOptions) (*NativeOutcome, error) {
	vo := Options{Seed: o.Seed, Machine: o.Machine, CPUs: o.CPUs + 1}
	cfg := s.config(&vo)
	cfg.Native, cfg.Count = true, true
	cfg.GracePeriod = 0
	if o.Stall > 0 {
		cfg.Disturb.Stall, cfg.Disturb.StallShare, cfg.Disturb.Seed = o.Stall, nativeStallShare, o.Seed
	}
	w := &crew{spec: s, each: o.Each}
	found := make(chan struct{})
	var once sync.Once
	cfg.Report = func(*kern.Violation) {
		w.stop.Store(true)
		once.Do(func() { close(found) })
	}
	m, err := s390sim.New(cfg)
	if err != nil {
		return nil, err
	}
	w.m, w.rcu = m, m.Native()
	w.prepare(o.CPUs)

	began := time.Now()
	var hands, wg sync.WaitGroup
	for i := range o.CPUs {
		h := &hand{crew: w, c: m.CPU(i), rnd: rand.New(rand.NewPCG(o.Seed, uint64(i)+1))}
		hands.Go(h.work)
	}
	done := closedAfter(&hands)
	if m.Khugepaged() != nil {
		wg.Go(func() { w.khugepaged(m.CPU(o.CPUs), rand.New(rand.NewPCG(o.Seed, 0))) })
	}
	timer := time.NewTimer(o.For)
	defer timer.Stop()
	out := &NativeOutcome{Name: m.Sys.Name(), Variant: m.Sys.Variant}
	select {
	case <-timer.C:
	case <-done:
	case <-found:
	case <-ctx.Done():
		out.Stopped = true
	}
	w.stop.Store(true)
	out.Seconds = time.Since(began).Seconds()
	if !w.cameBack(done) || !w.cameBack(closedAfter(&wg)) {
		out.Stuck = true // it has no figures
		out.Violations, out.Total = m.M.Violations()
		return out, nil
	}
	out.Seconds = time.Since(began).Seconds()
	out.Figures = m.Figures()
	out.Operations, out.Processes = w.operations.Load(), w.processes.Load()
	if _, bad := m.M.Violations(); bad == 0 {
		w.end()
		m.Shutdown()
	}
	out.Violations, out.Total = m.M.Violations()
	return out, nil
}

// closedAfter returns a channel that is closed when the group is done.
func closedAfter(wg *sync.WaitGroup) <-chan struct{} {
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	return done
}

// patience is how long a CPU may take to come back after a violation.
const patience = 10 * time.Second

// cameBack waits until all CPUs are offline. After a violation that can take for ever, when a lock is gone with its mm: only
// then it gives up.
func (w *crew) cameBack(done <-chan struct{}) bool {
	for {
		select {
		case <-done:
			return true
		case <-time.After(patience):
			if _, bad := w.m.M.Violations(); bad > 0 {
				return false
			}
		}
	}
}
