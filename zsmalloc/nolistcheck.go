package zsmalloc

import "ptsim/kern"

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
