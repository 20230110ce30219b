package zsmalloc

import "ptsim/kern"

// Versions of repaired that leave out one of the things that keep the zspage until pool->lock is held, or until it is known to be one.

// noReadLock is repaired without rcu_read_lock(): nothing keeps the zspage between page->private and zspage->pool.
type noReadLock struct{ *repaired }

// LockPoolOfPage is that of the patch, outside any reader.
func (v *noReadLock) LockPoolOfPage(c *kern.CPU, page Page) (Zspage, Pool) {
	zspage := Zspage(kern.RCUDereference(c, page.private()))
	if zspage == 0 {
		return 0, 0
	}
	pool := Pool(kern.Load(c, zspage.pool()))
	kern.SpinLock(c, pool.lock())
	if kern.ListEmpty(c, zspage.list()) {
		kern.SpinUnlock(c, pool.lock())
		return 0, 0
	}
	return zspage, pool
}

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

// noListCheck is repaired without list_empty(): the struct is there, and may be one that was freed.
type noListCheck struct{ *repaired }

// LockPoolOfPage is that of the patch, which does not look again.
func (v *noListCheck) LockPoolOfPage(c *kern.CPU, page Page) (Zspage, Pool) {
	kern.RCUReadLock(c)
	zspage := Zspage(kern.RCUDereference(c, page.private()))
	if zspage == 0 {
		kern.RCUReadUnlock(c)
		return 0, 0
	}
	pool := Pool(kern.Load(c, zspage.pool()))
	kern.SpinLock(c, pool.lock())
	kern.RCUReadUnlock(c)
	return zspage, pool
}

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
