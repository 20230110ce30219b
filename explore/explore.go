package explore

import (
	"context"
	"time"

	"ptsim/kern"
	weakmem "ptsim/memory"
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
	Bytes       uint64    // that the states took
	Runs        int       // how many times code of the model was run for real
	Why         string    // why the search is incomplete
	CutShort    bool      // it was interrupted, or ran out of memory: from a Checkpoint it can go on
	Last        *Progress // of a search that was cut short: where it stood
	Finals      int
	Kinds       map[string]int // with Options.All: how often each kind of violation was met
	Races       Races          // how data races were judged: HappensBefore or Adjacent
	RaceMoves   uint64         // transitions of the searches with views, which Transitions does not count
	Model       weakmem.Model
	LKMM        weakmem.Release
	Reached     *Reached // what an exhaustive search came to; all there is if it is Safe

	length *length // of the schedule, if it is a shortest one
}

// Exhaustive tries every schedule of a model and tells whether one breaks it.
func Exhaustive(m *Model, opt Options) (Result, error) { return exhaustive(m, opt, nil) }

func exhaustive(m *Model, opt Options, onFinal func(*Instance)) (Result, error) {
	return restarting(m, opt, "exhaustive", func(x *system) (Result, error) {
		return x.exhaustive(onFinal)
	})
}

// exhaustive searches everything, or what is behind x.from, or down to x.cut.
//
// The first violation that a worker reports ends the search. Which one that is may depend on timing with
// several threads; Shortest finds the same one always.
func (x *system) exhaustive(onFinal func(*Instance)) (Result, error) {
	sr, err := x.searchAll(onFinal)
	if err != nil {
		return Result{}, err
	}
	r := Result{
		Verdict: Safe, States: sr.states.Load(), Transitions: sr.moves.Load(), Depth: int(sr.depth.Load()),
		Elapsed: time.Since(x.start), Bytes: sr.held().total(), Runs: x.auto.Runs, Kinds: sr.kinds,
	}
	switch {
	case sr.first != nil && !x.opt.All:
	case sr.full.Load():
		r.Verdict, r.Why, r.CutShort = Incomplete, sr.held().shortage(x.opt.Memory), true
	case x.opt.Context.Err() != nil:
		r.Verdict, r.Why, r.CutShort = Incomplete, interrupted, true
	case x.budget > 0 && sr.spent.Load():
		r.Verdict, r.Why = Incomplete, tooMany
	}
	if r.CutShort {
		r.Last = sr.last()
	}
	if sr.first != nil {
		r.Verdict, r.Violation = Violated, sr.first.v
		r.Schedule = x.schedule(sr.first)
	}
	r.Reached = x.auto.reached()
	if x.opt.Programs {
		x.programs(r.Reached)
	}
	return r, nil
}

// cheapViews is how many states with different views RacesAuto is worth.
const cheapViews = 20_000

// Why searches end early: at their budget, or when their context ends.
const (
	tooMany     = "there are too many states"
	interrupted = "it was interrupted"
)

// judgeRaces searches again with views, for data races that r, the result of a search without, does not tell of: of two
// accesses that are never possible in one state, since relaxed accesses order them in time and by nothing else.
//
// The two notions differ where relaxed accesses order two plain ones in time: no state has both enabled,
// and yet nothing orders them. To see it a state must know what each thread knows (views), which makes
// states more. RacesAuto does that while they are few.
//
// It loops since a search with views may meet words, and kinds of barriers, that the one before it did not
// know could race or order.
func judgeRaces(m *Model, opt Options, what string, rules movements, p part, run func(x *system) (Result, error)) (Result, error) {
	r, racy := p.Result, p.racy
	r.Races = Adjacent
	longer := r.length != nil && opt.Races == HappensBefore // a race may come sooner than what was found
	if opt.Races == Adjacent || r.Verdict == Violated && !opt.All && !longer || r.CutShort || r.Why == tooMany && opt.Budget > 0 {
		return r, nil
	}
	again := false
	for halves := rules.halves; again || len(racy) > len(rules.racy) || halves != rules.halves; {
		if opt.Races == RacesAuto && r.States >= cheapViews { // with views there are no fewer
			return r, nil
		}
		rules.racy, rules.halves, rules.shared = racy, halves, true
		budget := uint64(0)
		if opt.Races == RacesAuto {
			budget = cheapViews
		}
		v, err := runPart(m, opt, what, &rules, budget, run)
		racy, halves = v.racy, v.halves || rules.pairs != 0
		if err != nil {
			return r, err
		}
		if again = v.pairs&^rules.pairs != 0 && v.raced(); again { // is there still one if pairs order, too?
			rules.pairs, halves = rules.pairs|v.pairs, true
			continue
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
			return v.Result, nil
		case v.Why == tooMany:
			return r, nil
		case v.CutShort:
			r.Why, r.CutShort, r.Last = v.Why, true, v.Last
			if r.Verdict == Safe {
				r.Verdict = Incomplete
			}
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

// phase is how a search takes nodes.
//
// A search begins small. If it meets more than smallSearch states it is given up: then the automata are
// known well enough to merge nodes (merge.go), and the search begins again, merged. If it finds a
// violation, or a node turns out to have another future than its class, it begins once more, parted, so
// that what is reported rests on no merge that was wrong.
type phase string

const (
	single phase = "single" // as they are, whatever there is
	small  phase = "small"  // as they are, unless it turns out to be no small search
	merged phase = "merged" // as their representatives
	parted phase = "parted" // as they are, since they were merged wrongly
)

// searchAll searches every schedule. What is not a small search merges nodes; how it went on what it merged is checked.
//
// The loop ends: each phase leads to a later one, cyclic is set at most once, and a violation in a parted
// search is final.
func (x *system) searchAll(onFinal func(*Instance)) (*search, error) {
	at, err := x.goOn()
	if err != nil {
		return nil, err
	}
	now := small
	switch {
	case at != nil && at.Exhaustive != nil:
		now, x.cyclic = at.Exhaustive.Phase, at.Exhaustive.Cyclic
	case x.budget > 0 || x.opt.Plain || x.opt.All || x.opt.NoMerge || x.cut != nil:
		now = single
	}
	for {
		if now == merged || now == parted {
			x.represent()
		}
		if at == nil {
			x.foresees()
		}
		sr := newSearch(x, now)
		sr.onFinal = onFinal
		if err := sr.goOn(at); err != nil {
			return nil, err
		}
		at = nil
		sr.run()
		switch {
		case sr.err != nil:
			return nil, sr.err
		case sr.cyclic.Load(): // once more, by what was made
			x.cyclic = true
		case now == merged && sr.first != nil: // by way of nodes that may be none of its own
			x.auto.part()
			now = parted
		case sr.cutShort():
			return sr, nil
		case x.surprised() && (sr.first == nil || x.opt.All || !x.holds(sr.first)) && !(x.budget > 0 && sr.spent.Load()): // once more, by what it has learnt
		case now == small && sr.spent.Load():
			if err := x.learn(); err != nil {
				return nil, err
			}
			x.auto.merge()
			now = merged
		case now == merged && !x.auto.same():
			x.auto.part()
			now = parted
		default:
			return sr, nil
		}
		sr.close()
	}
}

// learningRuns is how many random schedules are run to learn the automata of a model.
const learningRuns = 1000

// learn runs random schedules, the same each time, for what they teach.
//
// What they do not teach, the merged search learns on the way, and then it is checked whether the classes
// still hold (automaton.same).
func (x *system) learn() (err error) {
	defer catch(&err)
	w := newWalk(x, Sampling{})
	w.seen = nil
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
//
// The rules only ever lose parts, so it ends. Results of a search whose rules were broken are not used,
// unless it found a violation.
func restarting(m *Model, opt Options, what string, run func(x *system) (Result, error)) (Result, error) {
	if opt.Context == nil {
		opt.Context = context.Background()
	}
	if opt.Model != weakmem.SC && opt.words == 0 {
		return withWords(opt, func(opt Options) (Result, error) { return restarting(m, opt, what, run) })
	}
	rules := movements{}
	for {
		p, err := runPart(m, opt, what, &rules, 0, run)
		if err != nil {
			return p.Result, err
		}
		if !p.broken || p.Verdict == Violated || p.CutShort || p.Why == tooMany && opt.Budget > 0 {
			rules.halves = p.halves
			if p.Verdict == Safe { // else not all schedules were tried, which may come to the edits
				if err := opt.applied(p.Reached); err != nil {
					return p.Result, err
				}
			}
			return judgeRaces(m, opt, what, rules, p, run)
		}
		rules = movements{stays: p.stays}
	}
}
