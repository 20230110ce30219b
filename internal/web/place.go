package web

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"

	"ptsim/explore"
	"ptsim/internal/labs"
	"ptsim/internal/question"
	"ptsim/internal/quote"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
)

// OwnName is what the page calls the scenario that its user writes.
const OwnName = "own"

// Place is where a request wants to be: every one says all of it, since the server remembers nothing of anybody.
type Place struct {
	// Link is a schedule, with #STEP if not its end is meant: as stepper.Session.Link has it. Where /api/line is asked, the text of
	// its scenario may stand behind a ~.
	Link string `json:"link"`
	// Text is the scenario, if it is not one that the server knows by name.
	Text string `json:"text,omitempty"`
}

// unpack takes the text of the scenario out of the link, if that holds it.
func (p *Place) unpack() error {
	link, step, code, err := question.Cut(p.Link)
	if err != nil {
		return bad("link: %v", err)
	}
	if code == "" {
		return nil
	}
	if p.Text, err = scenario.Decode(code); err != nil {
		return err
	}
	if p.Link = link; step >= 0 {
		p.Link = fmt.Sprintf("%s#%d", link, step)
	}
	return nil
}

// key is what the place is a place of: its question and nothing of its schedule.
func (p *Place) key() (key, path string, step int, err error) {
	if len(p.Link) > MaxLink {
		return "", "", 0, bad("link: %d bytes; expected at most %d", len(p.Link), MaxLink)
	}
	path, step, _, err = question.Cut(p.Link)
	if err != nil {
		return "", "", 0, bad("link: %v", err)
	}
	sched, err := explore.ParseSchedule(path)
	if err != nil {
		return "", "", 0, bad("link %s: %v", quote.Short(p.Link), err)
	}
	return fmt.Sprintf("%s %x", sched.Question(), sha256.Sum256([]byte(p.Text))), path, step, nil
}

// load finds the scenario of a place by the name that the schedule has for it.
func (s *Server) load(text string) func(name string) (*scenario.Scenario, error) {
	return func(name string) (*scenario.Scenario, error) {
		if text != "" {
			if len(text) > scenario.MaxText {
				return nil, bad("scenario: %d bytes; expected at most %d", len(text), scenario.MaxText)
			}
			if of, base, ok := strings.Cut(name, "/"); ok && slices.Contains(labs.Names(), of) {
				name = base
			}
			if name == "" || len(name) > scenario.MaxName || strings.ContainsAny(name, "/@:#. \t\n") {
				return nil, bad("scenario name %s; expected letters and digits", quote.Short(name))
			}
			return scenario.Parse(name+".scn", text)
		}
		if own := s.opt.Scenario; own != nil && scenario.FullName(own) == name {
			return own, nil
		}
		if path.Base(name) == OwnName {
			return nil, bad("this link is of somebody's own scenario, and does not hold its text")
		}
		return scenario.Load(name)
	}
}

// with has do use a session that stands at a place. stale says that the place is of a schedule that does not fit any more;
// the session then stands at the last step that does.
func (s *Server) with(ctx context.Context, p Place, do func(l *live, at standing) error) error {
	if err := enter(ctx, s.work); err != nil {
		return err
	}
	defer leave(s.work)
	key, path, step, err := p.key()
	if err != nil {
		return err
	}
	l := s.pool.take(key, path)
	if l == nil {
		if l, err = s.begin(key, path, p.Text); err != nil {
			return asFault(err)
		}
	}
	whole := false
	defer func() {
		if whole {
			s.pool.put(l)
		} else { // something panicked: nobody else is to get the session
			l.Close()
		}
	}()
	at, err := s.stand(l, path, step)
	if err == nil {
		err = do(l, at)
	}
	whole = true
	return asFault(err)
}

// enter waits for a place among those who may compute at the same time, and leave gives it back.
func enter(ctx context.Context, places chan struct{}) error {
	select {
	case places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func leave(places chan struct{}) { <-places }

// begin makes a session of a question, at its first state.
func (s *Server) begin(key, path, text string) (*live, error) {
	k, err := question.Parse(path, s.load(text))
	if err != nil {
		return nil, err
	}
	session, err := stepper.New(k.Question)
	if err != nil {
		return nil, err
	}
	return newLive(key, session), nil
}

// standing is where a session stands: it shows a state on the way to end.
type standing struct {
	end   *stepper.Try
	stale string // why the link does not fit any more, "" if it does
}

// stand has a session show the state that a schedule leads to, or the one after so many of its steps.
func (s *Server) stand(l *live, path string, step int) (at standing, err error) {
	id, known := l.find(path)
	switch {
	case known:
		err = l.Jump(id)
	case !s.take(l, path):
		at.stale, err = s.follow(l, path)
	}
	if err != nil {
		return standing{}, err
	}
	at.end = l.At()
	if step < 0 || at.stale != "" {
		return at, nil
	}
	if last := at.end.View.Step; step > last {
		at.stale = fmt.Sprintf("the link is of step %d; the schedule has %d", step, last)
		return at, nil
	}
	t := at.end
	for t.View.Step > step {
		t = t.Parent
	}
	return at, l.Jump(t.ID)
}

// take takes the steps of a schedule one by one as they are written, and tells whether that is what the schedule is: of
// single steps, and not stale.
func (s *Server) take(l *live, path string) bool {
	sched, err := explore.ParseSchedule(path)
	if err != nil {
		return false
	}
	moves, single := sched.Moves()
	if !single || len(moves) > MaxSteps || l.Jump(0) != nil {
		return false
	}
	for _, move := range moves {
		if l.Take(move) != nil {
			return false
		}
	}
	return l.View().Path == path
}

// follow takes the steps of any schedule as Session.Follow does, but no more than the server cares to keep.
func (s *Server) follow(l *live, path string) (stale string, err error) {
	q := &l.Question
	sched, err := explore.ParseSchedule(path)
	if err == nil {
		err = sched.Fits(len(q.Scenario.Tasks), explore.Defaults().Workers)
	}
	if err != nil {
		return "", bad("schedule: %v", err)
	}
	m, err := question.Model(q.Scenario, q.Version)
	if err != nil {
		return "", err
	}
	opt := q.Setting.Options()
	w, err := explore.NewStepper(m, opt)
	if err != nil {
		return "", err
	}
	defer w.Close()
	var moves []string
	why := w.Follow(sched, func(mv explore.Move, _ []explore.Step) {
		if len(moves) <= MaxSteps {
			moves = append(moves, w.MoveText(mv))
		}
	})
	if len(moves) > MaxSteps {
		return "", bad("schedule: more than %d steps; expected fewer", MaxSteps)
	}
	var old *explore.StaleError
	if why != nil && !errors.As(why, &old) {
		return "", why
	}
	if err := l.Jump(0); err != nil {
		return "", err
	}
	for _, m := range moves {
		if err := l.Take(m); err != nil {
			return "", err
		}
	}
	if why != nil {
		return why.Error(), nil
	}
	return "", nil
}

// asFault gives an error of what was asked for its status: whatever a session says is about what it was told.
func asFault(err error) error {
	var f *fault
	if err == nil || errors.As(err, &f) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return err
	}
	return &fault{http.StatusUnprocessableEntity, err.Error()}
}
