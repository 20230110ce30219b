package levels

import (
	"fmt"

	"ptsim/explore"
	"ptsim/internal/prose"
	"ptsim/internal/question"
	"ptsim/internal/quote"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/kern"
	"ptsim/lab"
)

// Answer is a repair that may be chosen: one of the four ways, and the version that goes it.
type Answer struct {
	Way     lab.Way `json:"way"`     // as the command has it: "pin"
	Words   string  `json:"words"`   // the same in words: "pin it"
	Version string  `json:"version"` //
	About   string  `json:"about"`   // what the version does
}

// wayWords are the four answers in words.
var wayWords = map[lab.Way]string{
	lab.Pin: "pin it", lab.Recheck: "take the lock, and look again", lab.Wait: "wait", lab.Leave: "do not touch it",
}

// WayNames are the names of the four ways.
func WayNames() []string {
	var list []string
	for _, w := range lab.Ways() {
		list = append(list, string(w))
	}
	return list
}

// answer finds an answer of a level by its way.
func (l *Level) answer(way string) (*Answer, error) {
	if l.Asks != Repair {
		return nil, fmt.Errorf("level %s asks for no repair; expected a level whose answer is one", l.Name)
	}
	var ways []string
	for i := range l.Answers {
		if string(l.Answers[i].Way) == way {
			return &l.Answers[i], nil
		}
		ways = append(ways, string(l.Answers[i].Way))
	}
	return nil, fmt.Errorf("level %s has no repair %s; %s", l.Name, quote.Short(way), quote.Expected(way, ways))
}

// ways lists the ways that may be chosen.
func (l *Level) ways() string {
	var list []string
	for i := range l.Answers {
		list = append(list, string(l.Answers[i].Way))
	}
	return prose.List(list, "or")
}

// Repair says whether a repair holds. It searches every schedule of each scenario of the level with the version that goes that way:
// nothing may break, of whatever kind. A repair that does not hold is shown the shortest schedule that breaks it.
func (l *Level) Repair(way string) (Judgement, error) {
	a, err := l.answer(way)
	if err != nil {
		return Judgement{}, err
	}
	asked := []stepper.Question{l.Question}
	for _, name := range l.also {
		s, err := scenario.Load(name)
		if err != nil {
			return Judgement{}, err
		}
		asked = append(asked, stepper.Question{Scenario: s, Setting: l.Question.Setting})
	}
	var j Judgement
	var names []string
	states := uint64(0)
	for _, q := range asked {
		if q.Version, err = question.VersionOf(q.Scenario.Lab, a.Version); err != nil {
			return Judgement{}, err
		}
		r, broken, err := l.try(&q)
		if err != nil || broken != nil {
			return value(broken), err
		}
		states += r.States
		names = append(names, scenario.FullName(q.Scenario))
		j.Covers = append(j.Covers, stepper.Covers(&q, r.Reached, r.Races, r.States)...)
	}
	j.Reached, j.Stars, j.Against = true, MaxStars, "at par"
	j.Sentence = fmt.Sprintf("it holds: every schedule of %s was tried, %s, and nothing breaks", prose.List(names, "and"), prose.Count(int(states), "state", "states"))
	return j, nil
}

func value(j *Judgement) Judgement {
	if j == nil {
		return Judgement{}
	}
	return *j
}

// try tries every schedule of a question. If something breaks, broken says what, and how: what the level is about if it comes to that.
func (l *Level) try(q *stepper.Question) (r explore.Result, broken *Judgement, err error) {
	m, err := question.Model(q.Scenario, q.Version)
	if err != nil {
		return r, nil, err
	}
	opt := q.Setting.Options()
	r, err = explore.Exhaustive(m, opt)
	switch {
	case err != nil:
		return r, nil, err
	case r.Verdict == explore.Safe:
		return r, nil, nil
	case r.Verdict != explore.Violated:
		return r, nil, fmt.Errorf("%s: the search ended with %s; expected every schedule to be tried", q.Name(), r.Verdict)
	}
	short, err := explore.Shortest(m, opt, l.Goal.Kind)
	if err == nil && short.Verdict == explore.Safe {
		short, err = explore.Shortest(m, opt, kern.NoViolation)
	}
	if err != nil {
		return r, nil, err
	}
	tr, err := explore.Replay(m, opt, short.Schedule, nil)
	if err != nil {
		return r, nil, err
	}
	s, err := stepper.Open(short.Schedule.Text(), scenario.Load)
	if err != nil {
		return r, nil, err
	}
	defer s.Close()
	return r, &Judgement{
		Switches: tr.Switches, Steps: s.View().Step, Schedule: s.Schedule(),
		Sentence: fmt.Sprintf("it does not hold: %s on %s comes to this, in %s: %s", scenario.FullName(q.Scenario), q.Version,
			Par{Possible: true, Switches: tr.Switches, Steps: s.View().Step}.Text(), s.View().Violation.Sentence),
	}, nil
}
