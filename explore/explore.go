package explore

import (
	"time"

	"ptsim/kern"
)

// Result is what a search found out.
type Result struct {
	Verdict     Verdict
	Violation   *kern.Violation // nil if there is none
	Schedule    *Schedule       // that leads to it
	States      uint64
	Transitions uint64
	Depth       int
	Elapsed     time.Duration
	Bytes       uint64 // that the states took
	Runs        int    // how many times code of the model was run for real
	Why         string // why the search is incomplete
	Finals      int
	Kinds       map[string]int // with Options.All: how often each kind of violation was met
	Races       Races          // how data races were judged: HappensBefore or Adjacent
	RaceMoves   uint64         // transitions of the searches with views, which Transitions does not count
	Reached     *Reached       // what an exhaustive search came to; all there is if it is Safe

	length *length // of the schedule, if it is a shortest one
}

// Exhaustive tries every schedule of a model and tells whether one breaks it.
func Exhaustive(m *Model, opt Options) (Result, error) { return exhaustive(m, opt, nil) }

func exhaustive(m *Model, opt Options, onFinal func(*Instance)) (Result, error) {
	return restarting(m, opt, func(x *system) (Result, error) {
		start := time.Now()
		sr, err := x.searchAll(onFinal)
		if err != nil {
			return Result{}, err
		}
		r := Result{
			Verdict: Safe, States: sr.states.Load(), Transitions: sr.moves.Load(), Depth: int(sr.depth.Load()),
			Elapsed: time.Since(start), Bytes: uint64(sr.seen.bytes.Load()), Runs: x.auto.Runs, Kinds: sr.kinds,
		}
		switch {
		case sr.first != nil:
			r.Verdict, r.Violation = Violated, sr.first.v
			r.Schedule = x.schedule(sr.first)
		case sr.full.Load():
			r.Verdict, r.Why = Incomplete, "the memory limit was reached"
		case x.opt.Context.Err() != nil:
			r.Verdict, r.Why = Incomplete, "it was interrupted"
		case x.budget > 0 && sr.spent.Load():
			r.Verdict, r.Why = Incomplete, tooMany
		}
		r.Reached = x.auto.reached()
		return r, nil
	})
}

// cheapViews is how many states with different views RacesAuto is worth.
const cheapViews = 20_000

// tooMany is why a search ended that came to its budget.
const tooMany = "there are too many states"

// judgeRaces searches again with views, for data races that r, the result of a search without, does not tell of: of two
// accesses that are never possible in one state, since relaxed accesses order them in time and by nothing else.
func judgeRaces(m *Model, opt Options, rules movements, r Result, racy []kern.Addr, run func(x *system) (Result, error)) (Result, error) {
	r.Races = Adjacent
	longer := r.length != nil && opt.Races == HappensBefore // a race may come sooner than what was found
	if opt.Races == Adjacent || r.Verdict == Violated && !opt.All && !longer || opt.Context != nil && opt.Context.Err() != nil {
		return r, nil
	}
	for halves := rules.halves; len(racy) > len(rules.racy) || halves != rules.halves; {
		rules.racy, rules.halves, rules.shared = racy, halves, true
		x, err := newSystem(m, opt, &rules)
		if err != nil {
			return r, err
		}
		if opt.Races == RacesAuto {
			x.budget = cheapViews
		}
		v, err := run(x)
		racy, halves = x.alsoRacy(x.racyWords()), x.auto.words.halves
		x.release()
		if err != nil {
			return r, err
		}
		r.RaceMoves += v.Transitions
		r.Elapsed, r.Bytes = r.Elapsed+v.Elapsed, max(r.Bytes, v.Bytes)
		switch {
		case v.Verdict == Violated:
			if longer && !v.length.less(r.length) {
				break
			}
			v.Transitions, v.RaceMoves, v.Elapsed, v.Bytes = r.Transitions, r.RaceMoves, r.Elapsed, r.Bytes
			v.States, v.Races = max(r.States, v.States), HappensBefore
			for k, n := range r.Kinds {
				v.Kinds[k] = max(v.Kinds[k], n)
			}
			if r.Verdict == Violated && !longer {
				v.Violation, v.Schedule = r.Violation, r.Schedule
			}
			return v, nil
		case v.Why == tooMany:
			return r, nil
		case v.Verdict == Incomplete && r.Verdict == Safe:
			r.Verdict, r.Why = v.Verdict, v.Why
			return r, nil
		}
	}
	r.Races = HappensBefore
	return r, nil
}

// smallSearch is how many states a search may meet before it is worth while to merge nodes.
const smallSearch = 5_000

// searchAll searches every schedule. What is not a small search merges nodes; how it went on what it merged is checked.
func (x *system) searchAll(onFinal func(*Instance)) (*search, error) {
	start := time.Now()
	run := func(budget uint64, threads int) *search {
		for {
			sr := newSearch(x)
			sr.onFinal, sr.start, sr.budget, sr.threads = onFinal, start, budget, threads
			if sr.run(); !sr.cyclic.Load() || sr.err != nil {
				return sr
			}
			x.cyclic = true
		}
	}
	if x.budget > 0 || x.opt.Plain || x.opt.All || x.opt.NoMerge {
		sr := run(x.budget, x.opt.Threads)
		return sr, sr.err
	}
	small := uint64(smallSearch)
	if x.opt.small > 0 {
		small = x.opt.small
	}
	sr := run(small, 1)
	if !sr.spent.Load() || sr.err != nil {
		return sr, sr.err
	}
	if err := x.learn(); err != nil {
		return nil, err
	}
	x.auto.merge()
	for merged := true; ; merged = false {
		x.represent()
		sr = run(0, x.opt.Threads)
		ended := sr.first == nil && !sr.full.Load() && x.opt.Context.Err() == nil
		if sr.err != nil || !merged || sr.first == nil && !ended || ended && x.auto.same() {
			return sr, sr.err
		}
		x.auto.part()
	}
}

// learningRuns is how many random schedules are run to learn the automata of a model.
const learningRuns = 1000

// learn runs random schedules, the same each time, for what they teach.
func (x *system) learn() (err error) {
	defer catch(&err)
	w := newWalk(x, Sampling{})
	runs := learningRuns
	if x.opt.small > 0 {
		runs = 20
	}
	for range runs {
		w.run()
	}
	return nil
}

// represent has every thread begin at the representative of where it begins.
func (x *system) represent() {
	for i := range x.threads {
		t := &x.threads[i]
		switch t.role {
		case task:
			t.first = x.auto.first(i).rep
		case kworker:
			t.first = x.auto.idle(onWork).rep
		case softirq:
			t.first = x.auto.idle(onCallback).rep
		}
	}
}

// restarting runs a search, and runs it again if it met code that breaks a rule by which it folded steps. A violation is
// one all the same.
func restarting(m *Model, opt Options, run func(x *system) (Result, error)) (Result, error) {
	rules := movements{}
	for {
		x, err := newSystem(m, opt, &rules)
		if err != nil {
			return Result{}, err
		}
		r, err := run(x)
		racy := x.racyWords()
		x.release()
		if err != nil {
			return r, err
		}
		u := &x.auto.words
		if !u.breaks(rules.stays) || r.Verdict == Violated || opt.Plain || x.opt.Context.Err() != nil {
			rules.halves = u.halves
			return judgeRaces(m, opt, rules, r, racy, run)
		}
		rules = movements{stays: rules.with(u)}
	}
}
