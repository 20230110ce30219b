package zsmalloc

import "ptsim/kern"

// v68 is v6.8, and in this every kernel from v4.8 to v6.16: the page lock keeps the zspage. Whoever frees a zspage holds the locks of
// all its pages; whoever holds the lock of a page that is still movable may follow page->private. zs_free() must not sleep, so it
// only tries: what it does not get, a worker frees later.
type v68 struct{ *base }

// ResetPage is reset_page() of v6.8. It clears the movable operations, which is what compaction looks at, under the page lock.
func (v *v68) ResetPage(c *kern.CPU, page Page) {
	v.ClearMovable(c, page)
	kern.ClearBit(c, page.flags(), pgPrivate)
	v.self.SetZspage(c, page, 0)
	v.writeLink(c, page.index(), 0)
}

// TrylockZspage is trylock_zspage() of v6.8: it takes the locks of all pages, or none. The caller holds pool->lock.
func (v *v68) TrylockZspage(c *kern.CPU, zspage Zspage) bool {
	for page := v.GetFirstPage(c, zspage); page != 0; page = v.GetNextPage(c, page) {
		if kern.TrylockPage(c, page.PFN()) {
			continue
		}
		for locked := v.GetFirstPage(c, zspage); locked != page; locked = v.GetNextPage(c, locked) {
			kern.UnlockPage(c, locked.PFN())
		}
		return false
	}
	return true
}

// FreeZspage is free_zspage() of v6.8: it frees a zspage without objects, now or by the worker. The caller holds pool->lock.
func (v *v68) FreeZspage(c *kern.CPU, zspage Zspage) {
	if !v.TrylockZspage(c, zspage) {
		v.KickDeferredFree(c)
		return
	}
	v.RemoveZspage(c, zspage)
	v.self.FreeZspagePages(c, zspage)
}

// KickDeferredFree is kick_deferred_free() of v6.8.
func (v *v68) KickDeferredFree(c *kern.CPU) { kern.QueueWork(c, v.pool.freeWork(), v.asyncFree) }

// FreeZspagePages is __free_zspage() of v6.8. The caller holds pool->lock, and the locks of all pages, which are released here.
func (v *v68) FreeZspagePages(c *kern.CPU, zspage Zspage) {
	page := v.GetFirstPage(c, zspage)
	for page != 0 {
		if v.cfg.DebugVM {
			kern.BugOnUnlockedPage(c, page.PFN())
		}
		next := v.GetNextPage(c, page)
		v.self.ResetPage(c, page)
		kern.UnlockPage(c, page.PFN())
		kern.PutPage(c, page.PFN(), 0)
		page = next
	}
	v.zspages.Free(c, kern.Addr(zspage)) // cache_free_zspage()
}

// LockZspage is lock_zspage() of v6.8, and since commit 2505a981114d: it takes the locks of all pages, and sleeps for those that
// others hold. A page that is not locked may be migrated away meanwhile, so the chain is walked under the zspage's lock, and a page
// is waited for outside that lock, with a reference.
func (v *v68) LockZspage(c *kern.CPU, zspage Zspage) {
	var page Page
	for {
		v.MigrateReadLock(c, zspage)
		page = v.GetFirstPage(c, zspage)
		if kern.TrylockPage(c, page.PFN()) {
			break
		}
		kern.RefcountInc(c, page.refs()) // get_page()
		v.MigrateReadUnlock(c, zspage)
		kern.WaitOnPageLocked(c, page.PFN())
		kern.PutPage(c, page.PFN(), 0)
	}
	locked := page
	for page = v.GetNextPage(c, locked); page != 0; page = v.GetNextPage(c, locked) {
		if kern.TrylockPage(c, page.PFN()) {
			locked = page
			continue
		}
		kern.RefcountInc(c, page.refs())
		v.MigrateReadUnlock(c, zspage)
		kern.WaitOnPageLocked(c, page.PFN())
		kern.PutPage(c, page.PFN(), 0)
		v.MigrateReadLock(c, zspage)
	}
	v.MigrateReadUnlock(c, zspage)
}

// AsyncFreeZspage is async_free_zspage() of v6.8, the deferred worker: it frees what zs_free() could not.
func (v *v68) AsyncFreeZspage(c *kern.CPU, work kern.Addr) {
	pool := poolOfWork(work)
	kern.SpinLock(c, pool.lock())
	empty := v.TakeEmpty(c, pool)
	kern.SpinUnlock(c, pool.lock())
	for _, zspage := range empty {
		v.self.LockZspage(c, zspage)
		kern.SpinLock(c, pool.lock())
		v.self.FreeZspagePages(c, zspage)
		kern.SpinUnlock(c, pool.lock())
	}
}

// TakeEmpty is the list_splice_init() of the empty zspages onto the worker's own list, which lies on its stack, and list_del() of each. The
// caller holds pool->lock.
func (v *v68) TakeEmpty(c *kern.CPU, pool Pool) (empty []Zspage) {
	head := pool.list(InuseRatio0)
	for node := kern.ListFirstOrNull(c, head); node != 0; node = kern.ListFirstOrNull(c, head) {
		kern.ListDel(c, node)
		empty = append(empty, zspageOfList(node))
	}
	return empty
}

// ZsPageMigrate is zs_page_migrate() of v6.8. Both pages are locked, so that page->private and the zspage behind it stay.
func (v *v68) ZsPageMigrate(c *kern.CPU, newpage, page Page) Errno {
	zspage := v.GetZspage(c, page)
	pool := Pool(kern.Load(c, zspage.pool()))
	kern.SpinLock(c, pool.lock())
	v.MigrateWriteLock(c, zspage)
	v.MoveObjects(c, zspage, newpage, page)
	kern.SpinUnlock(c, pool.lock())
	v.MigrateWriteUnlock(c, zspage)

	kern.RefcountInc(c, newpage.refs()) // get_page(): the zspage's own
	v.self.ResetPage(c, page)
	kern.PutPage(c, page.PFN(), 0)
	return Success
}

// DestroyCache is destroy_cache() of v6.8.
func (v *v68) DestroyCache(c *kern.CPU) {
	v.handles.Destroy(c)
	v.zspages.Destroy(c)
}

// ZsDestroyPool is zs_destroy_pool() of v6.8. Nobody allocates from the pool any more, and all objects are freed; the worker may be
// at it, and compaction may have pages.
func (v *v68) ZsDestroyPool(c *kern.CPU) {
	v.ZsFlushMigration(c)
	for f := range fullnessGroups {
		kern.WarnOnce(c, !kern.ListEmpty(c, v.pool.list(f)), "zs_destroy_pool: a fullness group is not empty")
	}
	v.self.DestroyCache(c)
	v.pools.Free(c, kern.Addr(v.pool))
}
