package kern

import (
	"runtime"
	"sync/atomic"
)

// A lock that is held holds its owner: the number of the CPU above lockOwners, with softirqOwner if a softirq took it. These
// are special values, so that no pointer, count or poison can pass for a lock that is held.
const (
	lockOwners   = special + 0x20000
	softirqOwner = 1 << 15
	maxCPUs      = softirqOwner - 1
)

// AnyLockOwner is a value that a held spin lock may hold: for who does not care which.
const AnyLockOwner = uint32(lockOwners)

// IsLockOwner tells whether v is what a held spin lock holds.
func IsLockOwner(v uint32) bool { return v-uint32(lockOwners) < 2*softirqOwner }

// LockOwnerOf returns the CPU that a held lock's word names, and whether that took it in a softirq.
func LockOwnerOf(v uint32) (cpu int, softirq bool) {
	return int((v - uint32(lockOwners)) &^ softirqOwner), v&softirqOwner != 0
}

// SpinLock is spin_lock(): it takes the lock word at l and leaves softirqs on.
func SpinLock(c *CPU, l Addr) {
	if c.sched == nil && atomic.CompareAndSwapUint32(c.m.word(l), 0, c.owner) {
		c.spins++
		return
	}
	c.lockSlow(OpSpinLock, l)
}

// SpinUnlock is spin_unlock(): it releases the lock.
func SpinUnlock(c *CPU, l Addr) {
	if c.sched != nil {
		c.slow(OpSpinUnlock, l, 0, 0)
		return
	}
	if p := c.m.word(l); atomic.LoadUint32(p) == c.owner && c.broken == 0 {
		c.spins--
		storeRelease(p, 0)
	} else {
		c.spinUnlock(l)
	}
}

// SpinLockBH is spin_lock_bh(): no softirq runs on this CPU until SpinUnlockBH.
func SpinLockBH(c *CPU, l Addr) {
	if c.sched == nil && atomic.CompareAndSwapUint32(c.m.word(l), 0, c.owner) {
		c.spins++
		c.bhOff++ // nothing can interrupt a CPU between two of its primitives
		return
	}
	c.lockSlow(OpSpinLockBH, l)
}

// lockSlow takes a lock that is not free, or leaves it to the scheduler when.
func (c *CPU) lockSlow(k OpKind, l Addr) {
	if c.sched != nil {
		c.slow(k, l, 0, 0)
		return
	}
	if k == OpSpinLockBH {
		c.bhOff++
	}
	c.spinLock(l)
}

// SpinUnlockBH is spin_unlock_bh(): it releases the lock, then softirqs that came up meanwhile run.
func SpinUnlockBH(c *CPU, l Addr) {
	if c.sched != nil {
		c.slow(OpSpinUnlockBH, l, 0, 0)
		return
	}
	if p := c.m.word(l); atomic.LoadUint32(p) == c.owner && c.broken == 0 {
		c.spins--
		storeRelease(p, 0)
	} else {
		c.spinUnlock(l)
	}
	if c.bhOff--; c.bhOff < 0 || c.bhOff == 0 && c.softirqPending.Load() {
		c.bhLast()
	}
}

// SpinTrylock is spin_trylock(): it takes the lock if that is free, and tells whether it did. It never waits.
func SpinTrylock(c *CPU, l Addr) bool {
	if c.sched != nil {
		return c.slow(OpSpinTrylock, l, 0, 0) != 0
	}
	return c.spinTrylock(l)
}

// SpinIsLocked is spin_is_locked(): it tells whether anybody holds the lock. By the time that the caller looks at the answer
// it may be wrong, and it orders nothing.
func SpinIsLocked(c *CPU, l Addr) bool {
	if c.sched != nil {
		return c.slow(OpSpinIsLocked, l, 0, 0) != 0
	}
	return loadAcquire(c.m.word(l)) != 0
}

// LockFree tells whether a spin lock can be taken now without waiting: it is free, or it is no lock any more and taking
// it is the error.
func (m *Machine) LockFree(l Addr) bool {
	v := Addr(m.Peek(l))
	return v == 0 || v == FreePoison
}

// LockOwner returns the CPU that holds the lock at l, or -1.
func (m *Machine) LockOwner(l Addr) int {
	v := m.Peek(l)
	if !IsLockOwner(v) {
		return -1
	}
	cpu, _ := LockOwnerOf(v)
	return cpu
}

// spinLock takes the lock, waiting for it if need be. Where waiting would be for ever, or the lock word was freed, it
// reports the violation and goes on without the lock, so that what the code does next can be seen.
func (c *CPU) spinLock(l Addr) {
	p := c.m.word(l)
	for spins := 0; ; spins++ {
		if atomic.CompareAndSwapUint32(p, 0, c.owner) {
			c.spins++
			return
		}
		switch held := atomic.LoadUint32(p); {
		case Addr(held) == FreePoison:
			c.broken = l
			c.Report(&Violation{Kind: UseAfterFree, Addr: l, Detail: "takes %p of freed %o"})
			return
		case held == c.owner:
			c.broken = l
			c.Report(&Violation{Kind: SelfDeadlock, Addr: l})
			return
		case held|softirqOwner == c.owner:
			c.broken = l
			c.Report(&Violation{Kind: SoftirqDeadlock, Addr: l})
			return
		}
		if spins > 32 {
			runtime.Gosched()
		}
	}
}

func (c *CPU) spinTrylock(l Addr) bool {
	p := c.m.word(l)
	if atomic.CompareAndSwapUint32(p, 0, c.owner) {
		c.spins++
		return true
	}
	if Addr(atomic.LoadUint32(p)) == FreePoison {
		c.Report(&Violation{Kind: UseAfterFree, Addr: l, Detail: "takes %p of freed %o"})
	}
	return false
}

func (c *CPU) spinUnlock(l Addr) {
	if c.broken == l {
		c.broken = 0
		return
	}
	p := c.m.word(l)
	if held := atomic.LoadUint32(p); held != c.owner {
		c.badUnlock(l, held)
		return
	}
	c.spins--
	storeRelease(p, 0)
}

func (c *CPU) badUnlock(l Addr, held uint32) {
	switch {
	case Addr(held) == FreePoison:
		c.Report(&Violation{Kind: UseAfterFree, Addr: l, Detail: "releases %p of freed %o"})
	case held == 0:
		c.Report(&Violation{Kind: LockMisuse, Addr: l, Detail: "releases %l, which nobody holds"})
	default:
		c.Report(&Violation{Kind: LockMisuse, Addr: l, Detail: "releases %l, which somebody else holds"})
	}
}
