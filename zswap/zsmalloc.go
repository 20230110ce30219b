package zswap

import "ptsim/kern"

// The allocator below, zsmalloc, as far as zswap can see it: objects that move. How a mapped object is kept where it is depends on the
// version; see version.go.

// ZsMalloc is zs_malloc(): a handle, and an object behind it; 0 if there is no room, or no memory for the handle. That is allocated
// without waiting for memory, as zswap's gfp says.
func (s *System) ZsMalloc(c *kern.CPU) Handle {
	h := Handle(s.handles.AllocNowait(c))
	if h == 0 {
		return 0
	}
	kern.SpinLock(c, s.pool)
	n := s.freeSlot(c)
	if n == Slots {
		kern.SpinUnlock(c, s.pool)
		s.handles.Free(c, kern.Addr(h))
		return 0
	}
	kern.Store(c, s.slot(n)+slotHead, uint32(h))
	kern.WriteOnce(c, kern.Addr(h), n<<slotShift)
	kern.SpinUnlock(c, s.pool)
	return h
}

// freeSlot returns the first object that is free, Slots if none is. The caller holds pool->lock.
func (s *System) freeSlot(c *kern.CPU) uint32 {
	for n := range uint32(Slots) {
		if kern.Load(c, s.slot(n)+slotHead) == 0 {
			return n
		}
	}
	return Slots
}

// ZsFree is zs_free(). The kernel of v5.11 pins the handle before it takes its lock, and compaction only tries to pin; here both take
// the lock first, and wait.
func (s *System) ZsFree(c *kern.CPU, h Handle) {
	kern.SpinLock(c, s.pool)
	s.version.pinToFree(c, h)
	slot := s.slot(kern.ReadOnce(c, kern.Addr(h)) >> slotShift)
	kern.WriteOnce(c, slot+slotData, 0)
	kern.Store(c, slot+slotHead, 0)
	s.version.unpinFreed(c, h)
	kern.SpinUnlock(c, s.pool)
	s.handles.Free(c, kern.Addr(h))
}

// Compact is zs_compact(): it moves the first object to the first free place, and what it leaves serves others. That is 0 here.
func (s *System) Compact(c *kern.CPU) {
	kern.SpinLock(c, s.pool)
	for n := range uint32(Slots) {
		h := Handle(kern.Load(c, s.slot(n)+slotHead))
		if h == 0 {
			continue
		}
		if to := s.freeSlot(c); to < Slots && s.version.writeLock(c, h) {
			s.ZsObjectCopy(c, h, n, to)
			s.version.writeUnlock(c, h)
		}
		break
	}
	kern.SpinUnlock(c, s.pool)
}

// ZsObjectCopy is zs_object_copy() with what migrate_zspage() does around it. The caller holds pool->lock, and keeps the object from being
// mapped.
func (s *System) ZsObjectCopy(c *kern.CPU, h Handle, from, to uint32) {
	kern.WriteOnce(c, s.slot(to)+slotData, kern.ReadOnce(c, s.slot(from)+slotData))
	kern.Store(c, s.slot(to)+slotHead, uint32(h))
	s.version.setObj(c, h, to)
	kern.Store(c, s.slot(from)+slotHead, 0)
	kern.WriteOnce(c, s.slot(from)+slotData, 0) // it is another's by now
}

// setObj says where an object is from now on. In the versions with a pin the bit in the same word is kept.
func (s *System) setObj(c *kern.CPU, h Handle, to uint32) {
	pin := kern.ReadOnce(c, kern.Addr(h)) & (1 << pinBit)
	kern.WriteOnce(c, kern.Addr(h), to<<slotShift|pin)
}
