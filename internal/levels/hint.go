package levels

import (
	"fmt"

	"ptsim/explore"
	"ptsim/internal/prose"
	"ptsim/internal/stepper"
)

// Hint is help with a level.
type Hint struct {
	Text string `json:"text"`
	Move string `json:"move"` // the move that it speaks of, if the session can take it where it stands
	More bool   `json:"more"` // there is another one that says more
}

// Hint returns the hint of that number, from 1, for a session that plays the level. Those after the last say the next move.
func (l *Level) Hint(n int, s *stepper.Session) (Hint, error) {
	par, err := l.Par()
	switch {
	case err != nil:
		return Hint{}, err
	case n <= 1:
		return Hint{Text: l.hint, More: true}, nil
	case !par.Possible:
		return Hint{Text: fmt.Sprintf("It cannot be done. The explorer tried every schedule, %s. Say that it is impossible.", prose.Count(int(par.States), "state", "states"))}, nil
	case n == 2 && l.Asks == Repair:
		return Hint{Text: fmt.Sprintf("See first how it breaks: it can be done in %s. Which of the four answers forbids that, and what does it cost?", par.Text()), More: true}, nil
	case n == 2:
		return Hint{Text: fmt.Sprintf("It can be done in %s.", par.Text()), More: true}, nil
	}
	return l.nextMove(par, s)
}

// nextMove says how the shortest solution goes on from where the session stands, or from where it left that way.
func (l *Level) nextMove(par Par, s *stepper.Session) (Hint, error) {
	sched, err := explore.ParseSchedule(par.Schedule)
	if err != nil {
		return Hint{}, err
	}
	moves, _ := sched.Moves()
	var line []*stepper.Try // from the first state to the one that is shown
	for t := s.At(); t != nil; t = t.Parent {
		line = append([]*stepper.Try{t}, line...)
	}
	same := 0
	for same < len(moves) && same+1 < len(line) && line[same+1].View.Did.Move == moves[same] {
		same++
	}
	if same == len(moves) && l.Asks == Repair {
		return Hint{Text: "This is the shortest way to break it. A repair must forbid it, and all others. Choose " + l.ways() + "."}, nil
	}
	if same == len(moves) {
		return Hint{Text: "This is the shortest solution. There is no more to do."}, nil
	}
	move, view := moves[same], line[same].View
	for i := range view.Lanes {
		lane := &view.Lanes[i]
		for _, m := range lane.Moves {
			if m.Text != move {
				continue
			}
			what := m.Label
			if what == "" {
				what = lane.Next
			}
			who := fmt.Sprintf("%s %s: %s", lane.Letter, lane.Name, what)
			if same == len(line)-1 {
				return Hint{Text: "The next move of " + l.shortest() + " is " + who, Move: move, More: true}, nil
			}
			return Hint{Text: fmt.Sprintf("Your schedule left %s after step %d. Go back there. The next move is then %s", l.shortest(), same, who), More: true}, nil
		}
	}
	return Hint{}, fmt.Errorf("level %s: the shortest solution has move %s at step %d, which is not possible; expected a fresh par.json", l.Name, move, same)
}

// shortest is what the schedule of par is called.
func (l *Level) shortest() string {
	if l.Asks == Repair {
		return "the shortest way to break it"
	}
	return "the shortest solution"
}
