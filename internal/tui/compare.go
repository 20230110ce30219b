package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"ptsim/internal/question"
	"ptsim/internal/sidebyside"
)

// versions asks which version to put beside the one that is stepped through.
type versions struct {
	list []question.Version
	at   int
}

func (m *Model) startCompare() tea.Cmd {
	if len(m.opt.Session.Line()) == 1 {
		m.say("take some steps first: c has another variant follow them")
		return nil
	}
	v := &versions{}
	for _, have := range question.Versions() {
		if have != m.opt.Session.Question.Version {
			v.list = append(v.list, have)
		}
	}
	m.over = v
	return nil
}

func (v *versions) full() bool    { return false }
func (v *versions) hints() string { return "up down or a number choose  enter put beside  esc close" }

func (v *versions) panel(m *Model, w int) *panel {
	p := &panel{title: "which variant is to follow this schedule?", follow: v.at}
	for i, have := range v.list {
		var l line
		here := " "
		if i == v.at {
			here = m.ink.here
		}
		key := "  "
		if i < 9 {
			key = string(rune('1'+i)) + " "
		}
		l.add(bold, here).add(accented, " "+key).add(plain, have.String())
		p.lines = append(p.lines, l)
	}
	return p
}

func (v *versions) key(m *Model, k string) tea.Cmd {
	switch k {
	case "up":
		v.at = max(v.at-1, 0)
	case "down":
		v.at = min(v.at+1, len(v.list)-1)
	case "enter", "space":
		return m.compare(v.list[v.at])
	case "esc", "c", "q":
		m.over = nil
	default:
		if len(k) == 1 && k[0] >= '1' && int(k[0]-'1') < len(v.list) {
			return m.compare(v.list[k[0]-'1'])
		}
	}
	return nil
}

// compare has another version follow the schedule that the session is on, and shows both.
func (m *Model) compare(right question.Version) tea.Cmd {
	m.over = nil
	c, err := sidebyside.Compare(m.opt.Session, right)
	if err != nil {
		m.fail(err)
		return nil
	}
	m.open(&note{title: "side by side: " + c.LeftName + " and " + c.RightName, whole: true, lines: func(m *Model, w int) []line {
		out := wrapText(bold, c.Sentence, w, 0)
		out = append(out, line{})
		for _, s := range strings.Split(strings.TrimRight(written(c, w), "\n"), "\n") {
			st := plain
			if strings.Contains(s, ">>") {
				st = bold
			}
			out = append(out, text(st, s))
		}
		return out
	}})
	return nil
}

// written is the comparison as text.
func written(c *sidebyside.Comparison, w int) string {
	var b strings.Builder
	if err := c.Write(&b, "text", w); err != nil {
		return err.Error()
	}
	return b.String()
}
