package tui

import (
	"fmt"
	"slices"
)

// panelID names a panel.
type panelID uint8

const (
	noPanel panelID = iota
	stepPanel
	statePanel // pages, mms, queues and files in one, where there is little room
	pagesPanel
	mmsPanel
	queuesPanel
	filesPanel
	lanesPanel
	sourcePanel
	splatPanel
	schedulePanel
	triesPanel
	numPanels
)

// panel is a titled part of the screen, of as many lines as there is room for.
type panel struct {
	id     panelID
	title  string
	brief  string // what stands in the title where the panel is collapsed
	lines  []line
	follow int // the line to be kept in sight, -1 if there is none
	centre bool
	least  int  // lines below which it is not worth reading
	rank   int  // who is shown at all where there is little room: the lower ones
	fill   int  // who is shown in full
	grows  bool // takes what room is left over
	bare   bool // has no title
}

// share says how many lines each panel gets of h, its title included.
func share(panels []*panel, h int, focus panelID) []int {
	got := make([]int, len(panels))
	ranked, filled := make([]int, len(panels)), make([]int, len(panels))
	for i := range panels {
		ranked[i], filled[i] = i, i
	}
	slices.SortStableFunc(ranked, func(a, b int) int { return panels[a].rank - panels[b].rank })
	slices.SortStableFunc(filled, func(a, b int) int { return panels[a].fill - panels[b].fill })
	give := func(i, want int) {
		if n := min(want-got[i], h); n > 0 {
			got[i] += n
			h -= n
		}
	}
	title := func(p *panel) int { return b2i(!p.bare) }
	for _, i := range ranked {
		give(i, title(panels[i])+b2i(panels[i].bare && len(panels[i].lines) > 0))
	}
	for _, i := range ranked {
		give(i, title(panels[i])+min(panels[i].least, len(panels[i].lines)))
	}
	for i, p := range panels {
		if p.id == focus {
			give(i, title(p)+len(p.lines))
		}
	}
	for _, i := range filled {
		give(i, title(panels[i])+len(panels[i].lines))
	}
	for i, p := range panels {
		if p.grows {
			give(i, got[i]+h)
		}
	}
	return got
}

// window returns the first of n lines to show of a panel that has more.
func (p *panel) window(n, scroll int, scrolled bool) int {
	most := max(len(p.lines)-n, 0)
	if scrolled || p.follow < 0 {
		return min(max(scroll, 0), most)
	}
	at := 0
	switch {
	case p.centre:
		at = p.follow - n/2
	case p.follow >= n:
		at = p.follow - n + 1
	}
	return min(max(at, 0), most)
}

// draw returns h lines of the panel.
func (m *Model) draw(p *panel, w, h int) []line {
	if h <= 0 {
		return nil
	}
	room := h - b2i(!p.bare)
	at := p.window(room, m.scroll[p.id], m.scrolled[p.id])
	m.scroll[p.id], m.page[p.id] = at, max(room, 1)
	var out []line
	if !p.bare {
		where := ""
		switch {
		case room <= 0 || len(p.lines) == 0:
			where = p.brief
		case len(p.lines) > room:
			where = fmt.Sprintf("%d-%d of %d", at+1, at+room, len(p.lines))
		}
		out = append(out, m.titleLine(p.title, where, w, p.id == m.focus))
	}
	for i := range room {
		if at+i < len(p.lines) {
			out = append(out, p.lines[at+i].cut(w))
		} else {
			out = append(out, line{})
		}
	}
	if n := len(out); p.bare && n > 0 && at+room < len(p.lines) {
		out[n-1] = out[n-1].cut(max(w-2, 0))
		out[n-1].pad(w-1).add(bold, "~")
	}
	return out
}

// titleLine is a rule with a name in it.
func (m *Model) titleLine(title, right string, w int, focus bool) line {
	rule, st := m.ink.rule, faint
	if focus {
		rule, st = m.ink.focus, plain
	}
	var l line
	l.add(st, rule+" ").add(strong, title).add(plain, " ")
	tail := 0
	if right != "" {
		right = short(right, max(w-l.width()-4, 0))
		tail = width(right) + 3
	}
	for n := w - l.width() - tail; n > 0; n-- {
		l.add(st, rule)
	}
	if right != "" {
		l.add(faint, " "+right+" ").add(st, rule)
	}
	return l.cut(w)
}

// column puts panels below each other in w columns and h lines.
func (m *Model) column(panels []*panel, w, h int) []line {
	var out []line
	for i, n := range share(panels, h, m.focus) {
		out = append(out, m.draw(panels[i], w, n)...)
	}
	for len(out) < h {
		out = append(out, line{})
	}
	return out[:h]
}

// columns puts columns next to each other, parted by a bar.
func (m *Model) columns(cols [][]line, widths []int) []line {
	var out []line
	for i := range cols[0] {
		var l line
		for c := range cols {
			if c > 0 {
				l.add(faint, " "+m.ink.bar+" ")
			}
			cell := cols[c][i].cut(widths[c])
			if c < len(cols)-1 {
				cell.pad(widths[c])
			}
			l.join(cell)
		}
		out = append(out, l)
	}
	return out
}
