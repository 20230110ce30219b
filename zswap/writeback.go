package zswap

import "ptsim/kern"

// zswap_writeback_entry(): a compressed page goes to its place on the swap device. The pool that asks for it keeps the object for it;
// here the entry does, whose reference is taken first.

// GetSwapCachePage is zswap_get_swap_cache_page(): it makes a page in the swap cache, by __read_swap_cache_async() with GFP_KERNEL, and
// tells whether it is new. If there is one it finds it, and need not sleep.
func (s *System) GetSwapCachePage(c *kern.CPU, offset uint32) (fresh bool) {
	if kern.ReadOnce(c, s.swapped+kern.Addr(offset)) != 0 {
		return false // ZSWAP_SWAPCACHE_EXIST
	}
	kern.MightSleep(c) // alloc_page_vma(GFP_KERNEL)
	return kern.CmpXchg(c, s.swapped+kern.Addr(offset), 0, 1) == 0
}

// SwapIn has the page of an offset be in the swap cache, as when somebody has just read it.
func (s *System) SwapIn(c *kern.CPU, offset uint32) { kern.Xchg(c, s.swapped+kern.Addr(offset), 1) }

// written is the end of a writeback: the page is on its way, so the entry goes, unless somebody was faster.
func (s *System) written(c *kern.CPU, offset uint32, e Entry) {
	kern.Xchg(c, s.swapped+kern.Addr(offset), 0) // __swap_writepage(), put_page()
	kern.SpinLock(c, s.tree)
	s.EntryPut(c, e) // drop local reference
	if kern.Load(c, s.root+kern.Addr(offset)) == uint32(e) {
		kern.Store(c, s.root+kern.Addr(offset), 0)
		s.EntryPut(c, e)
	}
	kern.SpinUnlock(c, s.tree)
}

// mappedAcross (W6, W6b) is v5.12: the handle is mapped to read the header, and stays mapped while the page is made, which may sleep. If
// there is a page already it goes to fail, and unmaps only what may sleep.
type mappedAcross struct{ *System }

func (b mappedAcross) writeback(c *kern.CPU, offset uint32) { b.ZswapWritebackEntry(c, offset) }

// ZswapWritebackEntry is zswap_writeback_entry() of v5.12, fc6697a89f56.
func (b mappedAcross) ZswapWritebackEntry(c *kern.CPU, offset uint32) {
	sleep := b.cfg.SleepMapped
	tmp := kern.Addr(0)
	if !sleep {
		tmp = b.buffers.AllocAtomic(c)
	}
	e := b.find(c, offset)
	if e == 0 { // entry was invalidated
		if !sleep {
			b.buffers.Free(c, tmp)
		}
		return
	}
	h := Handle(kern.Load(c, kern.Addr(e)+entHandle))
	src := b.version.mapHandle(c, h) + slotData // zhdr
	if !b.GetSwapCachePage(c, offset) {
		b.put(c, e) // fail:
	} else {
		if !sleep {
			kern.Store(c, tmp, kern.ReadOnce(c, src))
			src = tmp
			b.version.unmapHandle(c, h)
		}
		ctx := b.version.ctxLock(c)
		b.Decompress(c, ctx, src, kern.Load(c, kern.Addr(e)+entPage))
		b.version.ctxUnlock(c, ctx)
		b.written(c, offset, e)
	}
	if sleep { // end:
		b.version.unmapHandle(c, h)
	} else {
		b.buffers.Free(c, tmp)
	}
}

// copyFirst is v5.14, 46b76f2e09dc ("mm/zswap.c: fix two bugs in zswap_writeback_entry()"): copied and unmapped before anything else.
type copyFirst struct{ *System }

func (b copyFirst) writeback(c *kern.CPU, offset uint32) { b.ZswapWritebackEntry(c, offset) }

// ZswapWritebackEntry is zswap_writeback_entry() of v5.14.
func (b copyFirst) ZswapWritebackEntry(c *kern.CPU, offset uint32) {
	sleep := b.cfg.SleepMapped
	tmp := kern.Addr(0)
	if !sleep {
		tmp = b.buffers.AllocAtomic(c)
	}
	e := b.find(c, offset)
	if e == 0 {
		if !sleep {
			b.buffers.Free(c, tmp)
		}
		return
	}
	h := Handle(kern.Load(c, kern.Addr(e)+entHandle))
	src := b.version.mapHandle(c, h) + slotData
	if !sleep {
		kern.Store(c, tmp, kern.ReadOnce(c, src))
		src = tmp
		b.version.unmapHandle(c, h)
	}
	if !b.GetSwapCachePage(c, offset) {
		b.put(c, e)
	} else {
		ctx := b.version.ctxLock(c)
		b.Decompress(c, ctx, src, kern.Load(c, kern.Addr(e)+entPage))
		b.version.ctxUnlock(c, ctx)
		b.written(c, offset, e)
	}
	if sleep {
		b.version.unmapHandle(c, h)
	} else {
		b.buffers.Free(c, tmp)
	}
}

// pageFirst is v6.15: the page of the swap cache first, and then as a load.
type pageFirst struct{ *System }

func (b pageFirst) writeback(c *kern.CPU, offset uint32) { b.ZswapWritebackEntry(c, offset) }

// ZswapWritebackEntry is zswap_writeback_entry() of v6.15.
func (b pageFirst) ZswapWritebackEntry(c *kern.CPU, offset uint32) {
	e := b.find(c, offset)
	if e == 0 {
		return
	}
	if !b.GetSwapCachePage(c, offset) {
		b.put(c, e)
		return
	}
	ctx := b.version.ctxLock(c)
	h := Handle(kern.Load(c, kern.Addr(e)+entHandle))
	src := b.version.mapHandle(c, h) + slotData
	b.Decompress(c, ctx, src, kern.Load(c, kern.Addr(e)+entPage))
	b.version.unmapHandle(c, h)
	b.version.ctxUnlock(c, ctx)
	b.written(c, offset, e)
}
