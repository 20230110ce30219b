package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ptsim/internal/levels"
)

// goal says how a level stands.
func (m *Model) goal() line {
	l := m.opt.Level
	var out line
	out.add(strong, "level "+l.Name+": ").add(plain, l.Goal.Text)
	j := m.judged()
	switch {
	case j.Reached:
		out.add(fresh, fmt.Sprintf("  solved, %s %s", stars(j), j.Against))
	case m.claimed != nil:
		out.add(wrong, "  "+m.claimed.Sentence)
	case l.Asks == levels.Repair:
		out.add(faint, "  f chooses a repair")
	default:
		out.add(faint, "  "+levels.Par{Possible: true, Switches: j.Switches, Steps: j.Steps}.Text())
		if m.view.Ended {
			out.add(wrong, "  not solved")
		}
	}
	return out
}

// judged is how the level stands: as was claimed, or as the session is.
func (m *Model) judged() levels.Judgement {
	if m.claimed != nil && m.claimed.Reached {
		return *m.claimed
	}
	return m.opt.Level.Judge(m.opt.Session)
}

func (m *Model) solved(j levels.Judgement) {
	if m.opt.Solved != nil {
		m.opt.Solved(j)
	}
}

func stars(j levels.Judgement) string {
	return fmt.Sprintf("%d of %d stars,", j.Stars, levels.MaxStars)
}

// judge says in words what a step came to, when it ended the schedule.
func (m *Model) judge() {
	if m.opt.Level == nil || !m.view.Ended {
		return
	}
	j := m.opt.Level.Judge(m.opt.Session)
	if j.Reached {
		m.solved(j)
		m.say("Solved: " + j.Sentence)
	} else {
		m.say("Not solved: " + j.Sentence)
	}
}

// claim says that the level is impossible.
func (m *Model) claim() tea.Cmd {
	if m.opt.Level == nil {
		m.say("i says that a level is impossible; this is none: ptsim play has them")
		return nil
	}
	j := m.opt.Level.Claim()
	m.claimed, m.covers = &j, j.Covers
	word := "No: "
	if j.Reached {
		word = "Right: "
		m.solved(j)
	}
	m.say(word + j.Sentence)
	return nil
}

// chooseRepair shows the repairs that a level has, and judges the one that is chosen.
func (m *Model) chooseRepair() tea.Cmd {
	l := m.opt.Level
	if l == nil || l.Asks != levels.Repair {
		m.say("f chooses a repair in a level that asks for one; ptsim play --list says which do")
		return nil
	}
	m.over = &repairs{note{title: "repairs", lines: func(_ *Model, w int) []line { return repairLines(l, w) }}}
	m.scroll[noPanel], m.scrolled[noPanel] = 0, true
	return nil
}

// repairs is the list of them.
type repairs struct{ note }

func (r *repairs) hints() string { return "1 to 4 choose one  esc close" }

func (r *repairs) key(m *Model, k string) tea.Cmd {
	answers := m.opt.Level.Answers
	if len(k) != 1 || k[0] < '1' || int(k[0]-'1') >= len(answers) {
		return r.note.key(m, k)
	}
	j, err := m.opt.Level.Repair(string(answers[k[0]-'1'].Way))
	if err != nil {
		m.fail(err)
		return nil
	}
	m.over, m.claimed, m.covers = nil, &j, j.Covers
	word := "No: "
	if j.Reached {
		word = "Right: "
		m.solved(j)
	}
	m.say(word + j.Sentence)
	if j.Reached {
		return nil
	}
	return m.open(&note{title: "it does not hold", lines: func(_ *Model, w int) []line {
		return append(wrapText(plain, j.Sentence, w, 0), wrapText(faint, "ptsim step --replay '"+j.Schedule+"' shows it.", w, 0)...)
	}})
}

func repairLines(l *levels.Level, w int) []line {
	var out []line
	for i, a := range l.Answers {
		var t line
		t.add(accented, fmt.Sprintf("%d", i+1)).pad(3).add(bold, a.Words)
		out = append(append(out, t), wrapText(plain, a.About, w, 3)...)
	}
	return append(out, wrapText(faint, "The explorer tries every schedule of the one that you choose.", w, 0)...)
}

// repair judges a repair; without one it lists them.
func (t *talk) repair(way string) {
	l := t.opt.Level
	switch {
	case l == nil || l.Asks != levels.Repair:
		t.say("error: repair: no level that asks for one; ptsim play --list says which do")
		return
	case way == "":
		t.repairs()
		return
	}
	j, err := l.Repair(way)
	if err != nil {
		t.say("error: %v", err)
		return
	}
	t.verdict(j)
	if j.Schedule != "" {
		t.say("ptsim step --replay '%s' shows it.", j.Schedule)
	}
}

// repairs lists what may be chosen.
func (t *talk) repairs() {
	for _, a := range t.opt.Level.Answers {
		t.say("  repair %s: %s. %s", a.Way, a.Words, a.About)
	}
}

// hint shows the next hint of the level.
func (m *Model) hint() tea.Cmd {
	if m.opt.Level == nil {
		m.say("h gives a hint in a level; this is none: ptsim play has them")
		return nil
	}
	h, err := m.opt.Level.Hint(m.hints+1, m.opt.Session)
	if err != nil {
		m.fail(err)
		return nil
	}
	m.hints++
	more := "h gives another one."
	if !h.More {
		more = ""
	}
	return m.open(&note{title: fmt.Sprintf("hint %d", m.hints), hint: true, lines: func(_ *Model, w int) []line {
		return append(wrapText(plain, h.Text, w, 0), wrapText(faint, more, w, 0)...)
	}})
}

// hint says the next hint of the level.
func (t *talk) hint() {
	if t.opt.Level == nil {
		t.say("error: hint: no level; ptsim play has them")
		return
	}
	h, err := t.opt.Level.Hint(t.hints+1, t.s)
	if err != nil {
		t.say("error: %v", err)
		return
	}
	t.hints++
	t.say("Hint %d: %s", t.hints, h.Text)
}

// storyLines are what the level is about.
func (m *Model) storyLines(w int) []line {
	l := m.opt.Level
	out := wrapText(strong, l.Title, w, 0)
	out = append(out, paragraphs(strings.Split(l.Story, "\n"), w)...)
	if l.Asks == levels.Repair {
		return append(out, wrapText(faint, "h gives a hint, f chooses a repair.", w, 0)...)
	}
	return append(out, wrapText(faint, "h gives a hint, i says that it is impossible.", w, 0)...)
}
