package zswap

import "ptsim/kern"

// sleeping is v6.15: readers of zspage->lock are counted under a spin lock that they do not keep, so they may sleep; a writer keeps it,
// and only tries, "as the lock may be held by sleeping readers".
type sleeping struct{ *System }

func (p sleeping) mapHandle(c *kern.CPU, h Handle) kern.Addr { return p.ZsObjReadBegin(c, h) }
func (p sleeping) unmapHandle(c *kern.CPU, _ Handle)         { p.ZsObjReadEnd(c) }
func (p sleeping) pinToFree(*kern.CPU, Handle)               {}
func (p sleeping) unpinFreed(*kern.CPU, Handle)              {}
func (p sleeping) writeLock(c *kern.CPU, _ Handle) bool      { return p.ZspageWriteTrylock(c) }
func (p sleeping) writeUnlock(c *kern.CPU, _ Handle)         { kern.SpinUnlock(c, p.zspage) }

// ZspageReadLock is zspage_read_lock() of v6.15.
func (p sleeping) ZspageReadLock(c *kern.CPU) {
	kern.SpinLock(c, p.zspage)
	kern.WriteOnce(c, p.readers, kern.ReadOnce(c, p.readers)+1)
	kern.SpinUnlock(c, p.zspage)
}

// ZspageReadUnlock is zspage_read_unlock() of v6.15.
func (p sleeping) ZspageReadUnlock(c *kern.CPU) {
	kern.SpinLock(c, p.zspage)
	kern.WriteOnce(c, p.readers, kern.ReadOnce(c, p.readers)-1)
	kern.SpinUnlock(c, p.zspage)
}

// ZspageWriteTrylock is zspage_write_trylock() of v6.15. It keeps the spin lock.
func (p sleeping) ZspageWriteTrylock(c *kern.CPU) bool {
	kern.SpinLock(c, p.zspage)
	if kern.ReadOnce(c, p.readers) == 0 {
		return true
	}
	kern.SpinUnlock(c, p.zspage)
	return false
}

// ZsObjReadBegin is zs_obj_read_begin() of v6.15.
func (p sleeping) ZsObjReadBegin(c *kern.CPU, h Handle) kern.Addr {
	kern.SpinLock(c, p.pool) // pool->lock guarantees the object's lifetime, zspage->lock its place
	slot := p.slot(kern.ReadOnce(c, kern.Addr(h)) >> slotShift)
	p.ZspageReadLock(c)
	kern.SpinUnlock(c, p.pool)
	return slot
}

// ZsObjReadEnd is zs_obj_read_end() of v6.15.
func (p sleeping) ZsObjReadEnd(c *kern.CPU) { p.ZspageReadUnlock(c) }

// readBegin is v6.15: the context first, then the object, which may stay mapped while the decompressor sleeps.
type readBegin struct{ *System }

func (l readBegin) load(c *kern.CPU, offset uint32) uint32 { return l.ZswapLoad(c, offset) }

// ZswapLoad is zswap_load() of v6.15.
func (l readBegin) ZswapLoad(c *kern.CPU, offset uint32) uint32 {
	e := l.find(c, offset)
	if e == 0 {
		return 0
	}
	got := l.ZswapDecompress(c, e)
	l.put(c, e)
	return got
}

// ZswapDecompress is zswap_decompress() of v6.15, for a load and for a writeback. The caller has a reference to the entry.
func (l readBegin) ZswapDecompress(c *kern.CPU, e Entry) uint32 {
	ctx := l.version.ctxLock(c)
	h := Handle(kern.Load(c, kern.Addr(e)+entHandle))
	src := l.version.mapHandle(c, h) + slotData // zpool_obj_read_begin()
	got := l.Decompress(c, ctx, src, kern.Load(c, kern.Addr(e)+entPage))
	l.version.unmapHandle(c, h) // zpool_obj_read_end()
	l.version.ctxUnlock(c, ctx)
	return got
}
