package picture

import "math"

// search is Dijkstra's, toward a goal (A*), over states: where, in which direction one came, and whether the label
// has its place already. A label is laid in one jump: straight on for as long as it is, so that no corner hides under it.
type search struct {
	cost  []float32
	from  []int32
	round []int32
	now   int32
	queue queue
}

type item struct {
	key   float32
	state int32
}

// queue is a binary heap of items, the one with the smallest key first; of equal keys the one with the smaller state, so
// that nothing is left to chance.
type queue []item

func (q queue) less(i, j int) bool {
	return q[i].key < q[j].key || q[i].key == q[j].key && q[i].state < q[j].state
}

func (q *queue) push(x item) {
	h := append(*q, x)
	for i := len(h) - 1; i > 0 && h.less(i, (i-1)/2); i = (i - 1) / 2 {
		h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
	}
	*q = h
}

func (q *queue) pop() item {
	h := *q
	top, last := h[0], len(h)-1
	h[0], h = h[last], h[:last]
	for i := 0; ; {
		c := 2*i + 1
		if c >= last {
			break
		}
		if c+1 < last && h.less(c+1, c) {
			c++
		}
		if !h.less(c, i) {
			break
		}
		h[i], h[c], i = h[c], h[i], c
	}
	*q = h
	return top
}

func newSearch(points int) search {
	n := points * 8
	return search{cost: make([]float32, n), from: make([]int32, n), round: make([]int32, n)}
}

func state(at int, d dir, labelled int) int32 { return int32(at*8 + int(d)*2 + labelled) }

// port is a point on a box's side at which a line may end: the point one stub away from it, and what it costs.
type port struct {
	border, away int
	out          dir
	cost         float32
}

// portsOf lists where lines may leave a box, or arrive at it.
func (r *router) portsOf(box int, arrive bool) []port {
	b := r.plan.Boxes[box]
	var ports []port
	add := func(x, y float64, d dir, off float64) {
		at := int(math.Round((y-r.y0)/Pitch))*r.w + int(math.Round((x-r.x0)/Pitch))
		p := port{border: at, away: at, out: d, cost: float32(off / Pitch * costOffPort)}
		for range stub {
			if p.away = r.step(p.away, d); p.away < 0 || r.shut[p.away] != 0 {
				return
			}
		}
		backward := dir(2)
		if arrive {
			backward = 0
		}
		switch {
		case d == backward:
			p.cost += costBackward
		case d%2 == 1:
			p.cost += costUpDown
		}
		p.cost += costConflict * float32(r.ports[at])
		for side := range dir(4) {
			if side%2 != d%2 {
				if n := r.step(at, side); n >= 0 {
					p.cost += costNextPort * float32(r.ports[n])
				}
			}
		}
		ports = append(ports, p)
	}
	m := b.Middle()
	for x := b.X + Pitch; x < b.Right()-1; x += Pitch {
		add(x, b.Y, 3, math.Abs(x-m.X))
		add(x, b.Bottom(), 1, math.Abs(x-m.X))
	}
	for y := b.Y + Pitch; y < b.Bottom()-1; y += Pitch {
		add(b.X, y, 2, math.Abs(y-m.Y))
		add(b.Right(), y, 0, math.Abs(y-m.Y))
	}
	return ports
}

// search finds the cheapest way for a line past all that is laid.
func (r *router) search(i int) (way, float32, bool) {
	l, s := r.plan.Lines[i], &r.scratch
	s.now++
	s.queue = s.queue[:0]
	far := r.far[l.To]
	reach := func(at int, d dir, labelled int, cost float32, from int32) {
		st := state(at, d, labelled)
		if s.round[st] == s.now && s.cost[st] <= cost {
			return
		}
		s.round[st], s.cost[st], s.from[st] = s.now, cost, from
		s.queue.push(item{cost + far[at], st})
	}
	starts := map[int32]port{}
	for _, p := range r.portsOf(l.From, false) {
		cost := p.cost + r.run(p.border, p.out, stub, true)
		if st := state(p.away, p.out, 0); s.round[st] != s.now || cost < s.cost[st] {
			reach(p.away, p.out, 0, cost, -1)
			starts[st] = p
		}
	}
	goals := map[int32]port{}
	for _, p := range r.portsOf(l.To, true) {
		in := (p.out + 2) % 4
		p.cost += r.run(p.away, in, stub, false)
		goals[state(p.away, in, 1)] = p
	}
	// The last steps into a port have a price of their own, so the first goal that is met need not be the best.
	best, end := float32(math.Inf(1)), int32(-1)
	for len(s.queue) > 0 {
		it := s.queue.pop()
		if it.key >= best {
			break
		}
		at, d, labelled := int(it.state/8), dir(it.state/2%4), int(it.state%2)
		cost := s.cost[it.state]
		if it.key > cost+far[at]+1e-3 {
			continue // there was a cheaper way
		}
		if p, ok := goals[it.state]; ok && cost+p.cost < best {
			best, end = cost+p.cost, it.state
		}
		for _, turn := range [3]dir{0, 1, 3} {
			nd := (d + turn) % 4
			next := r.step(at, nd)
			if next < 0 || r.shut[next] != 0 {
				continue
			}
			reach(next, nd, labelled, cost+r.leave(at, nd, turn != 0)+r.move(at, nd), it.state)
		}
		if labelled == 0 {
			if to, price, _, ok := r.jump(at, d, l); ok {
				reach(to, d, 1, cost+price, it.state)
			}
		}
	}
	if end < 0 {
		return way{}, 0, false
	}
	return r.trace(l, end, starts, goals[end]), best, true
}

// distance is never more than what the rest of the way costs.
func (r *router) distance(at int, target Box) float32 {
	p := r.point(at)
	d := math.Max(0, math.Max(target.X-p.X, p.X-target.Right())) + math.Max(0, math.Max(target.Y-p.Y, p.Y-target.Bottom()))
	return float32(d / Pitch)
}

// leave is what it costs to go through a point, straight on or round a corner.
func (r *router) leave(at int, d dir, turn bool) float32 {
	axis := int(d % 2)
	cost := float32(0)
	if turn {
		cost += costBend + costConflict*float32(r.corner[at]+r.straight[0][at]+r.straight[1][at])
	} else {
		cost += costConflict*float32(r.corner[at]) + costCross*float32(r.straight[1-axis][at])
	}
	return cost + costConflict*float32(r.near[at])
}

// move is what it costs to go one step along a track.
func (r *router) move(at int, d dir) float32 {
	axis := int(d % 2)
	a := at
	if d >= 2 {
		a = r.step(at, d)
	}
	cost := 1 + costConflict*float32(r.seg[axis][a])
	for _, side := range [2]dir{dir(1 - axis), dir(3 - axis)} {
		if n := r.step(a, side); n >= 0 {
			if r.seg[axis][n] > 0 {
				cost += costBeside
			}
			if r.shut[n] != 0 {
				cost += costBeside
			}
		}
	}
	return cost
}

// run is what it costs to go straight on for some steps.
func (r *router) run(at int, d dir, steps int, fromPort bool) float32 {
	cost := float32(0)
	for k := range steps {
		if k > 0 || !fromPort {
			cost += r.leave(at, d, false)
		}
		cost += r.move(at, d)
		at = r.step(at, d)
	}
	return cost
}

// jump goes straight on under the line's label.
func (r *router) jump(at int, d dir, l Line) (to int, cost float32, label Box, ok bool) {
	long := l.W
	if d%2 == 1 {
		long = l.H
	}
	steps := int(math.Ceil((long + 8) / Pitch))
	to = at
	for range steps {
		if to = r.step(to, d); to < 0 || r.shut[to] != 0 {
			return 0, 0, label, false
		}
	}
	a, b := r.point(at), r.point(to)
	label = Around((a.X+b.X)/2, (a.Y+b.Y)/2, l.W, l.H)
	for _, f := range r.plan.Fences {
		if f.Grow(2).Meets(label) && !f.Grow(-2).Holds(label) {
			return 0, 0, label, false
		}
	}
	if r.banned[label] || !r.plan.Area.Holds(label) {
		return 0, 0, label, false
	}
	grown := label.Grow(labelMargin)
	for i := range r.ways {
		if o := &r.ways[i]; o.laid && o.label.Meets(grown) {
			cost += costConflict
		}
	}
	free := true
	r.each(grown, func(p int) {
		free = free && r.shut[p] == 0
		cost += costConflict * float32(r.straight[0][p]+r.straight[1][p]+r.corner[p])
	})
	return to, cost + r.run(at, d, steps, false), label, free
}

// trace walks back from the end of a search.
func (r *router) trace(l Line, end int32, starts map[int32]port, goal port) way {
	var back []int32
	w := way{}
	st := end
	for {
		back = append(back, st/8)
		prev := r.scratch.from[st]
		if prev < 0 {
			break
		}
		if st%2 != prev%2 { // the label's jump
			d := dir(prev / 2 % 4)
			_, _, w.label, _ = r.jump(int(prev/8), d, l)
			for at := r.step(int(st/8), (d+2)%4); at != int(prev/8); at = r.step(at, (d+2)%4) {
				back = append(back, int32(at))
			}
		}
		st = prev
	}
	start := starts[st]
	for at, k := start.border, 0; k < stub; k++ {
		w.steps = append(w.steps, int32(at))
		at = r.step(at, start.out)
	}
	for k := len(back) - 1; k >= 0; k-- {
		w.steps = append(w.steps, back[k])
	}
	for at, k := goal.away, 0; k < stub; k++ {
		at = r.step(at, (goal.out+2)%4)
		w.steps = append(w.steps, int32(at))
	}
	return w
}
