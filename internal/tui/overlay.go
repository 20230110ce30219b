package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"ptsim/internal/stepper"
)

// overlay lies on top of the panels, or below them, and takes the keys.
type overlay interface {
	panel(m *Model, w int) *panel
	key(m *Model, k string) tea.Cmd
	hints() string
	full() bool // in place of the panels, not below them
}

// note is text to read: the help, a link.
type note struct {
	title string
	lines func(m *Model, w int) []line
	whole bool
	hint  bool // h asks for the next one
	at    int
}

func (n *note) panel(m *Model, w int) *panel {
	return &panel{title: n.title, lines: n.lines(m, w), follow: -1}
}

func (n *note) hints() string { return "up down scroll  esc close" }
func (n *note) full() bool    { return n.whole }

func (n *note) key(m *Model, k string) tea.Cmd {
	switch k {
	case "up", "k":
		n.at--
	case "down", "j":
		n.at++
	case "pgup":
		n.at -= m.h - 4
	case "pgdown", "space":
		n.at += m.h - 4
	case "home", "g":
		n.at = 0
	case "end", "G":
		n.at = len(n.lines(m, m.w))
	case "esc", "enter", "q", "?", "l":
		m.over = nil
	case "h":
		if n.hint {
			return m.hint()
		}
	}
	n.at = max(n.at, 0)
	m.scroll[noPanel], m.scrolled[noPanel] = n.at, true
	return nil
}

func (m *Model) open(n *note) tea.Cmd {
	m.over = n
	m.scroll[noPanel], m.scrolled[noPanel] = 0, true
	return nil
}

// showLink shows the link that leads to this very state, and asks the terminal to copy it.
func (m *Model) showLink() tea.Cmd {
	link := m.opt.Session.Link()
	m.open(&note{title: "link", lines: func(m *Model, w int) []line {
		out := wrapText(bold, link, w, 0)
		out = append(out, wrapText(plain, "ptsim step --replay '"+link+"' stands here again. The terminal was asked to copy the link; not every one does.", w, 0)...)
		return out
	}})
	return tea.SetClipboard(link)
}

func (m *Model) showHelp() tea.Cmd {
	return m.open(&note{title: "help", whole: true, lines: (*Model).helpLines})
}

func (m *Model) helpLines(w int) []line {
	var out []line
	for _, b := range bindings() {
		if b.name == "" {
			continue
		}
		var l line
		l.add(accented, b.name).pad(22).add(plain, b.does)
		out = append(out, l.wrap(w, 22)...)
	}
	out = append(out, line{})
	cell := func(state stepper.HalfState) string {
		return m.ink.left + strings.Repeat(m.ink.half(state), 4) + m.ink.right
	}
	for _, s := range []string{
		"A half of a page: " + cell(stepper.HalfAllocated) + " allocated, " + cell(stepper.HalfPending) + " pending, " + cell(stepper.HalfPendingHead) +
			" pending on the page's rcu_head, " + cell(stepper.HalfFree) + " free. The mask has a bit for each: PP pending, HH on rcu_head, AA allocated, " +
			"the upper half's on the left in each pair, as the upper half is in the picture.",
		"In the margin, and behind what changed: " + m.ink.mark["new"] + " new, " + m.ink.mark["changed"] + " changed, " +
			m.ink.mark["gone"] + " gone, " + m.ink.bad + " wrong. " + m.ink.moved + " is the thread that moved last.",
		"A, B and so on are tasks, w is a kworker, s are softirqs. A step is one primitive that others can see. A thread " +
			"that cannot move says why. What was tried stays: go back, let another thread move, and the tree of tries has a new branch.",
	} {
		out = append(out, wrapText(plain, s, w, 0)...)
		out = append(out, line{})
	}
	return out[:len(out)-1]
}
