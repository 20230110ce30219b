package explore

import (
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
		if fresh := slices.ContainsFunc(n.where, func(pc uintptr) bool { return !pcs[pc] }); !fresh {
			continue
		}
		for _, pc := range n.where {
			pcs[pc] = true
		}
		for _, p := range Places(n.where) {
			seen[p] = true
		}
	}
	for p := range seen {
		r.Places = append(r.Places, p)
	}
	slices.SortFunc(r.Places, Place.compare)
	return r
}
