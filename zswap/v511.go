package zswap

import "ptsim/kern"

// bitSpin is v5.11 to v5.16: HANDLE_PIN_BIT of the handle's word is a bit spin lock, so whoever has an object mapped must not sleep.
type bitSpin struct{ *System }

func (p bitSpin) mapHandle(c *kern.CPU, h Handle) kern.Addr { return p.ZsMapObject(c, h) }
func (p bitSpin) unmapHandle(c *kern.CPU, h Handle)         { p.ZsUnmapObject(c, h) }
func (p bitSpin) pinToFree(c *kern.CPU, h Handle)           { p.PinTag(c, h) }
func (p bitSpin) unpinFreed(c *kern.CPU, h Handle)          { p.UnpinTag(c, h) }
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

// mapped (W1) is v5.11, 1ec3b5fe6eec ("mm/zswap: move to use crypto_acomp API for hardware acceleration"): the mutex is taken, and the
// decompressor waited for, with the object mapped. With zbud that is no harm. With zsmalloc a mapped object is a spin lock held.
type mapped struct{ *System }

func (l mapped) load(c *kern.CPU, offset uint32) uint32 { return l.ZswapFrontswapLoad(c, offset) }

// ZswapFrontswapLoad is zswap_frontswap_load() of v5.11.
func (l mapped) ZswapFrontswapLoad(c *kern.CPU, offset uint32) uint32 {
	e := l.find(c, offset)
	if e == 0 {
		return 0
	}
	kern.Load(c, kern.Addr(e)+entLength)
	h := Handle(kern.Load(c, kern.Addr(e)+entHandle))
	src := l.version.mapHandle(c, h) + slotData
	ctx := l.version.ctxLock(c)
	got := l.Decompress(c, ctx, src, kern.Load(c, kern.Addr(e)+entPage))
	l.version.ctxUnlock(c, ctx)
	l.version.unmapHandle(c, h)
	l.put(c, e)
	return got
}

// mappedThroughout (W6) is v5.11: a writeback has the object mapped from its first look at it to its end. It allocates the page and waits for
// the decompressor meanwhile, and puts the last reference to the entry, which frees what it has mapped. With zbud that is no harm.
type mappedThroughout struct{ *System }

func (b mappedThroughout) writeback(c *kern.CPU, offset uint32) { b.ZswapWritebackEntry(c, offset) }

// ZswapWritebackEntry is zswap_writeback_entry() of v5.11.
func (b mappedThroughout) ZswapWritebackEntry(c *kern.CPU, offset uint32) {
	e := b.find(c, offset)
	if e == 0 { // entry was invalidated
		return
	}
	h := Handle(kern.Load(c, kern.Addr(e)+entHandle))
	src := b.version.mapHandle(c, h) + slotData // zhdr
	if !b.GetSwapCachePage(c, offset) {
		b.put(c, e) // fail:
	} else {
		ctx := b.version.ctxLock(c)
		b.Decompress(c, ctx, src, kern.Load(c, kern.Addr(e)+entPage))
		b.version.ctxUnlock(c, ctx)
		b.written(c, offset, e)
	}
	b.version.unmapHandle(c, h) // end:
}

// unlocked is v5.11 to v6.12: the mutex is taken, and nobody asks whether the CPU is still there.
type unlocked struct{ *System }

func (x unlocked) ctxLock(c *kern.CPU) kern.Addr {
	ctx := x.rawCPUPtr(c)
	kern.MutexLock(c, ctx+ctxMutex)
	return ctx
}
func (x unlocked) ctxUnlock(c *kern.CPU, ctx kern.Addr) { kern.MutexUnlock(c, ctx+ctxMutex) }
func (x unlocked) cpuDead(c *kern.CPU, cpu int)         { x.ZswapCPUCompDead(c, cpu) }

// ZswapCPUCompDead is zswap_cpu_comp_dead() of v5.11 to v6.12: the request is freed, whoever uses it.
func (x unlocked) ZswapCPUCompDead(c *kern.CPU, cpu int) {
	x.reqs.Free(c, kern.Addr(kern.Load(c, x.ctx(cpu)+ctxReq)))
	x.copies.Free(c, kern.Addr(kern.Load(c, x.ctx(cpu)+ctxBuffer)))
}
