package zswap

import "ptsim/kern"

// The right loads: that of v5.12, which copies, and that of v6.15, which may sleep with the object mapped.

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

// readBegin is v6.15: the context first, then the object, which may stay mapped while the decompressor sleeps.
type readBegin struct{ *System }

func (l readBegin) load(c *kern.CPU, offset uint32) uint32 { return l.ZswapLoad(c, offset) }

// ZswapLoad is zswap_load() of v6.15, with zswap_decompress().
func (l readBegin) ZswapLoad(c *kern.CPU, offset uint32) uint32 {
	e := l.find(c, offset)
	if e == 0 {
		return 0
	}
	ctx := l.version.ctxLock(c)
	h := Handle(kern.Load(c, kern.Addr(e)+entHandle))
	src := l.version.mapHandle(c, h) + slotData // zpool_obj_read_begin()
	got := l.Decompress(c, ctx, src, kern.Load(c, kern.Addr(e)+entPage))
	l.version.unmapHandle(c, h) // zpool_obj_read_end()
	l.version.ctxUnlock(c, ctx)
	l.put(c, e)
	return got
}
