package explore_test

import (
	"ptsim/explore"
	"ptsim/kern"
)

// bruteClock is a vector clock: how many accesses of each thread are known. What smp_rmb and smp_wmb order is known of an
// object alone, of reads alone or of writes alone, so writes are counted by themselves.
type bruteClock struct{ all, writes [bruteThreads]uint8 }

func (c *bruteClock) join(d *bruteClock) {
	for t := range c.all {
		c.all[t] = max(c.all[t], d.all[t])
		c.writes[t] = max(c.writes[t], d.writes[t])
	}
}

// knows tells whether the access of thread u with that number is known.
func (c *bruteClock) knows(u int, n uint8, write bool) bool {
	return n <= c.all[u] || write && n <= c.writes[u]
}

// bruteClocks are the happens-before order of one schedule, by vector clocks. All orders are spelled out here once more, from
// Documentation/atomic_t.txt, memory-barriers.txt, tools/memory-model and RCU/Design: the table in kern is not asked. A nil
// *bruteClocks keeps none.
type bruteClocks struct {
	w                   *bruteWorld
	know                [bruteThreads]bruteClock // what a thread knows of the others' accesses
	fenced              [bruteThreads]bruteClock // what it knew at its last full barrier: a relaxed write hands that on
	promised            [bruteThreads]bruteClock // what relaxed reads saw: a full barrier makes it known, and a release passes it on
	reads               [bruteThreads]bruteClock // what smp_rmb made known to reads
	offered             [bruteThreads]bruteClock // what smp_rmb will make known: atomics that return nothing do not count as reads
	through             [bruteThreads][bruteReached]bruteClock
	word                [bruteMemory]bruteWordClocks
	queue               [bruteHeads]bruteClock
	work                [2]bruteClock
	bh                  [bruteThreads]bruteClock // by CPU: with softirqs on it, BH off is like a lock
	cpu                 [bruteThreads]bruteClock // by CPU that several tasks share: preemption off is like a lock
	object              [bruteObjects]bruteClock // of type-stable memory that was freed
	srcuBegun, srcuOver bruteClock
	done                [2]bruteClock                    // of work items that have run
	unlocked            [bruteThreads]bruteClock         // what relaxed reads had seen at its spin_unlocks
	unlockedOwn         [bruteThreads]uint8              // its own writes then
	lockOwn             [bruteMemory][bruteThreads]uint8 // by spin lock: the own writes of who released it last
	fences              [bruteThreads]bruteFences
	readers             bruteClock // of all readers that are over
	begun               bruteClock // of all that precedes grace periods
}

// bruteReached is how many objects may be reached through pointers: those that are there at first.
const bruteReached = 6

// bruteWordClocks are the accesses to a word, by how each was made, and what a release left there.
type bruteWordClocks struct {
	sync                                               bruteClock
	plainReads, plainWrites, markedReads, markedWrites [bruteThreads]uint8
}

// races notes an access and tells whether an earlier one conflicts with it and is not known.
func (c *bruteClocks) races(t int, i uint8, a kern.Addr, x bruteAccess) bool {
	write, plain := x.write, x.plain
	if c == nil || i == 0 {
		return false
	}
	w := &c.word[i]
	o := c.w.object[a]
	known := func(u int, n uint8, isWrite bool) bool {
		return c.know[t].knows(u, n, isWrite) || !write && c.reads[t].knows(u, n, isWrite) ||
			o < bruteReached && c.through[t][o].knows(u, n, isWrite)
	}
	for u := range c.know {
		if u == t {
			continue
		}
		if x.own && u < len(c.w.cpus) && c.w.cpus[u] == c.w.cpus[t] { // one instruction: what interrupts comes before or after it
			if !known(u, w.plainWrites[u], true) {
				return true
			}
			continue
		}
		if !known(u, w.plainWrites[u], true) || plain && !known(u, w.markedWrites[u], true) || write && !known(u, w.plainReads[u], false) ||
			write && plain && !known(u, w.markedReads[u], false) {
			return true
		}
	}
	n := c.know[t].all[t] + 1
	c.know[t].all[t] = n
	at := &w.markedReads
	switch {
	case write && plain: // who knows it knows what came before it
		sync := w.sync
		*w = bruteWordClocks{sync: sync}
		at = &w.plainWrites
	case write:
		at = &w.markedWrites
	case plain:
		at = &w.plainReads
	}
	at[t] = n
	if write {
		c.know[t].writes[t] = n
	}
	return false
}

// barrier is smp_mb().
func (c *bruteClocks) barrier(t int) {
	c.know[t].join(&c.promised[t])
	c.fenced[t] = c.know[t]
}

// fence is a barrier that is a primitive.
func (c *bruteClocks) fence(t int, k kern.OpKind) {
	if c == nil {
		return
	}
	switch k {
	case kern.OpRMB:
		c.reads[t].join(&c.offered[t])
	case kern.OpWMB: // its own writes, and nothing that it knows of others
		c.fenced[t].writes[t] = max(c.fenced[t].writes[t], c.know[t].writes[t])
	case kern.OpMB:
		c.barrier(t)
	default:
		c.augments(t, k)
	}
}

// full is an atomic that orders what is before and behind it.
func (c *bruteClocks) full(t int, i uint8) {
	if c == nil {
		return
	}
	c.promised[t].join(&c.word[i].sync)
	c.barrier(t)
	c.word[i].sync.join(&c.know[t])
}

// publish passes on all that is before the point where a thread stands: a release is cumulative.
func (c *bruteClocks) publish(to *bruteClock, t int) {
	to.join(&c.know[t])
	to.join(&c.promised[t])
}

// order is what an access to one word orders.
func (c *bruteClocks) order(t int, op kern.Op, i uint8, result uint32) {
	if c == nil {
		return
	}
	sync := &c.word[i].sync
	if bruteRMW(op, result) {
		c.beforeRMW(t)
		defer c.afterRMW(t)
	}
	relaxed := func() { // a read
		c.promised[t].join(sync)
		c.offered[t].join(sync)
	}
	switch op.Kind {
	case kern.OpComplete, kern.OpCompleteAll, kern.OpWakeUp:
		c.atomic(t, kern.Release, i)
	case kern.OpWaitForCompletion:
		c.atomic(t, kern.Acquire, i)
	case kern.OpPrepareToWait:
		c.full(t, i)
	case kern.OpFinishWait:
		c.atomic(t, kern.Relaxed, i)
	case kern.OpSchedule:
		c.know[t].join(sync)
	case kern.OpRead, kern.OpRefRead, kern.OpListEmpty, kern.OpSpinIsLocked, kern.OpMutexIsLocked, kern.OpBitSpinIsLocked, kern.OpPageLocked, kern.OpWaitOnPageLocked,
		kern.OpWaitqueueActive:
		relaxed()
		switch op.Order {
		case kern.Acquire:
			c.know[t].join(sync)
		case kern.Dependent:
			if o := c.w.objectAt(kern.Addr(result)); o != 0 && o < bruteReached {
				c.through[t][o].join(sync)
			}
		}
	case kern.OpWrite, kern.OpRefSet:
		*sync = c.fenced[t]
		switch op.Order {
		case kern.Release:
			c.publish(sync, t)
		case kern.Full:
			c.barrier(t)
		}
	case kern.OpRefInc, kern.OpRefDec, kern.OpRefAdd, kern.OpAddVoid, kern.OpXorVoid, kern.OpOrVoid, kern.OpAndNotVoid:
		c.promised[t].join(sync)
		sync.join(&c.fenced[t]) // a relaxed read-modify-write leaves a release sequence whole
		if op.Order == kern.Release || op.Kind == kern.OpRefDec {
			c.publish(sync, t)
		}
	case kern.OpAdd, kern.OpXor, kern.OpOr, kern.OpAndNot, kern.OpXchg:
		c.atomic(t, op.Order, i)
	case kern.OpCmpXchg:
		if result == op.A {
			c.atomic(t, op.Order, i)
		} else {
			relaxed()
		}
	case kern.OpAddUnless:
		if result != 0 {
			c.atomic(t, op.Order, i)
		} else {
			relaxed()
		}
	case kern.OpRefDecTest, kern.OpRefSubTest:
		relaxed()
		sync.join(&c.fenced[t])
		c.publish(sync, t)
		if result != 0 {
			c.know[t].join(sync)
		}
	case kern.OpSpinLock, kern.OpSpinLockBH:
		c.fences[t].locks(c, t, i)
		c.know[t].join(sync)
		c.locked(t, i)
	case kern.OpDownRead, kern.OpDownWrite,
		kern.OpReadLock, kern.OpWriteLockWait, kern.OpMutexLock, kern.OpBitSpinLock, kern.OpLockPage, kern.OpLocalLock:
		c.know[t].join(sync)
	case kern.OpSpinTrylock:
		if result != 0 {
			c.fences[t].locks(c, t, i)
			c.know[t].join(sync)
			c.locked(t, i)
		}
	case kern.OpDownReadTrylock, kern.OpDownWriteTrylock, kern.OpWriteLock, kern.OpMutexTrylock, kern.OpBitSpinTrylock, kern.OpTrylockPage:
		if result != 0 {
			c.know[t].join(sync)
		}
	case kern.OpSpinUnlock, kern.OpSpinUnlockBH:
		c.publish(sync, t)
		c.unlocks(t, i)
	case kern.OpUpRead, kern.OpUpWrite,
		kern.OpReadUnlock, kern.OpWriteUnlock, kern.OpMutexUnlock, kern.OpBitSpinUnlock, kern.OpUnlockPage, kern.OpLocalUnlock:
		c.publish(sync, t)
	}
}

// unlocks is spin_unlock: what is before it comes before what is behind a spin_lock that the thread comes to later, or whoever
// takes this lock next, but for a write before and a read behind.
func (c *bruteClocks) unlocks(t int, i uint8) {
	c.publish(&c.fences[t].unlock, t)
	c.unlocked[t].join(&c.promised[t])
	c.unlockedOwn[t] = c.know[t].writes[t]
	c.lockOwn[i] = [bruteThreads]uint8{}
	c.lockOwn[i][t] = c.know[t].writes[t]
}

func (c *bruteClocks) locked(t int, i uint8) {
	c.know[t].join(&c.unlocked[t])
	w := &c.fenced[t].writes
	w[t] = max(w[t], c.unlockedOwn[t])
	for u, n := range c.lockOwn[i] {
		w[u] = max(w[u], n)
	}
}

// atomic is a read-modify-write that returns a value, in any order.
func (c *bruteClocks) atomic(t int, o kern.Order, i uint8) {
	sync := &c.word[i].sync
	switch o {
	case kern.Unordered:
		c.full(t, i)
		return
	case kern.Acquire:
		c.know[t].join(sync)
	}
	c.promised[t].join(sync)
	c.offered[t].join(sync)
	sync.join(&c.fenced[t])
	if o == kern.Release {
		c.publish(sync, t)
	}
}

func (c *bruteClocks) queued(t, head int) {
	if c != nil {
		c.queue[head] = bruteClock{}
		c.publish(&c.queue[head], t)
		c.begun.join(&c.queue[head])
		c.queue[head].join(&c.readers)
	}
}

// readerEnds is the end of a reader that a callback waits for.
func (c *bruteClocks) readerEnds(t, head int) {
	if c != nil {
		c.publish(&c.queue[head], t)
	}
}

func (c *bruteClocks) readerBegins(t int) {
	if c != nil {
		c.know[t].join(&c.begun)
	}
}

func (c *bruteClocks) readerOver(t int) {
	if c != nil {
		c.publish(&c.readers, t)
	}
}

func (c *bruteClocks) beginsCallback(t, head int) {
	if c == nil {
		return
	}
	c.know[t].join(&c.queue[head])
	if c.w.softirqs == explore.SoftirqsOnCPU {
		c.know[t].join(&c.bh[c.w.cpus[t]])
	}
}

// worked is queue_work, which is a full barrier whether the item was pending or not: its function will see what is before it.
func (c *bruteClocks) worked(t, item int) {
	if c != nil {
		c.barrier(t)
		c.work[item].join(&c.know[t])
	}
}

func (c *bruteClocks) beginsWork(t, item int) {
	if c != nil {
		c.know[t].join(&c.work[item])
	}
}

func (c *bruteClocks) bhOff(t int) {
	if c != nil && c.w.softirqs == explore.SoftirqsOnCPU {
		c.know[t].join(&c.bh[c.w.cpus[t]])
	}
}

func (c *bruteClocks) bhOn(t int) {
	if c != nil && c.w.softirqs == explore.SoftirqsOnCPU {
		c.publish(&c.bh[c.w.cpus[t]], t)
	}
}

// ended is the end of what a thread ran. What a server unlocked orders nothing in what it runs next.
func (c *bruteClocks) ended(t int) {
	if c == nil {
		return
	}
	if c.w.roles[t] == bruteSoftirq {
		c.bhOn(t)
	}
	c.unlocked[t], c.unlockedOwn[t], c.fences[t] = bruteClock{}, 0, bruteFences{}
}

func (c *bruteClocks) freed(t int, o uint8) {
	if c != nil {
		c.publish(&c.object[o], t)
	}
}

func (c *bruteClocks) reused(t int, o uint8) {
	if c != nil {
		c.know[t].join(&c.object[o])
	}
}

// mayRace tells whether two threads of a program access words by plain accesses at all, so that clocks are worth their price.
func (p *bruteProgram) mayRace() bool {
	plain := false
	each := func(i bruteInstr) {
		switch i.kind {
		case kern.OpLoad, kern.OpStore:
			plain = plain || i.x != tellWord
		case kern.OpListInit, kern.OpListAdd, kern.OpListAddTail, kern.OpListDel, kern.OpListDelInit, kern.OpListFirst, kern.OpInitCompletion,
			kern.OpListAddRCU, kern.OpListAddTailRCU, kern.OpListDelRCU, kern.OpThisCPUAdd, kern.OpThisCPUAddReturn, kern.OpThisCPUXchg, kern.OpThisCPUCmpXchg, kern.OpThisCPUAnd, kern.OpThisCPUOr:
			plain = true
		}
	}
	p.each(each)
	return plain
}

// each calls f for each instruction.
func (p *bruteProgram) each(f func(i bruteInstr)) {
	for _, ops := range p.tasks {
		for _, op := range ops {
			for _, i := range op.code {
				f(i)
			}
		}
	}
	for _, code := range p.fns {
		for _, i := range code {
			f(i)
		}
	}
}
