package scenario

import (
	"fmt"
	"slices"
	"strings"
)

// Format writes the scenario as Parse reads it, but for comments and blank lines.
func Format(s *Scenario) string {
	w := &writer{}
	w.word("title", s.Title)
	for _, line := range s.About {
		w.line(0, strings.TrimSpace("about "+line))
	}
	w.run(&s.Run)
	w.part()
	w.count("batch", s.Batch)
	if s.NoLazyFlush {
		w.line(0, "without lazy-flush")
	}
	w.setup(s)
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
	for _, e := range s.Ends {
		if e.Kind == Kept {
			w.line(1, e.Kind.String()+" "+e.Table)
		} else {
			w.line(1, fmt.Sprintf("%s %d", e.Kind, e.MM))
		}
	}
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

func (w *writer) count(word string, n int) {
	if n != 0 {
		w.line(0, fmt.Sprintf("%s %d", word, n))
	}
}

func (w *writer) run(r *Run) {
	w.part()
	w.word("variant", r.Variant)
	w.word("pin", r.Pin)
	w.word("softirqs", r.Softirqs)
	w.word("grace", r.Grace)
	w.word("expect", r.Expect)
	w.word("schedule", r.Schedule)
}

func (w *writer) setup(s *Scenario) {
	w.part()
	for _, mm := range s.MMs {
		text := fmt.Sprintf("mm %d", mm.ID)
		if mm.Users != 1 {
			text += fmt.Sprintf(" users %d", mm.Users)
		}
		if mm.PGSTE {
			text += " pgste"
		}
		w.line(0, text)
	}
	for _, p := range s.Pages {
		text := fmt.Sprintf("page %d %s", p.MM, dash(p.Tables[0]))
		if !s.pgste(p.MM) {
			text += " " + dash(p.Tables[1])
		}
		w.line(0, text)
	}
	for _, f := range s.Files {
		w.line(0, "file "+f.Name)
	}
	for _, v := range s.VMAs {
		w.line(0, fmt.Sprintf("vma %s %s %d %s", v.Name, v.File, v.MM, dash(v.Table)))
	}
}

// pgste tells whether the tables of an mm of the start have PGSTEs.
func (s *Scenario) pgste(mm int) bool {
	return slices.ContainsFunc(s.MMs, func(m MM) bool { return m.ID == mm && m.PGSTE })
}

func dash(name string) string {
	if name == "" {
		return "-"
	}
	return name
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
		if ops[i].Kind == Either {
			w.line(depth, "end")
		}
	}
}

// String writes the operation as a line of a scenario; of an either it writes the first.
func (o *Op) String() string {
	words := strings.Fields(o.Kind.Form())
	for i, word := range words {
		switch word {
		case "N":
			words[i] = fmt.Sprint(o.MM)
		case "TO":
			words[i] = fmt.Sprint(o.To)
		case "TABLE":
			words[i] = o.Table
		case "FILE":
			words[i] = o.File
		case "VMA":
			words[i] = o.VMA
		}
	}
	return strings.Join(words, " ")
}
