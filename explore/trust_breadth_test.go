package explore_test

import "ptsim/kern"

// breadthResult is what a plain breadth-first search found.
type breadthResult struct {
	states, moves int
	kinds         map[string]int
	finals        map[string]bool
	shortest      int // steps to the nearest violation
}

// breadth tries every schedule of a model step by step, with nothing left out but states that were met before.
func breadth(r *rig, final func() string) breadthResult {
	defer r.halt()
	res := breadthResult{kinds: map[string]int{}, finals: map[string]bool{}}
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
			} else {
				res.finals[final()] = true
			}
		}
		for n, ch := range todo {
			if n > 0 {
				goTo(i)
			}
			r.take(ch)
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
