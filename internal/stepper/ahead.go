package stepper

import (
	"context"
	"errors"
	"fmt"

	"ptsim/explore"
	"ptsim/internal/coverage"
	"ptsim/internal/prose"
	"ptsim/internal/scenario"
	"ptsim/kern"
)

// Ahead is what lies ahead of a state.
type Ahead struct {
	Verdict  string   `json:"verdict"`  // violated, safe or incomplete
	Sentence string   `json:"sentence"` // what was found, in words
	Moves    []string `json:"moves"`    // the shortest way to the violation
	States   uint64   `json:"states"`
	Covers   []string `json:"covers"` // of what is safe: what that covers, and what it does not, in words
}

// Ahead looks for the shortest way from here to a violation. If there is none it is proved: every schedule was tried. It
// gives up after so many states, or when ctx is done; the cause of ctx, if it has one, says why.
func (s *Session) Ahead(ctx context.Context, states uint64) (Ahead, error) {
	found, err := s.ahead(ctx, states)
	if err != nil {
		return Ahead{}, err
	}
	a := Ahead{Verdict: string(found.Verdict), States: found.States}
	for _, mv := range found.Moves {
		a.Moves = append(a.Moves, s.walker.MoveText(mv))
	}
	switch found.Verdict {
	case explore.Violated:
		if len(a.Moves) == 0 {
			a.Sentence = "it has happened: " + found.Violation.Sentence()
			break
		}
		v, err := s.comesTo(found.Moves)
		if err != nil {
			return Ahead{}, err
		}
		a.Sentence = fmt.Sprintf("%s from here: %s", prose.Count(len(a.Moves), "step", "steps"), v.Sentence())
	case explore.Safe:
		a.Covers = s.covers(&found)
		a.Sentence = fmt.Sprintf("nothing can go wrong any more: all schedules from here were tried, %s", prose.Count(int(found.States), "state", "states"))
	default:
		why := found.Why
		if ctx.Err() != nil && context.Cause(ctx) != ctx.Err() {
			why = context.Cause(ctx).Error()
		}
		a.Sentence = fmt.Sprintf("nothing found in %s, and not everything was tried: %s", prose.Count(int(found.States), "state", "states"), why)
	}
	return a, nil
}

// covers says what it covers that nothing can go wrong from here.
func (s *Session) covers(found *explore.Ahead) []string {
	if found.Reached == nil { // nothing was searched: all is done
		return nil
	}
	return Covers(&s.Question, found.Reached, found.Races, found.States)
}

// Covers says what a search of the question covers that tried every schedule, and what it does not: the question first, then
// a line for each.
func Covers(q *Question, reached *explore.Reached, races explore.Races, states uint64) []string {
	c := coverage.New(q.Scenario, reached, races, states, q.Setting.Memory)
	return append([]string{scenario.FullName(q.Scenario) + " on " + q.Version.String() + ", " + q.Setting.Words()}, c.Lines()...)
}

// comesTo returns the violation that some moves from here lead to, as the code itself meets it: a search does not know in
// which function that is.
func (s *Session) comesTo(moves []explore.Move) (*kern.Violation, error) {
	w, err := explore.NewStepper(s.model, s.opt)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	for _, mv := range append(s.walker.Path(), moves...) {
		if _, err := w.Take(mv); err != nil {
			return nil, err
		}
	}
	if w.Violation() == nil {
		return nil, errors.New("the search found a violation that the code does not run into")
	}
	return w.Violation(), nil
}

func (s *Session) ahead(ctx context.Context, states uint64) (explore.Ahead, error) {
	if err := s.catchUp(); err != nil {
		return explore.Ahead{}, err
	}
	return s.walker.Ahead(ctx, kern.NoViolation, states)
}

// Run takes the shortest way from here to a violation, if there is one, and says what was found.
func (s *Session) Run(ctx context.Context, states uint64) (Ahead, error) {
	a, err := s.Ahead(ctx, states)
	if err != nil {
		return a, err
	}
	for _, mv := range a.Moves {
		if err := s.Take(mv); err != nil {
			return a, err
		}
	}
	return a, nil
}
