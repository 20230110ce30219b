package stepper

import (
	"fmt"
	"strings"

	"ptsim/explore"
	"ptsim/internal/explain"
	"ptsim/internal/phrase"
	"ptsim/internal/question"
	"ptsim/lab"
)

// Question is what is stepped through: a scenario on a version, and what surrounds it.
type Question = question.Question

// Try is one state that was come to: a node in the tree of tries.
type Try struct {
	ID       int // 0 is the first state
	Parent   *Try
	Move     explore.Move // that led here from Parent
	Children []*Try       // in the order they were tried
	View     *View

	last *Try // the child that was gone to last
}

// MaxSteps bounds a schedule, and MaxTries a tree: what one session may keep.
const (
	MaxSteps = 5_000
	MaxTries = 20_000
)

// Session is a schedule in the hands of a user, who can take steps, take them back, and try others. Use it from one
// goroutine at a time, and Close it.
type Session struct {
	Question Question

	model  *explore.Model
	opt    explore.Options
	walker *explore.Stepper
	names  *phrase.Names // of the first state
	watch  *watcher
	live   *Try // where the walker stands
	at     *Try
	tries  []*Try
}

// New stands at the first state.
func New(q Question) (*Session, error) {
	m, err := question.Model(q.Scenario, q.Version)
	if err != nil {
		return nil, err
	}
	s := &Session{Question: q, model: m, opt: q.Setting.Options()}
	if s.walker, err = explore.NewStepper(m, s.opt); err != nil {
		return nil, err
	}
	s.names = phrase.New(m, q.Scenario, q.Version)
	s.rewatch()
	root := &Try{View: s.look(nil, nil)}
	s.tries, s.at, s.live = []*Try{root}, root, root
	return s, nil
}

// Close ends the session.
func (s *Session) Close() { s.walker.Close() }

// rewatch has a new watcher. The walker must be at its first state.
func (s *Session) rewatch() {
	s.watch = newWatcher(s.Question, s.names.Clone(), s.walker)
}

// At is the state that is shown.
func (s *Session) At() *Try { return s.at }

// Root is the first state.
func (s *Session) Root() *Try { return s.tries[0] }

// Tries are all states come to, by their ID.
func (s *Session) Tries() []*Try { return s.tries }

// View is what there is to see.
func (s *Session) View() *View { return s.at.View }

// Take has a thread take its next step: one of the Moves of a Lane, as text. Where that was tried before it leads there
// again; else it is one more try. What is not possible is an error that says why, and changes nothing.
func (s *Session) Take(text string) error {
	mv, err := s.walker.ParseMove(text)
	if err != nil {
		return err
	}
	return s.take(mv)
}

func (s *Session) take(mv explore.Move) error {
	if t := s.child(mv); t != nil {
		s.goTo(t)
		return nil
	}
	if err := s.possible(mv); err != nil {
		return err
	}
	if err := s.room(); err != nil {
		return err
	}
	if err := s.catchUp(); err != nil {
		return err
	}
	did, err := s.walker.Take(mv)
	if err != nil {
		return err
	}
	s.add(mv, s.watch.saw(mv, did))
	return nil
}

// ImpossibleError says why a move cannot be made where the session stands.
type ImpossibleError struct{ Move, Why string }

func (e *ImpossibleError) Error() string { return e.Move + ": " + e.Why }

// possible says why a move cannot be made, if it cannot.
func (s *Session) possible(mv explore.Move) error {
	text := s.walker.MoveText(mv)
	v := s.at.View
	if v.Ended {
		return explore.ErrEnded
	}
	if mv.Thread < 0 || mv.Thread >= len(v.Lanes) {
		return &ImpossibleError{text, "there is no such thread"}
	}
	lane := &v.Lanes[mv.Thread]
	var can []string
	for _, m := range lane.Moves {
		if m.Text == text {
			return nil
		}
		can = append(can, m.Text)
	}
	if lane.Why != "" {
		return &ImpossibleError{text, lane.Why}
	}
	return fmt.Errorf("%s is not possible; expected %s", text, strings.Join(can, " or "))
}

// catchUp has the walker stand where the session does, by doing the steps that lead there again.
func (s *Session) catchUp() error {
	if s.live == s.at {
		return nil
	}
	if err := s.walker.Reset(); err != nil {
		return err
	}
	s.rewatch()
	s.live = nil
	var path []*Try
	for t := s.at; t.Parent != nil; t = t.Parent {
		path = append(path, t)
	}
	for i := len(path) - 1; i >= 0; i-- {
		did, err := s.walker.Take(path[i].Move)
		if err != nil {
			return fmt.Errorf("a step that was taken before is not possible any more: %w", err)
		}
		s.watch.saw(path[i].Move, did)
	}
	s.watch.remember(s.at.View)
	s.live = s.at
	return nil
}

// goTo shows another state, and remembers the way to it for Forward.
func (s *Session) goTo(t *Try) {
	s.at = t
	for ; t.Parent != nil; t = t.Parent {
		t.Parent.last = t
	}
}

// Back takes one step back, if there is one.
func (s *Session) Back() bool {
	if s.at.Parent == nil {
		return false
	}
	s.at = s.at.Parent
	return true
}

// Forward goes on where the session was before it went back, if it did.
func (s *Session) Forward() bool {
	if s.at.last == nil {
		return false
	}
	s.at = s.at.last
	return true
}

// Jump shows the state of that ID.
func (s *Session) Jump(id int) error {
	if id < 0 || id >= len(s.tries) {
		return fmt.Errorf("there is no state %d; expected 0 to %d", id, len(s.tries)-1)
	}
	s.goTo(s.tries[id])
	return nil
}

// Seek shows the state after so many steps on the line that the session is on.
func (s *Session) Seek(step int) error {
	line := s.Line()
	if step < 0 || step >= len(line) {
		return fmt.Errorf("there is no step %d; expected 0 to %d", step, len(line)-1)
	}
	s.at = line[step]
	return nil
}

// Line is the schedule that the session is on: the states from the first to this one, and those ahead that Forward leads
// to.
func (s *Session) Line() []*Try {
	var line []*Try
	for t := s.at; t != nil; t = t.Parent {
		line = append(line, t)
	}
	for i, j := 0, len(line)-1; i < j; i, j = i+1, j-1 {
		line[i], line[j] = line[j], line[i]
	}
	for t := s.at.last; t != nil; t = t.last {
		line = append(line, t)
	}
	return line
}

// Follow takes the steps of a schedule from the first state, and shows the last. A schedule that has gone stale is an
// *explore.StaleError; the session then stands at the last step that still fits.
func (s *Session) Follow(sched *explore.Schedule) error {
	if err := s.walker.Reset(); err != nil {
		return err
	}
	s.at, s.live = s.Root(), nil
	s.rewatch()
	var failed error
	s.watch.remember(s.at.View)
	stale := s.walker.Follow(sched, func(mv explore.Move, did []explore.Step) {
		if failed != nil {
			return
		}
		seen := s.watch.saw(mv, did)
		if t := s.child(mv); t != nil {
			s.goTo(t)
			s.watch.remember(t.View)
			return
		}
		if failed = s.room(); failed == nil {
			s.add(mv, seen)
		}
	})
	if failed != nil {
		return failed
	}
	s.live = s.at
	return stale
}

// child returns what a move was found to lead to when it was tried here before, nil if it was not.
func (s *Session) child(mv explore.Move) *Try {
	for _, c := range s.at.Children {
		if c.Move == mv {
			return c
		}
	}
	return nil
}

// room tells whether one more step can be kept.
func (s *Session) room() error {
	if s.at.View.Step >= MaxSteps || len(s.tries) >= MaxTries {
		return fmt.Errorf("a session keeps %d steps of a schedule and %d in all; begin another", MaxSteps, MaxTries)
	}
	return nil
}

// own is what a move did that came to nothing that others can see: its thread ends, or only touches what is its own.
func (s *Session) own(mv explore.Move) *Did {
	lane := &s.at.View.Lanes[mv.Thread]
	d := &Did{
		Move: s.walker.MoveText(mv), Letter: lane.Letter, CPU: lane.CPU, Name: lane.Name, Doing: lane.Doing,
		Text: ownText, Plain: []string{}, Changes: []string{}, facts: &lab.Facts{},
	}
	d.Sentence = explain.Own(lane.Name, lane.Doing)
	return d
}

// add adds the state that the walker has just come to by a move, and shows it.
func (s *Session) add(mv explore.Move, did *Did) {
	if did == nil {
		did = s.own(mv)
	}
	t := &Try{ID: len(s.tries), Parent: s.at, Move: mv}
	t.View = s.look(s.at.View, did)
	s.at.Children = append(s.at.Children, t)
	s.tries = append(s.tries, t)
	s.live = t
	s.goTo(t)
}
