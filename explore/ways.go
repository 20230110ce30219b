package explore

import (
	"ptsim/kern"
)

// splits tells whether there may be several ways to carry a primitive out.
//
// For all others ways need not be asked, which is one test less at each step.
func splits(k kern.OpKind) bool {
	switch k {
	case kern.OpChoose, kern.OpAllocPages, kern.OpSlabAlloc, kern.OpKmalloc:
		return true
	}
	return false
}

// ways returns how many ways there are to carry op out, which splits.
//
// An allocation that may be served from what was freed depends on which objects are free: it looks at the
// life of each. So it does not commute with a free, and the search tries both orders.
func (s *state) ways(t int, op kern.Op) uint32 {
	if s.weak != nil && !splits(op.Kind) {
		return s.weak.ways(t, op)
	}
	switch op.Kind {
	case kern.OpChoose:
		return op.A
	case kern.OpAllocPages:
		if s.inst.ReusesFrames && op.A == 0 {
			s.dep.all()
			return 1 + uint32(len(s.freeFrames()))
		}
	case kern.OpSlabAlloc, kern.OpKmalloc:
		n := uint32(1)
		if k := &s.env.caches[op.A]; k.typesafe {
			for _, o := range k.all {
				s.looksAt(o)
			}
			n += uint32(len(s.reusable(k)))
		}
		if kern.GFP(op.B) == kern.GFPNowait && s.x.threads[t].fails {
			n++
		}
		return n
	}
	return 1
}
