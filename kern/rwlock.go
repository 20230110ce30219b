package kern

import (
	"runtime"
	"sync/atomic"
)

// The word of a rwlock_t holds the number of its readers, with rwWaiting if a writer has come and waits for them to leave; or
// who holds it as a writer, as the word of a spin lock does. It is the kernel's queued rwlock.
const rwWaiting = 1 << 30

// ReadLock is read_lock(): it takes the rwlock whose word is at l, with other readers perhaps. It spins while a writer has the
// lock, and in process context also while one waits for it, so that readers cannot keep a writer out; with BH off, or in a
// softirq, it gets past one that only waits.
func ReadLock(c *CPU, l Addr) {
	if !c.stepped(OpReadLock, l) {
		c.readLock(l)
	}
}

// ReadUnlock is read_unlock(): it releases a rwlock that a reader holds.
func ReadUnlock(c *CPU, l Addr) {
	if !c.stepped(OpReadUnlock, l) {
		c.readUnlock(l)
	}
}

// WriteLock is write_lock(): it takes the rwlock alone. If there are readers it keeps new ones out, which is one step, and
// waits for those that there are, which is the next.
func WriteLock(c *CPU, l Addr) {
	if c.sched == nil {
		if !c.writeLock(l) {
			c.writeLockWait(l)
		}
		return
	}
	if c.slow(OpWriteLock, l, 0, 0) == 0 {
		c.slow(OpWriteLockWait, l, 0, 0)
	}
}

// WriteUnlock is write_unlock(): it releases a rwlock that a writer holds.
func WriteUnlock(c *CPU, l Addr) {
	if !c.stepped(OpWriteUnlock, l) {
		c.writeUnlock(l)
	}
}

// rwReady tells whether a rwlock's word lets an operation go on: a reader, a writer that comes, or one that has come and waits
// for readers.
func rwReady(k OpKind, v uint32, interrupt bool) bool {
	switch k {
	case OpReadLock:
		return v < rwWaiting || v < 2*rwWaiting && interrupt
	case OpWriteLock:
		return v < rwWaiting
	}
	return v == rwWaiting
}

func (c *CPU) readLock(l Addr) {
	p := c.m.word(l)
	for {
		v := atomic.LoadUint32(p)
		if rwReady(OpReadLock, v, c.inSoftirq || c.bhOff > 0) {
			if atomic.CompareAndSwapUint32(p, v, v+1) {
				c.spins++
				return
			}
		} else if c.hopeless(l, v) {
			return
		}
		runtime.Gosched()
	}
}

// writeLock takes the lock if it is free, and tells whether it did; if there are readers it has come, and they keep it out.
func (c *CPU) writeLock(l Addr) bool {
	p := c.m.word(l)
	for {
		switch v := atomic.LoadUint32(p); {
		case v == 0:
			if atomic.CompareAndSwapUint32(p, 0, c.owner) {
				c.spins++
				return true
			}
		case v < rwWaiting:
			if atomic.CompareAndSwapUint32(p, v, v|rwWaiting) {
				return false
			}
		case c.hopeless(l, v):
			return true
		}
		runtime.Gosched()
	}
}

func (c *CPU) writeLockWait(l Addr) {
	for p := c.m.word(l); !atomic.CompareAndSwapUint32(p, rwWaiting, c.owner); runtime.Gosched() {
	}
	c.spins++
}

// hopeless tells whether waiting for a lock whose word is v would be for ever, and reports why.
func (c *CPU) hopeless(l Addr, v uint32) bool {
	switch {
	case Addr(v) == FreePoison:
		c.Report(&Violation{Kind: UseAfterFree, Addr: l, Detail: "takes %p of freed %o"})
	case v == c.owner:
		c.Report(&Violation{Kind: SelfDeadlock, Addr: l})
	case v|softirqOwner == c.owner:
		c.Report(&Violation{Kind: SoftirqDeadlock, Addr: l})
	default:
		return false
	}
	c.broken = l
	return true
}

func (c *CPU) readUnlock(l Addr) {
	if c.broken == l {
		c.broken = 0
		return
	}
	p := c.m.word(l)
	for {
		switch v := atomic.LoadUint32(p); {
		case v&^rwWaiting == 0:
			c.badUnlock(l, 0)
			return
		case Addr(v) == FreePoison:
			c.badUnlock(l, v)
			return
		case v >= 2*rwWaiting:
			c.Report(&Violation{Kind: LockMisuse, Addr: l, Detail: "releases %l, which a writer holds"})
			return
		case atomic.CompareAndSwapUint32(p, v, v-1):
			c.spins--
			return
		}
	}
}

func (c *CPU) writeUnlock(l Addr) {
	if c.broken == l {
		c.broken = 0
		return
	}
	p := c.m.word(l)
	switch v := atomic.LoadUint32(p); {
	case v == c.owner:
		c.spins--
		storeRelease(p, 0)
	case v != 0 && v < 2*rwWaiting:
		c.Report(&Violation{Kind: LockMisuse, Addr: l, Detail: "releases %l, which readers hold"})
	default:
		c.badUnlock(l, v)
	}
}
