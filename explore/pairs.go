package explore

import "ptsim/kern"

// Some primitives order only in pairs. What counts as the first of a pair is remembered as a view, until the second comes.
//
// A spin_unlock, and a spin_lock behind it, by one CPU or of one lock: what is before the one comes before what is behind the
// other, but for a write before and a read behind (po-unlock-lock-po in tools/memory-model). The unlock alone, a release, orders
// nothing that follows it, and the lock alone, an acquire, nothing before it. So
//
//   - what relaxed reads saw before the unlock is known behind the lock, as behind smp_rmb, and to writes as well;
//   - a relaxed write behind the lock hands on the writes before the unlock, as behind smp_wmb: the thread's own, and those of
//     who released the lock last. As there, it does not hand on what the thread knew of others.
//
// A barrier that goes with another primitive is a full one between two points, of which it is one itself:
//
//	smp_mb__before_atomic      from itself to the next atomic
//	smp_mb__after_atomic       from the last atomic to itself
//	smp_mb__after_spinlock     from the last spin_lock to itself
//	smp_mb__after_unlock_lock  from any unlock, by this CPU or of the same lock, before the last spin_lock, to itself
//
// What comes between the two points it does not order, and without the other primitive it is nothing: mb in
// tools/memory-model/linux-kernel.cat. An atomic is any that changes its word, of whatever order.
//
// The beginning of a grace period, and a reader that begins behind it: see graceBegins.
//
// A race that is found without all this may be none. It costs views, so it is left out until there is a race, and then the search
// is made once more with it: see judgeRaces. To leave an order out loses no race.

// pairing is a set of such pairs.
type pairing uint8

const (
	unlockLock pairing = 1 << iota
	beforeAtomic
	afterAtomic
	afterSpinlock
	afterUnlockLock
	graceReader

	allPairs = unlockLock | beforeAtomic | afterAtomic | afterSpinlock | afterUnlockLock | graceReader
)

// pairOf returns the pair that only code with such a primitive has.
func pairOf(k kern.OpKind) pairing {
	p := kern.PrimitiveOf(k)
	switch p.Order {
	case kern.BeforeAtomic:
		return beforeAtomic
	case kern.AfterAtomic:
		return afterAtomic
	case kern.AfterSpinlock:
		return afterSpinlock
	case kern.AfterUnlockLock:
		return afterUnlockLock
	}
	switch {
	case p.Gives == kern.Spin:
		return unlockLock
	case k == kern.OpSyncRCU || k == kern.OpCallRCU:
		return graceReader
	}
	return 0
}

// The holders of what is remembered, behind those of the CPUs: most by thread, the last one by lock.
func (s *state) pairHolder(kind, n int) kern.Addr {
	return kern.Addr(len(s.views.index) + len(s.env.objects) + maxThreads*(1+kind) + n)
}

const (
	unlockReads  = iota // what it had to know at its unlocks
	unlockWrites        // and its own writes then
	atBarrier           // all before its smp_mb__before_atomic
	atAtomic            // all before its last atomic
	atLock              // all before its last spin_lock
	atUnlock            // all before its unlocks
	beforeLock          // all before those unlocks that come before its last spin_lock
	unlockOwn           // by lock: the own writes of who released it last

	byThread = unlockOwn // how many of them there are for a thread
)

// pairViews is how many holders all this takes.
const pairViews = byThread*maxThreads + maxSlots

// pairFence passes views on at a barrier that goes with another primitive.
func (s *state) pairFence(t int, o kern.Order) {
	var from int
	switch o {
	case kern.BeforeAtomic:
		if s.x.pairs&beforeAtomic != 0 {
			s.publish(s.sync(s.pairHolder(atBarrier, t)), t)
		}
		return
	case kern.AfterAtomic:
		from = atAtomic
	case kern.AfterSpinlock:
		from = atLock
	case kern.AfterUnlockLock:
		from = beforeLock
	}
	s.fenceFrom(t, from)
}

// fenceFrom has what a thread remembers come before all that it does from now on. It need not be remembered any more.
func (s *state) fenceFrom(t, kind int) {
	a := s.pairHolder(kind, t)
	if s.views.syncs[a] == 0 {
		return
	}
	from := s.sync(a)
	s.learn(knows+holder(t), from)
	s.learn(released+holder(t), from)
	s.become(from, untouched)
}

// pairBefore passes views on at an atomic, whose own write comes behind smp_mb__before_atomic.
func (s *state) pairBefore(t int, p *kern.Primitive, op kern.Op, result uint32) {
	if p.Atomic && op.Changes(result) {
		s.fenceFrom(t, atBarrier)
	}
}

// pairBehind passes views on where a thread has carried out what may be the first of a pair, or releases a spin lock, or has taken
// one.
func (s *state) pairBehind(t int, p *kern.Primitive, slot int, op kern.Op, result uint32) {
	switch {
	case p.Atomic && op.Changes(result):
		s.remember(t, afterAtomic, atAtomic)
	case p.Gives == kern.Spin:
		s.remember(t, afterUnlockLock, atUnlock)
		if s.x.pairs&unlockLock == 0 {
			return
		}
		s.learn(s.sync(s.pairHolder(unlockReads, t)), pending+holder(t))
		s.learn(s.sync(s.pairHolder(unlockWrites, t)), wrote+holder(t))
		s.become(s.sync(s.pairHolder(unlockOwn, slot)), wrote+holder(t))
	case p.Took(result) == kern.Spin:
		s.remember(t, afterSpinlock, atLock)
		if s.x.pairs&afterUnlockLock != 0 {
			before := s.sync(s.pairHolder(beforeLock, t))
			s.learn(before, s.sync(s.pairHolder(atUnlock, t)))
			s.learn(before, s.sync(op.Addr))
		}
		if s.x.pairs&unlockLock == 0 {
			return
		}
		s.learn(knows+holder(t), s.sync(s.pairHolder(unlockReads, t)))
		s.learn(released+holder(t), s.sync(s.pairHolder(unlockWrites, t)))
		s.learn(released+holder(t), s.sync(s.pairHolder(unlockOwn, slot)))
	}
}

// remember keeps all that comes before the point where a thread stands, if the search looks at such pairs.
func (s *state) remember(t int, pair pairing, kind int) {
	if s.x.pairs&pair != 0 {
		s.publish(s.sync(s.pairHolder(kind, t)), t)
	}
}

// pairsAlike tells whether two threads remember the same.
func (s *state) pairsAlike(t, u int) bool {
	if s.x.pairs == 0 {
		return true
	}
	row := func(kind, n int) uint64 {
		if h := s.views.syncs[s.pairHolder(kind, n)]; h != 0 {
			return s.views.rows[h]
		}
		return s.views.rows[untouched]
	}
	for kind := range byThread {
		if row(kind, t) != row(kind, u) {
			return false
		}
	}
	return true
}

// pairsOver is the end of what a thread runs. What it remembers orders nothing in what a server runs next.
func (s *state) pairsOver(t int) {
	for kind := range byThread {
		switch h := s.views.syncs[s.pairHolder(kind, t)]; {
		case h == 0:
		case s.x.threads[t].role == task:
			s.clearView(h)
		default:
			s.become(h, untouched)
		}
	}
}
