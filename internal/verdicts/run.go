package verdicts

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"ptsim/explore"
	"ptsim/internal/coverage"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/kern"
	"ptsim/memory"
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
	Last        *explore.Progress // of one that is incomplete: where it stood
	CPUs        int               // that its tasks are on

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
	Folder   *Folder              // keeps what it has come to; nil keeps nothing
	Progress func(Progress)
	Context  context.Context
}

// DefaultBudget is enough for all but two or three cells of the matrix.
const DefaultBudget = 500_000

// Progress is how far a matrix has come.
type Progress struct {
	Done, Cells int
	Cell        Cell   // that was finished last, or is searched
	States      uint64 // of the cells that are done
	Elapsed     time.Duration
	Search      *explore.Progress // of the cell that is searched; nil: one was finished
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
	busy   []int // cells under way, in order
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
		r.busy = append(r.busy, i)
		r.mu.Unlock()
		if i >= len(r.cells) || r.ctx.Err() != nil {
			return nil
		}
		o, done, err := r.answer(r.cells[i])
		if err != nil {
			return fmt.Errorf("%s on %s, %s: %w", o.Scenario, o.Version, o.Setting, err)
		}
		if !done {
			return nil
		}
		r.mu.Lock()
		r.out[i] = o
		r.done++
		r.states += o.States
		r.busy = slices.DeleteFunc(r.busy, func(j int) bool { return j == i })
		r.tell(o.Cell, nil)
		r.mu.Unlock()
	}
}

// tell reports progress. The lock is held.
func (r *runner) tell(c Cell, search *explore.Progress) {
	if r.opt.Progress != nil {
		r.opt.Progress(Progress{r.done, len(r.cells), c, r.states, time.Since(r.start), search})
	}
}

// searching reports how far the search of a cell is, if none was begun before it and is still under way.
func (r *runner) searching(c Cell, p explore.Progress) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.busy) > 0 && r.cells[r.busy[0]] == c {
		r.tell(c, &p)
	}
}

// load finds a scenario: one's own, or one that comes with ptsim.
func load(own []*scenario.Scenario, name string) (*scenario.Scenario, error) {
	for _, s := range own {
		if scenario.FullName(s) == name {
			return s, nil
		}
	}
	return scenario.Load(name)
}

// answer answers one cell, or takes its answer from the folder. It is not done if it was interrupted: then what it says is about
// that.
func (r *runner) answer(c Cell) (o Outcome, done bool, err error) {
	o = Outcome{Cell: c}
	s, err := load(r.opt.Own, c.Scenario)
	if err != nil {
		return o, false, err
	}
	f, question := r.opt.Folder, r.asks(c, s)
	var search *explore.Checkpoint
	if f != nil {
		if was, known := f.outcome(question); known {
			return was, true, nil
		}
		if c.Setting.Memory.Model == memory.SC { // a checkpoint does not keep the numbers that a weak memory gives to words
			if search, err = f.begin(c, question); err != nil {
				return o, false, err
			}
		}
	}
	o, all, err := r.ask(c, s, search)
	done = err == nil && r.ctx.Err() == nil
	switch {
	case f == nil:
	case done && all:
		f.finish(o, question, search)
	default:
		f.leave(search)
	}
	return o, done, err
}

// ask answers one cell. All tells whether no limit of memory ended a search.
func (r *runner) ask(c Cell, s *scenario.Scenario, search *explore.Checkpoint) (o Outcome, all bool, err error) {
	o = Outcome{Cell: c, Title: s.Title}
	m, err := question.Model(s, c.Version)
	if err != nil {
		return o, false, err
	}
	opt := c.Setting.Options()
	opt.Lax, opt.All = c.Lax, c.Kind != kern.NoViolation
	opt.Races, opt.Memory, opt.Context, opt.Checkpoint = r.opt.Races, r.opt.Memory, r.ctx, search
	if r.opt.Progress != nil {
		opt.Progress = func(p explore.Progress) { r.searching(c, p) }
	}
	res, err := explore.Exhaustive(m, opt)
	if err != nil {
		return o, false, err
	}
	o.Verdict, o.Why, o.States, o.Transitions, o.Depth = res.Verdict, res.Why, res.States, res.Transitions, res.Depth
	o.Bytes, o.Elapsed, o.Races, o.Covers = res.Bytes, res.Elapsed, res.Races, coverage.Of(s, &res)
	o.Last, o.CPUs = res.Last, cpus(s)
	if res.Verdict == explore.Violated && c.Kind != kern.NoViolation && res.Kinds[c.Kind.String()] == 0 {
		o.Verdict = explore.Safe // as to that kind
		if res.CutShort {
			o.Verdict, o.Why = explore.Incomplete, cmp.Or(res.Why, "a limit ended the search") // it may yet come
		}
		return o, !res.CutShort, nil
	}
	if res.Verdict != explore.Violated {
		return o, !res.CutShort, nil
	}
	short, err := Shorten(m, opt, res.Schedule, c.Kind, r.opt.Budget)
	if err != nil {
		return o, false, err
	}
	if short.Trace.Violation == nil {
		return o, false, fmt.Errorf("the schedule %s does not lead to the violation", short.Schedule.Text())
	}
	o.Violation, o.Shortest = short.Trace.Violation, short.Shortest
	o.Schedule = short.Schedule.Text()
	o.Switches, o.Steps = short.Trace.Switches, short.Trace.Count
	return o, !short.Search.CutShort, nil
}
