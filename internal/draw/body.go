package draw

import (
	"ptsim/explore"
	"ptsim/internal/stepper"
)

// lanesBeside tells whether the lanes stand beside the mms; else they stand below, and what is queued beside.
func (f *frame) lanesBeside() bool { return !f.o.Compact && len(f.v.Lanes) <= 6 }

// left are the mms with their pages, and the pages that are nobody's; below them files, or all lists.
func (f *frame) left(p *pen) float64 {
	w, _ := f.columns()
	y := 0.0
	mw := f.mmWidth()
	for i := 0; i < len(f.v.MMs); i += f.mmsPerRow {
		h := 0.0
		for k := range f.v.MMs[i:min(i+f.mmsPerRow, len(f.v.MMs))] {
			m := &f.v.MMs[i+k]
			pages := f.pages(m.Name)
			if p != nil {
				f.at(p, float64(k)*(mw+8), y, func(p *pen) float64 { return f.mm(p, m, pages, mw) })
			}
			h = max(h, f.mm(nil, m, pages, mw))
		}
		y += h
	}
	if stray := f.pages(""); len(stray) > 0 {
		m := &stepper.MM{Name: strays}
		if p != nil {
			f.at(p, 0, y, func(p *pen) float64 { return f.mm(p, m, stray, w) })
		}
		y += f.mm(nil, m, stray, w)
	}
	var lists []panel
	if f.lanesBeside() {
		lists = f.panels()
	}
	if l, ok := f.files(); ok {
		lists = append(lists, l)
	}
	objects := f.figures()
	if l, ok := f.things(); ok {
		objects = append(objects, l)
	}
	for i := range objects {
		l := &objects[i]
		if p != nil {
			f.at(p, 0, y, func(p *pen) float64 { return f.panel(p, l, w, 0) })
		}
		y += f.panel(nil, l, w, 0) + 6
	}
	return y + f.lists(p, lists, w, y)
}

func (f *frame) mmWidth() float64 {
	w, _ := f.columns()
	return (w - 8*float64(f.mmsPerRow-1)) / float64(f.mmsPerRow)
}

// pages returns the pages of an mm; "" stands for those whose mm is not shown.
func (f *frame) pages(mm string) []*stepper.Page {
	var list []*stepper.Page
	for i := range f.v.Pages {
		p := &f.v.Pages[i]
		shown := false
		for k := range f.v.MMs {
			shown = shown || f.v.MMs[k].Name == p.MM
		}
		if (p.MM == mm && shown || mm == "" && !shown) && !f.past(p) {
			list = append(list, p)
		}
	}
	return list
}

// past tells whether a page is not drawn any more: it was given back before, and so many were that they would be in the way.
func (f *frame) past(p *stepper.Page) bool {
	return p.Freed && p.Change == stepper.Same && f.has.freed > 2
}

// pastOf names the pages of an mm that are not drawn any more.
func (f *frame) pastOf(mm string) []string {
	var list []string
	for i := range f.v.Pages {
		if p := &f.v.Pages[i]; p.MM == mm && f.past(p) {
			list = append(list, p.Name)
		}
	}
	return list
}

// right are the lanes, or the lists of what is queued.
func (f *frame) right(p *pen) float64 {
	_, w := f.columns()
	if f.lanesBeside() {
		return f.lanes(p)
	}
	y := 0.0
	for _, l := range f.panels() {
		if f.o.Compact && len(l.entries) == 0 {
			continue
		}
		if p != nil {
			f.at(p, 0, y, func(p *pen) float64 { return f.panel(p, &l, w, 0) })
		}
		y += f.panel(nil, &l, w, 0) + 6
	}
	return y
}

// below are the lanes, if they are not beside.
func (f *frame) below(p *pen) float64 {
	if f.lanesBeside() {
		return 0
	}
	return f.lanes(p)
}

// lists draws panels beside each other, all equally high.
func (f *frame) lists(p *pen, lists []panel, w, from float64) float64 {
	per := len(lists)
	switch {
	case f.o.Compact || per == 0:
		per = 1
	case per == 4:
		per = 2
	}
	const gap = 8.0
	lw := (w - gap*float64(per-1)) / float64(per)
	y := 0.0
	for i := 0; i < len(lists); i += per {
		row := lists[i:min(i+per, len(lists))]
		h := 0.0
		for k := range row {
			h = max(h, f.panel(nil, &row[k], lw, 0))
		}
		for k := range row {
			if p != nil {
				f.at(p, float64(k)*(lw+gap), from+y, func(p *pen) float64 { return f.panel(p, &row[k], lw, h) })
			}
		}
		y += h + 6
	}
	return y
}

// lanes are the threads. A compact picture has those only that take part.
func (f *frame) lanes(p *pen) float64 {
	rows, w := f.laneRows()
	y := 0.0
	for i, row := range rows {
		h := f.rowHeight(row, w)
		if i < len(f.has.rows) {
			h = max(h, f.has.rows[i])
		}
		for k, l := range row {
			if p != nil {
				p.card(float64(k)*(w+laneGap), y, 1, func(p *pen) { f.lane(p, l, w, h) })
			}
		}
		y += h + f.rowGap()
	}
	return y
}

func (f *frame) rowGap() float64 {
	if f.o.Compact {
		return 4
	}
	return 6
}

const laneGap = 10.0

// laneRows are the lanes that are shown, row by row, and how wide each is.
func (f *frame) laneRows() (rows [][]*stepper.Lane, w float64) {
	var show []*stepper.Lane
	for i := range f.v.Lanes {
		if l := &f.v.Lanes[i]; !f.o.Compact || l.Moved || l.Doing != "" && l.State != explore.AllEnded || len(l.Moves) > 0 {
			show = append(show, l)
		}
	}
	per := max(len(show), 1)
	_, right := f.columns()
	all := f.w - 2*f.margin()
	switch {
	case f.o.Compact:
		per = 1
	case f.lanesBeside():
		all, per = right, 1
	case per == 5, per == 6:
		per = 3
	case per > 6:
		per = 4
	}
	for i := 0; i < len(show); i += per {
		rows = append(rows, show[i:min(i+per, len(show))])
	}
	return rows, (all - laneGap*float64(per-1)) / float64(per)
}

func (f *frame) rowHeight(row []*stepper.Lane, w float64) float64 {
	h := 0.0
	for _, l := range row {
		h = max(h, f.lane(nil, l, w, 0))
	}
	return h
}
