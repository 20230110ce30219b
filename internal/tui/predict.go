package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ptsim/internal/quiz"
	"ptsim/internal/stepper"
)

// tally counts the points of predictions.
type tally struct{ score, of int }

func (t *tally) add(g quiz.Grade) { t.score, t.of = t.score+g.Score, t.of+g.Of }

func (t *tally) String() string {
	if t.of == 0 {
		return "nothing asked so far"
	}
	return fmt.Sprintf("%d of %d points", t.score, t.of)
}

// asked is a step about which was asked already.
type asked struct {
	at   *stepper.Try
	move string
}

// predict asks what a step will do, before it is shown.
type predict struct {
	move  string
	quiz  *quiz.Quiz
	at    int // which question
	bits  []bool
	mark  int // the bit, or the choice
	hint  bool
	grade *quiz.Grade
}

// ask puts questions about a move on the screen, if predict mode is on and there are any that were not asked before. The
// move is taken when they are answered.
func (m *Model) ask(move string) bool {
	key := asked{m.opt.Session.At(), move}
	if !m.predicting || m.asked[key] {
		return false
	}
	m.asked[key] = true
	q, err := quiz.Predict(m.opt.Session, move)
	if err != nil || len(q.Questions) == 0 {
		return false // what is wrong with the move, taking it says
	}
	p := &predict{move: move, quiz: q}
	p.begin()
	m.over = p
	return true
}

func (m *Model) togglePredict() tea.Cmd {
	m.predicting = !m.predicting
	if m.predicting {
		m.say("predict: before each step there are questions about it; p ends it")
	} else {
		m.say("predict is off: " + m.tally.String())
	}
	return nil
}

func (p *predict) question() *quiz.Question { return &p.quiz.Questions[p.at] }

func (p *predict) begin() {
	p.bits = make([]bool, len(p.question().Bits))
	p.mark, p.hint, p.grade = 0, false, nil
}

func (p *predict) full() bool { return false }

func (p *predict) hints() string {
	switch q := p.question(); {
	case p.grade != nil:
		return "enter goes on"
	case q.Bits != nil:
		return "left right choose a bit  space sets it  enter answers  h hint  esc stops asking"
	}
	return "up down or a number choose  enter answers  h hint  esc stops asking"
}

func (p *predict) panel(m *Model, w int) *panel {
	q := p.question()
	out := &panel{follow: -1, title: fmt.Sprintf("what will %s do? question %d of %d, %s", p.move, p.at+1, len(p.quiz.Questions), m.tally.String())}
	out.lines = wrapText(bold, q.Prompt, w, 0)
	if q.Bits != nil {
		out.lines = append(out.lines, p.bitLines(m)...)
	}
	for i, c := range q.Choices {
		var l line
		here := " "
		if i == p.mark && p.grade == nil {
			here = m.ink.here
		}
		l.add(bold, here).add(accented, fmt.Sprintf(" %d ", i+1))
		st := plain
		if p.grade != nil {
			switch {
			case i == p.grade.Correct.Choice:
				st = fresh
				l.add(fresh, "right ")
			case i == p.mark:
				st = wrong
				l.add(wrong, "wrong ")
			}
		}
		l.add(st, c)
		out.lines = append(out.lines, l.wrap(w, 4)...)
	}
	if p.grade != nil {
		var l line
		if p.grade.Right {
			l.add(fresh, "Right. ")
		} else {
			l.add(wrong, fmt.Sprintf("%d of %d. ", p.grade.Score, p.grade.Of))
		}
		l.add(plain, p.grade.Sentence)
		out.lines = append(out.lines, l.wrap(w, 2)...)
	}
	if p.hint && p.grade == nil {
		var l line
		l.add(faint, "rule: ").add(plain, q.Hint)
		if c := cites(q.Cites); c != "" {
			l.add(faint, " ["+c+"]")
		}
		out.lines = append(out.lines, l.wrap(w, 2)...)
	}
	return out
}

// bitLines draw the mask that is being answered, bit by bit, and behind it, when it is graded, which are right.
func (p *predict) bitLines(m *Model) []line {
	q := p.question()
	var names, have, marks line
	names.add(plain, "  ")
	have.add(plain, "  ")
	marks.add(plain, "  ")
	for i, name := range q.Bits {
		sign := "-"
		if p.bits[i] {
			sign = name[:1]
		}
		st := plain
		if i == p.mark && p.grade == nil {
			st = marked
			have.add(bold, m.ink.here)
		} else {
			have.add(plain, " ")
		}
		names.add(faint, " "+name).pad(2 + 5*(i+1))
		have.add(st, sign).pad(2 + 5*(i+1))
		if p.grade != nil {
			if p.grade.PerBit[i] {
				marks.add(fresh, " ok")
			} else {
				marks.add(wrong, " "+m.ink.bad)
			}
			marks.pad(2 + 5*(i+1))
		}
	}
	if p.grade == nil {
		return []line{names, have}
	}
	var right line
	right.add(plain, "  ")
	for i := range q.Bits {
		sign := "-"
		if p.grade.Correct.Bits[i] {
			sign = q.Bits[i][:1]
		}
		right.add(plain, " "+sign).pad(2 + 5*(i+1))
	}
	right.add(faint, "is right")
	have.add(faint, "was answered")
	return []line{names, have, right, marks}
}

func (p *predict) key(m *Model, k string) tea.Cmd {
	q := p.question()
	if p.grade != nil {
		switch k {
		case "enter", "space", "n", "right", "esc":
			if p.at++; p.at < len(p.quiz.Questions) {
				p.begin()
				return nil
			}
			return p.done(m)
		}
		return nil
	}
	n := max(len(q.Bits), len(q.Choices))
	switch k {
	case "esc":
		return p.done(m)
	case "p":
		m.predicting = false
		return p.done(m)
	case "h", "?":
		p.hint = true
	case "left", "up", "shift+tab":
		p.mark = (p.mark + n - 1) % n
	case "right", "down", "tab":
		p.mark = (p.mark + 1) % n
	case "space", "x":
		if q.Bits != nil {
			p.bits[p.mark] = !p.bits[p.mark]
		}
	case "enter":
		g, err := p.quiz.Grade(q.ID, quiz.Answer{Bits: p.bits, Choice: p.mark})
		if err != nil {
			m.fail(err)
			return nil
		}
		p.grade = &g
		m.tally.add(g)
	default:
		if len(k) == 1 && k[0] >= '1' && int(k[0]-'1') < n {
			p.mark = int(k[0] - '1')
			if q.Bits != nil {
				p.bits[p.mark] = !p.bits[p.mark]
			}
		}
	}
	return nil
}

// done takes the step that was asked about.
func (p *predict) done(m *Model) tea.Cmd {
	m.over = nil
	return m.take(p.move)
}

// maskText writes bits as masks are printed: PP|HH|AA.
func maskText(names []string, bits []bool) string {
	var b strings.Builder
	for i, name := range names {
		if i > 0 && i%2 == 0 {
			b.WriteByte('|')
		}
		if bits[i] {
			b.WriteString(name[:1])
		} else {
			b.WriteByte('-')
		}
	}
	return b.String()
}
