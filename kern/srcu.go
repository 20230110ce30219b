package kern

import "sync/atomic"

// An srcu_struct is three words: how many grace periods have begun, and how many readers there are of each parity, since a
// reader counts with the parity that it met. All zero is a fresh one. A grace period begins when the readers of the other
// parity, which the last one waited for, have left; it turns the parity and is over when the readers of the old one have left.
// In the kernel each CPU has counts of its own.
const (
	srcuPeriods = 0
	srcuReaders = 1

	// SRCUWords is how many words an srcu_struct takes.
	SRCUWords = 3
)

// SRCUReadLock is srcu_read_lock(): it enters a reader of the srcu_struct at s, which may sleep, and returns what
// SRCUReadUnlock wants. Sections may be nested, in other readers and in those of the same srcu_struct.
func SRCUReadLock(c *CPU, s Addr) uint32 {
	if c.sched != nil {
		return c.slow(OpSRCULock, s, 0, 0)
	}
	return c.srcuLock(s)
}

// SRCUReadUnlock is srcu_read_unlock(): it leaves the reader for which SRCUReadLock returned idx.
func SRCUReadUnlock(c *CPU, s Addr, idx uint32) {
	if c.sched != nil {
		c.slow(OpSRCUUnlock, s, idx, 0)
		return
	}
	c.srcuUnlock(s, idx)
}

// SynchronizeSRCU is synchronize_srcu(): it returns when every reader of the srcu_struct at s that is inside now has left. It
// waits for no other readers. Process context only, and outside any reader of s.
func SynchronizeSRCU(c *CPU, s Addr) {
	if c.sched != nil {
		if n := c.slow(OpSyncSRCU, s, 0, 0); n != 0 {
			c.slow(OpSyncSRCUEnd, s, n, 0)
		}
		return
	}
	if n := c.srcuFlip(s); n != 0 {
		c.srcuDrain(s, n)
	}
}

func (c *CPU) srcuLock(s Addr) uint32 {
	idx := atomic.LoadUint32(c.m.word(s+srcuPeriods)) & 1
	atomic.AddUint32(c.m.word(s+srcuReaders+Addr(idx)), 1)
	return idx
}

func (c *CPU) srcuUnlock(s Addr, idx uint32) {
	if idx > 1 {
		c.Report(&Violation{Kind: LockMisuse, Addr: s, Detail: "leaves a reader of %l by an index that srcu_read_lock did not return"})
		return
	}
	p := c.m.word(s + srcuReaders + Addr(idx))
	if left := atomic.AddUint32(p, ^uint32(0)); int32(left) < 0 {
		storeRelease(p, left+1)
		c.Report(&Violation{Kind: LockMisuse, Addr: s, Detail: "leaves a reader of %l in which nobody is"})
	}
}

// SRCUPasses tells whether an OpSyncSRCU or OpSyncSRCUEnd need not wait now.
func (m *Machine) SRCUPasses(op Op) bool {
	n := m.Peek(op.Addr + srcuPeriods)
	if op.Kind == OpSyncSRCU {
		return m.Peek(op.Addr+srcuReaders+Addr(^n&1)) == 0
	}
	return n != op.A || m.Peek(op.Addr+srcuReaders+Addr(^n&1)) == 0
}

// srcuFlip begins a grace period and returns its number, 0 if the CPU must not wait for one.
func (c *CPU) srcuFlip(s Addr) uint32 {
	if !c.mightSleep(s) {
		return 0
	}
	for p := c.m.word(s + srcuPeriods); ; c.nap() {
		n := atomic.LoadUint32(p)
		if c.m.SRCUPasses(Op{Kind: OpSyncSRCU, Addr: s}) && atomic.CompareAndSwapUint32(p, n, n+1) {
			return n + 1
		}
	}
}

// srcuDrain waits for the end of the grace period with that number: its readers have left, or the next one has begun, which
// waited for them.
func (c *CPU) srcuDrain(s Addr, n uint32) {
	for !c.m.SRCUPasses(Op{Kind: OpSyncSRCUEnd, Addr: s, A: n}) {
		c.nap()
	}
}
