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

// SmpMBBeforeAtomic is smp_mb__before_atomic(): with an atomic that returns nothing behind it, a full barrier.
func SmpMBBeforeAtomic(c *CPU) { c.barrier(OpMBBeforeAtomic) }

// SmpMBAfterAtomic is smp_mb__after_atomic(): with an atomic that returns nothing before it, a full barrier.
func SmpMBAfterAtomic(c *CPU) { c.barrier(OpMBAfterAtomic) }

// SmpMBAfterSpinlock is smp_mb__after_spinlock(): it makes of the spin_lock before it a full barrier.
func SmpMBAfterSpinlock(c *CPU) { c.barrier(OpMBAfterSpinlock) }

// SmpMBAfterUnlockLock is smp_mb__after_unlock_lock(): it makes of an unlock and the lock behind it, on one CPU or of one
// lock, a full barrier.
func SmpMBAfterUnlockLock(c *CPU) { c.barrier(OpMBAfterUnlock) }
