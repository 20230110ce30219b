package levels

import (
	"fmt"
	"strings"
	"sync"

	"ptsim/explore"
	"ptsim/internal/labs"
	"ptsim/internal/question"
	"ptsim/internal/quote"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/kern"
	"ptsim/lab"
	"ptsim/memory"
)

// Level is a scenario on a version, and what to come to in it.
type Level struct {
	Name     string // as the command has it: "lost"
	Title    string
	Story    string // what is going on, and what is to be done: paragraphs, parted by an empty line
	Question stepper.Question
	Asks     Asks
	Goal     Goal
	Answers  []Answer // what a repair can be, of a level that asks for one

	hint  string   // where to look
	under bool     // another memory model than it was made for
	also  []string // the scenarios besides the question's in which a repair must hold
}

// Asks is what a level asks for.
type Asks string

// What levels ask for.
const (
	Break  Asks = "break"  // a schedule that comes to the goal
	Claim  Asks = "claim"  // such a schedule, or to say that there is none
	Repair Asks = "repair" // a version in which there is none
)

// Says is the same in words.
func (a Asks) Says() string {
	switch a {
	case Claim:
		return "break it, or claim that it holds"
	case Repair:
		return "repair it"
	}
	return "break it"
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
	for i := range rungs() {
		l, err := rungs()[i].level()
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
	for _, r := range rungs() {
		names = append(names, r.name)
	}
	return names
}

// Get finds a level by its name, or by its number in All, from 1.
func Get(name string) (*Level, error) {
	for i, r := range rungs() {
		if r.name == name || fmt.Sprint(i+1) == name {
			return r.level()
		}
	}
	return nil, fmt.Errorf("unknown level %s; %s; its number, 1 to %d, will do as well", quote.Short(name), quote.ExpectedOf(name, Names(), "ptsim play"), len(rungs()))
}

// rung is a level as the ladder writes it.
type rung struct {
	name, title       string
	scenario, version string
	softirqs          int
	grace             explore.Grace
	memory            memory.Spec
	kind              kern.Kind
	goal              string
	claim             bool
	hint              string
	story             string
	answers           []lab.Answer
	also              []string
}

// rungs are all levels, lab by lab. Those of the first lab are called NAME, and those of the others LAB/NAME.
var rungs = sync.OnceValue(func() []*rung {
	var list []*rung
	for _, l := range labs.All() {
		for i := range l.Levels {
			r, err := rungOf(l, &l.Levels[i])
			if err != nil {
				panic(fmt.Sprintf("levels: %s of lab %s: %v", l.Levels[i].Name, l.Name, err)) // a test reads them all
			}
			list = append(list, r)
		}
	}
	return list
})

// rungOf makes a rung of a level of a lab.
func rungOf(l *lab.Lab, k *lab.Level) (*rung, error) {
	of := l.Name + "/"
	if l == labs.Default() {
		of = ""
	}
	r := &rung{
		name: of + k.Name, title: k.Title, scenario: of + k.Scenario, version: k.Version, softirqs: 2,
		goal: k.Goal, claim: k.Claim, hint: k.Hint, story: k.Story, answers: k.Answers,
	}
	for _, name := range k.Also {
		r.also = append(r.also, of+name)
	}
	var err error
	if k.Softirqs != "" {
		if r.softirqs, err = explore.ParseSoftirqs(k.Softirqs); err != nil {
			return nil, err
		}
	}
	if k.Grace != "" {
		if r.grace, err = explore.ParseGrace(k.Grace); err != nil {
			return nil, err
		}
	}
	if k.Memory != "" {
		if r.memory, err = memory.ParseSpec(k.Memory); err != nil {
			return nil, err
		}
	}
	if k.Kind != "" {
		if err := r.kind.UnmarshalText([]byte(k.Kind)); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *rung) level() (*Level, error) {
	s, err := scenario.Load(r.scenario)
	if err != nil {
		return nil, err
	}
	v, err := question.VersionOf(s.Lab, r.version)
	if err != nil {
		return nil, err
	}
	l := &Level{
		Name: r.name, Title: r.title, Story: strings.TrimSpace(r.story),
		Question: stepper.Question{Scenario: s, Version: v, Setting: question.Setting{Softirqs: r.softirqs, Grace: r.grace, Memory: r.memory}},
		Asks:     Break, Goal: Goal{r.kind, r.goal}, hint: r.hint, also: r.also,
	}
	switch {
	case r.answers != nil:
		l.Asks = Repair
		for _, a := range r.answers {
			l.Answers = append(l.Answers, Answer{Way: a.Way, Words: wayWords[a.Way], Version: a.Version, About: a.About})
		}
	case r.claim:
		l.Asks = Claim
	}
	return l, nil
}

// Under is the level under another memory model than it was made for. Its par is not kept: it is searched when it is asked for.
func (l *Level) Under(spec memory.Spec) *Level {
	if spec == l.Question.Setting.Memory {
		return l
	}
	other := *l
	other.Question.Setting.Memory, other.under = spec, true
	return &other
}

// Elsewhere tells whether it is played under another memory model than it was made for.
func (l *Level) Elsewhere() bool { return l.under }

// Open begins to play the level: a session at its first state.
func (l *Level) Open() (*stepper.Session, error) { return stepper.New(l.Question) }
