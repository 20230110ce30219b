package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ptsim/internal/stepper"
)

// binding is what a key does.
type binding struct {
	keys []string // as bubbletea names them
	name string   // as the help names them
	does string
	run  func(m *Model) tea.Cmd
}

// bindings are the keys of the stepper. The page has the same.
func bindings() []binding {
	return []binding{
		{[]string{"space", "enter", "right", "n"}, "space enter right n", "the chosen thread takes its step", (*Model).step},
		{nil, "A to H", "choose the thread of that letter", nil},
		{nil, "1 to 9", "the move of that number", nil},
		{[]string{"down"}, "down up", "choose a thread, or a way it can go; or scroll the panel with the focus", (*Model).down},
		{[]string{"up"}, "", "", (*Model).up},
		{[]string{"left", "b", "backspace"}, "left b backspace", "one step back", (*Model).back},
		{[]string{"home", "g"}, "home g", "to the first state", func(m *Model) tea.Cmd { return m.seek(0) }},
		{[]string{"end", "G"}, "end G", "to the last state of this try", func(m *Model) tea.Cmd { return m.seek(len(m.opt.Session.Line()) - 1) }},
		{[]string{"["}, "[ ]", "the try before this one, and the one after it", func(m *Model) tea.Cmd { return m.branch(-1) }},
		{[]string{"]"}, "", "", func(m *Model) tea.Cmd { return m.branch(1) }},
		{[]string{"t"}, "t", "the tree of tries", (*Model).showTree},
		{[]string{"v"}, "v", "run to the next violation, or prove that there is none", (*Model).startSearch},
		{[]string{"r"}, "r", "play the schedule by itself, and stop; so does any key", (*Model).toggleAuto},
		{[]string{"+", "="}, "+ = -", "play faster, slower: half a step to 4 steps a second", func(m *Model) tea.Cmd { m.changeSpeed("+"); return nil }},
		{[]string{"-"}, "", "", func(m *Model) tea.Cmd { m.changeSpeed("-"); return nil }},
		{[]string{"p"}, "p", "predict: questions about each step before it is shown, on and off", (*Model).togglePredict},
		{[]string{"c"}, "c", "beside: another variant follows this schedule", (*Model).startCompare},
		{[]string{"i"}, "i", "of a level: say that it is impossible", (*Model).claim},
		{[]string{"f"}, "f", "of a level that asks for a repair: choose one", (*Model).chooseRepair},
		{[]string{"h"}, "h", "of a level: a hint; each time it says more", (*Model).hint},
		{[]string{"l"}, "l", "copy and show the link that leads here", (*Model).showLink},
		{[]string{"s"}, "s", "source on and off", (*Model).toggleSource},
		{[]string{"tab"}, "tab shift+tab", "the focus to the next panel, and back; esc gives it to the threads", func(m *Model) tea.Cmd { return m.cycle(1) }},
		{[]string{"shift+tab"}, "", "", func(m *Model) tea.Cmd { return m.cycle(-1) }},
		{[]string{"pgdown"}, "pgdown pgup", "scroll the panel with the focus", func(m *Model) tea.Cmd { return m.scrollBy(m.page[m.focus]) }},
		{[]string{"pgup"}, "", "", func(m *Model) tea.Cmd { return m.scrollBy(-m.page[m.focus]) }},
		{[]string{"?"}, "?", "this help", (*Model).showHelp},
		{[]string{"q", "ctrl+c"}, "q ctrl+c", "quit", (*Model).quit},
		{[]string{"ctrl+z"}, "", "", func(*Model) tea.Cmd { return tea.Suspend }},
		{[]string{"esc"}, "", "", (*Model).escape},
	}
}

// plainKey is the key that was meant: terminals have more than one way to say some of them. Backspace comes as ctrl+h from
// many, a line feed is what Enter sends through some pipes, two quick Esc look like one with Alt, and Shift that is still
// held changes nothing about a space.
func plainKey(k string) string {
	switch k {
	case "ctrl+h", "shift+backspace":
		return "backspace"
	case "ctrl+j", "shift+enter", "ctrl+m":
		return "enter"
	case "shift+space":
		return "space"
	case "alt+esc", "shift+esc":
		return "esc"
	}
	return k
}

// key does what a key does.
func (m *Model) key(k string) tea.Cmd {
	if k == "ctrl+c" {
		m.leave = nil
		return m.quit()
	}
	if m.search != nil {
		switch k {
		case "esc", "v":
			m.search.cancel()
		case "q":
			return m.quit()
		}
		return nil
	}
	m.message, m.isError = "", false
	if m.auto != nil {
		if cmd, all := m.autoKey(k); all {
			return cmd
		}
	}
	if m.over != nil {
		return m.over.key(m, k)
	}
	if lane := m.laneOf(k); lane != nil {
		m.chooseLane(lane)
		return nil
	}
	if len(k) == 1 && k >= "1" && k <= "9" {
		list := moves(m.view)
		if n := int(k[0] - '1'); n < len(list) {
			return m.take(list[n].Text)
		}
		m.fail(fmt.Errorf("there is no move %s; %s", k, possible(m.view)))
		return nil
	}
	for _, b := range bindings() {
		if slices.Contains(b.keys, k) {
			return b.run(m)
		}
	}
	if len(k) == 1 && k >= "A" && k <= "H" {
		m.fail(fmt.Errorf("there is no thread %s; choose one with up and down, or a move by its number", k))
		return nil
	}
	if len(k) == 1 {
		m.fail(fmt.Errorf("%s does nothing; ? lists the keys", k))
	}
	return nil
}

// laneOf returns the lane that a letter names. Capitals always do, small letters where they mean nothing else.
func (m *Model) laneOf(k string) *stepper.Lane {
	if len(k) != 1 || k[0] >= 'a' && slices.ContainsFunc(bindings(), func(b binding) bool { return slices.Contains(b.keys, k) }) {
		return nil
	}
	for i := range m.view.Lanes {
		if l := &m.view.Lanes[i]; l.Letter == strings.ToUpper(k) {
			return l
		}
	}
	return nil
}

// chooseLane puts the cursor on a lane. Why it cannot move, if it cannot, is said.
func (m *Model) chooseLane(l *stepper.Lane) {
	for i, c := range choices(m.view) {
		if &m.view.Lanes[c.lane] == l {
			m.cursor = i
			break
		}
	}
	m.focus = lanesPanel
	m.scroll[sourcePanel], m.scrolled[sourcePanel], m.scrolled[lanesPanel] = 0, false, false
	switch n := len(l.Moves); {
	case n == 0:
		m.say(fmt.Sprintf("%s cannot move: %s", l.Letter, l.Why))
	case n > 1:
		m.say(fmt.Sprintf("%s can go %d ways: choose one with down, or by its number", l.Letter, n))
	}
}

func (m *Model) step() tea.Cmd {
	lane, move := m.chosen()
	switch {
	case move != nil:
		return m.take(move.Text)
	case m.view.Ended:
		m.say("the schedule has ended: left takes a step back, and another thread may go first")
	case lane != nil:
		m.fail(fmt.Errorf("%s cannot move: %s", lane.Letter, lane.Why))
	}
	return nil
}

func (m *Model) back() tea.Cmd {
	if !m.opt.Session.Back() {
		m.say("this is the first state")
		return nil
	}
	m.refresh()
	return nil
}

func (m *Model) seek(step int) tea.Cmd {
	if err := m.opt.Session.Seek(step); err != nil {
		m.fail(err)
		return nil
	}
	m.refresh()
	return nil
}

// branch goes to the end of the try before or after the one the session is on, round in circles.
func (m *Model) branch(by int) tea.Cmd {
	s := m.opt.Session
	ends := leaves(s)
	line := s.Line()
	if len(ends) == 1 {
		m.say("there is one try so far: go back, and let another thread move")
		return nil
	}
	at := slices.Index(ends, line[len(line)-1])
	return m.jump(ends[(at+by+len(ends))%len(ends)].ID)
}

func (m *Model) jump(id int) tea.Cmd {
	if err := m.opt.Session.Jump(id); err != nil {
		m.fail(err)
		return nil
	}
	m.refresh()
	return nil
}

func (m *Model) down() tea.Cmd { return m.upDown(1) }
func (m *Model) up() tea.Cmd   { return m.upDown(-1) }

func (m *Model) upDown(by int) tea.Cmd {
	if m.focus != lanesPanel {
		return m.scrollBy(by)
	}
	n := len(choices(m.view))
	m.cursor = min(max(m.cursor+by, 0), max(n-1, 0))
	m.scroll[sourcePanel], m.scrolled[sourcePanel], m.scrolled[lanesPanel] = 0, false, false
	return nil
}

func (m *Model) scrollBy(by int) tea.Cmd {
	m.scroll[m.focus] = max(m.scroll[m.focus]+by, 0)
	m.scrolled[m.focus] = true
	return nil
}

// cycle gives the focus to the next panel that is shown.
func (m *Model) cycle(by int) tea.Cmd {
	if len(m.shown) == 0 {
		return nil
	}
	at := slices.Index(m.shown, m.focus)
	m.focus = m.shown[((at+by)%len(m.shown)+len(m.shown))%len(m.shown)]
	return nil
}

func (m *Model) escape() tea.Cmd {
	m.focus = lanesPanel
	m.scroll, m.scrolled = [numPanels]int{}, [numPanels]bool{}
	return nil
}

func (m *Model) toggleSource() tea.Cmd {
	m.noSource = !m.noSource
	if m.noSource && (m.focus == sourcePanel || m.focus == splatPanel) {
		m.focus = lanesPanel
	}
	return nil
}

func (m *Model) quit() tea.Cmd {
	if m.search != nil {
		m.search.cancel()
	}
	if m.leave != nil {
		return m.leave()
	}
	return tea.Quit
}
