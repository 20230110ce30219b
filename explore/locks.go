package explore

import "ptsim/kern"

// lockTable numbers the locks of a model in the order in which they were first met. A lock is a word, or one bit of a word.
type lockTable struct {
	slotTable
	bits [maxSlots]uint8 // the number of the bit, counted from 1; 0 for a whole word
}

// of returns the number of the lock that op is about. The automaton's lock is held.
func (t *lockTable) of(op kern.Op) uint8 {
	bit := uint8(0)
	if isBitLock(op.Kind) {
		bit = uint8(op.A) + 1
	}
	for i, a := range t.all() {
		if a == op.Addr && t.bits[i] == bit {
			return uint8(i)
		}
	}
	return t.add(op.Addr, func(n uint8) { t.bits[n] = bit })
}

// isBitLock tells whether a primitive is about a lock that is one bit of its word.
func isBitLock(k kern.OpKind) bool {
	p := kern.PrimitiveOf(k)
	switch p.Waits | p.Tries | p.Gives {
	case kern.BitSpin, kern.PageLock:
		return true
	}
	return k == kern.OpWaitOnPageLocked
}

// tells tells whether what a primitive does depends on what the thread holds, or is in, and its words do not say: kern's CPU
// keeps account of that, and steps that are taken back do not change it.
func tells(k kern.OpKind) bool {
	return isBitLock(k) || k == kern.OpReadLock || k == kern.OpLocalUnlock
}

// tell tells the CPU of thread t what it must know before it carries out what n is about to do.
func (s *state) tell(t int, n *node) {
	c := s.env.cpus[t]
	switch {
	case isBitLock(n.op.Kind):
		c.SetBitLock(n.op.Addr, n.op.A, s.alone[t]>>n.slot&1 != 0)
	case n.op.Kind == kern.OpReadLock:
		c.SetContext(int(n.depth.BH), s.x.threads[t].role == softirq)
	case n.op.Kind == kern.OpLocalUnlock:
		kern.PreemptDisable(c) // which it leaves: the depths are looked at before
	}
}

// free tells whether a thread at n need not wait now. A lock that the CPU itself holds can be taken: taking it is the error.
func (s *state) free(t int, n *node) bool {
	op := n.op
	switch w := kern.PrimitiveOf(op.Kind).Waits; w {
	case kern.Spin:
		return s.m.LockFree(op.Addr) || s.m.LockOwner(op.Addr) == s.x.threads[t].cpu && !s.below && !s.mateHolds(t, n) || !s.sane(op.Addr)
	case kern.SemShared, kern.SemAlone:
		return s.m.SemFree(op.Addr, w == kern.SemAlone) || !s.sane(op.Addr)
	}
	if isGrace(op.Kind) {
		return s.passes(t, op)
	}
	if !s.sane(op.Addr) {
		return true
	}
	switch {
	case isBitLock(op.Kind):
		s.tell(t, n)
	case (s.below || s.mateHolds(t, n)) && (op.Kind == kern.OpReadLock || op.Kind == kern.OpWriteLock) && s.m.LockOwner(op.Addr) == s.x.threads[t].cpu:
		return false // the softirq above it has it, or a task of its CPU that sleeps
	}
	return s.m.Ready(s.env.cpus[t], op, n.depth.BH > 0)
}
