package masks

import (
	"math"

	"ptsim/pgalloc"
)

// The drawing is a product of two small ones. A half that starts allocated goes through pending to free; every node is
// where the sum of its halves' ways leads, half 0's to the right and half 1's to the left, both downwards:
//
//	           A|A                rows: both halves in use, then one of them free, then the page released;
//	      P|A      A|P            the same operation on the same half is always a line of the same direction;
//	  F|A      P|P     A|F        swapping the halves is a reflection in the middle line
//	      F|P      P|F
//	           F|F
//
// A node with PageActive has its place outside and below that of the node without.

// vec is a point or a direction, in units of the drawing.
type vec struct{ x, y float64 }

func (a vec) add(b vec) vec           { return vec{a.x + b.x, a.y + b.y} }
func (a vec) sub(b vec) vec           { return vec{a.x - b.x, a.y - b.y} }
func (a vec) scale(f float64) vec     { return vec{a.x * f, a.y * f} }
func (a vec) mirrored(at float64) vec { return vec{2*at - a.x, a.y} }

// box is a rectangle around a point: w and h are half its width and height.
type box struct{ x, y, w, h float64 }

func (b box) left() float64       { return b.x - b.w }
func (b box) top() float64        { return b.y - b.h }
func (b box) center() vec         { return vec{b.x, b.y} }
func (b box) grow(by float64) box { return box{b.x, b.y, b.w + by, b.h + by} }
func (b box) has(p vec) bool      { return math.Abs(p.x-b.x) < b.w && math.Abs(p.y-b.y) < b.h }
func (b box) meets(o box) bool {
	return math.Abs(b.x-o.x) < b.w+o.w && math.Abs(b.y-o.y) < b.h+o.h
}

// drawing is a graph with everything in its place.
type drawing struct {
	*graph
	width, height float64
	middle        float64 // the line of symmetry
	twin          []int   // of each node
	boxes         []box   // of each node
	curves        []curve // of each edge
	labels        []box   // of each edge
}

const (
	nodeW, nodeH = 64.0, 24.0
	marginX      = 40.0
	marginTop    = 84.0
	marginBottom = 86.0
)

// way is how far each state of a half is from allocated, for half 0.
type way [pgalloc.HalfBroken]vec

func (t *Table) way() way {
	if t.Heads {
		return way{
			pgalloc.HalfFree: {580, 390}, pgalloc.HalfPending: {417, 104}, pgalloc.HalfPendingHead: {190, 304},
		}
	}
	if t.Actives {
		return way{pgalloc.HalfFree: {413, 304}, pgalloc.HalfPending: {90, 221}}
	}
	return way{pgalloc.HalfFree: {362, 225}, pgalloc.HalfPending: {94, 165}}
}

// layout puts the graph of the table on paper.
func (t *Table) layout() *drawing {
	d := &drawing{graph: t.graph()}
	d.twin = d.mirror()
	at := make([]vec, len(d.nodes))
	low, high := vec{math.Inf(1), math.Inf(1)}, vec{math.Inf(-1), math.Inf(-1)}
	for i, n := range d.nodes {
		at[i] = t.spot(n)
		low = vec{min(low.x, at[i].x), min(low.y, at[i].y)}
		high = vec{max(high.x, at[i].x), max(high.y, at[i].y)}
	}
	wide := max(max(-low.x, high.x), 460) + nodeW + marginX
	d.width, d.middle = 2*wide, wide
	d.height = high.y - low.y + 2*nodeH + marginTop + marginBottom
	for _, p := range at {
		d.boxes = append(d.boxes, box{p.x + wide, p.y - low.y + nodeH + marginTop, nodeW, nodeH})
	}
	d.route()
	d.label()
	return d
}

// spot returns where a node belongs, with a fresh page whose halves are both allocated as origin.
func (t *Table) spot(n node) vec {
	if !t.Fragments {
		return n.wholeSpot()
	}
	way := t.way()
	free := way[pgalloc.HalfFree]
	end := vec{0, 2 * free.y}
	switch {
	case n.kind == nodeBirth:
		return vec{-free.x, 0}
	case n.kind == nodeReleased && t.Actives:
		return end.add(vec{0, 148})
	case n.kind == nodeReleased:
		return end
	case n.place.Mask == 0: // in the RCU queue
		return end.add(vec{0, -41})
	}
	m := n.place.Mask
	right, left := way[m.Half(0)], way[m.Half(1)]
	p := vec{right.x - left.x, right.y + left.y}
	side := math.Copysign(1, p.x)
	switch {
	case n.place.Active:
		p = p.add(vec{side * 287, 42})
	case n.lost && n.place.Callback == "":
		p = p.add(vec{side * 150, 115})
	}
	return p
}

// wholeSpot is spot where a table is a page.
func (n node) wholeSpot() vec {
	switch {
	case n.kind == nodeBirth:
		return vec{0, 0}
	case n.kind == nodeReleased:
		return vec{0, 440}
	case n.place.Batch != 0:
		return vec{-200, 285}
	case n.place.Callback != "":
		return vec{200, 285}
	}
	return vec{0, 130}
}
