package explore

import (
	"ptsim/kern"
)

// access is one word that a step touched.
//
// Accesses of a step are kept in order, since two steps may race at several words and the first one is
// shown.
type access struct {
	a            kern.Addr
	write, plain bool
	bh           bool      // with BH off
	keeps        bool      // while the thread kept the others of its CPU off
	own          bool      // by a this_cpu operation: one instruction, which no interrupt comes into
	ops          uint16    // primitives of the step up to this one, local ones not counted
	under        kern.Addr // the lock that the same step had taken before, 0 if none; with sharedHold as a reader
}

// freedCount tells whether the word at a is the refcount of a page frame that is free. struct pages outlive their pages, so
// whoever finds one may ask for a reference: get_page_unless_zero().
func (s *state) freedCount(a kern.Addr) bool {
	o := s.env.object(a)
	s.looksAt(o)
	ob := &s.env.objects[o]
	return ob.page > 0 && a == ob.base+kern.PageRefcount && s.life[o] != live
}

// touch notes that op touches the word at a. A word of freed memory is a violation, and it returns false.
func (s *state) touch(t int, c *kern.CPU, op kern.Op, a kern.Addr) bool {
	p := kern.PrimitiveOf(op.Kind)
	return s.touchAs(t, c, op, a, p.Writes, p.Plain)
}

// touchAs notes an access to the word at a.
//
// It does five things for each word of each primitive, and so is the hottest function beside the visited
// table: it finds the word's object, checks that this is alive, notes the access for races, adds word and
// object to what the step depends on, and keeps the lockset of the word up to date. With views it asks
// whether the access is ordered behind all earlier ones.
//
// The life of the object is looked at in any case, so that a step commutes with no step that frees what it
// touches.
func (s *state) touchAs(t int, c *kern.CPU, op kern.Op, a kern.Addr, write, plain bool) bool {
	if int(a) >= len(s.spots) {
		s.dep.all()
		s.badWord(c, op, a, 0)
		return false
	}
	sp := s.spotOf(a)
	s.dep.objects |= 1 << (sp.life - 1)
	if l := s.life[sp.object]; l != live && l != idleTypesafe && l != idleAgain && s.badWord(c, op, a, uint32(sp.object)) {
		return false
	}
	// Field by field where it stands: made elsewhere and copied, as a whole, it would wait for the bytes to be stored.
	n := s.at[t]
	s.acc = append(s.acc, access{})
	acc := &s.acc[len(s.acc)-1]
	acc.a, acc.write, acc.plain, acc.bh, acc.keeps, acc.ops = a, write, plain, n.depth.BH > 0, n.keeps, uint16(s.ops)
	if !n.moves[stepwise].Silent() {
		acc.ops++
	}
	s.dep.word(sp.word-1, write)
	s.note(t, a, write, plain)
	unknown := uint64(0)
	if s.views != nil {
		unknown = s.accessed(t, a, write, plain, s.turns(t, op.Kind))
	}
	switch {
	case s.real != nil:
		if s.real.race == a {
			s.real.racing(c, acc, unknown)
		}
	case unknown != 0:
		s.raced = a
		c.Report(&kern.Violation{Kind: kern.DataRace, Addr: a})
		return false
	}
	return true
}

// note keeps track of how words are used. What one server does others of its kind may do: while no views tell them apart, the
// first that is idle stands for all.
func (s *state) note(t int, a kern.Addr, write, plain bool) {
	u := &s.uses[a]
	u.threads |= s.x.threads[t].alike
	locks := s.alone[t]
	if plain {
		u.plain = true
	}
	if write {
		u.written = true
	} else {
		locks |= s.shared[t]
	}
	u.locks &= locks
}

// lateUse says what is done to freed memory.
func lateUse(k kern.OpKind) string {
	p := kern.PrimitiveOf(k)
	switch {
	case p.Waits|p.Tries != kern.NoLock:
		return "takes %p of freed %o"
	case p.Gives != kern.NoLock:
		return "releases %p of freed %o"
	case k == kern.OpWaitOnPageLocked:
		return "waits for %p of freed %o"
	}
	switch k {
	case kern.OpRefInc, kern.OpRefAdd:
		return "takes a reference to %o, which was freed"
	case kern.OpRefDecTest, kern.OpRefDec, kern.OpRefSubTest, kern.OpPutPage:
		return "drops a reference to %o, which was freed"
	case kern.OpListAdd, kern.OpListAddTail:
		return "adds to a list in freed %o"
	case kern.OpListDel, kern.OpListDelInit:
		return "deletes from a list in freed %o"
	case kern.OpCallRCU:
		return "queues the rcu_head of %o, which was freed"
	case kern.OpQueueWork:
		return "queues the work item of %o, which was freed"
	case kern.OpFlushWork:
		return "flushes the work item of %o, which was freed"
	case kern.OpCancelWork, kern.OpCancelWorkEnd:
		return "cancels the work item of %o, which was freed"
	}
	if isRead(k) {
		return "reads a word"
	}
	return "changes a word"
}
