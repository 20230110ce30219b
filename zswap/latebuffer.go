package zswap

import "ptsim/kern"

// lateBuffer (W5) is v5.12 with the buffer allocated by GFP_KERNEL, where the object is mapped already.
type lateBuffer struct{ *System }

func (l lateBuffer) load(c *kern.CPU, offset uint32) uint32 { return l.ZswapFrontswapLoad(c, offset) }

// ZswapFrontswapLoad is zswap_frontswap_load() with that.
func (l lateBuffer) ZswapFrontswapLoad(c *kern.CPU, offset uint32) uint32 {
	e := l.find(c, offset)
	if e == 0 {
		return 0
	}
	h := Handle(kern.Load(c, kern.Addr(e)+entHandle))
	src := l.version.mapHandle(c, h) + slotData
	tmp := l.buffers.Alloc(c) // kmalloc(entry->length, GFP_KERNEL)
	kern.Store(c, tmp, kern.ReadOnce(c, src))
	l.version.unmapHandle(c, h)
	ctx := l.version.ctxLock(c)
	got := l.Decompress(c, ctx, tmp, kern.Load(c, kern.Addr(e)+entPage))
	l.version.ctxUnlock(c, ctx)
	l.buffers.Free(c, tmp)
	l.put(c, e)
	return got
}
