package verdicts

import (
	"ptsim/explore"
	"ptsim/kern"
)

// trials is how many trials the shrinking of a schedule may take.
const trials = 5000

// Shortened is a violation by a short schedule.
type Shortened struct {
	Schedule *explore.Schedule
	Trace    *explore.Trace
	Shortest bool           // there is none shorter
	Search   explore.Result // what the search for it took
}

// Shorten returns a short schedule to a violation, of that kind or, with kern.NoViolation, of any: the shortest if finding
// it takes no more than budget states, 0 for as many as it takes; else found, shrunk by trial. If the context ends
// meanwhile, it is found as it is.
func Shorten(m *explore.Model, opt explore.Options, found *explore.Schedule, kind kern.Kind, budget uint64) (Shortened, error) {
	r, err := search(m, opt, kind, budget)
	if err != nil {
		return Shortened{}, err
	}
	sched := r.Schedule
	if sched == nil && r.Verdict == explore.Incomplete && opt.Context.Err() == nil {
		if sched, err = explore.Minimize(m, opt, found, trials); err != nil {
			return Shortened{}, err
		}
	}
	if sched == nil {
		sched = found
	}
	opt.Progress = nil
	tr, err := explore.Replay(m, opt, sched, nil)
	if err != nil {
		return Shortened{}, err
	}
	return Shortened{sched, tr, r.Schedule != nil, r}, nil
}

// search looks for the shortest schedule, and gives up behind so many states.
func search(m *explore.Model, opt explore.Options, kind kern.Kind, budget uint64) (explore.Result, error) {
	opt.Budget = budget
	return explore.Shortest(m, opt, kind)
}
