package command

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"ptsim/explore"
	"ptsim/internal/counterexample"
	"ptsim/internal/verdicts"
	"ptsim/kern"
)

// answer is what came of a question.
type answer struct {
	explore.Result
	found    *counterexample.Case // what broke, if anything did
	shortest bool                 // by the shortest schedule there is
	others   bool                 // safe as to --kind, and not otherwise
	replayed bool                 // nothing was searched: a schedule was run
}

// budget is how many states the search for a shortest schedule may take where the search before it was not exhaustive.
const budget = 200_000

// answer searches, or runs the schedule that is given.
func (q *inquiry) answer(cmd *cobra.Command, std streams) (*answer, error) {
	bar := newSearchProgress(std.err)
	defer bar.done()
	q.opt.Progress = bar.update
	a := &answer{}
	var err error
	if q.schedule != nil {
		err = q.again(a)
	} else {
		err = q.search(a)
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// search searches as --mode says.
func (q *inquiry) search(a *answer) (err error) {
	limit := uint64(budget)
	kind := kern.NoViolation
	switch q.mode {
	case "shortest":
		a.Result, err = explore.Shortest(q.model, q.opt, q.only)
		if err == nil && a.Schedule != nil {
			a.shortest = a.Why == ""
			return q.show(a, a.Schedule)
		}
		return err
	case "bounded":
		a.Result, err = explore.Bounded(q.model, q.opt, q.bound)
	case "random", "pct":
		q.sampling.PCT = q.mode == "pct"
		a.Result, err = explore.Random(q.model, q.opt, q.sampling)
	default:
		limit, kind = 0, q.only
		q.opt.All = kind != kern.NoViolation
		a.Result, err = explore.Exhaustive(q.model, q.opt)
		if err == nil && kind != kern.NoViolation && a.Kinds[kind.String()] == 0 && a.Verdict == explore.Violated {
			if a.CutShort { // it may yet come
				a.Verdict, a.Violation, a.Schedule = explore.Incomplete, nil, nil
				return nil
			}
			a.Verdict, a.Violation, a.Schedule = explore.Safe, nil, nil
			a.others = true
		}
	}
	if err != nil || a.Verdict != explore.Violated {
		return err
	}
	if q.first {
		return q.show(a, a.Schedule)
	}
	if limit > 0 {
		kind = a.Violation.Kind
	}
	return q.shorten(a, a.Schedule, kind, limit)
}

// shorten shows what was found by a short schedule.
func (q *inquiry) shorten(a *answer, sched *explore.Schedule, kind kern.Kind, limit uint64) error {
	short, err := verdicts.Shorten(q.model, q.opt, sched, kind, limit)
	if err != nil {
		return err
	}
	a.shortest = short.Shortest
	a.States += short.Search.States
	a.Transitions += short.Search.Transitions
	a.Depth = max(a.Depth, short.Search.Depth)
	a.Elapsed += short.Search.Elapsed
	a.Bytes = max(a.Bytes, short.Search.Bytes)
	return q.show(a, short.Schedule)
}

// show runs a schedule once more, to tell what happens along it.
func (q *inquiry) show(a *answer, sched *explore.Schedule) error {
	c, err := counterexample.Replay(q.model, q.opt, sched, q.Scenario, q.Version)
	if err != nil {
		return err
	}
	if c.Violation == nil {
		return fmt.Errorf("%s: the schedule %s was found to break it, and does not", q.model.Name, c.Text)
	}
	a.found, a.Violation, a.Schedule = c, c.Violation, sched
	return nil
}

// again runs the schedule that is given.
func (q *inquiry) again(a *answer) error {
	start := time.Now()
	c, err := counterexample.Replay(q.model, q.opt, q.schedule, q.Scenario, q.Version)
	if err != nil {
		return err
	}
	a.replayed = true
	a.Elapsed = time.Since(start)
	a.Verdict, a.Why = explore.Incomplete, "one schedule is not all"
	if c.Violation == nil {
		return nil
	}
	a.Verdict, a.Why = explore.Violated, ""
	a.found, a.Violation, a.Schedule = c, c.Violation, q.schedule
	if q.minimize {
		return q.shorten(a, q.schedule, c.Violation.Kind, budget)
	}
	return nil
}
