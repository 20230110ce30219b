package kern

// Waiting for RCU. A grace period and a barrier are two steps each: at the beginning it is settled who is waited for, and the
// end comes when those are gone. Both are full barriers, and both may sleep.

// RCUCore waits for readers and callbacks, natively: package rcuhead has some. Without one, a machine has nobody to wait for.
type RCUCore interface {
	// Synchronize returns when every reader that was inside when it was called has left. c itself is in none.
	Synchronize(c *CPU)
	// RCUBarrier returns when every callback that was queued when it was called, on any CPU, has run.
	RCUBarrier(c *CPU)
	// Idle says that c's task sleeps, outside any reader: a quiescent state, in which callbacks may run.
	Idle(c *CPU)
}

// OpenRCU gives the machine its RCU core. It is called while a machine is put together.
func (m *Machine) OpenRCU(r RCUCore) { m.rcu = r }

// SynchronizeRCU is synchronize_rcu(): it returns when every reader that is inside now has left: rcu_read_lock, with BH or
// preemption off, or with a spin lock held. Process context only, and outside any reader.
func SynchronizeRCU(c *CPU) {
	if c.sched != nil {
		if c.slow(OpSyncRCU, 0, 0, 0) != 0 {
			c.slow(OpSyncRCUEnd, 0, 0, 0)
		}
		return
	}
	if c.mightSleep(0) {
		c.synchronizeRCU()
	}
}

func (c *CPU) synchronizeRCU() {
	if c.m.rcu != nil {
		c.m.rcu.Synchronize(c)
	}
}

// RCUBarrier is rcu_barrier(): it returns when every callback that is queued now, by whichever CPU, has run. It waits for no
// readers but those that these wait for: with nothing queued it returns at once. Process context only.
func RCUBarrier(c *CPU) {
	if c.sched != nil {
		if c.slow(OpRCUBarrier, 0, 0, 0) != 0 {
			c.slow(OpRCUBarrierEnd, 0, 0, 0)
		}
		return
	}
	if c.mightSleep(0) {
		c.rcuBarrier()
	}
}

func (c *CPU) rcuBarrier() {
	if c.m.rcu != nil {
		c.m.rcu.RCUBarrier(c)
	}
}
