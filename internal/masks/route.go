package masks

import (
	"math"
	"slices"
)

// curve is an edge: a quadratic Bezier curve from a to c.
type curve struct {
	a, b, c vec
	trace   [samples + 1]vec // points on it, from a to c
	within  box              // what they lie in
}

func newCurve(a, b, c vec) curve {
	k := curve{a: a, b: b, c: c}
	for i := range k.trace {
		k.trace[i] = k.at(float64(i) / samples)
	}
	low, high := a, a
	for _, p := range k.trace {
		low = vec{min(low.x, p.x), min(low.y, p.y)}
		high = vec{max(high.x, p.x), max(high.y, p.y)}
	}
	mid, half := low.add(high).scale(0.5), high.sub(low).scale(0.5)
	k.within = box{mid.x, mid.y, half.x, half.y}
	return k
}

func (c curve) at(t float64) vec {
	return c.a.scale((1 - t) * (1 - t)).add(c.b.scale(2 * t * (1 - t))).add(c.c.scale(t * t))
}

const samples = 40

// along counts how often two curves come close: once or twice at a crossing, often where they run side by side.
func (c *curve) along(o *curve) int {
	const near = 7
	if !c.within.grow(near).meets(o.within) {
		return 0
	}
	n := 0
	reach := o.within.grow(near)
	for _, p := range c.trace {
		if !reach.has(p) {
			continue
		}
		for _, q := range o.trace {
			if dx, dy := p.x-q.x, p.y-q.y; dx*dx+dy*dy < near*near {
				n++
			}
		}
	}
	return n
}

// part returns the piece of the curve between two of its parameters.
func (c curve) part(t0, t1 float64) curve {
	// The control point is where the tangents at both ends meet: the blossom of the curve at (t0, t1).
	b := c.a.scale((1 - t0) * (1 - t1)).add(c.b.scale(t0*(1-t1) + t1*(1-t0))).add(c.c.scale(t0 * t1))
	return newCurve(c.at(t0), b, c.at(t1))
}

// bent returns the curve between the centres of two boxes, bent to its left by a part of its length, from border to
// border.
func bent(from, to box, bend float64) curve {
	a, c := from.center(), to.center()
	d := c.sub(a)
	normal := vec{d.y, -d.x}
	full := curve{a: a, b: a.add(c).scale(0.5).add(normal.scale(2 * bend)), c: c}
	t0, t1 := 0.0, 1.0
	for t0 < 0.5 && from.grow(2).has(full.at(t0)) {
		t0 += 1.0 / 256
	}
	for t1 > 0.5 && to.grow(3).has(full.at(t1)) {
		t1 -= 1.0 / 256
	}
	return full.part(t0, t1)
}

// pairs returns the edges with their reflections, -1 for one that has none. Each edge is in one pair.
func (d *drawing) pairs() [][2]int {
	var pairs [][2]int
	for i, e := range d.edges {
		j := slices.IndexFunc(d.edges, func(o edge) bool { return o.from == d.twin[e.from] && o.to == d.twin[e.to] })
		switch {
		case j == i || j < 0:
			pairs = append(pairs, [2]int{i, -1})
		case j > i:
			pairs = append(pairs, [2]int{i, j})
		}
	}
	return pairs
}

// route bends the edges, as little as keeps them clear of the nodes and of each other. An edge and its reflection are
// bent alike.
func (d *drawing) route() {
	d.curves = make([]curve, len(d.edges))
	for i, e := range d.edges {
		d.curves[i] = bent(d.boxes[e.from], d.boxes[e.to], 0)
	}
	for range 4 {
		for _, p := range d.pairs() {
			best := math.Inf(1)
			keep := d.curves[p[0]]
			for _, bend := range d.bends(p[0]) {
				c := bent(d.boxes[d.edges[p[0]].from], d.boxes[d.edges[p[0]].to], bend)
				if cost := d.routeCost(p, &c) + 300*math.Abs(bend); cost < best {
					best, keep = cost, c
				}
			}
			d.setCurve(p, keep)
		}
	}
}

func (d *drawing) setCurve(p [2]int, c curve) {
	d.curves[p[0]] = c
	if p[1] >= 0 {
		d.curves[p[1]] = newCurve(c.a.mirrored(d.middle), c.b.mirrored(d.middle), c.c.mirrored(d.middle))
	}
}

// bends returns how an edge may be bent. One that has a counterpart the other way is never straight.
func (d *drawing) bends(i int) []float64 {
	e := d.edges[i]
	for _, o := range d.edges {
		if o.from == e.to && o.to == e.from {
			return []float64{0.04, -0.04, 0.06, -0.06, 0.09, -0.09, 0.12, -0.12}
		}
	}
	bends := []float64{0}
	for _, b := range []float64{0.03, 0.06, 0.09, 0.12, 0.16, 0.2, 0.25, 0.3, 0.36} {
		bends = append(bends, b, -b)
	}
	return bends
}

// routeCost is high where the curve runs through nodes, or along with other curves.
func (d *drawing) routeCost(p [2]int, c *curve) float64 {
	e, cost := d.edges[p[0]], 0.0
	for j, b := range d.boxes {
		b = b.grow(11)
		if j == e.from || j == e.to || !c.within.meets(b) {
			continue
		}
		for _, pt := range c.trace {
			if b.has(pt) {
				cost += 60
			}
		}
	}
	for _, pt := range c.trace {
		if pt.x < 8 || pt.x > d.width-8 {
			cost += 60
		}
	}
	for j := range d.curves {
		if j != p[0] && j != p[1] {
			cost += float64(c.along(&d.curves[j]))
		}
	}
	return cost
}

const labelLine = 15.0

// label puts the labels on their edges: where they hide no node and no other label, and as few other edges as can be.
func (d *drawing) label() {
	d.labels = make([]box, len(d.edges))
	for i, e := range d.edges {
		longest := 0
		for _, l := range e.labels {
			longest = max(longest, len(l))
		}
		p := d.curves[i].at(0.5)
		d.labels[i] = box{p.x, p.y, float64(longest)*labelSize*glyph/2 + 2, float64(len(e.labels)) * labelLine / 2}
	}
	for range 6 {
		for _, p := range d.pairs() {
			best, keep := math.Inf(1), d.labels[p[0]]
			for t := 0.14; t < 0.87; t += 0.02 {
				at := d.curves[p[0]].at(t)
				b := box{at.x, at.y, keep.w, keep.h}
				if cost := d.labelCost(p, b) + 8*math.Abs(t-0.45); cost < best {
					best, keep = cost, b
				}
			}
			d.labels[p[0]] = keep
			if p[1] >= 0 {
				c := keep.center().mirrored(d.middle)
				d.labels[p[1]] = box{c.x, c.y, keep.w, keep.h}
			}
		}
	}
}

func (d *drawing) labelCost(p [2]int, b box) float64 {
	cost := 0.0
	for _, n := range d.boxes {
		if n.grow(4).meets(b) {
			cost += 1000
		}
	}
	for j, l := range d.labels {
		if j != p[0] && j != p[1] && l.grow(2).meets(b) {
			cost += 300
		}
	}
	if p[1] >= 0 && math.Abs(b.x-d.middle) < b.w+1 { // it would meet its own reflection
		cost += 300
	}
	grown := b.grow(1)
	for j := range d.curves {
		c := &d.curves[j]
		if j == p[0] || !c.within.meets(grown) {
			continue
		}
		for _, pt := range c.trace {
			if grown.has(pt) {
				cost += 5
			}
		}
	}
	return cost
}
