package tui

import (
	"context"
	"sync"

	tea "charm.land/bubbletea/v2"

	"ptsim/internal/levels"
	"ptsim/internal/stepper"
)

// Options are what is stepped through, and how it is shown. Only Session is needed; it stays the caller's to close.
type Options struct {
	Session *stepper.Session

	Level   *levels.Level          // to be solved, nil if there is none
	Solved  func(levels.Judgement) // told when Level is
	Predict bool                   // begin in predict mode

	ASCII    bool   // draw with plain characters
	NoColour bool   // tell nothing by colour
	Message  string // said at the start
	Width    int    // columns of what is said line by line; 0: a sentence is a line, however long
	States   uint64 // what a search for a violation may try; 0 is DefaultStates
}

// DefaultStates is how many states a search for the next violation tries before it gives up.
const DefaultStates = 2_000_000

// Model is the whole screen: the state that is shown, what is chosen in it, and what lies on top.
type Model struct {
	opt  Options
	ink  *ink
	view *stepper.View
	w, h int

	cursor   int // among choices(view)
	focus    panelID
	scroll   [numPanels]int
	scrolled [numPanels]bool
	page     [numPanels]int // how many lines of it were shown
	shown    []panelID      // what tab goes through
	noSource bool

	over    overlay // what lies on top, nil if nothing does
	message string  // in the last line, until the next key
	isError bool
	covers  []string // what the last proof covers, above what the step did, until another state is shown

	predicting bool
	asked      map[asked]bool
	tally      tally
	claimed    *levels.Judgement
	hints      int // that were given

	leave  func() tea.Cmd // what q does, if the program is more than this
	ctx    context.Context
	search *search
	auto   *auto          // while a schedule plays by itself
	speed  int            // of that, in speeds
	busy   sync.WaitGroup // searches under way: the session is theirs
}

// New returns the model of a session. It has no size until the terminal has told one.
func New(ctx context.Context, opt Options) *Model {
	if opt.States == 0 {
		opt.States = DefaultStates
	}
	m := &Model{opt: opt, ink: newInk(opt.ASCII, !opt.NoColour), focus: lanesPanel, ctx: ctx, w: 80, h: 24, message: opt.Message, speed: usualSpeed,
		predicting: opt.Predict, asked: map[asked]bool{}}
	m.refresh()
	return m
}

// Init is part of [tea.Model].
func (m *Model) Init() tea.Cmd { return nil }

// Update is part of [tea.Model]: it is told of keys, of the terminal's size, and of what searches found.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = max(msg.Width, 1), max(msg.Height, 1)
	case tea.KeyPressMsg:
		return m, m.key(plainKey(msg.String()))
	case tick:
		return m, m.ticked(msg)
	case found:
		return m, m.searched(msg)
	case autoTick:
		return m, m.played(msg)
	}
	return m, nil
}

// refresh shows the state that the session is at.
func (m *Model) refresh() {
	m.view, m.covers = m.opt.Session.View(), nil
	m.scroll, m.scrolled = [numPanels]int{}, [numPanels]bool{}
	m.cursor = aim(m.opt.Session)
}

// say puts something into the last line.
func (m *Model) say(text string) { m.message, m.isError = text, false }

// fail puts an error there.
func (m *Model) fail(err error) { m.message, m.isError = err.Error(), true }

// take has the session take a move, and shows what came of it; in predict mode it asks first.
func (m *Model) take(move string) tea.Cmd {
	if m.ask(move) {
		return nil
	}
	if err := m.opt.Session.Take(move); err != nil {
		m.fail(err)
		return nil
	}
	if m.claimed != nil && !m.claimed.Reached { // who goes on has been told that it can be done
		m.claimed = nil
	}
	m.refresh()
	m.judge()
	return nil
}
