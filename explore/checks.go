package explore

import (
	"strings"

	"ptsim/kern"
)

// leaves reports what a thread leaves behind whose operation, the last or a callback's or a work item's, ends along e.
//
// It is asked at the end of the last operation of a task, and of a callback or work item. A lock that is
// taken in one operation and released in a later one is fine.
func (s *state) leaves(t int, n *node, e *edge) {
	held := s.alone[t] | s.shared[t]
	if s.queues != nil {
		held &^= s.queues.releases(t)
	}
	if s.x.opt.Lax || e.left == (kern.Depths{}) && held == 0 {
		return
	}
	var what []string
	for l := held; l != 0; l &= l - 1 {
		what = append(what, s.m.NameOf(s.x.auto.lockWords.addrs[lowest(l)])+" held")
	}
	left := e.left
	if held != 0 {
		left.Spins = 0 // these are named
	}
	if more := left.String(); more != "" {
		what = append(what, more)
	}
	who := s.x.threads[t].name
	if s.x.threads[t].role != task {
		who = s.x.auto.doing(n.start)
	}
	s.env.cpus[t].Report(&kern.Violation{Kind: kern.ContextImbalance, Func: who, Detail: "ends with " + strings.Join(what, ", ")})
}

// sound asks whether the state is sound, and keeps the violation if it is not. The answer depends on memory alone, and many
// states have the same: what was found to be sound lately is not asked again.
//
// The cache is indexed and compared by the hash of memory; a slot holds hash^1, so that an empty slot
// matches no hash but 1. A clash of hashes would skip one check, with the probability that the search
// accepts for states anyway.
func (s *state) sound() bool {
	if s.inst.Check == nil {
		return true
	}
	known := &s.checked[s.hash&uint64(len(s.checked)-1)]
	if *known == s.hash^1 {
		return true
	}
	if s.viol = s.inst.Check(); s.viol != nil {
		return false
	}
	*known = s.hash ^ 1
	if s.checks++; s.checks == len(s.checked) && len(s.checked) < mostChecked {
		s.checked, s.checks = make([]uint64, 4*len(s.checked)), 0 // what was known is found out again
	}
	return true
}
