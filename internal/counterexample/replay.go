package counterexample

import (
	"ptsim/explore"
	"ptsim/internal/phrase"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/kern"
	"ptsim/lab"
)

// Case is a schedule that was run, and all that is to be told about it.
type Case struct {
	*explore.Trace
	Schedule *explore.Schedule
	Text     string // the schedule as a string
	Matters  []bool // by step

	names *phrase.Names
	ops   [][]*lab.Op // of each task; nil if there is no scenario
}

// Replay runs a schedule of a model with the model's own code. s is the scenario that the model was built from on that
// version; it may be nil, and then things have plainer names.
func Replay(m *explore.Model, opt explore.Options, sched *explore.Schedule, s *scenario.Scenario, v question.Version) (*Case, error) {
	n := phrase.New(m, s, v)
	var last *explore.Instance
	tr, err := explore.Replay(m, opt, sched, func(in *explore.Instance, d *explore.Step) {
		last = in
		d.Note = n.Observe(in, d)
	})
	if err != nil {
		return nil, err
	}
	if last != nil {
		n.Settle(last.M)
	}
	c := &Case{Trace: tr, Schedule: sched, Text: sched.Text(), names: n}
	if s != nil {
		for i := range s.Tasks {
			c.ops = append(c.ops, s.Tasks[i].Flat())
		}
	}
	c.Matters = c.slice()
	return c, nil
}

// lineOf is the scenario's line that a step is in, nil if it is in none: in a callback, or in a model without a scenario.
func (c *Case) lineOf(d *explore.Step) *lab.Line {
	if d.Pos < 0 || d.Thread >= len(c.ops) || d.Pos >= len(c.ops[d.Thread]) {
		return nil
	}
	return &c.ops[d.Thread][d.Pos].Line
}

// final tells whether the violation shows only when all is quiet, so that no step is to blame.
func final(v *kern.Violation) bool { return v.Kind.Info().AtEnd }
