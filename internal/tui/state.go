package tui

import (
	"fmt"
	"slices"
	"strings"

	"ptsim/internal/prose"
	"ptsim/internal/stepper"
	"ptsim/lab"
)

const labelWidth = 8 // "page12", "batch3", ...

// row begins a line with the mark of a change and a label.
func (m *Model) row(c stepper.Change, label string) line {
	var l line
	st, sign := m.ink.sign(c)
	if m.accused(label) {
		st, sign, c = wrong, m.ink.bad, stepper.Changed
	}
	l.add(st, sign+" ")
	if c == stepper.Same {
		st = plain
	}
	l.add(st, label)
	l.pad(2 + max(labelWidth, width(label)+1))
	return l
}

// accused tells whether the violation that the schedule came to names a thing.
func (m *Model) accused(name string) bool {
	if m.view.Violation == nil {
		return false
	}
	return slices.Contains(m.view.Violation.About, name)
}

// value appends a value, and its mark if it changed.
func (m *Model) value(l *line, c stepper.Change, s string) *line {
	st, sign := m.ink.sign(c)
	l.add(st, s)
	if c != stepper.Same {
		l.add(st, sign)
	}
	return l
}

// fold wraps a line so that what goes over the width stands below the text after the label.
func fold(l line, w int) []line { return l.wrap(w, min(2+labelWidth, w/3)) }

// pageRows draws the pages, and names those that were freed before this step.
func (m *Model) pageRows(v *stepper.View, w int) []line {
	var out []line
	var freed []string
	for i := range v.Pages {
		p := &v.Pages[i]
		if p.Freed && p.Change != stepper.Gone && !m.accused(p.Name) {
			freed = append(freed, p.Name)
			continue
		}
		out = append(out, m.pageRow(v, p, w)...)
	}
	return m.freedRow(out, freed, w)
}

func (m *Model) freedRow(out []line, freed []string, w int) []line {
	if len(freed) == 0 {
		return out
	}
	l := m.row(stepper.Same, "freed")
	l.add(faint, strings.Join(freed, ", "))
	return append(out, fold(l, w)...)
}

func (m *Model) pageRow(v *stepper.View, p *stepper.Page, w int) []line {
	cell := min(max((w-2-labelWidth-30)/2, 5), 16)
	l := m.row(p.Change, p.Name)
	edge := faint
	l.add(edge, m.ink.left)
	switch {
	case p.Freed:
		l.add(plain, strings.Repeat(" ", 2*cell+1))
	case p.Whole:
		l.join(m.cell(&p.Halves[0], 2*cell+1))
	default:
		l.join(m.cell(&p.Halves[1], cell)) // as the mask has them
		l.add(edge, m.ink.mid)
		l.join(m.cell(&p.Halves[0], cell))
	}
	l.add(edge, m.ink.right).add(plain, " ")
	if p.Freed {
		l.add(gone, "freed")
		return fold(l, w)
	}
	if !p.Whole || p.Bits != 0 {
		m.value(&l, p.MaskChange, p.Mask)
	} else {
		l.add(faint, "no mask ")
	}
	l.pad(2 + labelWidth + 2*cell + 3 + 1 + 9)
	l.add(plain, " ")
	m.value(&l, p.WordsChange, words(p))
	if p.Active || p.FlagChange != stepper.Same {
		l.add(plain, ", ")
		flag := "PageActive"
		if !p.Active {
			flag = "not PageActive"
		}
		m.value(&l, p.FlagChange, flag)
	}
	if p.Refs != 1 || p.RefsChange != stepper.Same {
		l.add(plain, ", ")
		m.value(&l, p.RefsChange, fmt.Sprintf("%d refs", p.Refs))
	}
	return fold(l, w)
}

// words says what the page's lru words are in use for, and whose page it is.
func words(p *stepper.Page) string {
	if p.MM == "" {
		return p.Words.String()
	}
	switch p.Words {
	case stepper.OnList:
		return "on " + p.MM + "'s list"
	case stepper.OffList:
		return "off " + p.MM + "'s list"
	}
	return p.Words.String() + ", of " + p.MM
}

// cell draws a half, or a page of one table, as ptsim run does: filled by what it is, with the name of its table.
func (m *Model) cell(h *stepper.Half, n int) line {
	f := m.ink.half(h.State)
	st, sign := m.ink.sign(h.Change)
	name := h.Table
	if h.State == stepper.HalfFree {
		name = ""
	}
	var l line
	if h.Change != stepper.Same {
		name += sign
	} else {
		st = plain
	}
	if name == "" {
		return text(st, strings.Repeat(f, n))
	}
	name = short(name, n-3)
	l.add(st, f+" "+name+" ")
	return *l.add(st, strings.Repeat(f, max(n-l.width(), 0)))
}

func (m *Model) mmRows(v *stepper.View, w int) []line {
	var out []line
	var freed []string
	for i := range v.MMs {
		mm := &v.MMs[i]
		if mm.Freed && mm.Change != stepper.Gone && !m.accused(mm.Name) {
			freed = append(freed, mm.Name)
			continue
		}
		l := m.row(mm.Change, mm.Name)
		if mm.Freed {
			l.add(gone, "freed")
			out = append(out, l)
			continue
		}
		m.value(l.add(faint, "mm_users "), mm.UsersChange, fmt.Sprint(mm.Users))
		m.value(l.add(faint, "  mm_count "), mm.CountChange, fmt.Sprint(mm.Count))
		list := "empty"
		if len(mm.List) > 0 {
			list = strings.Join(mm.List, " "+m.ink.arrow+" ")
		}
		m.value(l.add(faint, "  list "), mm.ListChange, list)
		lock := "free"
		if mm.Lock != "" {
			lock = "held by " + mm.Lock
		}
		m.value(l.add(faint, "  lock "), mm.LockChange, lock)
		if mm.PGSTE {
			l.add(plain, "  PGSTE")
		}
		out = append(out, fold(l, w)...)
	}
	return m.freedRow(out, freed, w)
}

// queueRows are the batches, the callbacks and the work items.
func (m *Model) queueRows(v *stepper.View, w int) []line {
	var out []line
	var freed []string
	for i := range v.Batches {
		b := &v.Batches[i]
		if b.State == stepper.BatchFreed && b.Change != stepper.Gone && !m.accused(b.Name) {
			freed = append(freed, b.Name)
			continue
		}
		l := m.row(b.Change, b.Name)
		l.add(plain, b.State.String())
		if len(b.Tables) > 0 && b.State != stepper.BatchFreed {
			l.add(plain, ": "+b.Holds())
		}
		l.add(faint, "  of "+b.Owner)
		out = append(out, fold(l, w)...)
	}
	out = m.freedRow(out, freed, w)
	for i := range v.RCU {
		out = append(out, m.callbackRow("RCU", &v.RCU[i], w)...)
	}
	for i := range v.Work {
		out = append(out, m.callbackRow("work", &v.Work[i], w)...)
	}
	return out
}

func (m *Model) callbackRow(label string, c *stepper.Callback, w int) []line {
	l := m.row(c.Change, label)
	l.add(plain, c.Name)
	switch {
	case len(c.Waits) > 0:
		l.add(faint, " waits for ").add(plain, prose.List(c.Waits, "and"))
	case label == "RCU":
		l.add(faint, " may run")
	}
	if c.CPU >= 0 {
		l.add(faint, fmt.Sprintf(", on CPU%d", c.CPU))
	}
	return fold(l, w)
}

func (m *Model) fileRows(v *stepper.View, w int) []line {
	var out []line
	for i := range v.Files {
		f := &v.Files[i]
		l := m.row(f.Change, f.Name)
		held := "free"
		if len(f.Holders) > 0 {
			held = "held by " + prose.List(f.Holders, "and")
		}
		l.add(faint, "i_mmap_rwsem ").add(plain, held)
		out = append(out, fold(l, w)...)
	}
	for i := range v.VMAs {
		a := &v.VMAs[i]
		l := m.row(a.Change, a.Name)
		l.add(faint, "vma")
		if a.MM != "" {
			l.add(faint, " of "+a.MM)
		}
		where := ", not in the i_mmap tree"
		if a.Linked {
			where = ", in the i_mmap tree"
		}
		pmd := "none"
		if a.Table != "" {
			pmd = a.Table
		}
		l.add(plain, where).add(faint, ", pmd ").add(plain, pmd)
		out = append(out, fold(l, w)...)
	}
	return out
}

// figureRows are what a lab draws of its objects: a line for each strip of cells.
func (m *Model) figureRows(v *stepper.View, w int) []line {
	var out []line
	for i := range v.Figures {
		f := &v.Figures[i]
		if f.Title != "" {
			out = append(out, m.row(stepper.Same, f.Title))
		}
		for j := range f.Strips {
			s := &f.Strips[j]
			l := m.row(stepper.Same, s.Label)
			if len(s.Cells) == 0 {
				l.add(faint, s.None)
			}
			for k := range s.Cells {
				switch {
				case k > 0 && s.Chain:
					l.add(plain, " "+m.ink.arrow+" ")
				case k > 0:
					l.add(plain, " ")
				}
				style := plain
				if s.Cells[k].Fill == lab.Broken {
					style = gone
				}
				l.add(style, "["+s.Cells[k].About()+"]")
			}
			out = append(out, fold(l, w)...)
		}
	}
	return out
}

// thingRows are the objects of a lab other than the page tables, a row each, below what the lab draws of them.
func (m *Model) thingRows(v *stepper.View, w int) []line {
	out := m.figureRows(v, w)
	var freed []string
	for i := range v.Things {
		t := &v.Things[i]
		if t.Freed && t.Change != stepper.Gone && !m.accused(t.Name) {
			freed = append(freed, t.Name)
			continue
		}
		l := m.row(t.Change, t.Name)
		if t.Freed {
			l.add(gone, "freed")
			out = append(out, l)
			continue
		}
		for j := range t.Fields {
			f := &t.Fields[j]
			if j > 0 {
				l.add(plain, "  ")
			}
			value := f.Value
			if t.Drawing == lab.Chain && f.To != "" {
				value = m.ink.arrow + " " + value
			}
			m.value(l.add(faint, f.Name+" "), f.Change, value)
		}
		out = append(out, fold(l, w)...)
	}
	return m.freedRow(out, freed, w)
}

// firstMarked is the first line with a mark in its margin, -1 if none has.
func firstMarked(lines []line) int {
	for i, l := range lines {
		if s := l.plain(); s != "" && s[0] != ' ' {
			return i
		}
	}
	return -1
}

// markedFirst puts what changed before the rest, so that it is in sight where there is no room for all.
func markedFirst(lines []line) []line {
	var first, rest []line
	to := &rest
	for _, l := range lines {
		switch s := l.plain(); {
		case strings.HasPrefix(s, "   "): // goes on
		case strings.HasPrefix(s, " "):
			to = &rest
		default:
			to = &first
		}
		*to = append(*to, l)
	}
	return append(first, rest...)
}

// statePanels are what there is to see of the machine: one panel where there is little room, else four.
func (m *Model) statePanels(v *stepper.View, w int, one bool) []*panel {
	parts := []*panel{
		{id: pagesPanel, title: "pages: upper half, lower half, PP|HH|AA", lines: m.pageRows(v, w), rank: 3, fill: 2, least: 2},
		{id: mmsPanel, title: "mms", lines: m.mmRows(v, w), rank: 4, fill: 2, least: 2},
		{id: queuesPanel, title: "batches, RCU, work", lines: m.queueRows(v, w), rank: 5, fill: 2, least: 2},
		{id: filesPanel, title: "files and vmas", lines: m.fileRows(v, w), rank: 6, fill: 2, least: 1},
	}
	whole, brief := "state: pages as upper half, lower half, PP|HH|AA", prose.Count(len(v.Pages), "page", "pages")+", "+prose.Count(len(v.MMs), "mm", "mms")
	if v.Things != nil {
		parts[0].title, parts[0].lines, parts[2].title = "objects", m.thingRows(v, w), "RCU, work"
		whole, brief = "objects", prose.Count(len(v.Things), "object", "objects")
	}
	if v.Things == nil && v.Figures != nil { // of memory
		parts[0].lines = append(parts[0].lines, m.figureRows(v, w)...)
	}
	if one {
		p := &panel{id: statePanel, title: whole, rank: 1, fill: 2, least: 3}
		for _, q := range parts {
			p.lines = append(p.lines, q.lines...)
		}
		if len(p.lines) > max(m.h-16, 6) {
			p.lines = markedFirst(p.lines)
		}
		p.follow = firstMarked(p.lines)
		p.brief = brief
		return []*panel{p}
	}
	var out []*panel
	for _, p := range parts {
		if len(p.lines) == 0 {
			if p.id != queuesPanel {
				continue
			}
			p.brief = "nothing is queued"
		}
		p.follow = firstMarked(p.lines)
		out = append(out, p)
	}
	return out
}
