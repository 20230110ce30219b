package levels

import (
	"fmt"
	"strings"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/quote"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/kern"
)

// Level is a scenario on a version, and what to come to in it.
type Level struct {
	Name     string // as the command has it: "lost"
	Title    string
	Story    string // what is going on, and what is to be done: paragraphs, parted by an empty line
	Question stepper.Question
	Goal     Goal

	hint string // where to look
}

// Goal is what solves a level.
type Goal struct {
	Kind kern.Kind // the kind of violation; NoViolation: any
	Text string    // the same in words: "lose the page"
}

// met tells whether a violation is what the goal asks for. kind is its name, as a View has it.
func (g Goal) met(kind string) bool { return g.Kind == kern.NoViolation || g.Kind.String() == kind }

// All returns all levels, the easiest first.
func All() []*Level {
	var list []*Level
	for i := range ladder {
		l, err := ladder[i].level()
		if err != nil {
			panic(err) // what is embedded does not fit together; a test reads them all
		}
		list = append(list, l)
	}
	return list
}

// Names returns the names of all levels, the easiest first.
func Names() []string {
	var names []string
	for i := range ladder {
		names = append(names, ladder[i].name)
	}
	return names
}

// Get finds a level by its name, or by its number in All, from 1.
func Get(name string) (*Level, error) {
	for i := range ladder {
		if ladder[i].name == name || fmt.Sprint(i+1) == name {
			return ladder[i].level()
		}
	}
	return nil, fmt.Errorf("unknown level %s; %s, or its number, 1 to %d", quote.Short(name), quote.Expected(name, Names()), len(ladder))
}

// rung is a level as the ladder writes it.
type rung struct {
	name, title       string
	scenario, version string
	softirqs          int
	grace             explore.Grace
	kind              kern.Kind
	goal              string
	hint              string
	story             string
}

func (r *rung) level() (*Level, error) {
	s, err := scenario.Load(r.scenario)
	if err != nil {
		return nil, err
	}
	v, err := question.ParseVersion(r.version)
	if err != nil {
		return nil, err
	}
	return &Level{
		Name: r.name, Title: r.title, Story: strings.TrimSpace(r.story),
		Question: stepper.Question{Scenario: s, Version: v, Setting: question.Setting{Softirqs: r.softirqs, Grace: r.grace}},
		Goal:     Goal{r.kind, r.goal}, hint: r.hint,
	}, nil
}

// Open begins to play the level: a session at its first state.
func (l *Level) Open() (*stepper.Session, error) { return stepper.New(l.Question) }
