package explore

import (
	"ptsim/kern"
)

// exec carries a primitive out on the state and returns what it returns. Words are changed by kern itself; memory and the
// queues of RCU and of work, which natively are the emulator's own, are here part of the state.
//
// It is called for one primitive that is possible: who waits was found out before (state.free). alt says
// which of the ways it goes, if the primitive has several.
//
// Most primitives go to the end: touch each word, so that a use after free shows before anything is
// changed; have kern carry the primitive out; log the words that changed; and note locks and, with views,
// orders. The cases above it are those whose effect is on the explorer's own state: allocators, queues of
// callbacks and work items, grace periods, depths.
func (s *state) exec(t int, n *node, op kern.Op, alt uint32) uint32 {
	c := s.env.cpus[t]
	if n.never {
		c.Report(kern.SleepViolation(op.Addr, n.depth.Atomic(s.x.threads[t].role == softirq)))
		return 0
	}
	if s.queues != nil {
		if r, done := s.queues.exec(t, n, op, alt); done {
			return r
		}
	}
	if s.weak != nil {
		if r, done := s.weak.exec(t, c, n, op, alt); done {
			return r
		}
	}
	switch op.Kind {
	case kern.OpLoad, kern.OpRead:
		if !s.touch(t, c, op, op.Addr) {
			return 0
		}
		v := s.m.Peek(op.Addr)
		if s.views != nil {
			s.order(t, op, v)
		}
		return v
	case kern.OpMark, kern.OpMightSleep:
		return 0
	case kern.OpMB, kern.OpRMB, kern.OpWMB, kern.OpMBBeforeAtomic, kern.OpMBAfterAtomic, kern.OpMBAfterSpinlock, kern.OpMBAfterUnlock:
		if s.views != nil {
			s.fence(t, op)
		}
		return 0
	case kern.OpBHDisable, kern.OpBHEnable, kern.OpRCUReadLock, kern.OpRCUReadUnlock, kern.OpPreemptDisable, kern.OpPreemptEnable:
		s.checkDepth(c, n)
		if s.views != nil {
			s.bhView(t, n)
		}
		return 0
	case kern.OpChoose:
		return alt
	case kern.OpThisCPURead, kern.OpThisCPUWrite, kern.OpThisCPUAdd, kern.OpThisCPUAddReturn, kern.OpThisCPUXchg, kern.OpThisCPUCmpXchg,
		kern.OpThisCPUAnd, kern.OpThisCPUOr:
		return s.thisCPU(t, c, op)
	case kern.OpThisCPUPtr, kern.OpRawCPUPtr:
		return s.thisCPUPtr(t, c, n)
	case kern.OpSpinLockBH:
		op.Kind = kern.OpSpinLock
	case kern.OpSpinUnlockBH:
		s.checkDepth(c, n)
		op.Kind = kern.OpSpinUnlock
	case kern.OpLocalUnlock:
		s.checkDepth(c, n)
	case kern.OpAddUnless:
		if op.B == 0 && s.freedCount(op.Addr) { // a speculative reference: there is none to add to
			return 0
		}
	case kern.OpCallRCU:
		s.callRCU(t, c, op.Addr, kern.Func(op.A), int(n.slot))
		return 0
	case kern.OpQueueWork:
		return s.queueWork(t, c, op, int(n.slot))
	case kern.OpSyncRCU, kern.OpRCUBarrier, kern.OpSyncRCUEnd, kern.OpRCUBarrierEnd:
		s.dep.all()
		if s.views != nil {
			s.graceView(t, op.Kind)
		}
		switch op.Kind {
		case kern.OpSyncRCU:
			s.synchronize(t)
		case kern.OpRCUBarrier:
			s.barrierRCU(t)
		default:
			return 0
		}
		return 1
	case kern.OpFlushWork:
		return s.flushWork(t, c, op, int(n.slot))
	case kern.OpFlushWorkEnd:
		s.dep.all()
		if s.views != nil { // behind a lock that it has taken before, too: see unlocked
			s.learn(knows+holder(t), pending+holder(t))
		}
		return 0
	case kern.OpCancelWork:
		return s.cancelWork(t, c, op, int(n.slot))
	case kern.OpCancelWorkEnd:
		return s.cancelEnd(t, c, op)
	case kern.OpSlabAlloc:
		return s.slabAlloc(t, c, op, alt)
	case kern.OpKmalloc:
		return s.kmalloc(t, c, op, alt)
	case kern.OpSlabDestroy:
		s.destroyCache(c, op)
		return 0
	case kern.OpSlabFree:
		s.slabFree(t, c, op, int(n.slot))
		return 0
	case kern.OpSlabReclaim:
		s.slabReclaim(t, c, op, int(n.slot))
		return 0
	case kern.OpAllocPages:
		return s.allocPages(t, op, alt)
	case kern.OpPutPage:
		return s.putPage(t, c, op)
	case kern.OpFreePages:
		s.freeFrame(t, c, kern.PFN(op.Addr))
		return 0
	case kern.OpTakeWork:
		panic(&ModelError{"take_work: a model's work is run by the explorer"})
	}
	if n.oneWord {
		return s.execOne(t, c, n, op)
	}
	var f kern.Footprint
	words := s.m.Footprint(0, op, &f)
	var old [len(f)]uint32
	p := kern.PrimitiveOf(op.Kind)
	if !op.Addr.IsPlace() && p.Shape != kern.NoWords {
		c.Report(kern.PointerViolation(op.Kind, op.Addr))
		return 0
	}
	for i, a := range words {
		write, plain := p.Access(i)
		if !s.touchAs(t, c, op, a, write, plain) {
			return 0
		}
		old[i] = s.m.Peek(a)
	}
	if s.x.shares && s.misused(t, c, n) {
		return 0
	}
	if n.told {
		s.tell(t, n)
	}
	r := c.Exec(op)
	for i, a := range words {
		if i < 2 || a != words[0] && a != words[1] { // a node that points to itself is its own neighbour, and changes once
			s.changed(a, old[i])
		}
	}
	s.settle(t, n, op, words, r)
	return r
}

// settle takes note of what a primitive that touched these words, and returned r, did beside changing them.
//
// Orders come after the effect, since some depend on the result: a cmpxchg orders if it stored.
func (s *state) settle(t int, n *node, op kern.Op, words []kern.Addr, r uint32) {
	if s.viol != nil {
		return
	}
	p := kern.PrimitiveOf(op.Kind)
	if s.views != nil {
		if s.x.pairs != 0 {
			s.pairBefore(t, p, op, r)
		}
		s.order(t, op, r)
		if len(words) > 1 {
			s.orderMany(t, op, words)
		}
		if s.x.pairs != 0 {
			s.pairBehind(t, p, int(n.slot), op, r)
		}
		s.bhView(t, n)
	}
	if p.Waits|p.Tries|p.Gives != kern.NoLock {
		s.noteLock(t, p, n.slot, r)
	}
}

// execOne carries out a primitive that touches one word.
//
// It is what exec does in general, without the loop over words: most steps of a search come this way.
func (s *state) execOne(t int, c *kern.CPU, n *node, op kern.Op) uint32 {
	a := op.Addr
	if !s.touchAs(t, c, op, a, n.prim.Writes, n.prim.Plain) {
		return 0
	}
	if s.x.shares && s.misused(t, c, n) {
		return 0
	}
	old := s.m.Peek(a)
	if n.told {
		s.tell(t, n)
	}
	r := c.Exec(op)
	s.changed(a, old)
	s.settle(t, n, op, nil, r)
	return r
}

// checkDepth reports a region that is left and was not entered.
//
// The depth is a property of the node, not of the state: two threads that stand at one node are in the
// same regions.
func (s *state) checkDepth(c *kern.CPU, n *node) {
	switch p := kern.PrimitiveOf(n.op.Kind); {
	case p.BH < 0 && n.depth.BH <= 0:
		c.Report(&kern.Violation{Kind: kern.LockMisuse, Detail: "enables BH, which is on"})
	case p.Preempt < 0 && n.depth.Preempt <= 0:
		c.Report(&kern.Violation{Kind: kern.LockMisuse, Detail: "enables preemption, which is on"})
	case p.RCU < 0 && n.depth.RCU <= 0:
		c.Report(&kern.Violation{Kind: kern.LockMisuse, Detail: "is called outside rcu_read_lock"})
	}
}

// callRCU is call_rcu(): it arms the rcu_head, whose two words are next and func, and puts the slot of the
// head into the set of queued callbacks. Which readers it waits for is decided now (queueCallback).
func (s *state) callRCU(t int, c *kern.CPU, head kern.Addr, fn kern.Func, slot int) {
	op := kern.Op{Kind: kern.OpCallRCU}
	if !s.touch(t, c, op, head) || !s.touch(t, c, op, head+1) {
		return
	}
	next, was := s.m.Peek(head), s.m.Peek(head+1)
	if c.ArmHead(head, fn) && s.viol == nil {
		s.m.Poke(head, 0)
		s.queueCallback(t, slot)
	}
	s.changed(head, next)
	s.changed(head+1, was)
}

// queueWork is queue_work(): it returns 0 and changes nothing if the item is pending already. What
// precedes the call is seen by the work in either case, which is what views learn here.
func (s *state) queueWork(t int, c *kern.CPU, op kern.Op, slot int) uint32 {
	a := op.Addr
	if !s.touch(t, c, op, a) || !s.touch(t, c, op, a+1) {
		return 0
	}
	next, was := s.m.Peek(a), s.m.Peek(a+1)
	armed := c.ArmWork(a, kern.Func(op.A))
	if s.views != nil { // what precedes it the work sees, also if it was pending already
		s.barrier(t)
		switch {
		case s.work&(1<<slot) != 0:
			s.learn(works+holder(slot), knows+holder(t))
		case armed:
			s.become(works+holder(slot), knows+holder(t))
		}
	}
	if !armed {
		return 0
	}
	s.changed(a, next)
	s.changed(a+1, was)
	s.setWork(s.work | 1<<slot)
	return 1
}
