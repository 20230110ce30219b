package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"ptsim/internal/ftrace"
	"ptsim/kern"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// Options say how a trace is run.
type Options struct {
	// Machines are what the trace is run on, all at once. Report is not called; violations are in the outcome. Trace
	// functions are called on the goroutine of their machine.
	Machines []s390sim.Config
	// Progress is called now and then with how much was read.
	Progress func(s ftrace.Stats)
	// Listen, if not nil, returns the function to be told of the machine's events, for machine i.
	Listen func(i int, r *Replay) func(*s390sim.Event)
	// Sequential runs everything on the calling goroutine, so that what machines report comes in one order.
	Sequential bool
}

// Outcome is what a trace came to on one machine.
type Outcome struct {
	Name        string
	Variant     pgalloc.Variant
	Machine     *s390sim.Machine
	Figures     s390sim.Figures  // at the end of the trace
	Curve       []s390sim.Sample // pages in use until then
	Assumptions Assumptions
	Violations  []*kern.Violation // the first of them, if there were very many
	Total       int               // how many there were
	Seconds     float64           // wall time
	Events      int64             // that it was given
	Stopped     bool              // interrupted before its end: what follows from the end is not known
}

// Result is what a trace came to.
type Result struct {
	Events       int64        // in the trace
	Lost         int64        // events that the kernel dropped, by its own count
	Stopped      bool         // interrupted before the end of the trace
	KernelFaults int64        // faults of kernel mode in the trace; without any it was recorded without that event
	LostGaps     int64        // places where it dropped some without saying how many
	Input        ftrace.Stats // what else the reader met
	Empty        error        // why there is nothing to tell, nil if anything populated memory
	NeverMet     []string     // events of the kinds that a replay needs, of which the trace had none
	Outcomes     []Outcome
}

// Run replays the trace that in yields on all machines. An error is about the input; what was replayed until then is
// thrown away. When ctx is done it stops, and returns what it came to so far. Memory does not depend on the length of the trace.
func Run(ctx context.Context, in *ftrace.Reader, o Options) (*Result, error) {
	runners := make([]*runner, len(o.Machines))
	for i, cfg := range o.Machines {
		r, err := newRunner(cfg, i, o.Listen)
		if err != nil {
			return nil, err
		}
		runners[i] = r
	}
	var err error
	src := newSource(in)
	if o.Sequential || len(runners) == 1 {
		err = runInline(ctx, src, runners, o.Progress)
	} else {
		err = runParallel(ctx, src, runners, o.Progress)
	}
	stopped := err != nil && errors.Is(err, ctx.Err())
	if err != nil && !stopped {
		return nil, err
	}
	stats := in.Stats()
	res := &Result{Events: stats.Events, Lost: stats.Lost, LostGaps: stats.LostGaps, KernelFaults: stats.KernelFaults, Stopped: stopped}
	res.Input, res.NeverMet = stats, src.neverMet()
	tables := uint64(0) // on the machine that has most
	for _, r := range runners {
		r.outcome.Assumptions.Clone3Thread = src.threads
		tables = max(tables, r.outcome.Figures.Alloc.Allocated())
		res.Outcomes = append(res.Outcomes, r.outcome)
	}
	if tables <= uint64(src.met[ftrace.Exec]) && !stopped { // an exec has one for its arguments, whatever else was recorded
		res.Empty = src.empty()
	}
	return res, nil
}

// runner is one machine under a trace.
type runner struct {
	m       *s390sim.Machine
	replay  *Replay
	begin   time.Time
	outcome Outcome
}

func newRunner(cfg s390sim.Config, i int, listen func(int, *Replay) func(*s390sim.Event)) (*runner, error) {
	r := &runner{begin: time.Now()}
	cfg.Report = r.locate
	var hear func(*s390sim.Event)
	if listen != nil {
		cfg.Trace = func(e *s390sim.Event) { hear(e) }
	}
	m, err := s390sim.New(cfg)
	if err != nil {
		return nil, err
	}
	r.m, r.replay = m, New(m)
	if listen != nil {
		hear = listen(i, r.replay)
	}
	return r, nil
}

// locate says which event of the trace a violation belongs to.
func (r *runner) locate(v *kern.Violation) {
	e := r.replay.Current()
	if e == nil {
		if v.Doing == "" {
			v.Doing = "end of the trace"
		}
		return
	}
	v.Step = e.Line
	if v.Softirq {
		v.Doing = "grace period"
		return
	}
	v.Task = fmt.Sprintf("task %d", e.TID)
	v.Doing = e.Kind.String()
}

// finish takes the figures at the end of the trace; unless that was cut short it then lets the machine come to rest and looks for what was lost.
func (r *runner) finish(stopped bool) {
	r.outcome.Figures = r.m.Figures()
	r.outcome.Curve = r.m.Curve()
	if !stopped {
		r.m.Check()
	}
	r.outcome.Name, r.outcome.Variant = r.m.Sys.Name(), r.m.Sys.Variant
	r.outcome.Machine = r.m
	r.outcome.Assumptions = r.replay.Assumptions()
	r.outcome.Violations, r.outcome.Total = r.m.M.Violations()
	r.outcome.Seconds, r.outcome.Stopped = time.Since(r.begin).Seconds(), stopped
}

const batchEvents = 512

func runInline(ctx context.Context, in *source, runners []*runner, progress func(ftrace.Stats)) error {
	var e ftrace.Event
	for n := 0; ; n++ {
		if n%batchEvents == 0 {
			if err := ctx.Err(); err != nil {
				for _, r := range runners {
					r.finish(true)
				}
				return err
			}
			if progress != nil {
				progress(in.in.Stats())
			}
		}
		if err := in.next(&e); err != nil {
			if errors.Is(err, io.EOF) {
				break
			}
			return err
		}
		for _, r := range runners {
			r.replay.Event(&e)
			r.outcome.Events++
		}
	}
	for _, r := range runners {
		r.finish(false)
	}
	return nil
}

// batch is a run of events that all machines read; the last to be done with it gives it back.
type batch struct {
	events [batchEvents]ftrace.Event
	n      int
	users  atomic.Int32
}

// runParallel parses on this goroutine and replays on one goroutine a machine.
func runParallel(ctx context.Context, in *source, runners []*runner, progress func(ftrace.Stats)) error {
	free := make(chan *batch, 8)
	for range cap(free) {
		free <- new(batch)
	}
	queues := make([]chan *batch, len(runners))
	var wg sync.WaitGroup
	var failed, stopped atomic.Bool
	for i, r := range runners {
		queues[i] = make(chan *batch, cap(free))
		wg.Go(func() {
			for b := range queues[i] {
				for j := range b.events[:b.n] {
					r.replay.Event(&b.events[j])
				}
				r.outcome.Events += int64(b.n)
				if b.users.Add(-1) == 0 {
					free <- b
				}
			}
			if !failed.Load() {
				r.finish(stopped.Load())
			}
		})
	}
	err := parse(ctx, in, func(b *batch) {
		b.users.Store(int32(len(runners)))
		for _, q := range queues {
			q <- b
		}
	}, free, progress)
	stopped.Store(err != nil && errors.Is(err, ctx.Err()))
	failed.Store(err != nil && !stopped.Load())
	for _, q := range queues {
		close(q)
	}
	wg.Wait()
	return err
}

func parse(ctx context.Context, in *source, hand func(*batch), free <-chan *batch, progress func(ftrace.Stats)) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if progress != nil {
			progress(in.in.Stats())
		}
		b := <-free
		for b.n = 0; b.n < batchEvents; b.n++ {
			if err := in.next(&b.events[b.n]); errors.Is(err, io.EOF) {
				hand(b)
				return nil
			} else if err != nil {
				return err
			}
		}
		hand(b)
	}
}
