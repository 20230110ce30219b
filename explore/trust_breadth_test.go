package explore_test

import "ptsim/kern"

// breadthResult is what a plain breadth-first search found.
type breadthResult struct {
	states, moves int
	kinds         map[string]int
	shortest      int  // steps to the nearest violation
	races         bool // two CPUs could touch a word next, one writes, one access is plain
}

// breadth tries every schedule of a model step by step, with nothing left out but states that were met before.
func breadth(r *rig) breadthResult {
	defer r.close()
	res := breadthResult{kinds: map[string]int{}}
	seen := map[[2]uint64]bool{}
	type entry struct {
		before int32
		ch     choice
	}
	entries := []entry{{before: -1}}
	var path []choice
	goTo := func(i int) {
		path = path[:0]
		for ; entries[i].before >= 0; i = int(entries[i].before) {
			path = append(path, entries[i].ch)
		}
		r.rewind()
		for j := len(path) - 1; j >= 0; j-- {
			r.take(path[j])
			if r.viol != nil {
				panic("a path does not lead where it led before: " + r.viol.Sentence())
			}
		}
	}
	bad := func(v *kern.Violation) {
		res.kinds[v.Kind.String()]++
		if res.shortest == 0 {
			res.shortest = len(path) + 1
		}
	}
	r.rewind()
	seen[r.key()] = true
	var todo []choice
	for i := 0; i < len(entries); i++ {
		goTo(i)
		todo = r.choices(todo[:0])
		if len(todo) == 0 {
			if v := r.final(); v != nil {
				bad(v)
			}
		}
		res.races = res.races || r.racing(todo)
		for n, ch := range todo {
			if n > 0 {
				goTo(i)
			}
			r.take(ch)
			r.check()
			res.moves++
			if r.viol != nil {
				bad(r.viol)
				continue
			}
			if k := r.key(); !seen[k] {
				seen[k] = true
				entries = append(entries, entry{int32(i), ch})
			}
		}
	}
	res.states = len(entries)
	return res
}

// racing tells whether two of the primitives that can be done now are a data race.
func (r *rig) racing(todo []choice) bool {
	type touch struct {
		t     uint8
		a     kern.Addr
		write bool
		plain bool
	}
	var all []touch
	for _, ch := range todo {
		if ch.item != 0 || ch.alt > 0 {
			continue
		}
		op := r.threads[ch.thread].parked
		n := touch{t: ch.thread}
		switch op.Kind {
		case kern.OpLoad, kern.OpListFirst:
			n.plain = true
		case kern.OpRead, kern.OpListEmpty:
		case kern.OpStore, kern.OpListInit, kern.OpListAdd, kern.OpListAddTail, kern.OpListDel, kern.OpListDelInit:
			n.plain, n.write = true, true
		default:
			n.write = true
		}
		var f kern.Footprint
		for _, a := range r.m.Footprint(0, op, &f) {
			if o := r.objs[a]; o != nil && o.life == free {
				break
			}
			n.a = a
			for _, other := range all {
				if other.t != n.t && other.a == a && (other.write || n.write) && (other.plain || n.plain) {
					return true
				}
			}
			all = append(all, n)
		}
	}
	return false
}
