package quiz

import (
	"fmt"
	"strings"

	"ptsim/explore"
	"ptsim/internal/stepper"
	"ptsim/lab"
)

// forecast is what a move leads to, on a session of its own: the steps up to the end of the operation that it begins, if it
// begins one and that can be done without anybody else; otherwise the one step.
type forecast struct {
	s      *stepper.Session
	start  *stepper.Try
	lane   stepper.Lane // before the move
	tries  []*stepper.Try
	steps  []explore.Step // of the operation
	after  *stepper.View  // where everything that the operation did shows; like the end's, or one step later
	whole  bool
	thread int
	pos    int
}

// longest bounds how many steps an operation may have, and a run to the end.
const longest = 400

// foresee takes the move on the session, and as many others as it takes. The session stands elsewhere then.
func foresee(s *stepper.Session, move string) (*forecast, error) {
	f := &forecast{s: s, start: s.At()}
	if err := s.Take(move); err != nil {
		return nil, err
	}
	did := s.View().Did
	if did.Own() {
		return f, nil // nothing was done that anybody could see
	}
	last := &did.Steps()[len(did.Steps())-1]
	f.thread, f.pos = last.Thread, last.Pos
	f.lane = f.start.View.Lanes[f.thread]
	f.tries = []*stepper.Try{s.At()}
	f.steps = append(f.steps, f.mine(did)...)
	f.after = s.View()
	if f.begins(last) && s.View().Violation == nil {
		if err := f.finish(); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// mine returns those of the steps that are the operation's.
func (f *forecast) mine(did *stepper.Did) []explore.Step {
	var list []explore.Step
	for _, st := range did.Steps() {
		if st.Thread == f.thread && st.Pos == f.pos {
			list = append(list, st)
		}
	}
	return list
}

// begins tells whether nothing of the operation was done before the move.
func (f *forecast) begins(last *explore.Step) bool {
	if last.Pos < 0 {
		return last.Begins
	}
	for t := f.start; t.Parent != nil; t = t.Parent {
		if t.View.Did != nil && len(f.mine(t.View.Did)) > 0 {
			return false
		}
	}
	return true
}

// finish goes on with the thread until the operation is done. If somebody else would have to move, or there is a choice, or
// something breaks, only the first step counts.
func (f *forecast) finish() error {
	first, steps := f.tries[0], f.steps
	f.whole = true
	for len(f.tries) < longest {
		v := f.s.View()
		lane := v.Lanes[f.thread]
		if v.Violation == nil && (v.Ended || f.over(&lane)) {
			return nil
		}
		if v.Violation != nil || len(lane.Moves) != 1 {
			break
		}
		if err := f.s.Take(lane.Moves[0].Text); err != nil {
			return err
		}
		did := f.s.View().Did
		if did.Own() {
			continue
		}
		mine := f.mine(did)
		if n := len(did.Steps()); f.s.View().Violation == nil && (n == 0 || did.Steps()[n-1].Pos != f.pos) {
			// It is the next operation's step: of this one it has the plain rest, if any.
			f.steps = append(f.steps, mine...)
			f.after = f.s.View()
			return nil
		}
		f.steps = append(f.steps, mine...)
		f.tries = append(f.tries, f.s.At())
		f.after = f.s.View()
	}
	f.whole, f.tries, f.steps, f.after = false, []*stepper.Try{first}, steps, first.View
	return nil
}

// over tells whether a lane has nothing more to do of a callback, or at all.
func (f *forecast) over(lane *stepper.Lane) bool {
	return f.pos < 0 && lane.Doing == "" || lane.State == explore.Over
}

// who names a thread: "B (exit on CPU1)".
func (f *forecast) who() string {
	return fmt.Sprintf("%s (%s on CPU%d)", f.lane.Letter, f.lane.Name, f.lane.CPU)
}

// doing names the operation or callback: "tlbfree t1", "batch(batch1)".
func (f *forecast) doing() string {
	did := f.tries[0].View.Did
	if f.pos >= 0 {
		return did.Doing
	}
	if lane := f.tries[0].View.Lanes[f.thread]; lane.Doing != "" {
		return lane.Doing
	}
	return did.Doing
}

// way says which way the move goes, where that is not told by what it begins: the choice of an allocation.
func (f *forecast) way() string {
	if len(f.lane.Moves) < 2 {
		return ""
	}
	for _, m := range f.lane.Moves {
		if m.Text == f.tries[0].View.Did.Move && m.Choice.Kind == stepper.SlabMove {
			return fmt.Sprintf(" Where it has a choice: %s.", m.Label)
		}
	}
	return ""
}

// alone is what a question about a whole operation supposes.
const alone = "Suppose that no other thread moves until that is done."

// move is the forecast as a lab sees it.
func (f *forecast) move() *lab.Move {
	q := &f.s.Question
	m := &lab.Move{
		Scenario: q.Scenario, Version: string(q.Version), Who: f.who(), Whole: f.whole, Steps: f.steps,
		Before: f.start.View.Things, After: f.after.Things, Broken: broken(f.after),
	}
	for _, t := range f.tries {
		m.Texts = append(m.Texts, t.View.Did.Text)
	}
	if f.pos >= 0 && f.thread < len(q.Scenario.Tasks) {
		if ops := q.Scenario.Tasks[f.thread].Flat(); f.pos < len(ops) {
			m.Line = &ops[f.pos].Line
		}
	} else {
		m.Func, m.Item, _ = strings.Cut(strings.TrimSuffix(f.doing(), ")"), "(")
	}
	return m
}

// broken is the kind of violation that a view shows, "" if none.
func broken(v *stepper.View) string {
	if v.Violation == nil {
		return ""
	}
	return v.Violation.Kind
}

// sight is the forecast as a lab's Asker sees it.
func (f *forecast) sight() *lab.Sight {
	s := &lab.Sight{
		Move: f.move(), Doing: f.doing(), Task: f.pos >= 0, Kind: f.lane.Kind, Next: f.lane.Next, Way: f.way(), Lead: alone,
		Start: lab.Moment{Scene: &f.start.View.Scene, Broken: broken(f.start.View)}, Settled: &f.after.Scene,
	}
	for _, t := range f.tries {
		did := t.View.Did
		s.Seen = append(s.Seen, lab.Moment{Scene: &t.View.Scene, Steps: f.mine(did), Facts: did.Facts(), Sentence: did.Sentence, Broken: broken(t.View)})
	}
	s.Earlier = func() (list [][]explore.Step) {
		for t := f.start; t.Parent != nil; t = t.Parent {
			if t.View.Did != nil {
				list = append(list, f.mine(t.View.Did))
			}
		}
		return list
	}
	s.RunOut = func(wanted func(*lab.Scene) bool) (lab.Outcome, error) {
		here := f.s.At()
		came, err := f.runOut(wanted)
		if err != nil {
			return lab.Outcome{}, err
		}
		return came, f.s.Jump(here.ID)
	}
	return s
}

// runOut lets callbacks, then work items, then tasks move until the scene is as wanted.
func (f *forecast) runOut(wanted func(*lab.Scene) bool) (lab.Outcome, error) {
	for range longest {
		v := f.s.View()
		if wanted(&v.Scene) {
			for _, l := range v.Lanes {
				if l.Moved {
					return lab.Outcome{Came: true, Kind: l.Kind}, nil
				}
			}
		}
		move := ""
		for _, k := range []explore.ThreadKind{explore.SoftirqThread, explore.KworkerThread, explore.TaskThread} {
			for _, l := range v.Lanes {
				if move == "" && l.Kind == k && len(l.Moves) > 0 {
					move = l.Moves[0].Text
				}
			}
		}
		if v.Ended || move == "" {
			break
		}
		if err := f.s.Take(move); err != nil {
			return lab.Outcome{}, err
		}
	}
	return lab.Outcome{Broken: broken(f.s.View())}, nil
}
