package explore

import (
	"cmp"
	"fmt"
	"slices"

	"ptsim/kern"
)

// Reached is what the schedules of a search came to in the code of a model. It is read off the automata when the search is
// over: each node is a point before a primitive that some schedule came to, so the search itself does no more work for it.
//
// Where nodes were merged, their classes are asked for the same futures (see merge.go); a point may then count as reached
// although only its like, elsewhere in the code, was. What does not count was reached by no schedule, if the search was
// exhaustive and found nothing.
type Reached struct {
	Ops    [][]bool // by task and operation: whether it came to a primitive
	Places []Place  // of each call under way at each primitive, each once, sorted
	Failed bool     // a GFP_NOWAIT allocation failed

	orderings []Ordering // under a weak memory model
	edited    []bool     // by edit: it changed something

	programs []Program // with Options.Programs; see programs.go
	init     []uint32
	objects  []object // sorted
}

// applied wants each edit to have changed something, if all schedules were tried.
func (o *Options) applied(r *Reached) error {
	for i, e := range o.Edits {
		switch {
		case r == nil || r.edited[i]:
		case e.Before == kern.OpNone:
			return &ModelError{fmt.Sprintf("edit %s: no schedule comes to anything in line %d of %s that orders, but locks", e, e.Line, e.File)}
		default:
			return &ModelError{fmt.Sprintf("edit %s: no schedule comes to a primitive in line %d of %s", e, e.Line, e.File)}
		}
	}
	return nil
}

// An Ordering is a place in the code that orders: a barrier, or an access or an atomic with an order. Where a line has several
// primitives, it is that of all.
type Ordering struct {
	Place
	Name string // smp_rmb, smp_load_acquire
}

// Orderings returns the places that order which the schedules of a search came to, sorted. Options.Edits can take each out.
func (r *Reached) Orderings() []Ordering { return r.orderings }

// orders reads off the automata what orders.
func (a *automaton) orders() (list []Ordering) {
	seen := map[Ordering]bool{}
	for _, n := range a.nodes {
		if n.over() {
			continue
		}
		if op, barrier := n.op.Relax(); !barrier && op == n.op || !barrier && op.Ordering() == n.op.Ordering() {
			continue
		}
		if where := Places(n.where); len(where) > 0 {
			o := Ordering{where[0], n.op.Name()}
			if !seen[o] {
				seen[o] = true
				list = append(list, o)
			}
		}
	}
	slices.SortFunc(list, func(a, b Ordering) int { return cmp.Or(a.compare(b.Place), cmp.Compare(a.Name, b.Name)) })
	return list
}

// reached reads the automata.
func (a *automaton) reached() *Reached {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := &Reached{}
	for i := range a.inst.Tasks {
		r.Ops = append(r.Ops, make([]bool, len(a.inst.Tasks[i].Ops)))
	}
	pcs := map[uintptr]bool{}
	seen := map[Place]bool{}
	for _, n := range a.nodes {
		if n.over() {
			continue
		}
		if n.start.task >= 0 {
			r.Ops[n.start.task][n.start.pos] = true
		}
		if n.op.Kind == kern.OpSlabAlloc && kern.GFP(n.op.B) == kern.GFPNowait && n.find(0) != nil {
			r.Failed = true
		}
		for i, pc := range n.where {
			if pcs[pc] { // most calls are on the way to many primitives
				continue
			}
			pcs[pc] = true
			for _, p := range placesAt(pc, n.where[i:i+1]) {
				seen[p] = true
			}
		}
	}
	for p := range seen {
		r.Places = append(r.Places, p)
	}
	slices.SortFunc(r.Places, Place.compare)
	for i := range a.edited {
		r.edited = append(r.edited, a.edited[i].Load())
	}
	if a.mode.weak {
		r.orderings = a.orders()
	}
	return r
}
