package explore_test

import (
	"slices"

	"ptsim/explore"
	"ptsim/kern"
)

// The rules of the primitives, once more, from the kernel's documentation and from kern's own; no function of kern but those
// that tell a place from a function and poison.

// alive tells whether the word at a may be touched: it is in no object, or in one that is in use, or free and type-stable.
func (r *bruteRun) alive(a kern.Addr) bool {
	o := uint8(0)
	if int(a) < len(r.object) {
		o = r.object[a]
	}
	if o == 0 {
		return true
	}
	l := r.m.life[o]
	return l != bruteUnborn && l != bruteDead
}

// get reads a word without anybody noticing. What is nowhere reads as nothing that could pass for an address.
func (r *bruteRun) get(a kern.Addr) uint32 {
	if int(a) < len(r.index) {
		if i := r.index[a]; i != 0 {
			return r.m.mem[i]
		}
	}
	return ^uint32(0)
}

// objectAt returns the object that the word at a is in, 0 if it is in none.
func (w *bruteWorld) objectAt(a kern.Addr) uint8 {
	if int(a) < len(w.object) {
		return w.object[a]
	}
	return 0
}

func (r *bruteRun) put(a kern.Addr, v uint32) {
	if i := r.index[a]; i != 0 {
		r.m.mem[i] = v
	}
}

// touch notes an access; it is false if the word is freed memory.
func (r *bruteRun) touch(t int, a kern.Addr, write, plain bool) bool {
	return r.access(t, a, bruteAccess{write: write, plain: plain})
}

// access is touch, with all that matters of it.
func (r *bruteRun) access(t int, a kern.Addr, x bruteAccess) bool {
	if !a.IsPlace() {
		return true
	}
	r.met.touches(t, r.index[a], r.kind, x.write)
	if r.noting {
		x.a = a
		r.accesses = append(r.accesses, x)
	}
	switch {
	case r.objectAt(a) == 0 && a < kern.FrameWords:
		r.report(kern.NullDeref)
		return false
	case r.objectAt(a) == 0:
		r.report(kern.WildPointer)
		return false
	case !r.alive(a):
		r.report(kern.UseAfterFree)
		return false
	case r.get(a) == uint32(kern.UninitPoison) && r.kind != kern.OpWrite && r.kind != kern.OpStore:
		r.report(kern.UninitRead)
		return false
	}
	if r.c.races(t, r.index[a], a, x) {
		r.report(kern.DataRace)
		return false
	}
	return true
}

// owner is what thread t writes into a spin lock: no number of a CPU alone, since a softirq on one is somebody else.
func (r *bruteRun) owner(t int) uint32 { return uint32(t) + 1 }

// blocked tells whether a primitive waits.
func (r *bruteRun) blocked(t int, op kern.Op) bool {
	if bruteSleeps(op) && r.atomic(t) {
		return false // it gets no further than to be told
	}
	if !r.alive(op.Addr) && op.Kind != kern.OpDownRead && op.Kind != kern.OpDownWrite {
		return false
	}
	switch op.Kind {
	case kern.OpSpinLock, kern.OpSpinLockBH:
		v := r.get(op.Addr)
		return r.alive(op.Addr) && v != 0 && !r.itself(t, v)
	case kern.OpSyncRCUEnd:
		return r.m.syncs[t] != 0
	case kern.OpRCUBarrierEnd:
		return r.m.owed[t] != 0 || r.m.runs[t] != 0
	case kern.OpFlushWorkEnd:
		return r.m.flushes[t] != 0 || r.m.runs[t] != 0
	case kern.OpCancelWork:
		return r.get(op.Addr+1) == r.canceled() && r.runner(op.Addr) != t
	case kern.OpCancelWorkEnd:
		return r.m.runs[t] != 0
	case kern.OpSyncSRCU: // the readers that the last grace period waited for
		return r.get(op.Addr+1+kern.Addr(1-r.get(op.Addr)%2)) != 0
	case kern.OpSyncSRCUEnd:
		return r.get(op.Addr) == op.A && r.get(op.Addr+1+kern.Addr(1-op.A%2)) != 0
	case kern.OpDownRead:
		return r.get(op.Addr)>>31 != 0
	case kern.OpDownWrite:
		return r.get(op.Addr) != 0
	}
	return r.lockWaits(t, op, r.get(op.Addr)) || waitsFor(op, r.get(op.Addr))
}

// ways returns in how many ways a primitive can go.
func (r *bruteRun) ways(t int, op kern.Op) int {
	switch op.Kind {
	case kern.OpChoose:
		return int(op.A)
	case kern.OpAllocPages:
		return 1 + len(r.deadFrames())
	case kern.OpSlabAlloc:
		n := 1
		if op.A == stableCache {
			n += len(r.idle())
		}
		if kern.GFP(op.B) == kern.GFPNowait && r.roles[t] == bruteTask {
			n++
		}
		return n
	}
	return 1
}

// idle returns the type-stable objects that are free.
func (r *bruteRun) idle() []uint8 {
	var list []uint8
	for _, o := range r.stables {
		if r.m.life[o] >= bruteIdle {
			list = append(list, o)
		}
	}
	return list
}

// bruteFence tells whether a primitive is a barrier, which is carried out with the one before it.
func bruteFence(op kern.Op) bool { return op.Kind >= kern.OpMB && op.Kind <= kern.OpMBAfterUnlock }

// local tells whether a primitive is no step of its own: a plain access is one where another task of the CPU may come in between.
func (r *bruteRun) local(t int, op kern.Op) bool {
	if bruteFence(op) {
		return true
	}
	switch op.Kind {
	case kern.OpLoad, kern.OpStore:
		return len(r.mates[t]) == 0 || r.hasCPU(t)
	case kern.OpAllocPages:
		return !r.again
	case kern.OpMark, kern.OpChoose, kern.OpMightSleep, kern.OpThisCPUPtr, kern.OpRawCPUPtr:
		return true
	}
	return false
}

func bruteSleeps(op kern.Op) bool {
	switch op.Kind {
	case kern.OpSlabAlloc, kern.OpKmalloc, kern.OpAllocPages:
		return op.B == uint32(kern.GFPKernel)
	case kern.OpDownRead, kern.OpDownWrite, kern.OpMightSleep, kern.OpMutexLock, kern.OpLockPage, kern.OpWaitOnPageLocked, kern.OpSyncRCU, kern.OpRCUBarrier, kern.OpSyncSRCU,
		kern.OpSlabDestroy, kern.OpWaitForCompletion, kern.OpSchedule, kern.OpFlushWork, kern.OpCancelWork:
		return true
	}
	return false
}

// do carries the next primitive of a thread out, by one of its ways, and brings the thread to the one after.
func (r *bruteRun) do(t, way int) {
	op := r.next(t)
	if !r.local(t, op) {
		r.steps++
	}
	had := r.hasCPU(t)
	if r.waitsNow(t, op) && r.blocked(t, op) {
		r.m.threads[t].waits = true
		r.c.keeps(t, had, r.hasCPU(t))
		return
	}
	if r.m.threads[t].waits { // it is woken, or gets the lock
		r.m.threads[t].waits = false
		r.c.keeps(t, had, r.hasCPU(t))
		had = r.hasCPU(t)
	}
	r.kind = op.Kind
	r.met.does(t, op.Kind, op.Order)
	was := r.reading(t)
	v := r.carryOut(t, op, way)
	if r.viol != kern.NoViolation {
		return
	}
	defer func() { r.c.keeps(t, had, r.hasCPU(t)) }()
	th := &r.m.threads[t]
	if th.arrived = op.Kind == kern.OpWriteLock && v == 0; op.Kind == kern.OpWriteLock {
		th.silent = th.silent<<1 | uint8(v) | 1<<7
		v = 0
	}
	if th.arrived {
		return
	}
	if op.Kind == kern.OpWriteLockWait {
		op.Kind = kern.OpWriteLock
	}
	switch op.Kind {
	case kern.OpSyncRCU, kern.OpRCUBarrier, kern.OpSyncSRCU: // the other half is to come
		th.half = 1 + v
		th.past = th.past*31 + uint64(v) + 1
		return
	case kern.OpFlushWork, kern.OpCancelWork:
		if v != 0 {
			th.half = 1 + v
			th.past = th.past*31 + uint64(v)
			return
		}
	case kern.OpFlushWorkEnd:
		th.half, op.Kind, v = 0, kern.OpFlushWork, 1
	case kern.OpCancelWorkEnd:
		th.half, op.Kind, v = 0, kern.OpCancelWork, truth(th.half == 3)
	case kern.OpSyncRCUEnd, kern.OpRCUBarrierEnd, kern.OpSyncSRCUEnd:
		th.half = 0
	}
	th.seen.saw(op.Kind, v)
	if op.Kind == kern.OpSlabAlloc && op.A == stableCache {
		th.seen.stable = kern.Addr(v)
	} else if op.Kind == kern.OpSlabAlloc || op.Kind == kern.OpKmalloc {
		th.seen.fresh = kern.Addr(v)
	}
	th.pc++
	busy, item := !r.over(t), th.seen.self
	r.advance(t)
	switch now := r.reading(t); {
	case was && !now:
		r.left(t)
	case now && !was:
		r.c.readerBegins(t)
	}
	if busy && r.over(t) {
		r.ended(t)
		r.c.workOver(t, item)
	}
}

func (r *bruteRun) carryOut(t int, op kern.Op, way int) uint32 {
	th := &r.m.threads[t]
	a := op.Addr
	if r.atomic(t) && (bruteSleeps(op) || op.Kind == kern.OpMutexTrylock && r.roles[t] == bruteSoftirq) {
		r.report(kern.SleepInAtomic)
		return 0
	}
	switch op.Kind {
	case kern.OpMark, kern.OpMightSleep:
		return 0
	case kern.OpThisCPUPtr, kern.OpRawCPUPtr:
		if op.Kind == kern.OpThisCPUPtr && !r.lax && r.roles[t] == bruteTask && th.bh+th.preempt+th.spins == 0 {
			r.report(kern.PreemptiblePerCPU)
		}
		return uint32(a) + uint32(r.cpus[t])
	case kern.OpThisCPURead, kern.OpThisCPUWrite, kern.OpThisCPUAdd, kern.OpThisCPUAddReturn, kern.OpThisCPUXchg, kern.OpThisCPUCmpXchg, kern.OpThisCPUAnd, kern.OpThisCPUOr:
		return r.thisCPU(t, op)
	case kern.OpPreemptDisable:
		th.preempt++
		return 0
	case kern.OpPreemptEnable:
		if th.preempt <= 0 {
			r.report(kern.LockMisuse)
			return 0
		}
		th.preempt--
		return 0
	case kern.OpMB, kern.OpRMB, kern.OpWMB, kern.OpMBBeforeAtomic, kern.OpMBAfterAtomic, kern.OpMBAfterSpinlock, kern.OpMBAfterUnlock:
		r.c.fence(t, op.Kind)
		return 0
	case kern.OpChoose:
		return uint32(way)
	case kern.OpBHDisable, kern.OpSpinLockBH:
		if th.bh++; th.bh == 1 {
			r.c.bhOff(t)
		}
		if op.Kind == kern.OpBHDisable {
			return 0
		}
	case kern.OpBHEnable, kern.OpSpinUnlockBH:
		if th.bh <= 0 {
			r.report(kern.LockMisuse)
			return 0
		}
		if op.Kind == kern.OpBHEnable {
			r.bhOn(t)
			return 0
		}
	case kern.OpRCUReadLock:
		th.rcu++
		return 0
	case kern.OpRCUReadUnlock:
		if th.rcu <= 0 {
			r.report(kern.LockMisuse)
			return 0
		}
		th.rcu--
		return 0
	case kern.OpListInit, kern.OpListAdd, kern.OpListAddTail, kern.OpListDel, kern.OpListDelInit, kern.OpListAddRCU, kern.OpListAddTailRCU,
		kern.OpListDelRCU:
		r.list(t, op)
		return 0
	case kern.OpSyncRCU, kern.OpSyncRCUEnd, kern.OpRCUBarrier, kern.OpRCUBarrierEnd:
		r.waits(t, op.Kind)
		return 0
	case kern.OpSRCULock, kern.OpSRCUUnlock, kern.OpSyncSRCU, kern.OpSyncSRCUEnd:
		return r.srcu(t, op)
	case kern.OpFlushWork, kern.OpFlushWorkEnd:
		return r.flush(t, op)
	case kern.OpCancelWork, kern.OpCancelWorkEnd:
		return r.cancel(t, op)
	case kern.OpCallRCU:
		r.callRCU(t, a, op.A)
		return 0
	case kern.OpQueueWork:
		return r.queueWork(t, a, op.A)
	case kern.OpSlabAlloc, kern.OpKmalloc, kern.OpSlabDestroy, kern.OpSlabFree, kern.OpSlabReclaim, kern.OpAllocPages, kern.OpFreePages, kern.OpPutPage:
		return r.allocator(t, op, way)
	}
	if op.Kind == kern.OpAddUnless && op.B == 0 && a == r.refcountOf(a) && !r.alive(a) {
		return 0 // a speculative reference to a page that is gone
	}
	plain := op.Kind == kern.OpLoad || op.Kind == kern.OpStore || op.Kind == kern.OpListFirst || op.Kind == kern.OpInitCompletion
	write := true
	switch op.Kind {
	case kern.OpRead, kern.OpLoad, kern.OpRefRead, kern.OpListFirst, kern.OpListEmpty, kern.OpSpinIsLocked, kern.OpMutexIsLocked,
		kern.OpBitSpinIsLocked, kern.OpPageLocked, kern.OpWaitOnPageLocked, kern.OpSchedule, kern.OpWaitqueueActive:
		write = false
	}
	if !r.touch(t, a, write, plain) {
		return 0
	}
	old := r.get(a)
	v, result := r.word(t, op, old)
	if write && r.viol == kern.NoViolation {
		r.put(a, v)
	}
	r.c.order(t, op, r.index[a], result)
	if op.Kind == kern.OpSpinUnlockBH && r.viol == kern.NoViolation {
		r.bhOn(t)
	}
	return result
}

func (r *bruteRun) bhOn(t int) {
	th := &r.m.threads[t]
	if th.bh--; th.bh == 0 {
		r.c.bhOn(t)
	}
}

// word returns what a primitive on one word leaves there, and its result.
func (r *bruteRun) word(t int, op kern.Op, old uint32) (v, result uint32) {
	switch op.Kind {
	case kern.OpRead, kern.OpLoad:
		return old, old
	case kern.OpWrite, kern.OpStore:
		return op.A, 0
	case kern.OpAddVoid:
		return old + op.A, 0
	case kern.OpXorVoid:
		return old ^ op.A, 0
	case kern.OpOrVoid:
		return old | op.A, 0
	case kern.OpAndNotVoid:
		return old &^ op.A, 0
	case kern.OpAdd:
		return old + op.A, old + op.A
	case kern.OpXor:
		return old ^ op.A, old ^ op.A
	case kern.OpOr:
		return old | op.A, old
	case kern.OpAndNot:
		return old &^ op.A, old
	case kern.OpXchg:
		return op.A, old
	case kern.OpCmpXchg:
		if old == op.A {
			return op.B, old
		}
		return old, old
	case kern.OpAddUnless:
		if old == op.B {
			return old, 0
		}
		if op.Order == kern.Relaxed && (old >= 1<<31 || old+1 >= 1<<31) { // refcount_inc_not_zero
			r.report(kern.RefcountLeak)
		}
		return old + op.A, 1
	case kern.OpRefSet:
		return op.A, 0
	case kern.OpRefRead:
		return old, old
	case kern.OpRefInc, kern.OpRefDecTest, kern.OpRefDec:
		return r.count(op.Kind, int32(old))
	case kern.OpRefAdd: // the kernel asks for what was, and for what is
		switch now := int32(old + op.A); {
		case old == 0:
			r.report(kern.UseAfterFree)
		case int32(old) < 0 || now < 0:
			r.report(kern.RefcountLeak)
		}
		return old + op.A, 0
	case kern.OpRefSubTest:
		if old != op.A && (int32(old) < 0 || int32(old-op.A) < 0) {
			r.report(kern.UseAfterFree)
		}
		return old - op.A, truth(old == op.A)
	case kern.OpListFirst, kern.OpListEmpty:
		if old == uint32(op.Addr) {
			old = 0
		}
		if op.Kind == kern.OpListEmpty {
			return 0, truth(old == 0)
		}
		return 0, old
	}
	return r.lock(t, op, old)
}

// count changes a count of references, as refcount.h of 6.6 does; what is wrong saturates it, and ends the schedule.
func (r *bruteRun) count(k kern.OpKind, old int32) (v, result uint32) {
	by := int32(-1)
	switch {
	case k == kern.OpRefInc:
		if by = 1; old == 0 {
			r.report(kern.UseAfterFree)
		} else if old < 0 || old+1 < 0 {
			r.report(kern.RefcountLeak)
		}
	case k == kern.OpRefDec && old <= 1:
		r.report(kern.RefcountLeak)
	case k == kern.OpRefDecTest && old <= 0:
		r.report(kern.UseAfterFree)
	}
	return uint32(old + by), truth(k == kern.OpRefDecTest && old == 1)
}

// lock returns what a lock's word becomes, and a result.
func (r *bruteRun) lock(t int, op kern.Op, old uint32) (v, result uint32) {
	bit := uint32(1) << (2 * ((op.Addr - r.shared - bruteSems) & 1))
	switch {
	case op.Kind == kern.OpDownReadTrylock:
		if old>>31 != 0 {
			return old, 0
		}
		r.m.threads[t].holds |= bit
		return old + 1, 1
	case op.Kind == kern.OpDownWriteTrylock:
		if old != 0 {
			return old, 0
		}
		r.m.threads[t].holds |= bit << 1
		return 1 << 31, 1
	case op.Kind == kern.OpSpinIsLocked:
		return old, truth(old != 0)
	case op.Kind == kern.OpSpinTrylock && old != 0:
		return old, 0
	case op.Kind == kern.OpSpinTrylock:
		r.m.threads[t].spins++
		return r.owner(t), 1
	}
	switch op.Kind {
	case kern.OpSpinLock, kern.OpSpinUnlock, kern.OpSpinLockBH, kern.OpSpinUnlockBH, kern.OpDownRead, kern.OpUpRead, kern.OpDownWrite, kern.OpUpWrite:
		return r.wait(t, op, old), 0
	}
	if v, result, ok := r.waiting(op, old); ok {
		return v, result
	}
	return r.locks(t, op, old)
}

// wait returns what the word of a lock becomes that was waited for, or that is released.
func (r *bruteRun) wait(t int, op kern.Op, old uint32) uint32 {
	th := &r.m.threads[t]
	bit := uint32(1) << (2 * ((op.Addr - r.shared - bruteSems) & 1))
	bad := false
	switch op.Kind {
	case kern.OpSpinLock, kern.OpSpinLockBH:
		switch {
		case old == r.owner(t):
			r.report(kern.SelfDeadlock)
		case old != 0:
			r.report(kern.SoftirqDeadlock)
		}
		th.spins++
		return r.owner(t)
	case kern.OpSpinUnlock, kern.OpSpinUnlockBH:
		bad = old != r.owner(t)
		th.spins--
		old = 0
	case kern.OpDownRead:
		th.holds |= bit
		return old + 1
	case kern.OpDownWrite:
		th.holds |= bit << 1
		return 1 << 31
	case kern.OpUpRead:
		bad = old == 0 || old>>31 != 0
		th.holds &^= bit
		old--
	case kern.OpUpWrite:
		bad = old>>31 == 0
		th.holds &^= bit << 1
		old = 0
	}
	if bad {
		r.report(kern.LockMisuse)
	}
	return old
}

// candidates appends the threads that have something to do, whether they wait for a lock or not, and what idle servers could
// begin.
func (r *bruteRun) candidates(to []bruteMove) []bruteMove {
	for t := range r.roles {
		switch above := r.above[t]; {
		case above >= 0 && !r.over(above):
		case !r.over(t) && r.keptOff(t):
		case !r.over(t):
			to = append(to, bruteMove{t: uint8(t)})
		case r.roles[t] == bruteWorker:
			for i, pending := range r.m.work {
				if pending {
					to = append(to, bruteMove{t: uint8(t), item: uint8(i) + 1})
				}
			}
		case r.roles[t] == bruteSoftirq:
			if slices.ContainsFunc(r.under[t], r.noBH) {
				continue
			}
			for h := range r.m.queue {
				q := &r.m.queue[h]
				if q.queued && q.wait == 0 && (r.softirqs != explore.SoftirqsOnCPU || int(q.cpu) == r.cpus[t]) {
					to = append(to, bruteMove{t: uint8(t), item: uint8(h) + 1})
				}
			}
		}
	}
	return to
}

// bruteMove is what a thread does next: its next step by one of its ways, or the beginning of something.
type bruteMove struct{ t, way, item uint8 }

// refcountOf returns the refcount of the frame whose struct page a is in, 0 if it is in none.
func (r *bruteRun) refcountOf(a kern.Addr) kern.Addr {
	if o := r.object[a]; o != 0 && r.caches[o] < 0 {
		return r.bases[o] + kern.PageRefcount
	}
	return 0
}
