package tui

import (
	"fmt"

	"ptsim/internal/prose"
	"ptsim/internal/stepper"
)

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
