package explore_test

import (
	"ptsim/explore"
	"ptsim/kern"
)

// bruteClock is a vector clock: how many accesses of each thread are known.
type bruteClock [bruteThreads]uint8

func (c *bruteClock) join(d *bruteClock) {
	for t := range c {
		c[t] = max(c[t], d[t])
	}
}

// bruteClocks are the happens-before order of one schedule, by vector clocks. All orders are spelled out here once more, from
// Documentation/atomic_t.txt, memory-barriers.txt and RCU/Design: the table in kern is not asked. A nil *bruteClocks keeps none.
type bruteClocks struct {
	w        *bruteWorld
	know     [bruteThreads]bruteClock // what a thread knows of the others' accesses
	fenced   [bruteThreads]bruteClock // what it knew at its last full barrier: a relaxed write hands that on
	promised [bruteThreads]bruteClock // what relaxed reads saw: a full barrier makes it known
	word     [bruteMemory]bruteWordClocks
	queue    [bruteHeads]bruteClock
	work     [2]bruteClock
	bh       [bruteThreads]bruteClock // by CPU: with softirqs on it, BH off is like a lock
	object   [bruteObjects]bruteClock // of type-stable memory that was freed
	readers  bruteClock               // of all readers that are over
}

// bruteWordClocks are the accesses to a word, by how each was made, and what a release left there.
type bruteWordClocks struct {
	sync                                               bruteClock
	plainReads, plainWrites, markedReads, markedWrites bruteClock
}

// races notes an access and tells whether an earlier one conflicts with it and is not known.
func (c *bruteClocks) races(t int, i uint8, write, plain bool) bool {
	if c == nil || i == 0 {
		return false
	}
	w := &c.word[i]
	for u := range c.know {
		known := c.know[t][u]
		if u == t {
			continue
		}
		if w.plainWrites[u] > known || plain && w.markedWrites[u] > known || write && w.plainReads[u] > known ||
			write && plain && w.markedReads[u] > known {
			return true
		}
	}
	c.know[t][t]++
	at := &w.markedReads
	switch {
	case write && plain:
		at = &w.plainWrites
	case write:
		at = &w.markedWrites
	case plain:
		at = &w.plainReads
	}
	at[t] = c.know[t][t]
	return false
}

// barrier is smp_mb().
func (c *bruteClocks) barrier(t int) {
	c.know[t].join(&c.promised[t])
	c.fenced[t] = c.know[t]
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

// order is what an access to one word orders.
func (c *bruteClocks) order(t int, op kern.Op, i uint8, result uint32) {
	if c == nil {
		return
	}
	sync := &c.word[i].sync
	switch op.Kind {
	case kern.OpSpinTrylock:
		if result != 0 {
			c.know[t].join(sync)
		}
	case kern.OpRead, kern.OpListEmpty, kern.OpSpinIsLocked:
		c.promised[t].join(sync)
	case kern.OpWrite:
		*sync = c.fenced[t]
	case kern.OpRefInc: // a relaxed read-modify-write leaves a release sequence whole
		sync.join(&c.fenced[t])
	case kern.OpAdd, kern.OpXor, kern.OpOr, kern.OpAndNot, kern.OpXchg:
		c.full(t, i)
	case kern.OpCmpXchg:
		if result == op.A {
			c.full(t, i)
		} else {
			c.promised[t].join(sync)
		}
	case kern.OpAddUnless:
		if result != 0 {
			c.full(t, i)
		} else {
			c.promised[t].join(sync)
		}
	case kern.OpRefDecTest:
		sync.join(&c.know[t])
		if result != 0 {
			c.know[t].join(sync)
		}
	case kern.OpSpinLock, kern.OpSpinLockBH, kern.OpDownRead, kern.OpDownWrite:
		c.know[t].join(sync)
	case kern.OpSpinUnlock, kern.OpSpinUnlockBH, kern.OpUpRead, kern.OpUpWrite:
		sync.join(&c.know[t])
	}
}

func (c *bruteClocks) queued(t, head int) {
	if c != nil {
		c.queue[head] = c.know[t]
		c.queue[head].join(&c.readers)
	}
}

// readerEnds is the end of a reader that a callback waits for.
func (c *bruteClocks) readerEnds(t, head int) {
	if c != nil {
		c.queue[head].join(&c.know[t])
	}
}

func (c *bruteClocks) readerOver(t int) {
	if c != nil {
		c.readers.join(&c.know[t])
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
		c.bh[c.w.cpus[t]].join(&c.know[t])
	}
}

// ended is the end of what a thread ran.
func (c *bruteClocks) ended(t int) {
	if c != nil && c.w.roles[t] == bruteSoftirq {
		c.bhOn(t)
	}
}

func (c *bruteClocks) freed(t int, o uint8) {
	if c != nil {
		c.object[o].join(&c.know[t])
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
		case kern.OpListInit, kern.OpListAdd, kern.OpListAddTail, kern.OpListDel, kern.OpListDelInit, kern.OpListFirst:
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
