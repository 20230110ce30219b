package barriers

import (
	"fmt"

	"ptsim/explore"
	"ptsim/internal/verdicts"
	"ptsim/kern"
)

// Question is a scenario on a version, and how it is explored: the memory model above all.
type Question struct {
	Name  string // of the scenario
	Model *explore.Model
	Opt   explore.Options
	Limit uint64 // states of one search, about; 0 is no limit
}

// Found is what a search of changed code came to.
type Found struct {
	Question int            // which
	Trace    *explore.Trace // of the shortest schedule, or of one that was made shorter
	Text     string         // that schedule, which says how the code was changed
}

// Answer is what became of the code without what a line orders.
type Answer struct {
	Site
	Needed *Found // a schedule that breaks it; nil if there is none
	Cut    bool   // a limit ended some search, and none found a violation
	States uint64 // of all searches
}

// Finder asks about scenarios of a version.
type Finder struct {
	Questions []Question
	Progress  func(what string) // may be nil
}

func (f *Finder) say(i int, what string) {
	if f.Progress != nil {
		f.Progress(f.Questions[i].Name + " " + what)
	}
}

// ask explores a question with changes.
func (f *Finder) ask(i int, edits []kern.Edit) (explore.Result, error) {
	q := &f.Questions[i]
	f.say(i, fmt.Sprint(edits))
	opt := q.Opt
	opt.Edits = edits
	done := func() bool { return false }
	if q.Limit > 0 {
		opt, done = limited(opt, q.Limit)
	}
	r, err := explore.Exhaustive(q.Model, opt)
	// How soon a search notices its limit depends on the machine. So one that came to its end beyond it is no answer either.
	late := err == nil && q.Limit > 0 && r.Verdict == explore.Safe && r.States > q.Limit
	if done() && r.Verdict == explore.Incomplete || late {
		r.Verdict, r.Why = explore.Incomplete, fmt.Sprintf("it met %d states, the limit", q.Limit)
	}
	if err != nil {
		return r, fmt.Errorf("%s: %w", q.Name, err)
	}
	return r, nil
}

// AsIs explores a question as it is. It returns the lines that order, too.
func (f *Finder) AsIs(i int) (explore.Result, []Site, error) {
	r, err := f.ask(i, nil)
	if err != nil || r.Reached == nil {
		return r, nil, err
	}
	return r, sites(r.Reached.Orderings()), nil
}

// Without explores questions without what a line orders, until one breaks.
func (f *Finder) Without(s Site, questions []int) (Answer, error) {
	a := Answer{Site: s}
	edits := []kern.Edit{s.Without()}
	for _, i := range questions {
		r, err := f.ask(i, edits)
		if err != nil {
			return a, err
		}
		a.States += r.States
		if r.Verdict != explore.Violated {
			a.Cut = a.Cut || r.Verdict != explore.Safe
			continue
		}
		a.Needed, err = f.shortest(i, r, edits)
		return a, err
	}
	return a, nil
}

// budget is how many states the search for a shortest schedule may meet.
const budget = 100_000

// shortest makes what was found as short as it can be.
func (f *Finder) shortest(i int, r explore.Result, edits []kern.Edit) (*Found, error) {
	q := &f.Questions[i]
	opt := q.Opt
	opt.Edits = edits
	short, err := verdicts.Shorten(q.Model, opt, r.Schedule, kern.NoViolation, budget)
	if err != nil {
		return nil, err
	}
	return &Found{i, short.Trace, short.Schedule.Text()}, nil
}
