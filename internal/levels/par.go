package levels

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"

	"ptsim/explore"
	"ptsim/internal/prose"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
)

// Par is the shortest solution, or the proof that there is none.
type Par struct {
	Possible bool   `json:"possible"`
	Switches int    `json:"switches"`
	Steps    int    `json:"steps"`
	Schedule string `json:"schedule"` // as text, single steps; "" if there is none
	States   uint64 `json:"states"`   // that the explorer met to find it; if there is none, until every schedule was tried
}

// Text says what par is, of a level whose answer may be known: "3 switches, 16 steps", "impossible: 156 states".
func (p Par) Text() string {
	if p.Possible {
		return prose.Count(p.Switches, "switch", "switches") + ", " + prose.Count(p.Steps, "step", "steps")
	}
	return fmt.Sprintf("impossible: every schedule was tried, %s", prose.Count(int(p.States), "state", "states"))
}

//go:embed testdata/par.json
var parText []byte

// pars are the answers by level.
var pars = sync.OnceValues(func() (map[string]Par, error) {
	var list map[string]Par
	err := json.Unmarshal(parText, &list)
	return list, err
})

// Par returns the shortest solution of the level, or says that there is none.
func (l *Level) Par() (Par, error) {
	if l.under {
		return l.searched()
	}
	list, err := pars()
	if err != nil {
		return Par{}, fmt.Errorf("par.json: %w", err)
	}
	p, ok := list[l.Name]
	if !ok {
		return Par{}, fmt.Errorf("nothing is known about level %s; expected it in par.json", l.Name)
	}
	return p, nil
}

// budget is how many states the search for a par that is not kept may meet.
const budget = 200_000

// searched are pars that are not kept, by the level and its memory model.
var searched sync.Map

// searched asks the explorer for par.
func (l *Level) searched() (Par, error) {
	key := l.Name + " " + l.Question.Setting.Memory.String()
	if p, ok := searched.Load(key); ok {
		return p.(Par), nil
	}
	m, err := question.Model(l.Question.Scenario, l.Question.Version)
	if err != nil {
		return Par{}, err
	}
	opt := l.Question.Setting.Options()
	opt.Budget = budget
	r, err := explore.Shortest(m, opt, l.Goal.Kind)
	if err != nil {
		return Par{}, err
	}
	p := Par{States: r.States}
	switch r.Verdict {
	case explore.Incomplete:
		return p, fmt.Errorf("level %s under memory model %s: the search for par met %d states, and gave up", l.Name, l.Question.Setting.Memory, budget)
	case explore.Violated:
		s, err := stepper.Open(r.Schedule.Text(), scenario.Load)
		if err != nil {
			return p, err
		}
		defer s.Close()
		j := Judgement{}
		j.count(s)
		p = Par{Possible: true, Switches: j.Switches, Steps: j.Steps, Schedule: s.Schedule(), States: r.States}
	}
	searched.Store(key, p)
	return p, nil
}
