package zsmalloc

import "ptsim/kern"

// earlyUnread is repaired with rcu_read_unlock() before pool->lock is held: the zspage may go while the lock is waited for.
type earlyUnread struct{ *repaired }

// LockPoolOfPage is that of the patch, with too short a reader.
func (v *earlyUnread) LockPoolOfPage(c *kern.CPU, page Page) (Zspage, Pool) {
	kern.RCUReadLock(c)
	zspage := Zspage(kern.RCUDereference(c, page.private()))
	if zspage == 0 {
		kern.RCUReadUnlock(c)
		return 0, 0
	}
	pool := Pool(kern.Load(c, zspage.pool()))
	kern.RCUReadUnlock(c)
	kern.SpinLock(c, pool.lock())
	if kern.ListEmpty(c, zspage.list()) {
		kern.SpinUnlock(c, pool.lock())
		return 0, 0
	}
	return zspage, pool
}
