package tui

import (
	"fmt"
	"strings"

	"ptsim/internal/stepper"
)

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
