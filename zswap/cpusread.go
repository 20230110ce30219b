package zswap

import "ptsim/kern"

// cpusRead is what was merged in December 2024, and reverted in January 2025 for v6.13: cpus_read_lock() around the use of the context. A CPU cannot go then. But
// who brings one up, or takes one down, holds the lock as a writer, and allocates memory; and reclaim comes to zswap.
type cpusRead struct{ unlocked }

func (x cpusRead) ctxLock(c *kern.CPU) kern.Addr {
	kern.DownRead(c, x.hotplug) // cpus_read_lock()
	return x.unlocked.ctxLock(c)
}

func (x cpusRead) ctxUnlock(c *kern.CPU, ctx kern.Addr) {
	x.unlocked.ctxUnlock(c, ctx)
	kern.UpRead(c, x.hotplug) // cpus_read_unlock()
}
