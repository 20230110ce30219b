package zsmalloc

import "ptsim/kern"

// repaired is the patch of 26 February 2024 with what it lacked, so that its idea holds: the chain comes before its walk, nothing is
// asserted about page locks, the movable operations stay, the new page gets its reference before pool->lock is dropped, and
// destroying the pool waits for callbacks.
//
// It still gives pool->lock back before the zspage's lock, as every version does. From then on zs_free() may free the zspage, whose lock
// migration is about to release: what keeps the struct there is that a writer of a rwlock has preemption off, which keeps grace
// periods waiting. See ordered for a version that does not lean on that.
type repaired struct{ *seed }

// AllocZspage is alloc_zspage() of v6.8: compaction has no business with a page before SetZsPageMovable, so nothing needs to be
// published last.
func (v *repaired) AllocZspage(c *kern.CPU) Zspage { return v.base.AllocZspage(c) }

// ResetPage is reset_page() without __ClearPageMovable(): as in 6.17 the operations stay until the page is free.
func (v *repaired) ResetPage(c *kern.CPU, page Page) {
	kern.ClearBit(c, page.flags(), pgPrivate)
	v.self.SetZspage(c, page, 0)
	v.writeLink(c, page.index(), 0)
}

// FreeZspagePages is __free_zspage() of the patch without its assertion. The caller holds pool->lock, and no page lock.
func (v *repaired) FreeZspagePages(c *kern.CPU, zspage Zspage) {
	page := v.GetFirstPage(c, zspage)
	for page != 0 {
		next := v.GetNextPage(c, page)
		v.self.ResetPage(c, page)
		kern.PutPage(c, page.PFN(), 0)
		page = next
	}
	kern.CallRCU(c, zspage.head(), v.rcuFree)
}

// ZsPageMigrate is zs_page_migrate() of the patch, with get_page(newpage) where nobody can free the zspage yet.
func (v *repaired) ZsPageMigrate(c *kern.CPU, newpage, page Page) Errno {
	zspage, pool := v.self.(zspageLocker).LockPoolOfPage(c, page)
	if zspage == 0 {
		return EINVAL
	}
	v.MigrateWriteLock(c, zspage)
	v.MoveObjects(c, zspage, newpage, page)
	kern.RefcountInc(c, newpage.refs())
	kern.SpinUnlock(c, pool.lock())
	v.MigrateWriteUnlock(c, zspage)

	v.self.ResetPage(c, page)
	kern.PutPage(c, page.PFN(), 0)
	return Success
}

// DestroyCache is destroy_cache() of the patch with rcu_barrier() in place of synchronize_rcu().
func (v *repaired) DestroyCache(c *kern.CPU) {
	v.handles.Destroy(c)
	kern.RCUBarrier(c)
	v.zspages.Destroy(c)
}
