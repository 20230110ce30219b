package zswap

import "ptsim/kern"

// copying is v5.12, fc6697a89f56 ("mm/zswap: add the flag can_sleep_mapped"): where a mapping forbids sleeping, the object is copied, and
// unmapped, before anything sleeps. DON'T, of the four answers.
type copying struct{ *System }

func (l copying) load(c *kern.CPU, offset uint32) uint32 { return l.ZswapFrontswapLoad(c, offset) }

// ZswapFrontswapLoad is zswap_frontswap_load() of v5.12.
func (l copying) ZswapFrontswapLoad(c *kern.CPU, offset uint32) uint32 {
	e := l.find(c, offset)
	if e == 0 {
		return 0
	}
	kern.Load(c, kern.Addr(e)+entLength)
	sleep := l.cfg.SleepMapped
	tmp := kern.Addr(0)
	if !sleep {
		tmp = l.buffers.AllocAtomic(c) // before anything is mapped
	}
	h := Handle(kern.Load(c, kern.Addr(e)+entHandle))
	src := l.version.mapHandle(c, h) + slotData
	if !sleep {
		kern.Store(c, tmp, kern.ReadOnce(c, src)) // memcpy(tmp, src, entry->length)
		src = tmp
		l.version.unmapHandle(c, h)
	}
	ctx := l.version.ctxLock(c)
	got := l.Decompress(c, ctx, src, kern.Load(c, kern.Addr(e)+entPage))
	l.version.ctxUnlock(c, ctx)
	if sleep {
		l.version.unmapHandle(c, h)
	} else {
		l.buffers.Free(c, tmp)
	}
	l.put(c, e)
	return got
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
