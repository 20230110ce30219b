package verdicts

import "ptsim/explore"

// Stand is where a search stood that was cut short, as JSON has it: whether an end was in sight.
type Stand struct {
	Left       int     `json:"left"`              // what was known, and not tried yet
	Of         string  `json:"left_of"`           // steps, or schedules that wait to be gone on with
	First      int     `json:"first_at"`          // where the first of that is: after how many steps, or switches
	Trend      string  `json:"trend"`             // of what is left: shrinking, steady or growing
	NewShare   float64 `json:"new_share"`         // of the last steps, the share that led to a state not met before
	StatesRate float64 `json:"states_per_second"` // of the last seconds
}

// StandOf returns where a search stood; nil if it was not cut short.
func StandOf(p *explore.Progress) *Stand {
	if p == nil {
		return nil
	}
	s := &Stand{p.Frontier, "steps", p.Untried, p.Trend.String(), p.Fresh, p.Rate}
	if p.Shortest {
		s.Of = "schedules"
	}
	return s
}
