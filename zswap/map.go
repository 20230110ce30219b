package zswap

import "ptsim/kern"

// What keeps an object where it is while it is mapped, and who moves or frees it out: one type each.

// bitSpin is v5.11 to v5.16: HANDLE_PIN_BIT of the handle's word is a bit spin lock, so whoever has an object mapped must not sleep.
type bitSpin struct{ *System }

func (p bitSpin) mapHandle(c *kern.CPU, h Handle) kern.Addr { return p.ZsMapObject(c, h) }
func (p bitSpin) unmapHandle(c *kern.CPU, h Handle)         { p.ZsUnmapObject(c, h) }
func (p bitSpin) writeLock(c *kern.CPU, h Handle) bool      { p.PinTag(c, h); return true }
func (p bitSpin) writeUnlock(c *kern.CPU, h Handle)         { p.UnpinTag(c, h) }

// PinTag is pin_tag() of v5.11.
func (p bitSpin) PinTag(c *kern.CPU, h Handle) { kern.BitSpinLock(c, kern.Addr(h), pinBit) }

// UnpinTag is unpin_tag() of v5.11.
func (p bitSpin) UnpinTag(c *kern.CPU, h Handle) { kern.BitSpinUnlock(c, kern.Addr(h), pinBit) }

// ZsMapObject is zs_map_object() of v5.11.
func (p bitSpin) ZsMapObject(c *kern.CPU, h Handle) kern.Addr {
	p.PinTag(c, h)
	return p.slot(kern.ReadOnce(c, kern.Addr(h)) >> slotShift)
}

// ZsUnmapObject is zs_unmap_object() of v5.11.
func (p bitSpin) ZsUnmapObject(c *kern.CPU, h Handle) { p.UnpinTag(c, h) }

// bitFlag is Vitaly Wool's patch "zsmalloc: do not use bit_spin_lock", of 19 December 2020: whoever waits for the bit spins with
// preemption off, and whoever has it may sleep.
type bitFlag struct{ *System }

func (p bitFlag) mapHandle(c *kern.CPU, h Handle) kern.Addr { return p.ZsMapObject(c, h) }
func (p bitFlag) unmapHandle(c *kern.CPU, h Handle)         { p.ZsUnmapObject(c, h) }
func (p bitFlag) writeLock(c *kern.CPU, h Handle) bool      { p.PinTag(c, h); return true }
func (p bitFlag) writeUnlock(c *kern.CPU, h Handle)         { p.UnpinTag(c, h) }

// PinTag is pin_tag() of that patch: while (test_and_set_bit()) cpu_relax(), with preemption off.
func (p bitFlag) PinTag(c *kern.CPU, h Handle) {
	kern.PreemptDisable(c)
	for {
		for kern.TestBit(c, kern.Addr(h), pinBit) {
		}
		if !kern.TestAndSetBitLock(c, kern.Addr(h), pinBit) {
			break
		}
	}
	kern.PreemptEnable(c)
}

// UnpinTag is unpin_tag() of that patch.
func (p bitFlag) UnpinTag(c *kern.CPU, h Handle) { kern.ClearBitUnlock(c, kern.Addr(h), pinBit) }

// ZsMapObject is zs_map_object() of that patch.
func (p bitFlag) ZsMapObject(c *kern.CPU, h Handle) kern.Addr {
	p.PinTag(c, h)
	return p.slot(kern.ReadOnce(c, kern.Addr(h)) >> slotShift)
}

// ZsUnmapObject is zs_unmap_object() of that patch.
func (p bitFlag) ZsUnmapObject(c *kern.CPU, h Handle) { p.UnpinTag(c, h) }

// rwlock is v5.17 to v6.14: zspage->lock is a rwlock_t, which readers spin for, too. A mapped object still forbids sleeping.
type rwlock struct{ *System }

func (p rwlock) mapHandle(c *kern.CPU, h Handle) kern.Addr { return p.ZsMapObject(c, h) }
func (p rwlock) unmapHandle(c *kern.CPU, _ Handle)         { p.ZsUnmapObject(c) }
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

// sleeping is v6.15: readers of zspage->lock are counted under a spin lock that they do not keep, so they may sleep; a writer keeps it,
// and only tries, "as the lock may be held by sleeping readers".
type sleeping struct {
	*System
	blocking bool // W9: a writer that waits for the readers
}

func (p sleeping) mapHandle(c *kern.CPU, h Handle) kern.Addr { return p.ZsObjReadBegin(c, h) }
func (p sleeping) unmapHandle(c *kern.CPU, _ Handle)         { p.ZsObjReadEnd(c) }
func (p sleeping) writeUnlock(c *kern.CPU, _ Handle)         { kern.SpinUnlock(c, p.zspage) }

func (p sleeping) writeLock(c *kern.CPU, _ Handle) bool {
	if p.blocking {
		p.ZspageWriteLock(c)
		return true
	}
	return p.ZspageWriteTrylock(c)
}

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

// ZspageWriteLock is what a writer would do that waits: it spins, with pool->lock held.
func (p sleeping) ZspageWriteLock(c *kern.CPU) {
	for !p.ZspageWriteTrylock(c) {
		for kern.ReadOnce(c, p.readers) != 0 {
		}
	}
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

// still is zbud: an object stays where it is, and mapping it takes nothing.
type still struct{ *System }

func (p still) mapHandle(c *kern.CPU, h Handle) kern.Addr {
	return p.slot(kern.ReadOnce(c, kern.Addr(h)) >> slotShift)
}
func (p still) unmapHandle(*kern.CPU, Handle)    {}
func (p still) writeLock(*kern.CPU, Handle) bool { return true }
func (p still) writeUnlock(*kern.CPU, Handle)    {}

// setObj says where an object is from now on. In the versions with a pin the bit in the same word is kept.
func (s *System) setObj(c *kern.CPU, h Handle, to uint32) {
	pin := kern.ReadOnce(c, kern.Addr(h)) & (1 << pinBit)
	kern.WriteOnce(c, kern.Addr(h), to<<slotShift|pin)
}
