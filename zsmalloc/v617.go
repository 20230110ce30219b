package zsmalloc

import "ptsim/kern"

// v617 is v6.17. What makes a page movable is a flag and its type, and both stay until the page is free: nothing is cleared for
// compaction to trip over. In exchange zs_page_isolate() and zs_page_migrate() may be asked about a page whose zspage is gone, and look
// for that. Since v6.11 each size class has a lock, and the pool has a rwlock that only migration takes as a writer: migrate_lock, which
// v6.15 calls pool->lock. Since v6.15 a zspage's lock is a spin lock with a count of readers, who may sleep.
type v617 struct{ *v68 }

// ZsMalloc is zs_malloc() of v6.17. It takes class->lock and may sleep.
func (v *v617) ZsMalloc(c *kern.CPU) Handle {
	h := v.cacheAllocHandle(c)
	if h == 0 {
		return 0
	}
	kern.SpinLock(c, v.pool.classLock())
	if zspage := v.findGetZspage(c); zspage != 0 {
		obj := v.objMalloc(c, zspage, h)
		v.FixFullnessGroup(c, zspage)
		recordObj(c, h, obj)
		kern.SpinUnlock(c, v.pool.classLock())
		return h
	}
	kern.SpinUnlock(c, v.pool.classLock())

	zspage := v.self.AllocZspage(c)
	if zspage == 0 {
		v.handles.Free(c, kern.Addr(h))
		return 0
	}
	kern.SpinLock(c, v.pool.classLock())
	obj := v.objMalloc(c, zspage, h)
	v.InsertZspage(c, zspage, v.getFullnessGroup(c, zspage))
	recordObj(c, h, obj)
	v.SetZsPageMovable(c, zspage)
	kern.SpinUnlock(c, v.pool.classLock())
	return h
}

// ZsFree is zs_free() of v6.17. pool->lock as a reader keeps migration from moving the object until class->lock is held, which does so
// from then on.
func (v *v617) ZsFree(c *kern.CPU, h Handle) {
	kern.ReadLock(c, v.pool.lock())
	obj := handleToObj(c, h)
	page, _ := location(obj)
	zspage := v.GetZspage(c, page)
	kern.SpinLock(c, v.pool.classLock())
	kern.ReadUnlock(c, v.pool.lock())
	v.objFree(c, obj)
	if v.FixFullnessGroup(c, zspage) == InuseRatio0 {
		v.self.FreeZspage(c, zspage)
	}
	kern.SpinUnlock(c, v.pool.classLock())
	v.handles.Free(c, kern.Addr(h))
}

// ZsMapObject is zs_obj_read_begin() of v6.17, and the first half of zs_obj_write().
func (v *v617) ZsMapObject(c *kern.CPU, h Handle) kern.Addr {
	kern.ReadLock(c, v.pool.lock())
	page, idx := location(handleToObj(c, h))
	v.ZspageReadLock(c, v.GetZspage(c, page))
	kern.ReadUnlock(c, v.pool.lock())
	return v.object(page, idx) + objData
}

// ZsUnmapObject is zs_obj_read_end() of v6.17.
func (v *v617) ZsUnmapObject(c *kern.CPU, h Handle) {
	page, _ := location(handleToObj(c, h))
	v.ZspageReadUnlock(c, v.GetZspage(c, page))
}

// ZspageReadLock is zspage_read_lock() of v6.17: one more reader. It waits for a migration, and lets nobody migrate from then on.
func (v *v617) ZspageReadLock(c *kern.CPU, zspage Zspage) {
	kern.SpinLock(c, zspage.lock())
	kern.Store(c, zspage.readers(), kern.Load(c, zspage.readers())+1)
	kern.SpinUnlock(c, zspage.lock())
}

// ZspageReadUnlock is zspage_read_unlock() of v6.17.
func (v *v617) ZspageReadUnlock(c *kern.CPU, zspage Zspage) {
	kern.SpinLock(c, zspage.lock())
	kern.Store(c, zspage.readers(), kern.Load(c, zspage.readers())-1)
	kern.SpinUnlock(c, zspage.lock())
}

// zspageWrlocked is ZS_PAGE_WRLOCKED: what the count of readers is while a page is moved.
const zspageWrlocked = ^uint32(0)

// ZspageWriteTrylock is zspage_write_trylock() of v6.17: it keeps readers out, unless there are some, and then it holds the spin lock.
func (v *v617) ZspageWriteTrylock(c *kern.CPU, zspage Zspage) bool {
	kern.SpinLock(c, zspage.lock())
	if kern.Load(c, zspage.readers()) == 0 {
		kern.Store(c, zspage.readers(), zspageWrlocked)
		return true
	}
	kern.SpinUnlock(c, zspage.lock())
	return false
}

// ZspageWriteUnlock is zspage_write_unlock() of v6.17.
func (v *v617) ZspageWriteUnlock(c *kern.CPU, zspage Zspage) {
	kern.Store(c, zspage.readers(), 0)
	kern.SpinUnlock(c, zspage.lock())
}

// ResetPage is reset_zpdesc() of v6.17. That the page is movable stays so until it is free.
func (v *v617) ResetPage(c *kern.CPU, page Page) {
	kern.ClearBit(c, page.flags(), pgPrivate)
	v.self.SetZspage(c, page, 0)
	v.writeLink(c, page.index(), 0)
}

// LockZspage is lock_zspage() of v6.17.
func (v *v617) LockZspage(c *kern.CPU, zspage Zspage) {
	var page Page
	for {
		v.ZspageReadLock(c, zspage)
		page = v.GetFirstPage(c, zspage)
		if kern.TrylockPage(c, page.PFN()) {
			break
		}
		kern.RefcountInc(c, page.refs())
		v.ZspageReadUnlock(c, zspage)
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
		v.ZspageReadUnlock(c, zspage)
		kern.WaitOnPageLocked(c, page.PFN())
		kern.PutPage(c, page.PFN(), 0)
		v.ZspageReadLock(c, zspage)
	}
	v.ZspageReadUnlock(c, zspage)
}

// AsyncFreeZspage is async_free_zspage() of v6.17.
func (v *v617) AsyncFreeZspage(c *kern.CPU, work kern.Addr) {
	pool := poolOfWork(work)
	kern.SpinLock(c, pool.classLock())
	empty := v.TakeEmpty(c, pool)
	kern.SpinUnlock(c, pool.classLock())
	for _, zspage := range empty {
		v.self.LockZspage(c, zspage)
		kern.SpinLock(c, pool.classLock())
		v.self.FreeZspagePages(c, zspage)
		kern.SpinUnlock(c, pool.classLock())
	}
}

// SetMovable is SetPageMovableOps() of v6.17, and __zpdesc_set_zsmalloc(), which gives the page its type.
func (v *v617) SetMovable(c *kern.CPU, page Page) {
	kern.WriteOnce(c, page.typ(), typeZsmalloc)
	kern.SetBit(c, page.flags(), pgMovableOps)
}

// PageHasMovableOps is page_has_movable_ops() of v6.17.
func (v *v617) PageHasMovableOps(c *kern.CPU, page Page) bool {
	return kern.TestBit(c, page.flags(), pgMovableOps) && kern.ReadOnce(c, page.typ()) == typeZsmalloc
}

// IsolateMovablePage is isolate_movable_ops_page() of v6.17.
func (v *v617) IsolateMovablePage(c *kern.CPU, page Page) bool {
	if !kern.GetPageUnlessZero(c, page.PFN()) {
		return false
	}
	if !v.PageHasMovableOps(c, page) {
		kern.PutPage(c, page.PFN(), 0)
		return false
	}
	if !kern.TrylockPage(c, page.PFN()) {
		kern.PutPage(c, page.PFN(), 0)
		return false
	}
	if kern.TestBit(c, page.flags(), pgIsolated) || !callOp(c, v.mops, mopsIsolate) || !v.self.ZsPageIsolate(c, page) {
		kern.UnlockPage(c, page.PFN())
		kern.PutPage(c, page.PFN(), 0)
		return false
	}
	kern.SetBit(c, page.flags(), pgIsolated)
	kern.UnlockPage(c, page.PFN())
	return true
}

// ZsPageIsolate is zs_page_isolate() of v6.17. A page that has no zspage any more stays movable until it is free; it is refused here.
func (v *v617) ZsPageIsolate(c *kern.CPU, page Page) bool {
	return kern.ReadOnce(c, page.private()) != 0
}

// MoveToNewFolio is migrate_movable_ops_page() of v6.17: the owner is asked in any case.
func (v *v617) MoveToNewFolio(c *kern.CPU, dst, src Page) Errno {
	if !callOp(c, v.mops, mopsMigrate) {
		return EINVAL
	}
	rc := v.self.ZsPageMigrate(c, dst, src)
	if rc == Success {
		kern.ClearBit(c, src.flags(), pgIsolated)
	}
	return rc
}

// ZsPageMigrate is zs_page_migrate() of v6.17. The page may have lost its zspage between isolation and here; with the page lock held it
// does not lose it any more.
func (v *v617) ZsPageMigrate(c *kern.CPU, newpage, page Page) Errno {
	if kern.ReadOnce(c, page.private()) == 0 {
		return Success
	}
	zspage := v.GetZspage(c, page)
	pool := Pool(kern.Load(c, zspage.pool()))
	kern.WriteLock(c, pool.lock())
	kern.SpinLock(c, pool.classLock())
	if !v.ZspageWriteTrylock(c, zspage) {
		kern.SpinUnlock(c, pool.classLock())
		kern.WriteUnlock(c, pool.lock())
		return EINVAL
	}
	v.MoveObjects(c, zspage, newpage, page)
	kern.WriteUnlock(c, pool.lock())
	kern.SpinUnlock(c, pool.classLock())
	v.ZspageWriteUnlock(c, zspage)

	kern.RefcountInc(c, newpage.refs())
	v.self.ResetPage(c, page)
	kern.PutPage(c, page.PFN(), 0)
	return Success
}

// PutbackMovablePage is putback_movable_ops_page() of v6.17.
func (v *v617) PutbackMovablePage(c *kern.CPU, page Page) {
	kern.LockPage(c, page.PFN())
	callOp(c, v.mops, mopsPutback) // zs_page_putback() does nothing
	kern.ClearBit(c, page.flags(), pgIsolated)
	kern.UnlockPage(c, page.PFN())
	kern.PutPage(c, page.PFN(), 0)
}
