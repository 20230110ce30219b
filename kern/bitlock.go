package kern

import (
	"runtime"
	"slices"
	"sync/atomic"
)

// A bit lock is one bit of a word whose others mean other things: the bit says that somebody holds it, and nothing says who. So
// a CPU remembers which it holds, to tell "locked by anyone" from "locked by me".
type bitLock struct {
	word Addr
	bit  uint32
}

// SetBitLock tells c whether its task holds the bit lock of bit nr of the word at l. It is for a Scheduler that runs code again,
// or takes steps back, and knows better.
func (c *CPU) SetBitLock(l Addr, nr uint32, holds bool) {
	c.bits = c.bits[:0]
	if holds {
		c.bits = append(c.bits, bitLock{l, nr})
	}
}

// BitSpinLock is bit_spin_lock(): it takes the lock that bit nr of the word at l is, and spins until it is free.
func BitSpinLock(c *CPU, l Addr, nr uint32) {
	if c.sched != nil {
		c.slow(OpBitSpinLock, l, nr, 0)
		return
	}
	c.bitLock(l, nr, true)
}

// BitSpinTrylock is bit_spin_trylock(): it takes the lock if that is free, and tells whether it did.
func BitSpinTrylock(c *CPU, l Addr, nr uint32) bool {
	if c.sched != nil {
		return c.slow(OpBitSpinTrylock, l, nr, 0) != 0
	}
	return c.bitTrylock(l, nr, true)
}

// BitSpinUnlock is bit_spin_unlock(): it releases the lock.
func BitSpinUnlock(c *CPU, l Addr, nr uint32) {
	if c.sched != nil {
		c.slow(OpBitSpinUnlock, l, nr, 0)
		return
	}
	c.bitUnlock(l, nr, true)
}

// BitSpinIsLocked is bit_spin_is_locked(): it tells whether anybody holds the lock.
func BitSpinIsLocked(c *CPU, l Addr, nr uint32) bool {
	if c.sched != nil {
		return c.slow(OpBitSpinIsLocked, l, nr, 0) != 0
	}
	return c.bitIsLocked(l, nr)
}

// pgLocked is the number of PG_locked in PageFlags, below the order: the flags that frames have for their users begin at 0.
const pgLocked = 27

// PGLocked is the flag of a page that is locked.
const PGLocked = 1 << pgLocked

// LockPage is lock_page(): it takes the lock of a page frame, and may sleep until it gets it.
func LockPage(c *CPU, p PFN) {
	if c.sched != nil {
		c.slow(OpLockPage, p.Page()+PageFlags, pgLocked, 0)
		return
	}
	c.lockPage(p.Page()+PageFlags, pgLocked)
}

// TrylockPage is trylock_page(): it takes the lock of a page frame if that is free, and tells whether it did. It never sleeps.
func TrylockPage(c *CPU, p PFN) bool {
	if c.sched != nil {
		return c.slow(OpTrylockPage, p.Page()+PageFlags, pgLocked, 0) != 0
	}
	return c.bitTrylock(p.Page()+PageFlags, pgLocked, false)
}

// UnlockPage is unlock_page(): it releases the lock of a page frame. The kernel asks only that somebody holds it; who does not
// hold it and releases it all the same takes it away from another.
func UnlockPage(c *CPU, p PFN) {
	if c.sched != nil {
		c.slow(OpUnlockPage, p.Page()+PageFlags, pgLocked, 0)
		return
	}
	c.bitUnlock(p.Page()+PageFlags, pgLocked, false)
}

// PageLocked is PageLocked(): it tells whether anybody holds the lock of a page frame, which is what VM_BUG_ON_PAGE(!PageLocked())
// asserts.
func PageLocked(c *CPU, p PFN) bool {
	if c.sched != nil {
		return c.slow(OpPageLocked, p.Page()+PageFlags, pgLocked, 0) != 0
	}
	return c.bitIsLocked(p.Page()+PageFlags, pgLocked)
}

// WaitOnPageLocked is wait_on_page_locked(): it sleeps until nobody holds the lock of a page frame, and does not take it.
func WaitOnPageLocked(c *CPU, p PFN) {
	if c.sched != nil {
		c.slow(OpWaitOnPageLocked, p.Page()+PageFlags, pgLocked, 0)
		return
	}
	c.waitOnBit(p.Page()+PageFlags, pgLocked)
}

func (c *CPU) holdsBit(l Addr, nr uint32) bool { return slices.Contains(c.bits, bitLock{l, nr}) }

func (c *CPU) bitTrylock(l Addr, nr uint32, spins bool) bool {
	if c.freedBits(l, "takes %p of freed %o") || atomic.OrUint32(c.m.word(l), 1<<nr)&(1<<nr) != 0 {
		return false
	}
	c.bits = append(c.bits, bitLock{l, nr})
	if spins {
		c.spins++
	}
	return true
}

func (c *CPU) bitLock(l Addr, nr uint32, spins bool) {
	for !c.bitTrylock(l, nr, spins) {
		switch {
		case c.isFreed(l):
			c.broken = l
			return
		case c.holdsBit(l, nr):
			c.broken = l
			c.Report(&Violation{Kind: SelfDeadlock, Addr: l, Detail: "takes %l, which it holds already"})
			return
		}
		if spins {
			runtime.Gosched()
		} else {
			c.nap()
		}
	}
}

func (c *CPU) lockPage(l Addr, nr uint32) {
	if !c.mightSleep(l) {
		c.broken = l
		return
	}
	c.bitLock(l, nr, false)
}

func (c *CPU) bitUnlock(l Addr, nr uint32, spins bool) {
	p := c.m.word(l)
	switch i := slices.Index(c.bits, bitLock{l, nr}); {
	case c.broken == l:
		c.broken = 0
	case c.freedBits(l, "releases %p of freed %o"):
	case atomic.LoadUint32(p)&(1<<nr) == 0:
		c.Report(&Violation{Kind: LockMisuse, Addr: l, Detail: "releases %l, which nobody holds"})
	case i < 0:
		c.Report(&Violation{Kind: LockMisuse, Addr: l, Detail: "releases %l, which somebody else holds"})
	default:
		c.bits = slices.Delete(c.bits, i, i+1)
		if spins {
			c.spins--
		}
		atomic.AndUint32(p, ^uint32(1<<nr))
	}
}

func (c *CPU) bitIsLocked(l Addr, nr uint32) bool { return loadAcquire(c.m.word(l))&(1<<nr) != 0 }

// waitOnBit waits until nobody holds the lock. Who holds it itself would wait for ever.
func (c *CPU) waitOnBit(l Addr, nr uint32) {
	if !c.mightSleep(l) {
		return
	}
	for c.bitIsLocked(l, nr) {
		switch {
		case c.freedBits(l, "waits for %p of freed %o"):
			return
		case c.holdsBit(l, nr):
			c.Report(&Violation{Kind: SelfDeadlock, Addr: l, Detail: "waits for %l, which it holds itself"})
			return
		}
		c.nap()
	}
}

// isFreed tells whether the word is freed memory.
func (c *CPU) isFreed(l Addr) bool {
	v := atomic.LoadUint32(c.m.word(l))
	return Addr(v) == FreePoison || c.m.PageOf(l) != 0 && v&PGBuddy != 0
}

// freedBits tells whether the word is freed memory, and reports what is done to it.
func (c *CPU) freedBits(l Addr, what string) bool {
	if !c.isFreed(l) {
		return false
	}
	c.Report(&Violation{Kind: UseAfterFree, Addr: l, Detail: what})
	return true
}
