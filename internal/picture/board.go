package picture

import "math"

type dir int8

var (
	dx = [4]int{1, 0, -1, 0}
	dy = [4]int{0, 1, 0, -1}
)

// way is the points of a line, one a step, from border to border, and where its label lies.
type way struct {
	steps []int32
	label Box
	laid  bool
}

// router is a board of w by h points, Pitch apart. What lies on a point is counted, in 0 across and in 1 up and down.
type router struct {
	plan     Plan
	w, h     int
	x0, y0   float64
	shut     []int16   // 0 free, -1 closed, otherwise the box + 1 whose inside or border this is
	straight [2][]int8 // lines that go straight on here
	corner   []int8    // lines that turn here
	seg      [2][]int8 // lines from here to the right, or down
	ports    []int8    // lines that end here
	near     []int8    // label boxes grown by a margin
	ways     []way
	banned   map[Box]bool // where the label must not be this time
	scratch  search
	next     [4][]int32  // for each direction and point, the point one step on, or -1
	far      [][]float32 // for each box that a line goes to, how far each point is, in steps
}

func newRouter(p Plan) *router {
	r := &router{plan: p, x0: p.Area.X, y0: p.Area.Y, w: int(p.Area.W/Pitch) + 1, h: int(p.Area.H/Pitch) + 1}
	n := r.w * r.h
	r.shut, r.corner, r.ports, r.near = make([]int16, n), make([]int8, n), make([]int8, n), make([]int8, n)
	for i := range 2 {
		r.straight[i], r.seg[i] = make([]int8, n), make([]int8, n)
	}
	r.ways = make([]way, len(p.Lines))
	for i, b := range p.Boxes {
		r.each(b, func(at int) { r.shut[at] = int16(i + 1) })
	}
	for _, b := range p.Closed {
		r.each(b, func(at int) { r.shut[at] = -1 })
	}
	for d := range r.next {
		r.next[d] = make([]int32, n)
		for at := range n {
			if i, j := at%r.w+dx[d], at/r.w+dy[d]; i < 0 || j < 0 || i >= r.w || j >= r.h {
				r.next[d][at] = -1
			} else {
				r.next[d][at] = int32(j*r.w + i)
			}
		}
	}
	r.far = make([][]float32, len(p.Boxes))
	for _, l := range p.Lines {
		if r.far[l.To] == nil {
			r.far[l.To] = make([]float32, n)
			for at := range n {
				r.far[l.To][at] = r.distance(at, p.Boxes[l.To])
			}
		}
	}
	r.banned = map[Box]bool{}
	r.scratch = newSearch(n)
	return r
}

// each visits the points in a box, border included.
func (r *router) each(b Box, visit func(at int)) {
	const e = 1e-6
	for j := max(0, int(math.Ceil((b.Y-r.y0)/Pitch-e))); j < r.h && r.y0+float64(j)*Pitch <= b.Bottom()+e; j++ {
		for i := max(0, int(math.Ceil((b.X-r.x0)/Pitch-e))); i < r.w && r.x0+float64(i)*Pitch <= b.Right()+e; i++ {
			visit(j*r.w + i)
		}
	}
}

func (r *router) point(at int) Point {
	return Point{r.x0 + float64(at%r.w)*Pitch, r.y0 + float64(at/r.w)*Pitch}
}

// step returns the point one step on, -1 beyond the area.
func (r *router) step(at int, d dir) int { return int(r.next[d][at]) }

// mark notes a line as laid, or with -1 as torn up.
func (r *router) mark(i int, by int8) {
	s := r.ways[i].steps
	if s == nil {
		return
	}
	r.ways[i].laid = by > 0
	r.ports[s[0]] += by
	r.ports[s[len(s)-1]] += by
	for k := 0; k+1 < len(s); k++ {
		a, b := min(s[k], s[k+1]), max(s[k], s[k+1])
		axis := axisOf(int(b - a))
		r.seg[axis][a] += by
		if k > 0 {
			if before := axisOf(int(s[k] - s[k-1])); before != axis {
				r.corner[s[k]] += by
			} else {
				r.straight[axis][s[k]] += by
			}
		}
	}
	r.each(r.ways[i].label.Grow(labelMargin), func(at int) { r.near[at] += by })
}

// labelMargin is how far lines keep from labels that are not theirs.
const labelMargin = 3.5

func axisOf(delta int) int {
	if delta == 1 || delta == -1 {
		return 0
	}
	return 1
}
