package draw

import (
	"fmt"
	"strings"

	"ptsim/internal/stepper"
)

// entry is one thing in a list of what is queued: its name, a line or two about it, and how it changed.
type entry struct {
	name, about string
	change      stepper.Change
	gone        bool
}

// panel is a titled list.
type panel struct {
	title   string
	none    string // what is said if there is nothing
	entries []entry
	beside  bool // two in a row
}

// panels are the lists beside the mms: batches, RCU, work.
func (f *frame) panels() []panel {
	v := f.v
	batches := panel{title: "Batches of tables", none: "none"}
	past := 0
	for i := range v.Batches {
		b := &v.Batches[i]
		if b.State == stepper.BatchFreed && b.Change == stepper.Same && len(v.Batches) > 3 {
			past++
			continue
		}
		holds := "holds " + b.Holds()
		if len(b.Tables) == 0 {
			holds = "empty"
		}
		if b.State == stepper.BatchFreed {
			holds = "held " + b.Holds()
		}
		batches.entries = append(batches.entries, entry{b.Name, b.State.String() + ", " + holds, b.Change, b.State == stepper.BatchFreed})
	}
	if past > 0 {
		batches.title += fmt.Sprintf(", %d freed before", past)
	}
	rcu := panel{title: "Queued for RCU", none: "no callback"}
	for i := range v.RCU {
		rcu.entries = append(rcu.entries, queued(&v.RCU[i], "its grace period is over: it may run"))
	}
	list := []panel{batches, rcu}
	if f.has.things { // of another lab, which has no batches
		list = list[1:]
	}
	if f.has.work {
		work := panel{title: "Work items", none: "none"}
		for i := range v.Work {
			work.entries = append(work.entries, queued(&v.Work[i], "may run"))
		}
		list = append(list, work)
	}
	return list
}

// files are the files and mappings, if there are any at all.
func (f *frame) files() (panel, bool) {
	v := f.v
	files := panel{title: "Files and mappings", none: "none", beside: !f.o.Compact && !f.lanesBeside()}
	if f.has.files {
		for i := range v.Files {
			k := &v.Files[i]
			about := "i_mmap_rwsem free"
			if len(k.Holders) > 0 {
				about = "i_mmap_rwsem: " + strings.Join(k.Holders, ", ")
			}
			files.entries = append(files.entries, entry{k.Name, about, k.Change, false})
		}
		for i := range v.VMAs {
			k := &v.VMAs[i]
			about := "in the tree"
			if !k.Linked {
				about = "not in the tree"
			}
			if k.MM != "" {
				about = "of " + k.MM + ", " + about
			}
			if k.Table != "" {
				about += ", pmd: " + k.Table
			} else {
				about += ", pmd empty"
			}
			files.entries = append(files.entries, entry{k.Name, about, k.Change, false})
		}
	}
	return files, f.has.files
}

// things are the objects of a lab other than the page tables, if there are any at all.
func (f *frame) things() (panel, bool) {
	list := panel{title: "Objects", none: "none", beside: !f.o.Compact}
	past := 0
	for i := range f.v.Things {
		t := &f.v.Things[i]
		if t.Freed && t.Change == stepper.Same && len(f.v.Things) > 6 {
			past++
			continue
		}
		list.entries = append(list.entries, entry{t.Name, t.About(), t.Change, t.Freed})
	}
	if past > 0 {
		list.title += fmt.Sprintf(", %d freed before", past)
	}
	return list, f.has.things
}

// figures are what a lab draws of its objects, a panel each.
func (f *frame) figures() []panel {
	var list []panel
	for i := range f.v.Figures {
		g := &f.v.Figures[i]
		l := panel{title: g.Title, none: "none"}
		for j := range g.Strips {
			s := &g.Strips[j]
			l.entries = append(l.entries, entry{s.Label, s.About(), stepper.Same, false})
		}
		list = append(list, l)
	}
	return list
}

func queued(c *stepper.Callback, ready string) entry {
	about := ready
	if len(c.Waits) > 0 {
		about = "waits for " + strings.Join(c.Waits, "; ")
	}
	if c.CPU >= 0 {
		about = fmt.Sprintf("on CPU%d, %s", c.CPU, about)
	}
	return entry{c.Name, about, c.Change, false}
}

// compactPanel draws a list without cards, a line a thing if that is enough.
func (f *frame) compactPanel(p *pen, l *panel, w float64) float64 {
	if p == nil {
		p = &pen{}
	}
	y := 16.0
	for i := range l.entries {
		e := &l.entries[i]
		right := w - 8
		if e.change != stepper.Same {
			right = p.tag("full", right, y, string(e.change))
		} else if e.gone {
			right = p.tag("full", right, y, "gone")
		}
		x := 10 + strong.width(e.name) + 10
		p.text(strong, "ink", 10, y, w/2, e.name)
		y = p.lines(small, "ink", x, y, right-x, e.about, 3) + 3
	}
	return y - 14
}

// panel draws a list in a card of that width and at least that height, and returns its height.
func (f *frame) panel(p *pen, l *panel, w, least float64) float64 {
	if f.o.Compact {
		return f.compactPanel(p, l, w)
	}
	per := 1
	if l.beside {
		per = 2
	}
	cw := (w - 16 - 8*float64(per-1)) / float64(per)
	y := 26.0
	type at struct {
		x, y, h float64
		lines   []string
	}
	var places []at
	for i := 0; i < len(l.entries); i += per {
		h := 0.0
		for k := i; k < min(i+per, len(l.entries)); k++ {
			lines := small.wrap(l.entries[k].about, cw-16, 3)
			places = append(places, at{8 + float64(k-i)*(cw+8), y + 6, 0, lines})
			h = max(h, 24+float64(len(lines))*small.line()+6)
		}
		for k := i; k < len(places); k++ {
			places[k].h = h
		}
		y += h + 6
	}
	height := y + 12
	if len(l.entries) == 0 {
		height = 56
	}
	height = max(height, least)
	if p == nil {
		return height
	}
	p.rect("f-panel", 0, 0, w, height-4, ` rx="6"`)
	p.text(plain, "ink", 10, 20, w-20, l.title)
	if len(l.entries) == 0 {
		if x := 10 + plain.width(l.title) + 14; x+small.width(l.none) < w-10 {
			p.text(small, "muted", x, 20, w-10-x, l.none)
		} else {
			p.text(small, "muted", 10, 20+small.line(), w-20, l.none)
		}
	}
	for i := range l.entries {
		e, k := &l.entries[i], places[i]
		p.card(k.x, k.y, 1, func(p *pen) {
			p.box(0, 0, cw, k.h, e.change != stepper.Same, e.gone)
			right := cw - 8
			switch {
			case e.change != stepper.Same:
				right = p.tag("full", right, 17, string(e.change))
			case e.gone:
				right = p.tag("full", right, 17, "gone")
			}
			p.text(strong, "ink", 8, 19, right-10, e.name)
			y := 19 + small.line()
			for _, line := range k.lines {
				p.text(small, "ink", 8, y, cw-16, line)
				y += small.line()
			}
		})
	}
	return height
}
