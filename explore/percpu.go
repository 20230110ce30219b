package explore

import "ptsim/kern"

// A this_cpu operation is one instruction on the word of its own CPU. A softirq on that CPU comes before it or after it, so the two
// do not race, though nothing orders them. Against other CPUs it is no atomic: to read the word is the claim that none of them
// writes it meanwhile, as by a plain access, and to write it is a marked access, which they may read.
//
// Servers are interchangeable no more where one of them has words of its own: see stays.

// thisCPU carries out a this_cpu operation.
func (s *state) thisCPU(t int, c *kern.CPU, op kern.Op) uint32 {
	p := kern.PrimitiveOf(op.Kind)
	var f kern.Footprint
	words := s.m.Footprint(s.x.threads[t].cpu, op, &f)
	if len(words) == 0 {
		s.dep.all()
		s.badWord(c, op, op.Addr, 0)
		return 0
	}
	for i, a := range words {
		write, plain := p.Access(i)
		if !s.touchAs(t, c, op, a, write, plain) {
			return 0
		}
		s.acc[len(s.acc)-1].own = true
	}
	old := s.m.Peek(words[0])
	r := c.Exec(op)
	s.changed(words[0], old)
	if s.views != nil {
		s.order(t, op, r)
	}
	return r
}

// thisCPUPtr returns the address of the word of t's CPU. Who asks that way must not be preemptible; a kworker keeps to its CPU.
func (s *state) thisCPUPtr(t int, c *kern.CPU, n *node) uint32 {
	if kern.PrimitiveOf(n.op.Kind).Pinned && !s.x.opt.Lax && s.x.threads[t].role == task && n.depth.Preemptible() {
		c.Report(kern.PreemptibleViolation(n.op.Addr))
	}
	return uint32(n.op.Addr) + uint32(s.x.threads[t].cpu)
}

// isPerCPU tells whether what a primitive does depends on which CPU does it.
func isPerCPU(k kern.OpKind) bool {
	return kern.PrimitiveOf(k).Shape == kern.PerCPUWord || k == kern.OpThisCPUPtr || k == kern.OpRawCPUPtr
}

// turns are the accesses that a primitive takes turns with: for a this_cpu operation those of its own CPU, unless they are plain
// writes.
func (s *state) turns(t int, k kern.OpKind) (mask uint64) {
	if kern.PrimitiveOf(k).Shape != kern.PerCPUWord {
		return 0
	}
	for u := range s.x.threads {
		if s.x.threads[u].cpu == s.x.threads[t].cpu {
			mask |= 1<<(markedWrite+u) | 1<<(plainRead+u) | 1<<(markedRead+u)
		}
	}
	return mask
}
