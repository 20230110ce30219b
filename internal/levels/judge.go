package levels

import (
	"fmt"

	"ptsim/explore"
	"ptsim/internal/prose"
	"ptsim/internal/question"
	"ptsim/internal/stepper"
	"ptsim/kern"
)

// Judgement says of a schedule, or of a claim, whether it solves a level.
type Judgement struct {
	Reached  bool   `json:"reached"`  // the level is solved
	Sentence string `json:"sentence"` // what was reached, or why it is not what was asked
	Switches int    `json:"switches"` // of the schedule
	Steps    int    `json:"steps"`
	Stars    int    `json:"stars"`   // 0: not solved, 1: solved, 2: by the switches of par, 3: at par
	Against  string `json:"against"` // "at par", "2 steps over"; "" if it is not solved

	Covers []string `json:"covers"` // of what is impossible, or of a repair that holds: what that covers, and what it does not, in words

	Schedule string `json:"schedule,omitempty"` // of a repair that does not hold: what breaks it
}

// MaxStars is how many stars a solution at par has.
const MaxStars = 3

// Judge says whether the state that a session shows solves the level, and how the way there compares with par. A session
// of another scenario, version or setting does not.
func (l *Level) Judge(s *stepper.Session) Judgement {
	v := s.View()
	j := Judgement{}
	j.count(s)
	if s.Question.Name() != l.Question.Name() || s.Question.Setting != l.Question.Setting {
		j.Sentence = fmt.Sprintf("this is %s with softirqs and grace periods %s; the level is %s with %s",
			s.Question.Name(), s.Question.Setting, l.Question.Name(), l.Question.Setting)
		return j
	}
	switch {
	case l.Asks == Repair && v.Violation != nil:
		j.Sentence = fmt.Sprintf("this is how it breaks: %s; the level asks to %s: choose %s", v.Violation.Sentence, l.Goal.Text, l.ways())
		return j
	case v.Violation == nil && v.Ended:
		j.Sentence = "all is done, and nothing is broken; the level asks to " + l.Goal.Text
		return j
	case v.Violation == nil:
		j.Sentence = "nothing is broken yet; the level asks to " + l.Goal.Text
		return j
	case !l.Goal.met(v.Violation.Kind):
		j.Sentence = fmt.Sprintf("this is another kind of violation, %s: %s; the level asks for %s, to %s",
			v.Violation.Kind, v.Violation.Sentence, l.Goal.Kind, l.Goal.Text)
		return j
	}
	j.Reached, j.Stars = true, 1
	j.Sentence = v.Violation.Sentence
	par, err := l.Par()
	switch {
	case err != nil:
		j.Against = "par is not known: " + err.Error()
		return j
	case !par.Possible:
		j.Against = "below par: it was thought to be impossible"
		return j
	}
	over, under := j.Switches-par.Switches, j.Steps-par.Steps
	switch {
	case over < 0 || over == 0 && under < 0:
		j.Stars, j.Against = MaxStars, "below par"
	case over == 0 && under == 0:
		j.Stars, j.Against = MaxStars, "at par"
	case over == 0:
		j.Stars, j.Against = MaxStars-1, prose.Count(under, "step", "steps")+" over"
	default:
		j.Against = prose.Count(over, "switch", "switches") + " over"
	}
	return j
}

// count counts the switches and steps to where a session stands.
func (j *Judgement) count(s *stepper.Session) {
	j.Steps = s.View().Step
	for t := s.At(); t != nil; t = t.Parent {
		if t.View.Did != nil && t.View.Did.Switch {
			j.Switches++
		}
	}
}

// Claim says whether a user who says that the level is impossible is right.
func (l *Level) Claim() Judgement {
	par, err := l.Par()
	switch {
	case err != nil:
		return Judgement{Sentence: err.Error()}
	case l.Asks == Repair:
		return Judgement{Sentence: fmt.Sprintf("it can be broken, in %s; the level asks to %s: choose %s", par.Text(), l.Goal.Text, l.ways())}
	case par.Possible:
		return Judgement{Sentence: "it is possible to " + l.Goal.Text}
	}
	what := "breaks anything"
	if l.Goal.Kind != kern.NoViolation {
		what = fmt.Sprintf("comes to what is asked for (%s)", l.Goal.Kind)
	}
	covers, err := l.covers()
	if err != nil {
		return Judgement{Sentence: err.Error()}
	}
	return Judgement{
		Reached: true, Stars: MaxStars, Against: "at par", Covers: covers,
		Sentence: fmt.Sprintf("it is impossible: every schedule was tried, %s, and none %s", prose.Count(int(par.States), "state", "states"), what),
	}
}

// covers says what it covers that a level is impossible. It tries every schedule once more, of which there are few.
func (l *Level) covers() ([]string, error) {
	q := &l.Question
	m, err := question.Model(q.Scenario, q.Version)
	if err != nil {
		return nil, err
	}
	opt := q.Setting.Options()
	opt.All = true // whatever else breaks
	r, err := explore.Exhaustive(m, opt)
	if err != nil {
		return nil, err
	}
	if r.Kinds[l.Goal.Kind.String()] > 0 || l.Goal.Kind == kern.NoViolation && r.Verdict != explore.Safe {
		return nil, fmt.Errorf("level %s is possible, and its par says that it is not", l.Name)
	}
	return stepper.Covers(q, r.Reached, r.Races, r.States), nil
}
