package kern

// Barriers order what their CPU does before them with what it does behind. Under sequential consistency all is in order
// anyway, so that to a Scheduler a barrier is a primitive that does nothing; what it decides is whether two accesses race.
// Natively Go's atomics order everything, and a barrier is nothing at all.

func (c *CPU) barrier(k OpKind) {
	if c.sched != nil {
		c.slow(k, 0, 0, 0)
	}
}

// SmpMB is smp_mb(): a full barrier.
func SmpMB(c *CPU) { c.barrier(OpMB) }

// SmpRMB is smp_rmb(): reads before it come before reads behind it.
func SmpRMB(c *CPU) { c.barrier(OpRMB) }

// SmpWMB is smp_wmb(): writes before it come before writes behind it.
func SmpWMB(c *CPU) { c.barrier(OpWMB) }

// SmpMBBeforeAtomic is smp_mb__before_atomic(): with an atomic behind it, a full barrier. What precedes it comes before the next
// atomic and before all that follows that one; accesses between the two it leaves as they are. An atomic here is a
// read-modify-write of any order that changes its word: a cmpxchg that fails is none.
func SmpMBBeforeAtomic(c *CPU) { c.barrier(OpMBBeforeAtomic) }

// SmpMBAfterAtomic is smp_mb__after_atomic(): with an atomic before it, a full barrier. What follows it comes behind the last
// atomic and behind all that precedes that one; accesses between the two it leaves as they are.
func SmpMBAfterAtomic(c *CPU) { c.barrier(OpMBAfterAtomic) }

// SmpMBAfterSpinlock is smp_mb__after_spinlock(): it makes of the spin_lock before it a full barrier. Without one it is nothing.
func SmpMBAfterSpinlock(c *CPU) { c.barrier(OpMBAfterSpinlock) }

// SmpMBAfterUnlockLock is smp_mb__after_unlock_lock(): it makes of an unlock and the lock behind it, on one CPU or of one
// lock, a full barrier. The lock is the last that this CPU took.
func SmpMBAfterUnlockLock(c *CPU) { c.barrier(OpMBAfterUnlock) }
