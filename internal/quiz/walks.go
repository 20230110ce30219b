package quiz

import (
	"fmt"

	"ptsim/internal/prose"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
)

// walkFrom is where a schedule may begin.
type walkFrom struct {
	scenario string
	setting  question.Setting
}

// attempts bounds how many schedules are tried for an item of some difficulty; after so many as patience says one that is a
// little off will do.
const (
	attempts = 12
	patience = 3
)

// starts are where schedules may begin, with the scenarios that are asked for.
func (d *drawer) starts() []walkFrom {
	var all []walkFrom
	if d.lab.Asker != nil {
		for _, w := range d.lab.Asker.Walks {
			all = append(all, walkFrom{w.Scenario, question.Setting{Softirqs: w.Softirqs}})
		}
	}
	if len(all) == 0 {
		for _, name := range scenario.NamesOf(d.lab) {
			all = append(all, walkFrom{name, question.Setting{Softirqs: 2}})
		}
	}
	if len(d.from.Scenarios) == 0 {
		return all
	}
	var list []walkFrom
	for _, name := range d.from.Scenarios {
		from := walkFrom{name, question.Setting{Softirqs: 2}}
		for _, w := range all {
			if w.scenario == name {
				from = w
			}
		}
		list = append(list, from)
	}
	return list
}

// fromWalk takes an item from a schedule that is taken at random, nil if no schedule had one. If none is of that difficulty it
// is the nearest.
func (d *drawer) fromWalk(difficulty int) (*candidate, error) {
	var best *candidate
	for i := range attempts {
		if len(d.walks) == 0 {
			d.walks = d.starts()
			for i := len(d.walks) - 1; i > 0; i-- {
				j := d.dice.roll(i + 1)
				d.walks[i], d.walks[j] = d.walks[j], d.walks[i]
			}
		}
		from := d.walks[0]
		d.walks = d.walks[1:]
		c, err := d.walk(from, d.version(1), difficulty)
		if err != nil {
			return nil, err
		}
		if c != nil && (best == nil || distance(c, difficulty) < distance(best, difficulty)) {
			best = c
		}
		if best != nil && distance(best, difficulty) <= i/patience {
			return best, nil
		}
	}
	return best, nil
}

func distance(c *candidate, difficulty int) int {
	return max(c.difficulty-difficulty, difficulty-c.difficulty)
}

// longestWalk is how many steps a schedule has at most before it is asked about.
const longestWalk = 40

// walk takes a schedule at random until there is something to ask about of that difficulty. It returns the nearest.
func (d *drawer) walk(from walkFrom, v question.Version, difficulty int) (*candidate, error) {
	sc, err := scenario.Load(from.scenario)
	if err != nil {
		return nil, err
	}
	s, err := stepper.New(stepper.Question{Scenario: sc, Version: v, Setting: from.setting})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	var best *candidate
	stay, considered := -1, 0
	for skip := d.dice.roll(longestWalk / 2); !s.View().Ended && s.View().Step < longestWalk && considered < patience; {
		lane, move := d.pick(s.View(), stay)
		stay = lane
		if s.View().Step >= skip {
			considered++
			c, err := d.consider(s, move)
			if err != nil {
				return nil, err
			}
			if c != nil && (best == nil || distance(c, difficulty) < distance(best, difficulty)) {
				best = c
			}
			if best != nil && best.difficulty == difficulty {
				return best, nil
			}
			skip = s.View().Step + 1 + d.dice.roll(3)
		}
		if err := s.Take(move); err != nil {
			return nil, err
		}
	}
	return best, nil
}

// pick chooses a move: mostly of the lane that moved last, so that operations get somewhere.
func (d *drawer) pick(v *stepper.View, stay int) (lane int, move string) {
	var can []int
	for i := range v.Lanes {
		if len(v.Lanes[i].Moves) > 0 {
			can = append(can, i)
			if i == stay && d.dice.roll(4) > 0 {
				return i, v.Lanes[i].Moves[d.dice.roll(len(v.Lanes[i].Moves))].Text
			}
		}
	}
	lane = can[d.dice.roll(len(can))]
	moves := v.Lanes[lane].Moves
	return lane, moves[d.dice.roll(len(moves))].Text
}

// consider makes an item of a move, nil if there is nothing to ask about or it was asked before.
func (d *drawer) consider(s *stepper.Session, move string) (*candidate, error) {
	at := s.At()
	a, err := ask(s, move, true)
	if err != nil {
		return nil, err
	}
	if err := s.Jump(at.ID); err != nil {
		return nil, err
	}
	q := s.Question
	id := "schedule " + q.Name() + " " + at.View.Path + " " + move
	asked := d.allowed(a.quiz)
	if asked == nil || d.used[id] {
		return nil, nil
	}
	title := fmt.Sprintf("%s on %s, after %s", scenario.FullName(q.Scenario), q.Version, prose.Count(at.View.Step, "step", "steps"))
	return &candidate{
		id: id, version: q.Version.String(), source: "schedule", difficulty: a.level(at.View, asked), quiz: asked,
		context: Context{Title: title, Prose: append(describe(&q, at.View), a.lead), View: at.View, Move: move},
		link:    fmt.Sprintf("%s#%d", at.View.Path, at.View.Step),
	}, nil
}

// level is the difficulty: it grows with what is under way besides. Of a lab without an Asker it grows with what is asked: a rule is more
// than a field.
func (a *askOf) level(v *stepper.View, q *Quiz) int {
	held := 0
	for i := range v.Lanes {
		if v.Lanes[i].RCU || v.Lanes[i].BH {
			held++
		}
	}
	queued := len(v.RCU) + len(v.Work)
	if a.difficulty > 0 {
		for i := range v.MMs {
			if v.MMs[i].Freed {
				queued += 2
			}
		}
		return min(a.difficulty+min(queued+held, 2), levels)
	}
	d := 1 + min(queued, 1) + held
	for i := range q.Questions {
		if q.Questions[i].Topic != TopicField {
			d++
		}
	}
	return min(d, levels)
}
