package tui

import (
	"fmt"
	"strings"

	"ptsim/internal/prose"
	"ptsim/internal/stepper"
	"ptsim/lab"
)

// stepLines say what the last step did, and on which rule it rests; above it, if something was just proved, what that covers.
func (m *Model) stepLines(v *stepper.View, w int) []line {
	var out []line
	for _, text := range m.covers {
		out = append(out, wrapText(fresh, text, w, 2)...)
	}
	return append(out, m.stepTold(v, w)...)
}

func (m *Model) stepTold(v *stepper.View, w int) []line {
	d := v.Did
	if d == nil {
		if m.opt.Level != nil {
			return m.storyLines(w)
		}
		var out []line
		s := m.opt.Session.Question.Scenario
		if len(s.About) == 0 {
			out = wrapText(plain, "The first state. Choose who moves.", w, 0)
		}
		return append(out, paragraphs(s.About, w)...)
	}
	var l line
	if v.Violation != nil {
		l.add(wrong, m.ink.bad+" VIOLATION ").add(plain, v.Violation.Sentence)
		out := l.wrap(w, 2)
		return append(out, m.didLines(d, w)...)
	}
	out := m.didLines(d, w)
	if v.Ended {
		out = append(out, wrapText(fresh, "The schedule has ended, and nothing went wrong.", w, 2)...)
	}
	return out
}

func (m *Model) didLines(d *stepper.Did, w int) []line {
	var l line
	l.add(strong, fmt.Sprintf("%s CPU%d ", d.Letter, d.CPU)).add(plain, d.Sentence.Text)
	out := l.wrap(w, 2)
	var c line
	c.add(faint, "step: ").add(plain, d.Text)
	if d.Func != "" {
		c.add(faint, " in "+d.Func)
	}
	if d.Doing != "" {
		c.add(faint, ", for "+d.Doing)
	}
	out = append(out, c.wrap(w, 2)...)
	if d.Sentence.Rule != "" {
		var r line
		r.add(faint, "rule: ").add(plain, d.Sentence.Rule)
		if c := cites(d.Sentence.Cites); c != "" {
			r.add(faint, " ["+c+"]")
		}
		out = append(out, r.wrap(w, 2)...)
	}
	if len(d.Plain) > 0 {
		var p line
		p.add(faint, "before it, in private: "+strings.Join(d.Plain, "; "))
		out = append(out, p.wrap(w, 2)...)
	}
	return out
}

// cites lists where a rule is from.
func cites(list []lab.Cite) string {
	var all []string
	for _, c := range list {
		all = append(all, c.Where)
	}
	return strings.Join(all, "; ")
}

// paragraphs wraps prose that came line by line, an empty line between two paragraphs.
func paragraphs(text []string, w int) []line {
	var out []line
	for i, p := range prose.Paragraphs(text) {
		if i > 0 {
			out = append(out, line{})
		}
		out = append(out, wrapText(plain, p, w, 0)...)
	}
	return out
}

// sourcePanel shows the project's own code: where the chosen lane is about to go on, or where the last step was.
func (m *Model) sourcePanel(v *stepper.View, w int) *panel {
	p := &panel{id: sourcePanel, title: "source", follow: -1, centre: true, rank: 7, fill: 7, least: 3, grows: true}
	var at stepper.Place
	who := ""
	if lane, _ := m.chosen(); lane != nil && lane.At.File != "" {
		at, who = lane.At, "next of "+lane.Letter
	} else if v.Did != nil && v.Did.At.File != "" {
		at, who = v.Did.At, "last of "+v.Did.Letter
	}
	lines := m.opt.Session.Excerpt(at, 40)
	if len(lines) == 0 {
		p.lines = []line{text(faint, "there is no source of it")}
		return p
	}
	p.title = fmt.Sprintf("%s:%d, %s", at.File, at.Line, who)
	if at.Func != "" && w > 70 {
		p.title += " in " + at.Func + "()"
	}
	for i, s := range lines {
		var l line
		st := plain
		if s.Here {
			p.follow, st = i, bold
			l.add(bold, m.ink.here)
		} else {
			l.add(plain, " ")
		}
		l.add(faint, fmt.Sprintf("%4d ", s.Number)).add(st, s.Text)
		p.lines = append(p.lines, l)
	}
	return p
}

// splatPanel is what a kernel would print.
func (m *Model) splatPanel(v *stepper.View) *panel {
	p := &panel{id: splatPanel, title: m.ink.bad + " " + v.Violation.Kind, follow: -1, rank: 7, fill: 7, least: 4, grows: true}
	for _, s := range strings.Split(strings.TrimRight(v.Violation.Splat, "\n"), "\n") {
		p.lines = append(p.lines, text(plain, s))
	}
	return p
}
