package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ptsim/internal/stepper"
)

// leaves are the ends of all tries, in the order in which the tree shows them.
func leaves(s *stepper.Session) []*stepper.Try {
	var list []*stepper.Try
	walk(s.Root(), func(t *stepper.Try) {
		if len(t.Children) == 0 {
			list = append(list, t)
		}
	})
	return list
}

// walk calls f for a state and all that were come to from it, a try to its end before the next. The tree may be thousands
// of states deep, so that there is a stack in place of a recursion.
func walk(t *stepper.Try, f func(*stepper.Try)) {
	stack := []*stepper.Try{t}
	for len(stack) > 0 {
		t := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		f(t)
		for i := len(t.Children) - 1; i >= 0; i-- {
			stack = append(stack, t.Children[i])
		}
	}
}

// run is a piece of a try without a fork in it: a row of the tree.
type run struct {
	first, last *stepper.Try
	depth       int
	moves       []string
	here        bool // the session is in it
	line        bool // it is part of the line that the session is on
}

// runs cuts the tree into pieces, in the order in which they are shown.
func runs(s *stepper.Session) []run {
	line := map[*stepper.Try]bool{}
	for _, t := range s.Line() {
		line[t] = true
	}
	type todo struct {
		t     *stepper.Try
		depth int
	}
	var list []run
	stack := []todo{{s.Root(), 0}}
	for len(stack) > 0 {
		next := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		r := run{first: next.t, depth: next.depth}
		for t := next.t; ; t = t.Children[0] {
			r.last = t
			if t.View.Did != nil {
				r.moves = append(r.moves, t.View.Did.Move)
			}
			r.here = r.here || t == s.At()
			r.line = r.line || line[t]
			if len(t.Children) != 1 || t.View.Did == nil && next.t != t {
				break
			}
		}
		for i := len(r.last.Children) - 1; i >= 0; i-- {
			stack = append(stack, todo{r.last.Children[i], next.depth + 1})
		}
		list = append(list, r)
	}
	return list
}

// compress writes moves as schedules do: Bx3 for three of B.
func compress(moves []string) string {
	var out []string
	for i := 0; i < len(moves); {
		n := 1
		for i+n < len(moves) && moves[i+n] == moves[i] {
			n++
		}
		if n > 1 {
			out = append(out, fmt.Sprintf("%sx%d", moves[i], n))
		} else {
			out = append(out, moves[i])
		}
		i += n
	}
	return strings.Join(out, " ")
}

// treeRows draws the tree of tries.
func (m *Model) treeRows(w, cursor int) (rows []line, follow int) {
	for i, r := range runs(m.opt.Session) {
		var l line
		if i == cursor {
			l.add(bold, m.ink.here)
			follow = i
		} else {
			l.add(plain, " ")
		}
		indent := min(r.depth, max(w/8, 1))
		if indent > 0 {
			l.add(faint, strings.Repeat(m.ink.on, indent-1)+m.ink.branch)
		}
		from, to := r.first.View.Step, r.last.View.Step
		steps := fmt.Sprintf("%d", from)
		if to > from {
			steps = fmt.Sprintf("%d-%d", from, to)
		}
		l.add(plain, steps+" ")
		what := compress(r.moves)
		if what == "" {
			what = "the first state"
		}
		st := faint
		if r.line {
			st = plain
		}
		if i == cursor {
			st = marked
		}
		l.add(st, short(what, max(w-l.width()-32, 8)))
		switch v := r.last.View; {
		case v.Violation != nil:
			l.add(plain, " ").add(wrong, m.ink.bad+" "+v.Violation.Kind)
		case v.Ended:
			l.add(fresh, " ends well")
		}
		if r.here {
			l.add(altered, fmt.Sprintf(" %s at step %d", m.ink.moved, m.view.Step))
		}
		rows = append(rows, l.cut(w))
	}
	return rows, follow
}

// tree is the tree of tries on top of all.
type tree struct{ cursor int }

func (m *Model) showTree() tea.Cmd {
	t := &tree{}
	for i, r := range runs(m.opt.Session) {
		if r.here {
			t.cursor = i
		}
	}
	m.over = t
	return nil
}

func (t *tree) panel(m *Model, w int) *panel {
	rows, follow := m.treeRows(w, t.cursor)
	return &panel{title: fmt.Sprintf("tries: %d, %d states", len(leaves(m.opt.Session)), len(m.opt.Session.Tries())), lines: rows, follow: follow}
}

func (t *tree) hints() string {
	return "up down choose  enter go to its end  home go to its begin  esc close"
}
func (t *tree) full() bool { return true }

func (t *tree) key(m *Model, k string) tea.Cmd {
	list := runs(m.opt.Session)
	t.cursor = min(t.cursor, len(list)-1)
	switch k {
	case "up", "k", "[":
		t.cursor = max(t.cursor-1, 0)
	case "down", "j", "]":
		t.cursor = min(t.cursor+1, len(list)-1)
	case "pgup":
		t.cursor = max(t.cursor-10, 0)
	case "pgdown":
		t.cursor = min(t.cursor+10, len(list)-1)
	case "enter", "space", "end":
		m.over = nil
		return m.jump(list[t.cursor].last.ID)
	case "home":
		m.over = nil
		return m.jump(list[t.cursor].first.ID)
	case "esc", "t", "q":
		m.over = nil
	}
	return nil
}

// schedulePanel lists the steps of the line that the session is on.
func (m *Model) schedulePanel(w int) *panel {
	steps := m.opt.Session.Line()
	p := &panel{id: schedulePanel, title: "schedule", rank: 8, fill: 8, least: 4, grows: true, follow: m.view.Step, centre: true}
	for i, t := range steps {
		var l line
		st := plain
		if i > m.view.Step {
			st = faint
		}
		if t == m.opt.Session.At() {
			l.add(bold, m.ink.here)
			st = bold
		} else {
			l.add(plain, " ")
		}
		d := t.View.Did
		if d == nil {
			l.add(faint, "   0 ").add(st, "the first state")
		} else {
			l.add(faint, fmt.Sprintf("%4d ", i))
			if t.View.Violation != nil {
				l.add(wrong, m.ink.bad)
			}
			l.add(st, fmt.Sprintf("%-2s %s", d.Letter, d.Text))
		}
		p.lines = append(p.lines, l.cut(w))
	}
	return p
}

// triesPanel is the tree where there is room for it beside the rest.
func (m *Model) triesPanel(w int) *panel {
	list := runs(m.opt.Session)
	rows, _ := m.treeRows(w, -1)
	return &panel{id: triesPanel, title: fmt.Sprintf("tries: %d", len(leaves(m.opt.Session))), lines: rows, rank: 9, fill: 9, least: 3,
		follow: slices.IndexFunc(list, func(r run) bool { return r.here })}
}
