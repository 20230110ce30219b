package zsmalloc

import "ptsim/kern"

// seed is the patch of 26 February 2024, "mm/zsmalloc: simplify synchronization between zs_page_migrate() and free_zspage()", as it
// was sent. zs_free() frees a zspage at once, without the locks of its pages, and has RCU free the struct; so there is no worker.
// zs_page_migrate() reads page->private under rcu_read_lock, takes pool->lock, and looks whether the zspage is on a list yet.
//
// It has what its reviewers found: two assertions about page locks that nobody takes any more, and init_zspage() before
// create_page_chain(). And it has what they did not: the movable operations are cleared under a page lock that somebody else may
// hold.
type seed struct{ *v68 }

// SetZspage is set_zspage() of the patch: rcu_assign_pointer(page->private, zspage).
func (v *seed) SetZspage(c *kern.CPU, page Page, zspage Zspage) {
	kern.RCUAssignPointer(c, page.private(), kern.Addr(zspage))
}

// AllocZspage is alloc_zspage() of the patch: the pages are published last, and so init_zspage() has none to walk.
func (v *seed) AllocZspage(c *kern.CPU) Zspage {
	zspage, pages := v.allocZspagePages(c)
	if zspage == 0 {
		return 0
	}
	v.InitZspage(c, zspage)
	kern.Store(c, zspage.pool(), uint32(v.pool))
	v.CreatePageChain(c, zspage, pages)
	return zspage
}

// FreeZspage is free_zspage() of the patch. The caller holds pool->lock.
func (v *seed) FreeZspage(c *kern.CPU, zspage Zspage) {
	v.RemoveZspage(c, zspage)
	v.self.FreeZspagePages(c, zspage)
}

// FreeZspagePages is __free_zspage() of the patch. The caller holds pool->lock, and no page lock; the assertion was left in.
func (v *seed) FreeZspagePages(c *kern.CPU, zspage Zspage) {
	page := v.GetFirstPage(c, zspage)
	for page != 0 {
		if v.cfg.DebugVM {
			kern.BugOnUnlockedPage(c, page.PFN())
		}
		next := v.GetNextPage(c, page)
		v.self.ResetPage(c, page)
		kern.PutPage(c, page.PFN(), 0)
		page = next
	}
	kern.CallRCU(c, zspage.head(), v.rcuFree)
}

// ZsPageMigrate is zs_page_migrate() of the patch.
func (v *seed) ZsPageMigrate(c *kern.CPU, newpage, page Page) Errno {
	zspage, pool := v.self.(zspageLocker).LockPoolOfPage(c, page)
	if zspage == 0 {
		return EINVAL
	}
	v.MigrateWriteLock(c, zspage)
	v.MoveObjects(c, zspage, newpage, page)
	kern.SpinUnlock(c, pool.lock())
	v.MigrateWriteUnlock(c, zspage)

	kern.RefcountInc(c, newpage.refs())
	v.self.ResetPage(c, page)
	kern.PutPage(c, page.PFN(), 0)
	return Success
}

// zspageLocker is the part of zs_page_migrate() that the patch is about.
type zspageLocker interface {
	LockPoolOfPage(c *kern.CPU, page Page) (Zspage, Pool)
}

// LockPoolOfPage is how zs_page_migrate() of the patch finds the zspage: it returns that and its pool, whose lock is held, or 0 if the
// zspage is gone or going. RCU keeps the zspage until the lock is held; the list tells whether it is one yet.
func (v *seed) LockPoolOfPage(c *kern.CPU, page Page) (Zspage, Pool) {
	kern.RCUReadLock(c)
	zspage := Zspage(kern.RCUDereference(c, page.private())) // get_zspage_lockless()
	if zspage == 0 {
		kern.RCUReadUnlock(c)
		return 0, 0
	}
	pool := Pool(kern.Load(c, zspage.pool()))
	kern.SpinLock(c, pool.lock())
	if kern.ListEmpty(c, zspage.list()) {
		kern.SpinUnlock(c, pool.lock())
		kern.RCUReadUnlock(c)
		return 0, 0
	}
	kern.RCUReadUnlock(c)
	return zspage, pool
}

// AsyncFreeZspage is gone from the patch.
func (v *seed) AsyncFreeZspage(*kern.CPU, kern.Addr) {}

// DestroyCache is destroy_cache() of the patch: it waits for a grace period, and not for the callbacks that come after it.
func (v *seed) DestroyCache(c *kern.CPU) {
	v.handles.Destroy(c)
	kern.SynchronizeRCU(c)
	v.zspages.Destroy(c)
}

// ZsDestroyPool is zs_destroy_pool() of the patch.
func (v *seed) ZsDestroyPool(c *kern.CPU) {
	for f := range fullnessGroups {
		kern.WarnOnce(c, !kern.ListEmpty(c, v.pool.list(f)), "zs_destroy_pool: a fullness group is not empty")
	}
	v.self.DestroyCache(c)
	v.pools.Free(c, kern.Addr(v.pool))
}
