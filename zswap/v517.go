package zswap

import "ptsim/kern"

// rwlock is v5.17 to v6.14: zspage->lock is a rwlock_t, which readers spin for, too. A mapped object still forbids sleeping.
type rwlock struct{ *System }

func (p rwlock) mapHandle(c *kern.CPU, h Handle) kern.Addr { return p.ZsMapObject(c, h) }
func (p rwlock) unmapHandle(c *kern.CPU, _ Handle)         { p.ZsUnmapObject(c) }
func (p rwlock) pinToFree(*kern.CPU, Handle)               {}
func (p rwlock) unpinFreed(*kern.CPU, Handle)              {}
func (p rwlock) writeLock(c *kern.CPU, _ Handle) bool      { kern.WriteLock(c, p.zspage); return true } // migrate_write_lock()
func (p rwlock) writeUnlock(c *kern.CPU, _ Handle)         { kern.WriteUnlock(c, p.zspage) }

// ZsMapObject is zs_map_object() of v5.17: pool->lock keeps the object where it is until zspage->lock does.
func (p rwlock) ZsMapObject(c *kern.CPU, h Handle) kern.Addr {
	kern.SpinLock(c, p.pool)
	slot := p.slot(kern.ReadOnce(c, kern.Addr(h)) >> slotShift)
	kern.ReadLock(c, p.zspage) // migrate_read_lock()
	kern.SpinUnlock(c, p.pool)
	return slot
}

// ZsUnmapObject is zs_unmap_object() of v5.17.
func (p rwlock) ZsUnmapObject(c *kern.CPU) { kern.ReadUnlock(c, p.zspage) }
