package scenario

import (
	"fmt"
	"strings"

	"ptsim/internal/labs"
	"ptsim/lab"
)

// Format writes the scenario as Parse reads it, but for comments and blank lines.
func Format(s *Scenario) string {
	w := &writer{}
	if s.Lab != labs.Default() {
		w.word("lab", s.Lab.Name)
	}
	w.word("title", s.Title)
	for _, line := range s.About {
		w.line(0, strings.TrimSpace("about "+line))
	}
	w.run(&s.Run)
	w.part()
	w.lines(0, s.Settings)
	w.part()
	w.lines(0, s.Things)
	for _, t := range s.Tasks {
		w.part()
		head := "task " + t.Name
		if t.On > 0 {
			head += fmt.Sprintf(" on cpu%d", t.On-1)
		}
		if t.MayFail {
			head += " may fail"
		}
		w.line(0, head)
		w.ops(1, t.Ops)
	}
	if len(s.Ends) > 0 {
		w.part()
		w.line(0, "finally")
	}
	w.lines(1, s.Ends)
	return w.b.String()
}

type writer struct {
	b   strings.Builder
	gap bool // a blank line is due before the next
}

// part begins another part of the file.
func (w *writer) part() { w.gap = w.b.Len() > 0 }

func (w *writer) line(depth int, text string) {
	if w.gap {
		w.b.WriteByte('\n')
		w.gap = false
	}
	w.b.WriteString(strings.Repeat("  ", depth))
	w.b.WriteString(text)
	w.b.WriteByte('\n')
}

func (w *writer) word(word, value string) {
	if value != "" {
		w.line(0, word+" "+value)
	}
}

func (w *writer) lines(depth int, lines []lab.Line) {
	for i := range lines {
		w.line(depth, lines[i].String())
	}
}

func (w *writer) run(r *Run) {
	w.part()
	w.word("variant", r.Variant)
	w.word("pin", r.Pin)
	w.word("softirqs", r.Softirqs)
	w.word("grace", r.Grace)
	w.word("memory", r.Memory)
	w.word("expect", r.Expect)
	w.word("schedule", r.Schedule)
}

func (w *writer) ops(depth int, ops []Op) {
	for i := range ops {
		w.line(depth, ops[i].String())
		for b, branch := range ops[i].Branches {
			if b > 0 {
				w.line(depth, "or")
			}
			w.ops(depth+1, branch)
		}
		if ops[i].Word == lab.Either {
			w.line(depth, "end")
		}
	}
}
