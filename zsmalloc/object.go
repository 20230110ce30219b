package zsmalloc

import "ptsim/kern"

// recordObj is record_obj(): the handle leads to the object from now on. pool->lock, which owns the handle, is held.
func recordObj(c *kern.CPU, h Handle, obj uint32) { kern.WriteOnce(c, kern.Addr(h), obj) }

// handleToObj is handle_to_obj(). pool->lock is held, or the zspage's lock.
func handleToObj(c *kern.CPU, h Handle) uint32 { return kern.Load(c, kern.Addr(h)) }

// cacheAllocHandle is cache_alloc_handle(), with the gfp of zswap, which does not wait for memory. It returns 0 if there is none.
func (b *base) cacheAllocHandle(c *kern.CPU) Handle {
	h := Handle(b.handles.AllocNowait(c))
	if h == 0 {
		return 0
	}
	b.names.add(kern.Addr(h), HandleCache, handleFields)
	return h
}

// objMalloc is obj_malloc(): it takes the first free object of the zspage for the handle. The caller holds pool->lock, from 6.17
// on class->lock.
func (b *base) objMalloc(c *kern.CPU, zspage Zspage, h Handle) uint32 {
	obj := kern.Load(c, zspage.freeobj())
	page := b.GetFirstPage(c, zspage)
	for range obj / b.perPage {
		page = b.GetNextPage(c, page)
	}
	link := b.object(page, obj) + objHeader
	next := kern.Load(c, link)
	kern.Assert(c, next&objAllocated == 0, "a free object is free")
	kern.Store(c, zspage.freeobj(), next>>tagBits)
	kern.Store(c, link, uint32(h)|objAllocated)
	kern.Store(c, zspage.inuse(), kern.Load(c, zspage.inuse())+1)
	return toObj(page, obj)
}

// objFree is obj_free(): the object becomes the first free one of its zspage. The locks are those of objMalloc.
func (b *base) objFree(c *kern.CPU, obj uint32) {
	page, idx := location(obj)
	zspage := b.GetZspage(c, page)
	kern.Store(c, b.object(page, idx)+objHeader, kern.Load(c, zspage.freeobj())<<tagBits)
	kern.Store(c, zspage.freeobj(), idx)
	kern.Store(c, zspage.inuse(), kern.Load(c, zspage.inuse())-1)
}

// ZsMalloc is zs_malloc() of v6.8. It takes pool->lock and may sleep.
func (b *base) ZsMalloc(c *kern.CPU) Handle {
	h := b.cacheAllocHandle(c)
	if h == 0 {
		return 0
	}
	kern.SpinLock(c, b.pool.lock())
	if zspage := b.findGetZspage(c); zspage != 0 {
		obj := b.objMalloc(c, zspage, h)
		b.FixFullnessGroup(c, zspage)
		recordObj(c, h, obj)
		kern.SpinUnlock(c, b.pool.lock())
		return h
	}
	kern.SpinUnlock(c, b.pool.lock())

	zspage := b.self.AllocZspage(c)
	if zspage == 0 {
		b.handles.Free(c, kern.Addr(h))
		return 0
	}
	kern.SpinLock(c, b.pool.lock())
	obj := b.objMalloc(c, zspage, h)
	b.InsertZspage(c, zspage, b.getFullnessGroup(c, zspage))
	recordObj(c, h, obj)
	b.SetZsPageMovable(c, zspage) // the zspage is complete: compaction may have its pages
	kern.SpinUnlock(c, b.pool.lock())
	return h
}

// SetZsPageMovable is SetZsPageMovable() of v6.8. Nobody else can hold the locks of the pages yet: what finds one of them sees no
// movable page.
func (b *base) SetZsPageMovable(c *kern.CPU, zspage Zspage) {
	for page := b.GetFirstPage(c, zspage); page != 0; page = b.GetNextPage(c, page) {
		kern.WarnOnce(c, !kern.TrylockPage(c, page.PFN()), "SetZsPageMovable: WARN_ON(!trylock_page(page))")
		b.self.SetMovable(c, page)
		kern.UnlockPage(c, page.PFN())
	}
}

// ZsFree is zs_free() of v6.8. It takes pool->lock and must not sleep. The lock keeps migration from moving the object, so that the
// handle leads to its page.
func (b *base) ZsFree(c *kern.CPU, h Handle) {
	kern.SpinLock(c, b.pool.lock())
	obj := handleToObj(c, h)
	page, _ := location(obj)
	zspage := b.GetZspage(c, page)
	b.objFree(c, obj)
	if b.FixFullnessGroup(c, zspage) == InuseRatio0 {
		b.self.FreeZspage(c, zspage)
	}
	kern.SpinUnlock(c, b.pool.lock())
	b.handles.Free(c, kern.Addr(h))
}

// ZsMapObject is zs_map_object() of v6.8: it returns where the user's word of the object is, which stays there until ZsUnmapObject.
// In between nothing may sleep.
func (b *base) ZsMapObject(c *kern.CPU, h Handle) kern.Addr {
	kern.SpinLock(c, b.pool.lock())
	page, idx := location(handleToObj(c, h))
	zspage := b.GetZspage(c, page)
	b.MigrateReadLock(c, zspage)
	kern.SpinUnlock(c, b.pool.lock())
	return b.object(page, idx) + objData
}

// ZsUnmapObject is zs_unmap_object() of v6.8.
func (b *base) ZsUnmapObject(c *kern.CPU, h Handle) {
	page, _ := location(handleToObj(c, h))
	b.MigrateReadUnlock(c, b.GetZspage(c, page))
}
