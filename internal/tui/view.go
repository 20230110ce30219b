package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// Widths from which on there is room for two columns, and for three.
const (
	twoColumns   = 110
	threeColumns = 170
)

// View is part of [tea.Model]: the screen, line by line.
func (m *Model) View() tea.View {
	v := tea.NewView(m.Screen())
	v.AltScreen = true
	v.WindowTitle = "ptsim step " + m.opt.Session.Question.Name()
	return v
}

// Screen is the screen as text: as many lines as the terminal has, none wider than it.
func (m *Model) Screen() string {
	var b strings.Builder
	for i, l := range m.lines() {
		if i > 0 {
			b.WriteByte('\n')
		}
		m.ink.render(&b, l.cut(m.w))
	}
	return b.String()
}

// lines are all lines of the screen.
func (m *Model) lines() []line {
	head := []line{m.header()}
	if m.opt.Level != nil {
		head = append(head, m.goal())
	}
	foot := []line{m.footer()}
	if m.h < 5 {
		head = nil
	}
	if m.h < 2 {
		foot = nil
	}
	h := m.h - len(head) - len(foot)
	body := m.body(h)
	return append(append(head, body...), foot...)
}

// body is what is between the first line and the last.
func (m *Model) body(h int) []line {
	if m.over == nil {
		return m.panels(h)
	}
	p := m.over.panel(m, m.w)
	if m.over.full() {
		return m.draw(p, m.w, h)
	}
	n := min(len(p.lines)+1, max(h*2/3, h-12))
	return append(m.panels(h-n), m.draw(p, m.w, n)...)
}

// panels lays out the panels in one, two or three columns.
func (m *Model) panels(h int) []line {
	if h <= 0 {
		return nil
	}
	v := m.view
	top := &panel{id: stepPanel, lines: m.stepLines(v, m.w), follow: -1, rank: 0, fill: 3, least: 4, bare: true}
	if m.w < twoColumns {
		list := append([]*panel{top}, m.statePanels(v, m.w, true)...)
		list = append(list, m.lanesPanel(v, m.w))
		if m.over == nil {
			list = append(list, m.lower(m.w)...)
		} else { // what is asked is about the state
			top.rank, top.least, list[1].rank, list[1].least = 1, 1, 0, len(list[1].lines)
			list[2].rank, list[2].least = 2, 3
		}
		m.tabs(list)
		return m.column(list, m.w, h)
	}
	n := min(len(top.lines), max(h/4, 1))
	if m.focus == stepPanel {
		n = min(len(top.lines), max(h-20, n))
	}
	out := m.draw(top, m.w, n)
	h -= n
	const gap = 3
	if m.w < threeColumns {
		left := (m.w - gap) * 11 / 20
		right := m.w - gap - left
		one := m.statePanels(v, left, false)
		if len(m.opt.Session.Tries()) > 1 && h > 24 {
			one = append(one, m.schedulePanel(left))
		}
		two := append([]*panel{m.lanesPanel(v, right)}, m.lower(right)...)
		m.tabs([]*panel{top}, one, two)
		return append(out, m.columns([][]line{m.column(one, left, h), m.column(two, right, h)}, []int{left, right})...)
	}
	left := (m.w - 2*gap) * 2 / 5
	middle := (m.w - 2*gap) * 7 / 20
	right := m.w - 2*gap - left - middle
	one := m.statePanels(v, left, false)
	two := append([]*panel{m.lanesPanel(v, middle)}, m.lower(middle)...)
	three := []*panel{m.schedulePanel(right), m.triesPanel(right)}
	m.tabs([]*panel{top}, one, two, three)
	return append(out, m.columns([][]line{m.column(one, left, h), m.column(two, middle, h), m.column(three, right, h)}, []int{left, middle, right})...)
}

// lower is the source, or what the kernel would print.
func (m *Model) lower(w int) []*panel {
	switch {
	case m.noSource:
		return nil
	case m.view.Violation != nil && m.h < 50:
		return []*panel{m.splatPanel(m.view)}
	case m.view.Violation != nil:
		splat := m.splatPanel(m.view)
		splat.grows = false
		return []*panel{splat, m.sourcePanel(m.view, w)}
	}
	return []*panel{m.sourcePanel(m.view, w)}
}

// tabs notes which panels tab goes through.
func (m *Model) tabs(cols ...[]*panel) {
	m.shown = m.shown[:0]
	has := false
	for _, list := range cols {
		for _, p := range list {
			m.shown = append(m.shown, p.id)
			has = has || p.id == m.focus
		}
	}
	if !has {
		m.focus = lanesPanel
	}
}

// header says what is stepped through, and where the session is.
func (m *Model) header() line {
	s := m.opt.Session
	var l line
	l.add(strong, s.Question.Name()).add(plain, "  "+s.Question.Scenario.Title)
	where := fmt.Sprintf("step %d of %d", m.view.Step, len(s.Line())-1)
	if m.predicting {
		where = fmt.Sprintf("predict %d/%d, ", m.tally.score, m.tally.of) + where
	}
	if all := leaves(s); len(all) > 1 {
		line := s.Line()
		for i, t := range all {
			if t == line[len(line)-1] {
				where += fmt.Sprintf(", try %d of %d", i+1, len(all))
			}
		}
	}
	if set := strings.Replace(s.Question.Setting.Brief(), "grace periods ", "", 1); m.w >= l.width()+width(where)+width(set)+6 {
		l.add(faint, "  "+set)
	}
	l = l.cut(max(m.w-width(where)-2, m.w/2))
	l.pad(m.w - width(where))
	return *l.add(bold, where)
}

// footer has a message, or the keys one needs most.
func (m *Model) footer() line {
	switch {
	case m.search != nil:
		return text(bold, m.search.progress())
	case m.auto != nil:
		return text(bold, m.playing())
	case m.message != "" && m.isError:
		var l line
		return *l.add(wrong, m.ink.bad+" ").add(plain, m.message)
	case m.message != "":
		return text(bold, m.message)
	case m.over != nil:
		return text(faint, m.over.hints())
	}
	return text(faint, "space step  left back  1-9 A-H move  v violation  t tries  ? help  q quit")
}
