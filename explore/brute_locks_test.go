package explore_test

import "ptsim/kern"

// The locks other than spin locks and semaphores, once more: mutexes, rwlocks, local locks, bits of a word and pages.

// pageLockBit is the number of PG_locked.
const pageLockBit = 27

// The bits of bruteThread.holds: two for each semaphore, and one for each way to hold another lock.
const (
	holdsMutex = 1 << (4 + iota)
	holdsRead
	holdsWrite
	holdsLocal
	holdsPage
	holdsBit // and the next
)

// The word of a rwlock: the number of readers, and whether a writer waits; or its writer.
const (
	bruteWaits  = 1 << 30
	bruteWriter = 1 << 31
)

// placeLock says which word such an instruction is about; false if it is another instruction.
func (l *brutePlaces) placeLock(op *kern.Op, x kern.Addr, task int) bool {
	switch op.Kind {
	case kern.OpMutexLock, kern.OpMutexTrylock, kern.OpMutexUnlock, kern.OpMutexIsLocked:
		op.Addr = l.shared + bruteMutex
	case kern.OpReadLock, kern.OpReadUnlock, kern.OpWriteLock, kern.OpWriteUnlock:
		op.Addr = l.shared + bruteRW
	case kern.OpLocalLock, kern.OpLocalUnlock:
		op.Addr = l.shared + bruteCPULock + kern.Addr(task)
	case kern.OpBitSpinLock, kern.OpBitSpinTrylock, kern.OpBitSpinUnlock, kern.OpBitSpinIsLocked:
		op.Addr, op.A = l.shared+bruteBits, uint32(x%2)
	case kern.OpLockPage, kern.OpTrylockPage, kern.OpUnlockPage, kern.OpPageLocked, kern.OpWaitOnPageLocked:
		op.Addr, op.A = l.frame.Page()+kern.PageFlags, pageLockBit
	default:
		return false
	}
	return true
}

// performLock calls the primitive.
func (b *bruteCode) performLock(c *kern.CPU, op kern.Op) (result uint32, ok bool) {
	a := op.Addr
	switch op.Kind {
	case kern.OpMutexLock:
		kern.MutexLock(c, a)
	case kern.OpMutexTrylock:
		return truth(kern.MutexTrylock(c, a)), true
	case kern.OpMutexUnlock:
		kern.MutexUnlock(c, a)
	case kern.OpMutexIsLocked:
		return truth(kern.MutexIsLocked(c, a)), true
	case kern.OpReadLock:
		kern.ReadLock(c, a)
	case kern.OpReadUnlock:
		kern.ReadUnlock(c, a)
	case kern.OpWriteLock:
		kern.WriteLock(c, a)
	case kern.OpWriteUnlock:
		kern.WriteUnlock(c, a)
	case kern.OpLocalLock:
		kern.LocalLock(c, a)
	case kern.OpLocalUnlock:
		kern.LocalUnlock(c, a)
	case kern.OpBitSpinLock:
		kern.BitSpinLock(c, a, op.A)
	case kern.OpBitSpinTrylock:
		return truth(kern.BitSpinTrylock(c, a, op.A)), true
	case kern.OpBitSpinUnlock:
		kern.BitSpinUnlock(c, a, op.A)
	case kern.OpBitSpinIsLocked:
		return truth(kern.BitSpinIsLocked(c, a, op.A)), true
	case kern.OpLockPage:
		kern.LockPage(c, b.frame)
	case kern.OpTrylockPage:
		return truth(kern.TrylockPage(c, b.frame)), true
	case kern.OpUnlockPage:
		kern.UnlockPage(c, b.frame)
	case kern.OpPageLocked:
		return truth(kern.PageLocked(c, b.frame)), true
	case kern.OpWaitOnPageLocked:
		kern.WaitOnPageLocked(c, b.frame)
	default:
		return 0, false
	}
	return 0, true
}

// bitOf is how a thread would hold the bit lock that op is about.
func bitOf(op kern.Op) uint32 {
	if op.A == pageLockBit {
		return holdsPage
	}
	return holdsBit << op.A
}

// lockWaits tells whether such a primitive waits, with its word as it is.
func (r *bruteRun) lockWaits(t int, op kern.Op, v uint32) bool {
	th := &r.m.threads[t]
	switch op.Kind {
	case kern.OpMutexLock:
		return v != 0 && v != r.owner(t)
	case kern.OpReadLock, kern.OpWriteLock:
		switch {
		case v >= bruteWriter:
			return !r.itself(t, v&^bruteWriter)
		case v >= bruteWaits:
			return op.Kind == kern.OpWriteLock || th.bh == 0 && r.roles[t] != bruteSoftirq
		}
	case kern.OpWriteLockWait:
		return v != bruteWaits
	case kern.OpBitSpinLock, kern.OpLockPage, kern.OpWaitOnPageLocked:
		return v>>op.A&1 != 0 && th.holds&bitOf(op) == 0
	}
	return false
}

// locks returns what the word of such a lock becomes, and a result.
func (r *bruteRun) locks(t int, op kern.Op, old uint32) (v, result uint32) {
	th := &r.m.threads[t]
	me := r.owner(t)
	bad := func(k kern.Kind) (uint32, uint32) {
		r.report(k)
		return old, 0
	}
	switch op.Kind {
	case kern.OpMutexIsLocked:
		return old, truth(old != 0)
	case kern.OpMutexLock, kern.OpMutexTrylock:
		switch {
		case op.Kind == kern.OpMutexTrylock && old != 0:
			return old, 0
		case old != 0:
			return bad(kern.SelfDeadlock)
		}
		th.holds |= holdsMutex
		return me, truth(op.Kind == kern.OpMutexTrylock)
	case kern.OpMutexUnlock:
		if old != me {
			return bad(kern.LockMisuse)
		}
		th.holds &^= holdsMutex
		return 0, 0

	case kern.OpReadLock, kern.OpWriteLock:
		switch {
		case old == me|bruteWriter:
			return bad(kern.SelfDeadlock)
		case old >= bruteWriter:
			return bad(kern.SoftirqDeadlock)
		case op.Kind == kern.OpReadLock:
			th.holds |= holdsRead
			th.spins++
			return old + 1, 0
		case old != 0:
			return old | bruteWaits, 0
		}
		fallthrough
	case kern.OpWriteLockWait:
		th.holds |= holdsWrite
		th.spins++
		return me | bruteWriter, truth(op.Kind == kern.OpWriteLock)
	case kern.OpReadUnlock:
		if old&^bruteWaits == 0 || old >= bruteWriter {
			return bad(kern.LockMisuse)
		}
		th.holds &^= holdsRead
		th.spins--
		return old - 1, 0
	case kern.OpWriteUnlock:
		if old != me|bruteWriter {
			return bad(kern.LockMisuse)
		}
		th.holds &^= holdsWrite
		th.spins--
		return 0, 0

	case kern.OpLocalLock:
		switch {
		case old == me:
			return bad(kern.SelfDeadlock)
		case old != 0 && r.itself(t, old):
			return bad(kern.SoftirqDeadlock)
		case old != 0:
			return bad(kern.LockMisuse)
		}
		th.holds |= holdsLocal
		th.preempt++
		return me, 0
	case kern.OpLocalUnlock:
		if th.preempt <= 0 || old != me {
			return bad(kern.LockMisuse)
		}
		th.holds &^= holdsLocal
		th.preempt--
		return 0, 0
	}
	return r.bitLocks(t, op, old)
}

// bitLocks are those whose word says other things as well.
func (r *bruteRun) bitLocks(t int, op kern.Op, old uint32) (v, result uint32) {
	th := &r.m.threads[t]
	held, mine := old>>op.A&1 != 0, th.holds&bitOf(op) != 0
	spins := int8(0)
	if op.A != pageLockBit {
		spins = 1
	}
	switch op.Kind {
	case kern.OpBitSpinIsLocked, kern.OpPageLocked:
		return old, truth(held)
	case kern.OpWaitOnPageLocked:
		if held {
			r.report(kern.SelfDeadlock)
		}
		return old, 0
	case kern.OpBitSpinUnlock, kern.OpUnlockPage:
		if !held || !mine {
			r.report(kern.LockMisuse)
		}
		th.holds &^= bitOf(op)
		th.spins -= spins
		return old &^ (1 << op.A), 0
	case kern.OpBitSpinTrylock, kern.OpTrylockPage:
		if held {
			return old, 0
		}
	default:
		if held {
			r.report(kern.SelfDeadlock)
		}
	}
	th.holds |= bitOf(op)
	th.spins += spins
	return old | 1<<op.A, truth(op.Kind == kern.OpBitSpinTrylock || op.Kind == kern.OpTrylockPage)
}
