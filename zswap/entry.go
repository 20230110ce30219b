package zswap

import "ptsim/kern"

// Entries and their tree, in the words of v5.11; later versions differ in the tree alone.

// EntryFindGet is zswap_entry_find_get(): it looks an entry up, and takes a reference. The caller holds tree->lock.
func (s *System) EntryFindGet(c *kern.CPU, offset uint32) Entry {
	e := Entry(kern.Load(c, s.root+kern.Addr(offset)))
	if e != 0 {
		s.EntryGet(c, e)
	}
	return e
}

// EntryGet is zswap_entry_get(). The caller holds tree->lock.
func (s *System) EntryGet(c *kern.CPU, e Entry) {
	kern.Store(c, kern.Addr(e)+entRef, kern.Load(c, kern.Addr(e)+entRef)+1)
}

// EntryPut is zswap_entry_put(): who puts the last reference frees the entry, and what it has stored. The caller holds tree->lock.
func (s *System) EntryPut(c *kern.CPU, e Entry) {
	n := kern.Load(c, kern.Addr(e)+entRef) - 1
	kern.Store(c, kern.Addr(e)+entRef, n)
	if int32(n) < 0 {
		kern.BugOn(c, true, "zswap_entry_put: refcount < 0")
		return
	}
	if n == 0 { // nobody finds it: the tree's reference was put by who took it out
		s.FreeEntry(c, e)
	}
}

// FreeEntry is zswap_free_entry().
func (s *System) FreeEntry(c *kern.CPU, e Entry) {
	s.ZsFree(c, Handle(kern.Load(c, kern.Addr(e)+entHandle)))
	s.entries.Free(c, kern.Addr(e))
}

// Invalidate is zswap_frontswap_invalidate_page(): the swap entry is not used any more. Who has the entry may go on.
func (s *System) Invalidate(c *kern.CPU, offset uint32) {
	kern.SpinLock(c, s.tree)
	e := Entry(kern.Load(c, s.root+kern.Addr(offset)))
	if e == 0 { // entry was written back
		kern.SpinUnlock(c, s.tree)
		return
	}
	kern.Store(c, s.root+kern.Addr(offset), 0) // zswap_rb_erase()
	s.EntryPut(c, e)                           // drop the initial reference from entry creation
	kern.SpinUnlock(c, s.tree)
}

// Store is zswap_frontswap_store(): it compresses a page into the context's buffer, which it holds by the mutex, and puts what comes
// out into the pool. It returns false if there is no room.
func (s *System) Store(c *kern.CPU, offset uint32) bool {
	e := Entry(s.entries.Alloc(c)) // zswap_entry_cache_alloc(GFP_KERNEL)
	ctx := s.version.ctxLock(c)
	s.CryptoWaitReq(c, ctx)
	h := s.ZsMalloc(c)
	if h == 0 {
		s.version.ctxUnlock(c, ctx)
		s.entries.Free(c, kern.Addr(e))
		return false
	}
	src := s.version.mapHandle(c, h)
	kern.WriteOnce(c, src+slotData, Pages(offset)) // memcpy(buf, dst, dlen)
	s.version.unmapHandle(c, h)
	s.version.ctxUnlock(c, ctx)

	kern.Store(c, kern.Addr(e)+entOffset, offset)
	kern.Store(c, kern.Addr(e)+entLength, 1)
	kern.Store(c, kern.Addr(e)+entHandle, uint32(h))
	kern.Store(c, kern.Addr(e)+entPage, Pages(offset))
	kern.Store(c, kern.Addr(e)+entRef, 1)
	kern.SpinLock(c, s.tree)
	old := Entry(kern.Load(c, s.root+kern.Addr(offset)))
	kern.Store(c, s.root+kern.Addr(offset), uint32(e)) // zswap_rb_insert()
	if old != 0 {                                      // zswap_duplicate_entry
		s.EntryPut(c, old)
	}
	kern.SpinUnlock(c, s.tree)
	return true
}

// Load is zswap_frontswap_load() of the version. It returns what the page holds, 0 if there is no entry.
func (s *System) Load(c *kern.CPU, offset uint32) uint32 { return s.version.load(c, offset) }

// Writeback is zswap_writeback_entry() of the version: it takes a compressed page to its place on the swap device.
func (s *System) Writeback(c *kern.CPU, offset uint32) { s.version.writeback(c, offset) }

// CryptoWaitReq is crypto_wait_req(): the request is given to the (de)compressor, a device with a driver of its own, which is a work
// item here, and waited for. Both use the request.
func (s *System) CryptoWaitReq(c *kern.CPU, ctx kern.Addr) {
	req := kern.Addr(kern.Load(c, ctx+ctxReq))
	kern.ReadOnce(c, req)
	if s.booting {
		return
	}
	kern.InitCompletion(c, ctx+ctxWait)
	kern.QueueWork(c, ctx+ctxWork, s.done)
	if s.cfg.Pause != nil {
		s.cfg.Pause(c)
	}
	kern.WaitForCompletion(c, ctx+ctxWait)
	kern.ReadOnce(c, req)
}

// Decompress is crypto_acomp_decompress() with crypto_wait_req(): it sleeps, and then reads the source. want is what should come out.
func (s *System) Decompress(c *kern.CPU, ctx, src kern.Addr, want uint32) uint32 {
	s.CryptoWaitReq(c, ctx)
	got := kern.ReadOnce(c, src)
	kern.Assert(c, got == want, "what is decompressed is what was stored")
	return got
}

// find is the beginning of a load: the entry, with a reference.
func (s *System) find(c *kern.CPU, offset uint32) Entry {
	kern.SpinLock(c, s.tree)
	e := s.EntryFindGet(c, offset)
	kern.SpinUnlock(c, s.tree)
	return e
}

// put is its end, where the reference goes.
func (s *System) put(c *kern.CPU, e Entry) {
	kern.SpinLock(c, s.tree)
	s.EntryPut(c, e)
	kern.SpinUnlock(c, s.tree)
}
