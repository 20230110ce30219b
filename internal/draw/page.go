package draw

import (
	"fmt"
	"strings"

	"ptsim/internal/stepper"
)

// mmHeight and mm draw an mm with its pages, so many in a row, in a card of that width.
func (f *frame) mm(p *pen, m *stepper.MM, pages []*stepper.Page, w float64) (height float64) {
	perRow, gap := f.perRow, 12.0
	pw := (w - 24 - gap*float64(perRow-1)) / float64(perRow)
	room := f.headWidth(w, len(pages))
	beside := room < w // what is said of the mm stands beside its page
	left := 12 + w - room
	head := f.mmHead(m, room)
	rows := (len(pages) + perRow - 1) / perRow
	step := strong.line() + 3
	lines := len(head)
	if m.Name != strays && !f.o.Compact {
		lines = max(lines, f.has.head)
	}
	height = 20 + float64(lines)*step + 24
	ph := pageHeight * f.scale
	if beside {
		height = 30 + max(ph, float64(lines)*step) + gap + 4
	} else if rows > 0 {
		height += float64(rows)*(ph+gap) + 2
	}
	if p == nil {
		return height
	}
	p.box(0, 0, w, height-6, m.Change != stepper.Same, m.Freed)
	right := w - 10
	switch {
	case m.Name == strays:
	case m.Freed:
		right = p.tag("alarm", right, 21, "freed")
	default:
		right = p.tag("full", right, 21, string(m.Change))
	}
	name := m.Name
	if m.PGSTE {
		name += " with PGSTEs"
	}
	p.text(strong, "ink", 12, 22, right-16, name)
	y := 26 + step
	for _, l := range head {
		x := left
		for _, part := range l {
			k := code
			if part.changed {
				k = strong
			}
			p.text(k, "ink", x, y, w-12-x, part.text)
			x += k.width(part.text)
			if part.changed { // a line says it again, for those who do not see weight
				p.rect("f-ink", x-k.width(part.text), y+4, k.width(part.text), 2.2, "")
			}
			x += 20
		}
		y += step
	}
	y += float64(lines-len(head)) * step
	if beside {
		y = 30 + step - 12
	}
	for i, page := range pages {
		x := 12 + float64(i%perRow)*(pw+gap)
		at := y - step + 12 + float64(i/perRow)*(ph+gap)
		p.card(x, at, f.scale, func(p *pen) { f.page(p, page, pw/f.scale, pageHeight) })
	}
	return height
}

// headWidth is how much of an mm's width is for what is said of it: all, or what its only page leaves.
func (f *frame) headWidth(w float64, pages int) float64 {
	if pages == 1 && f.perRow == 2 && (f.o.Compact || f.has.pages == 1) {
		return w/2 + 6
	}
	return w
}

// part is some words, and whether what they say changed.
type part struct {
	text    string
	changed bool
}

// mmHead is what is said of an mm, broken to lines.
func (f *frame) mmHead(m *stepper.MM, w float64) [][]part {
	switch {
	case m.Name == strays:
		return nil
	case m.Freed:
		return [][]part{{{"its memory has been given back", false}}}
	}
	lock := "context.lock free"
	if m.Lock != "" {
		lock = "context.lock held by " + m.Lock
	}
	list := "pgtable_list empty"
	if len(m.List) > 0 {
		list = "pgtable_list: " + strings.Join(m.List, ", ")
	}
	parts := []part{
		{fmt.Sprintf("mm_users %d", m.Users), m.UsersChange != stepper.Same}, {fmt.Sprintf("mm_count %d", m.Count), m.CountChange != stepper.Same},
		{list, m.ListChange != stepper.Same}, {lock, m.LockChange != stepper.Same},
	}
	var lines [][]part
	x := w
	if past := f.pastOf(m.Name); len(past) > 0 {
		parts = append(parts, part{"given back before: " + small.fit(strings.Join(past, ", "), w-220), false})
	}
	broken := []part{} // what is wider than a line
	for _, k := range parts {
		for _, l := range strong.wrap(k.text, w-26, 0) {
			broken = append(broken, part{l, k.changed})
		}
	}
	for _, k := range broken {
		need := strong.width(k.text) + 20
		if x+need > w-12 || len(lines) == 0 {
			lines, x = append(lines, nil), 12
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], k)
		x += need
	}
	return lines
}

// pageHeight is how high a page is drawn, and strays what stands above pages whose mm is not known.
const (
	pageHeight = 156
	strays     = "pages of no mm that is known"
)

// page draws a page: its name, its halves, its mask, and what else there is to say.
func (f *frame) page(p *pen, g *stepper.Page, w, h float64) {
	p.box(0, 0, w, h, g.Change != stepper.Same, g.Freed)
	right := w - 8
	if g.Freed {
		right = p.tag("full", right, 19, map[bool]string{true: "gone: free", false: "free"}[g.Change == stepper.Gone])
	} else {
		right = p.tag("full", right, 19, string(g.Change))
	}
	p.text(strong, "ink", 10, 20, right-14, g.Name)
	label := 42.0
	x, cw := 10+label, w-20-label
	if g.Whole {
		p.text(tiny, "muted", 10, 57, label-2, "whole")
		f.half(p, &g.Halves[0], g.Freed, x, 29, cw, 48)
	} else {
		for i, half := range []int{1, 0} {
			y := 29 + 24*float64(i)
			p.text(tiny, "muted", 10, y+16, label-2, [...]string{"lower", "upper"}[half])
			f.half(p, &g.Halves[half], g.Freed, x, y, cw, 24)
		}
	}
	if g.Whole && g.Bits == 0 {
		p.text(tiny, "muted", 10, 104, w-20, "no mask: one table, one page")
	} else {
		f.bits(p, g, 10, 85, w-20)
	}
	words := g.Words.String()
	if g.Active {
		words += ", PageActive"
	}
	if g.Refs != 1 && !g.Freed {
		words += fmt.Sprintf(", %d refs", g.Refs)
	}
	if g.Freed {
		words = "given back"
	}
	k := small
	if k.width(words) > w-20 {
		k = tiny
	}
	p.text(k, "ink", 10, h-10, w-20, words)
	if g.WordsChange != stepper.Same || g.FlagChange != stepper.Same || g.RefsChange != stepper.Same {
		p.rect("f-ink", 10, h-7, min(k.width(words), w-20), 2.2, "")
	}
}

// half draws a half by its pattern and its word.
func (f *frame) half(p *pen, half *stepper.Half, freed bool, x, y, w, h float64) {
	word, fill, ink := half.State.String(), "", "ink"
	switch {
	case freed:
		word, ink = "", "muted"
	case half.State == stepper.HalfFree:
		ink = "muted"
	case half.State == stepper.HalfAllocated:
		ink = "onfull"
	case half.State == stepper.HalfPending:
		fill = "hatch"
	case half.State == stepper.HalfPendingHead:
		fill = "dots"
	default:
		fill = "cross"
	}
	if half.Table != "" && word != "" {
		word = half.Table + " " + word
	}
	k := small
	if k.width(word) > w-10 {
		k = tiny
	}
	word = k.fit(word, w-8)
	switch {
	case ink == "onfull":
		p.rect("f-full", x+2, y+2, w-4, h-4, "")
	case fill != "":
		fmt.Fprintf(p, `<rect fill="url(#%s%s)" x="%s" y="%s" width="%s" height="%s"/>`, f.ids, fill, num(x), num(y), num(w), num(h))
		plate := min(k.width(word)+6, w-2)
		p.rect("f-ground", x+w/2-plate/2, y+h/2-9.5, plate, 19, "")
	}
	p.middle(k, ink, x+w/2, y+h/2+4.6, w-4, word)
	stroke := ` stroke-width="1.2"`
	if half.Change != stepper.Same {
		stroke = ` stroke-width="2.8"`
	}
	p.rect("l s-ink", x, y, w, h, stroke)
}

// bits draws the six bits, P H A, upper half first: a dark cell with its name if it is on, a dash if it is off. A bar below a
// cell says that it flipped.
func (f *frame) bits(p *pen, g *stepper.Page, x, y, w float64) {
	const h = 23.0
	cell := min((w-16)/6, 38)
	var on, off, flipped strings.Builder
	for i := range 6 {
		group, half := i/2, uint32(1-i%2)
		bit := 1 << (5 - i)
		cx := x + float64(i)*cell + float64(group)*8
		path := fmt.Sprintf("M%s %sh%sv%sh-%sz", num(cx+1), num(y), num(cell-2), num(h), num(cell-2))
		name := fmt.Sprintf("%c%d", "PHA"[group], half)
		if g.Bits&bit != 0 && !g.Freed {
			on.WriteString(path)
			defer p.middle(small, "onfull", cx+cell/2, y+16.3, cell, name)
		} else {
			off.WriteString(path)
			defer p.middle(small, "muted", cx+cell/2, y+16.3, cell, "-")
		}
		if g.Flips&bit != 0 {
			fmt.Fprintf(&flipped, "M%s %sh%sv3h-%sz", num(cx+2), num(y+h+2.4), num(cell-4), num(cell-4))
		}
	}
	for group, word := range []string{"pending", "rcu_head", "in use"} {
		p.middle(tiny, "muted", x+float64(group)*(2*cell+8)+cell, y+h+18, 2*cell+6, word)
	}
	for _, d := range []struct{ class, path, attrs string }{
		{"f-full", on.String(), ""}, {"l s-muted", off.String(), ` stroke-width="1"`}, {"f-ink", flipped.String(), ""},
	} {
		if d.path != "" {
			fmt.Fprintf(p, `<path class="%s" d="%s"%s/>`, d.class, d.path, d.attrs)
		}
	}
}
