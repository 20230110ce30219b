package tui

import (
	"fmt"
	"strings"

	"ptsim/internal/course"
	"ptsim/internal/prose"
)

// widest is how wide prose gets at most.
const widest = 100

// layout writes the lines of what is shown: the list, or a lesson.
func (c *Lessons) layout() {
	c.lines, c.starts = nil, nil
	if c.at < 0 {
		c.listLines()
		return
	}
	w := min(c.w, widest) - 2
	for i, b := range c.lessons[c.at].Blocks {
		c.starts = append(c.starts, len(c.lines))
		body := c.block(b, w)
		for n, l := range body {
			var out line
			switch {
			case i != c.item || !active(b):
				out.add(plain, "  ")
			case n == 0:
				out.add(bold, c.screen.ink.here+" ")
			default:
				out.add(bold, c.screen.ink.bar+" ")
			}
			c.lines = append(c.lines, *out.join(l))
		}
		c.lines = append(c.lines, line{})
	}
}

func (c *Lessons) listLines() {
	for _, s := range []string{"Read a lesson, step through its runs, answer its questions. Nothing is kept when you quit.", ""} {
		c.lines = append(c.lines, wrapText(plain, s, min(c.w, widest), 0)...)
	}
	for i, l := range c.lessons {
		var out line
		if i == c.cursor {
			out.add(bold, c.screen.ink.here+" ")
		} else {
			out.add(plain, "  ")
		}
		st := plain
		if i == c.cursor {
			st = bold
		}
		out.add(accented, fmt.Sprintf("%d ", l.Number)).add(st, l.Title)
		runs, questions := 0, 0
		for _, b := range l.Blocks {
			switch b.(type) {
			case *course.Run:
				runs++
			case *course.Question:
				questions++
			}
		}
		switch {
		case l.Lab == "" && l.Course == course.Alive:
			out.add(faint, "  all labs")
		case l.Lab != "": // it is prose
			out.add(faint, "  lab "+l.Lab)
		default:
			out.add(faint, fmt.Sprintf("  %s, %s", prose.Count(runs, "run", "runs"), prose.Count(questions, "question", "questions")))
		}
		c.lines = append(c.lines, out)
	}
}

// block writes a part of a lesson.
func (c *Lessons) block(b course.Block, w int) []line {
	switch b := b.(type) {
	case *course.Prose:
		return markdown(b.Text, w)
	case *course.Run:
		return c.run(b, w)
	case *course.Console:
		var out []line
		out = append(out, text(bold, "$ "+b.Command).wrap(w, 2)...)
		return append(out, code(b.Output, w)...)
	case *course.Question:
		return c.question(b, w)
	case *course.Exercise:
		out := wrapText(strong, fmt.Sprintf("Exercise %d", b.Number), w, 0)
		out = append(out, markdown(b.Text, w)...)
		if r := c.answers[b]; r != nil && r.shown {
			out = append(out, text(fresh, "Answer"))
			return append(out, markdown(b.Answer, w)...)
		}
		return append(out, text(faint, "(its answer is folded)"))
	}
	return nil
}

func (c *Lessons) run(r *course.Run, w int) []line {
	var head line
	head.add(strong, "Run: ").add(plain, r.Note)
	out := head.wrap(w, 2)
	out = append(out, text(faint, fmt.Sprintf("%s on %s", r.Scenario, r.Version)))
	return append(out, code(r.Drawing, w)...)
}

func (c *Lessons) question(q *course.Question, w int) []line {
	out := wrapText(strong, fmt.Sprintf("Question %d", q.Number), w, 0)
	out = append(out, markdown(q.Prompt, w)...)
	r := c.answers[q]
	chosen := make([]bool, len(q.Choices))
	if r != nil && r.chosen != nil {
		chosen = r.chosen
	}
	graded := r != nil && r.shown
	if q.Mask != "" {
		var l line
		l.add(plain, "  "+maskText(q.Choices, chosen)+"   ")
		for i, name := range q.Choices {
			l.add(accented, fmt.Sprintf(" %d ", i+1)).add(faint, name)
		}
		out = append(out, l.wrap(w, 2)...)
	} else {
		for i, choice := range q.Choices {
			out = append(out, c.choice(q, i, chosen[i], graded, choice, w)...)
		}
	}
	if !graded {
		return out
	}
	var verdict line
	if q.Right(r.choices()...) {
		verdict.add(fresh, "Right.")
	} else {
		verdict.add(wrong, c.screen.ink.bad+" Not right.")
		if q.Mask != "" {
			verdict.add(plain, " It is "+q.Mask+".")
		}
	}
	out = append(out, verdict)
	out = append(out, markdown(q.Why, w)...)
	if len(q.Cite) > 0 {
		out = append(out, markdown("Source: "+strings.Join(q.Cite, "; "), w)...)
	}
	return out
}

func (c *Lessons) choice(q *course.Question, i int, chosen, graded bool, md string, w int) []line {
	box := "( )"
	switch {
	case q.Many && chosen:
		box = "[x]"
	case q.Many:
		box = "[ ]"
	case chosen:
		box = "(x)"
	}
	var out []line
	for n, l := range markdown(md, w-13) {
		var head line
		if n == 0 {
			head.add(accented, fmt.Sprintf(" %d ", i+1)).add(plain, box+" ")
			if graded {
				right := false
				for _, a := range q.Answer {
					right = right || a == i
				}
				switch {
				case right:
					head.add(fresh, "right ")
				case chosen:
					head.add(wrong, "wrong ")
				default:
					head.add(plain, "      ")
				}
			}
		} else {
			head.add(plain, strings.Repeat(" ", 7+6*b2i(graded)))
		}
		out = append(out, *head.join(l))
	}
	return out
}

// code writes text as it is, but for what is too wide.
func code(s string, w int) []line {
	var out []line
	for _, l := range strings.Split(strings.TrimRight(s, "\n"), "\n") {
		indent := len(l) - len(strings.TrimLeft(l, " "))
		out = append(out, text(plain, l).wrap(w, indent+2)...)
	}
	return out
}

// Painting puts these around a stretch of text; [course.Terminal] lets none of them through from the text itself.
const (
	paintOn  = '\x01'
	paintOff = '\x02'
)

// markdown turns markdown into lines.
func markdown(md string, w int) []line {
	styles := map[course.Style]style{course.Heading: strong, course.Strong: bold, course.Emphasis: bold, course.Code: accented}
	painted := course.Terminal(md, w, func(st course.Style, s string) string {
		if styles[st] == plain {
			return s
		}
		return string(paintOn) + string(rune('A'+st)) + s + string(paintOff)
	})
	var out []line
	for _, s := range strings.Split(strings.TrimRight(painted, "\n"), "\n") {
		var l line
		for s != "" {
			i := strings.IndexByte(s, paintOn)
			if i < 0 || i+2 > len(s) {
				l.add(plain, s)
				break
			}
			l.add(plain, s[:i])
			st := styles[course.Style(s[i+1]-'A')]
			s = s[i+2:]
			end := strings.IndexByte(s, paintOff)
			if end < 0 {
				end = len(s)
			}
			l.add(st, s[:end])
			s = s[min(end+1, len(s)):]
		}
		if l.width() > w {
			out = append(out, l.wrap(w, 2)...)
			continue
		}
		out = append(out, l)
	}
	return out
}
