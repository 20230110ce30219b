package tui

import (
	"context"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"ptsim/explore"
	"ptsim/internal/stepper"
)

// search is a run to the next violation under way. The session is its own until it is done.
type search struct {
	cancel context.CancelFunc
	ctx    context.Context
	ticks  int
	states uint64 // that the rounds before this one tried
	budget uint64
}

// found is what a round of a search found.
type found struct {
	of    *search
	ahead stepper.Ahead
	err   error
}

// tick has the time shown.
type tick struct{ of *search }

const (
	firstRound = 20_000
	perSecond  = 5 // ticks
)

// startSearch looks for the shortest way to a violation, in rounds that may try four times as many states each, so that
// there is something to say meanwhile.
func (m *Model) startSearch() tea.Cmd {
	if v := m.view; v.Violation != nil {
		m.say("it has happened: " + v.Violation.Sentence)
		return nil
	}
	ctx, cancel := context.WithCancel(m.ctx)
	m.search = &search{cancel: cancel, ctx: ctx, budget: min(firstRound, m.opt.States)}
	return tea.Batch(m.round(), m.nextTick())
}

// round is a command that tries a round.
func (m *Model) round() tea.Cmd {
	s, session := m.search, m.opt.Session
	m.busy.Add(1)
	return func() tea.Msg {
		defer m.busy.Done()
		a, err := session.Ahead(s.ctx, s.budget)
		return found{s, a, err}
	}
}

func (m *Model) nextTick() tea.Cmd {
	s := m.search
	return tea.Tick(time.Second/perSecond, func(time.Time) tea.Msg { return tick{s} })
}

func (m *Model) ticked(t tick) tea.Cmd {
	if m.search == nil || m.search != t.of {
		return nil
	}
	m.search.ticks++
	return m.nextTick()
}

// searched takes what a round found: the violation, the proof that there is none, or neither, whereupon the next round
// tries more.
func (m *Model) searched(f found) tea.Cmd {
	if m.search == nil || m.search != f.of {
		return nil
	}
	s := m.search
	cancelled := s.ctx.Err() != nil
	switch {
	case cancelled:
	case f.err == nil && f.ahead.Verdict == string(explore.Incomplete) && s.budget < m.opt.States && f.ahead.States >= s.budget:
		s.states = f.ahead.States
		s.budget = min(4*s.budget, m.opt.States)
		return m.round()
	}
	s.cancel()
	m.search = nil
	switch {
	case cancelled:
		m.say("the search was stopped")
		return nil
	case f.err != nil:
		m.fail(f.err)
		return nil
	}
	m.covers = f.ahead.Covers
	if m.opt.Level != nil {
		m.say(hint(f.ahead))
		return nil
	}
	for _, mv := range f.ahead.Moves {
		if err := m.opt.Session.Take(mv); err != nil {
			m.fail(err)
			break
		}
	}
	text := f.ahead.Sentence
	if n := len(f.ahead.Moves); n > 0 {
		m.refresh()
		if m.view.Violation != nil {
			text = fmt.Sprintf("the shortest way there, %d steps: left goes back along it", n)
		}
	}
	m.say(text)
	return nil
}

// hint says what lies ahead in a level, where the way there is for the user to find.
func hint(a stepper.Ahead) string {
	switch {
	case a.Verdict == string(explore.Violated):
		return "something can still be broken from here; how is for you to find"
	case a.Verdict == string(explore.Safe):
		return "nothing can be broken any more from here: every schedule was tried"
	}
	return a.Sentence
}

// progress says how far the search is.
func (s *search) progress() string {
	text := fmt.Sprintf("looking for a violation, %d s", s.ticks/perSecond)
	if s.states > 0 {
		text += fmt.Sprintf(": none in %d states", s.states)
	}
	return text + "; esc stops it"
}
