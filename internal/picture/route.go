package picture

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// Pitch is the distance of the tracks that lines run on. Boxes that lines join must have their sides on tracks.
const Pitch = 12.0

// Line is to be drawn from one box to another, with a label of the given size on it.
type Line struct {
	From, To int // indices into Plan.Boxes
	W, H     float64
}

// Plan is what Route is asked for.
type Plan struct {
	Area   Box   // where lines may run
	Boxes  []Box // what lines join, and never run through
	Closed []Box // where neither line nor label may be
	Fences []Box // lines may pass through their border, labels may not lie on it
	Lines  []Line
}

// Routed is where a line runs and where its label lies.
type Routed struct {
	Points []Point
	Label  Box
}

// Route finds a way for each line, as a router of circuit boards does: one after another by the cheapest way past the
// rest, then again and again, each torn up and laid anew, until none finds a better one. What must not be (lines that
// share a track, a label on a line) is not forbidden on the way but dear, so that a line that is in the way of others
// gives way. Since what comes first has the choice, a few orders are tried, the same ones each time.
func Route(p Plan) []Routed {
	var best []Routed
	least := math.Inf(1)
	for _, order := range orders(p) {
		r := newRouter(p)
		if cost := r.settle(order); cost < least {
			least, best = cost, make([]Routed, len(p.Lines))
			for i := range best {
				r.centre(i)
				best[i] = r.routed(i)
			}
		}
	}
	return best
}

// orders returns the orders to try: short lines first, long ones first, as they come, and some shuffled ones.
func orders(p Plan) [][]int {
	span := func(i int) float64 {
		return length(p.Boxes[p.Lines[i].From].Middle(), p.Boxes[p.Lines[i].To].Middle())
	}
	given := make([]int, len(p.Lines))
	for i := range given {
		given[i] = i
	}
	short := slices.Clone(given)
	slices.SortStableFunc(short, func(a, b int) int { return cmp.Compare(span(a), span(b)) })
	long := slices.Clone(short)
	slices.Reverse(long)
	all := [][]int{short, long, given}
	for seed := range uint64(shuffles) {
		s := slices.Clone(short)
		rng := rand.New(rand.NewPCG(seed, 0))
		rng.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
		all = append(all, s)
	}
	return all
}

// settle lays the lines in that order until none moves, and returns what they cost together.
func (r *router) settle(order []int) float64 {
	costs := make([]float64, len(order))
	for range maxRounds {
		changed := false
		for _, i := range order {
			old := r.ways[i]
			r.mark(i, -1)
			costs[i] = costLost
			if w, cost, ok := r.clean(i); ok {
				r.ways[i], costs[i] = w, float64(cost)
				changed = changed || !slices.Equal(old.steps, w.steps) || old.label != w.label
			}
			r.mark(i, 1)
		}
		if !changed {
			break
		}
	}
	total := 0.0
	for _, c := range costs {
		total += c
	}
	return total
}

// clean searches a way whose own later course keeps off its own label, which the search itself cannot see to.
func (r *router) clean(i int) (w way, cost float32, ok bool) {
	clear(r.banned)
	for range maxBans {
		w, cost, ok = r.search(i)
		if !ok || !r.overItself(w) {
			return w, cost, ok
		}
		r.banned[w.label] = true
	}
	return w, cost + costConflict, ok
}

// overItself tells whether a way meets its label again, or itself.
func (r *router) overItself(w way) bool {
	seen := map[int32]bool{}
	inside := 0
	grown := w.label.Grow(labelMargin)
	run := 0
	for k, at := range w.steps {
		if seen[at] {
			return true
		}
		seen[at] = true
		p := r.point(int(at))
		if !grown.Meets(Around(p.X, p.Y, 0.1, 0.1)) {
			run = 0
			continue
		}
		if run == 0 {
			inside++
		}
		run++
		if k > 0 && k+1 < len(w.steps) && w.steps[k]-w.steps[k-1] != w.steps[k+1]-w.steps[k] {
			return true // a corner under the label
		}
	}
	return inside > 1
}

const (
	maxRounds = 12
	maxBans   = 40
	shuffles  = 3
	costLost  = 1e6 // of a line that has no way at all
)

// What things cost, in steps of one Pitch.
const (
	costBend     = 6
	costCross    = 8
	costConflict = 150 // two lines on one track, a corner on a line, a label on a line
	costBeside   = 0.35
	costOffPort  = 0.8 // for each track that a line starts off the middle of a side
	costNextPort = 2
	costBackward = 3 // to leave to the left, or to arrive from the right
	costUpDown   = 1 // to leave or arrive at the top or the bottom
	stub         = 2 // steps that a line goes straight at its ends
)

// centre moves a label along the straight piece that it is on, as near to the middle as the rest allows: where it lies is
// all the same to the search.
func (r *router) centre(i int) {
	w, l := &r.ways[i], r.plan.Lines[i]
	if w.steps == nil {
		return
	}
	r.mark(i, -1)
	defer r.mark(i, 1)
	at := w.label.Middle()
	for k := 1; k < len(w.steps); {
		first := k - 1
		for k++; k < len(w.steps) && w.steps[k]-w.steps[k-1] == w.steps[first+1]-w.steps[first]; k++ {
		}
		a, b := r.point(int(w.steps[first])), r.point(int(w.steps[k-1]))
		if !Around((a.X+b.X)/2, (a.Y+b.Y)/2, math.Abs(a.X-b.X)+0.1, math.Abs(a.Y-b.Y)+0.1).Holds(Box{at.X, at.Y, 0, 0}) {
			continue
		}
		middle := Point{(a.X + b.X) / 2, (a.Y + b.Y) / 2}
		d := r.heading(w.steps[first], w.steps[first+1])
		for _, from := range w.steps[first:k] {
			to, cost, label, ok := r.jump(int(from), d, l)
			if !ok || r.worse(cost, int(from), to) {
				continue
			}
			if end := r.point(to); length(r.point(int(from)), end) > length(r.point(int(from)), b) {
				continue
			}
			if length(label.Middle(), middle) < length(w.label.Middle(), middle) {
				w.label = label
			}
		}
		return
	}
}

// worse tells whether a label would be on anything: its jump costs more than the tracks alone.
func (r *router) worse(cost float32, from, to int) bool {
	steps := length(r.point(from), r.point(to)) / Pitch
	return float64(cost) >= steps*(1+4*costBeside)+costCross
}

func (r *router) heading(a, b int32) dir {
	for d := range dir(4) {
		if r.step(int(a), d) == int(b) {
			return d
		}
	}
	return 0
}

// routed turns a way into its corners.
func (r *router) routed(i int) Routed {
	s := r.ways[i].steps
	out := Routed{Label: r.ways[i].label}
	for k := range s {
		if k == 0 || k == len(s)-1 || s[k]-s[k-1] != s[k+1]-s[k] {
			out.Points = append(out.Points, r.point(int(s[k])))
		}
	}
	return out
}
