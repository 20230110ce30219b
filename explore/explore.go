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
}

// Exhaustive tries every schedule of a model and tells whether one breaks it.
func Exhaustive(m *Model, opt Options) (Result, error) { return exhaustive(m, opt, nil) }

func exhaustive(m *Model, opt Options, onFinal func(*Instance)) (Result, error) {
	return restarting(m, opt, func(x *system) (Result, error) {
		start := time.Now()
		sr := newSearch(x)
		sr.onFinal = onFinal
		sr.run()
		if sr.err != nil {
			return Result{}, sr.err
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
		}
		return r, nil
	})
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
		if err != nil {
			return r, err
		}
		u := &x.auto.words
		broken := u.brokenRef && !rules.staysRef || u.brokenList && !rules.staysList
		if !broken || r.Verdict == Violated || opt.Plain || x.opt.Context.Err() != nil {
			return r, nil
		}
		rules = movements{staysRef: rules.staysRef || u.brokenRef, staysList: rules.staysList || u.brokenList}
	}
}
