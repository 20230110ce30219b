package zswap

import "ptsim/kern"

// blockingWriter (W9) is v6.15 with a writer that waits for the readers, who may sleep.
type blockingWriter struct{ sleeping }

func (p blockingWriter) writeLock(c *kern.CPU, _ Handle) bool { p.ZspageWriteLock(c); return true }

// ZspageWriteLock is what a writer would do that waits: it spins, with pool->lock held.
func (p blockingWriter) ZspageWriteLock(c *kern.CPU) {
	for !p.ZspageWriteTrylock(c) {
		for kern.ReadOnce(c, p.readers) != 0 {
		}
	}
}
