package zswap

import "ptsim/kern"

// buffered is v6.8 to v6.14, which v6.13 is one of: the context comes first, and the copy goes into a buffer of its own, which the mutex
// keeps. DON'T again: no allocation is needed, and the object is mapped only while it is copied.
type buffered struct{ *System }

func (l buffered) load(c *kern.CPU, offset uint32) uint32 { return l.ZswapLoad(c, offset) }

// ZswapLoad is zswap_load() of v6.13, with zswap_decompress().
func (l buffered) ZswapLoad(c *kern.CPU, offset uint32) uint32 {
	e := l.find(c, offset)
	if e == 0 {
		return 0
	}
	ctx := l.version.ctxLock(c)
	h := Handle(kern.Load(c, kern.Addr(e)+entHandle))
	src := l.version.mapHandle(c, h) + slotData
	sleep := l.cfg.SleepMapped
	if !sleep {
		buffer := kern.Addr(kern.Load(c, ctx+ctxBuffer))
		kern.Store(c, buffer, kern.ReadOnce(c, src)) // memcpy(acomp_ctx->buffer, src, entry->length)
		src = buffer
		l.version.unmapHandle(c, h)
	}
	got := l.Decompress(c, ctx, src, kern.Load(c, kern.Addr(e)+entPage))
	if sleep {
		l.version.unmapHandle(c, h)
	}
	l.version.ctxUnlock(c, ctx)
	l.put(c, e)
	return got
}
