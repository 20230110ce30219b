package verdicts

import (
	"context"
	"fmt"
	"sync"
	"time"

	"ptsim/explore"
	"ptsim/internal/coverage"
	"ptsim/internal/scenario"
	"ptsim/kern"
)

// Outcome is the answer to one cell.
type Outcome struct {
	Cell
	Title       string          // of the scenario
	Verdict     explore.Verdict // "" if it was not asked
	Why         string          // why it is incomplete
	Violation   *kern.Violation
	States      uint64
	Transitions uint64
	Depth       int
	Bytes       uint64
	Elapsed     time.Duration // of the search, without that for the shortest schedule
	Races       explore.Races // how data races were judged
	Covers      *coverage.Coverage

	// Of a violation: the schedule as text, and how long it is.
	Schedule        string
	Switches, Steps int
	Shortest        bool // there is none shorter
}

// Options say how a matrix is run.
type Options struct {
	Threads  int    // cells at once; 0 is 1
	Memory   uint64 // bytes that the states of one cell may take; 0 is no limit
	Races    explore.Races
	Own      []*scenario.Scenario // scenarios that do not come with ptsim, by name
	Budget   uint64               // states that a search for a shortest schedule may take; 0 is DefaultBudget
	Progress func(Progress)
	Context  context.Context
}

// DefaultBudget is enough for all but two or three cells of the matrix.
const DefaultBudget = 500_000

// Progress is how far a matrix has come.
type Progress struct {
	Done, Cells int
	Cell        Cell // that was finished last
	States      uint64
	Elapsed     time.Duration
}

// Run answers cells, several at once, and returns the outcomes in the order of the cells. If the context ends, those that
// were not answered have no verdict.
func Run(cells []Cell, opt Options) ([]Outcome, error) {
	if opt.Context == nil {
		opt.Context = context.Background()
	}
	if opt.Budget == 0 {
		opt.Budget = DefaultBudget
	}
	ctx, cancel := context.WithCancel(opt.Context)
	defer cancel()
	r := &runner{opt: opt, ctx: ctx, cells: cells, out: make([]Outcome, len(cells)), start: time.Now()}
	for i, c := range cells {
		r.out[i].Cell = c
		if s, err := load(opt.Own, c.Scenario); err == nil {
			r.out[i].Title = s.Title
		}
	}
	var wg sync.WaitGroup
	for range max(opt.Threads, 1) {
		wg.Go(func() {
			if err := r.work(); err != nil {
				r.fail(err)
				cancel()
			}
		})
	}
	wg.Wait()
	return r.out, r.err
}

// runner hands out cells.
type runner struct {
	opt   Options
	ctx   context.Context
	cells []Cell
	out   []Outcome
	start time.Time

	mu     sync.Mutex
	next   int
	done   int
	states uint64
	err    error
}

func (r *runner) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
}

func (r *runner) work() error {
	for {
		r.mu.Lock()
		i := r.next
		r.next++
		r.mu.Unlock()
		if i >= len(r.cells) || r.ctx.Err() != nil {
			return nil
		}
		o, err := r.ask(r.cells[i])
		if err != nil {
			return fmt.Errorf("%s on %s, %s: %w", o.Scenario, o.Version, o.Setting, err)
		}
		if r.ctx.Err() != nil {
			return nil // what it says is about the interruption
		}
		r.mu.Lock()
		r.out[i] = o
		r.done++
		r.states += o.States
		p := Progress{r.done, len(r.cells), o.Cell, r.states, time.Since(r.start)}
		if r.opt.Progress != nil {
			r.opt.Progress(p)
		}
		r.mu.Unlock()
	}
}

// load finds a scenario: one's own, or one that comes with ptsim.
func load(own []*scenario.Scenario, name string) (*scenario.Scenario, error) {
	for _, s := range own {
		if s.Name == name {
			return s, nil
		}
	}
	return scenario.Load(name)
}

// ask answers one cell.
func (r *runner) ask(c Cell) (Outcome, error) {
	o := Outcome{Cell: c}
	s, err := load(r.opt.Own, c.Scenario)
	if err != nil {
		return o, err
	}
	o.Title = s.Title
	m, err := Model(s, c.Version)
	if err != nil {
		return o, err
	}
	opt := explore.Defaults()
	opt.Softirqs, opt.Grace = c.Setting.Softirqs, c.Setting.Grace
	opt.Races, opt.Memory, opt.Context = r.opt.Races, r.opt.Memory, r.ctx
	res, err := explore.Exhaustive(m, opt)
	if err != nil {
		return o, err
	}
	o.Verdict, o.Why, o.States, o.Transitions, o.Depth = res.Verdict, res.Why, res.States, res.Transitions, res.Depth
	o.Bytes, o.Elapsed, o.Races, o.Covers = res.Bytes, res.Elapsed, res.Races, coverage.Of(s, &res)
	if res.Verdict != explore.Violated {
		return o, nil
	}
	short, err := Shorten(m, opt, res.Schedule, kern.NoViolation, r.opt.Budget)
	if err != nil {
		return o, err
	}
	if short.Trace.Violation == nil {
		return o, fmt.Errorf("the schedule %s does not lead to the violation", short.Schedule.Text(m.Tasks, opt.Workers))
	}
	o.Violation, o.Shortest = short.Trace.Violation, short.Shortest
	o.Schedule = short.Schedule.Text(m.Tasks, opt.Workers)
	o.Switches, o.Steps = short.Trace.Switches, short.Trace.Count
	return o, nil
}
