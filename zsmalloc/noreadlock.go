package zsmalloc

import "ptsim/kern"

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
