package zsmalloc

import "ptsim/kern"

// nestedRead is repaired inside another reader, as a caller may be: rcu_read_lock() nests, and only the outermost unlock ends the
// reader. It is as right as repaired.
type nestedRead struct{ *repaired }

// LockPoolOfPage is that of the patch, within a reader of its own.
func (v *nestedRead) LockPoolOfPage(c *kern.CPU, page Page) (Zspage, Pool) {
	kern.RCUReadLock(c)
	zspage, pool := v.seed.LockPoolOfPage(c, page)
	kern.RCUReadUnlock(c)
	return zspage, pool
}
