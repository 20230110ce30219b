package masks

import (
	"math"
	"slices"

	"ptsim/internal/picture"
	"ptsim/pgalloc"
)

// The sheet is as wide as a slide. Lines run in the area, on tracks that the nodes' sides are on too.
const (
	sheetWidth, sheetHeight = 1280.0, 720.0
	nodeWidth, nodeHeight   = 120.0, 72.0
	tagHeight               = 24.0
	endWidth, endHeight     = 96.0, 48.0
	trayMargin              = 18.0 // an odd number of half tracks: no line runs along its border
)

var area = picture.Box{X: 20, Y: 72, W: 1236, H: 540}

// column says what a node's place from left to right means: how many halves are in use, and when none is, how many are
// still pending. So a page that is used once and freed goes from left to right, and only allocation leads back.
func (n node) column(fragments bool) int {
	m := n.place.Mask
	allocated, pending := bits(m.AA()), bits(m.PP())
	switch {
	case n.kind == nodeBirth:
		return 0
	case n.kind == nodeReleased:
		return 4
	case !fragments && n.place.Batch == 0 && n.place.Callback == "":
		return 1
	case !fragments:
		return 3
	case allocated > 0:
		return 2 - allocated
	}
	return 4 - pending
}

// row says what its place from top to bottom means: first those with no half pending, then one more for a half that is,
// and for each that was deferred.
func (n node) row(fragments bool) int {
	m := n.place.Mask
	deferred := bits(m.HH())
	if n.place.Active {
		deferred++
	}
	switch {
	case n.kind == nodeBirth && fragments, n.kind == nodeState && bits(m.AA()) == 1 && m.PP() == 0 && deferred == 0:
		return 0
	case n.kind != nodeState:
		return 1
	case n.place.Callback != "" && m == 0, n.tag == "not queued":
		deferred++
	}
	return 1 + deferred
}

func bits(two uint32) int { return int(two&1 + two>>1&1) }

// drawing is a graph with its geometry.
type drawing struct {
	*graph
	boxes  []picture.Box
	cols   []int // the columns in use
	colX   []float64
	trays  []picture.Box // around what is on the list
	routes []picture.Routed
}

// draw gives every node its place and every edge its way.
func (t *Table) draw() *drawing {
	d := &drawing{graph: t.graph().fold()}
	d.place(t.Fragments)
	d.tray()
	plan := picture.Plan{Area: area, Boxes: d.boxes, Fences: d.trays}
	for _, b := range d.trays {
		plan.Closed = append(plan.Closed, trayLabel(b))
	}
	for _, e := range d.edges {
		w, h := e.labelSize()
		plan.Lines = append(plan.Lines, picture.Line{From: e.from, To: e.to, W: w, H: h})
	}
	d.routes = picture.Route(plan)
	return d
}

// place puts the nodes on a grid of those columns and rows that are in use. Two that would have the same place are put one
// below the other.
func (d *drawing) place(fragments bool) {
	type spot struct{ col, row int }
	taken := map[spot]bool{}
	spots := make([]spot, len(d.nodes))
	var cols, rows []int
	for i, n := range d.nodes {
		s := spot{n.column(fragments), n.row(fragments)}
		for taken[s] {
			s.row++
		}
		taken[s], spots[i] = true, s
		cols, rows = append(cols, s.col), append(rows, s.row)
	}
	slices.Sort(cols)
	slices.Sort(rows)
	cols, rows = slices.Compact(cols), slices.Compact(rows)
	d.cols = cols
	track := func(v float64) float64 { return math.Floor(v/picture.Pitch) * picture.Pitch }
	dx := 0.0
	if len(cols) > 1 {
		dx = track((area.W - nodeWidth) / float64(len(cols)-1))
	}
	dy := math.Min(240, track(area.H/float64(len(rows))))
	x0 := area.X + track((area.W-dx*float64(len(cols)-1))/2)
	y0 := area.Y + track((area.H-dy*float64(len(rows)-1)+24)/2)
	for i := range cols {
		d.colX = append(d.colX, x0+dx*float64(i))
	}
	for i, n := range d.nodes {
		w, h := n.size()
		d.boxes = append(d.boxes, picture.Around(x0+dx*float64(slices.Index(cols, spots[i].col)),
			y0+dy*float64(slices.Index(rows, spots[i].row)), w, h))
	}
}

func (n node) size() (w, h float64) {
	switch {
	case n.kind != nodeState:
		return endWidth, endHeight
	case n.tag != "" || n.lost:
		return nodeWidth, nodeHeight + tagHeight
	}
	return nodeWidth, nodeHeight
}

// tray encloses the pages on the list: all in one tray, if nothing else would be in it.
func (d *drawing) tray() {
	var all picture.Box
	for i, n := range d.nodes {
		if n.listed {
			b := d.boxes[i].Grow(trayMargin)
			d.trays = append(d.trays, b)
			if all.W == 0 {
				all = b
			}
			all = all.Union(b)
		}
	}
	for i, n := range d.nodes {
		if !n.listed && d.boxes[i].Meets(all) {
			return
		}
	}
	if len(d.trays) > 0 {
		d.trays = []picture.Box{all}
	}
}

const (
	trayText  = "on pgtable_list"
	noteSize  = 12.0
	labelSize = 13.0
	lockWidth = 22.0
)

// trayLabel is where a tray's label stands, above it.
func trayLabel(tray picture.Box) picture.Box {
	w := float64(len(trayText))*noteSize*picture.Glyph + 4
	return picture.Box{X: tray.X, Y: tray.Y - 18, W: w, H: 16}
}

// text is what an edge's label says.
func (e edge) text() string {
	switch {
	case e.pin > 0:
		return e.label + " +mm"
	case e.pin < 0:
		return e.label + " −mm"
	}
	return e.label
}

func (e edge) labelSize() (w, h float64) {
	w = float64(len([]rune(e.text())))*labelSize*picture.Glyph + 4
	if e.softirq {
		w += lockWidth
	}
	return w, 19
}

// halves returns how a node's halves are drawn, half 1 first as in a mask; one for a page that is not split.
func (n node) halves(fragments bool) []picture.Half {
	if !fragments {
		h := picture.HalfAllocated
		switch {
		case n.place.Callback != "":
			h = picture.HalfDeferred
		case n.place.Batch != 0:
			h = picture.HalfPending
		}
		return []picture.Half{h}
	}
	looks := map[pgalloc.HalfState]picture.Half{
		pgalloc.HalfFree: picture.HalfFree, pgalloc.HalfAllocated: picture.HalfAllocated,
		pgalloc.HalfPending: picture.HalfPending, pgalloc.HalfPendingHead: picture.HalfDeferred,
	}
	return []picture.Half{looks[n.place.Mask.Half(1)], looks[n.place.Mask.Half(0)]}
}
