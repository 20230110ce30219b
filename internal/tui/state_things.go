package tui

import (
	"ptsim/internal/stepper"
	"ptsim/lab"
)

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
