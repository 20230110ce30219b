package kern

import "sync/atomic"

// MutexLock is mutex_lock(): it takes the mutex whose word is at l, and may sleep until it gets it. The word holds the task that
// has it, 0 if none.
func MutexLock(c *CPU, l Addr) {
	if !c.stepped(OpMutexLock, l) {
		c.mutexLock(l)
	}
}

// MutexTrylock is mutex_trylock(): it takes the mutex if that is free, and tells whether it did. It never sleeps, but it is for
// tasks: the kernel forbids it in interrupts, since those have no owner.
func MutexTrylock(c *CPU, l Addr) bool {
	if c.sched != nil {
		return c.slow(OpMutexTrylock, l, 0, 0) != 0
	}
	return c.mutexTrylock(l)
}

// MutexUnlock is mutex_unlock(): it releases the mutex, which the task that took it must do.
func MutexUnlock(c *CPU, l Addr) {
	if !c.stepped(OpMutexUnlock, l) {
		c.mutexUnlock(l)
	}
}

// MutexIsLocked is mutex_is_locked(): it tells whether anybody holds the mutex.
func MutexIsLocked(c *CPU, l Addr) bool {
	if c.sched != nil {
		return c.slow(OpMutexIsLocked, l, 0, 0) != 0
	}
	return loadAcquire(c.m.word(l)) != 0
}

func (c *CPU) mutexLock(l Addr) {
	if !c.mightSleep(l) {
		c.broken = l
		return
	}
	p := c.m.word(l)
	for !atomic.CompareAndSwapUint32(p, 0, c.task()) {
		switch held := atomic.LoadUint32(p); {
		case Addr(held) == FreePoison:
			c.broken = l
			c.Report(&Violation{Kind: UseAfterFree, Addr: l, Detail: "takes %p of freed %o"})
			return
		case held == c.task():
			c.broken = l
			c.Report(&Violation{Kind: SelfDeadlock, Addr: l, Detail: "takes %l, which it holds already"})
			return
		}
		c.nap()
	}
}

func (c *CPU) mutexTrylock(l Addr) bool {
	if c.inSoftirq && !c.lax {
		c.Report(SleepViolation(l, c.Depths().Atomic(true)))
		return false
	}
	p := c.m.word(l)
	if atomic.CompareAndSwapUint32(p, 0, c.task()) {
		return true
	}
	if Addr(atomic.LoadUint32(p)) == FreePoison {
		c.Report(&Violation{Kind: UseAfterFree, Addr: l, Detail: "takes %p of freed %o"})
	}
	return false
}

func (c *CPU) mutexUnlock(l Addr) {
	if c.broken == l {
		c.broken = 0
		return
	}
	p := c.m.word(l)
	if held := atomic.LoadUint32(p); held != c.task() {
		c.badUnlock(l, held)
		return
	}
	storeRelease(p, 0)
}

// task is what a lock's word holds that belongs to a task, and not to a CPU.
func (c *CPU) task() uint32 { return uint32(lockOwners) + c.taskID }
