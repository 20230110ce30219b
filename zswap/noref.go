package zswap

import "ptsim/kern"

// noRef (W7) is v5.12 that takes no reference to the entry: it was in the tree when it was looked up.
type noRef struct{ *System }

func (l noRef) load(c *kern.CPU, offset uint32) uint32 { return l.ZswapFrontswapLoad(c, offset) }

// ZswapFrontswapLoad is zswap_frontswap_load() without zswap_entry_get().
func (l noRef) ZswapFrontswapLoad(c *kern.CPU, offset uint32) uint32 {
	kern.SpinLock(c, l.tree)
	e := Entry(kern.Load(c, l.root+kern.Addr(offset)))
	kern.SpinUnlock(c, l.tree)
	if e == 0 {
		return 0
	}
	kern.Load(c, kern.Addr(e)+entLength)
	tmp := l.buffers.AllocAtomic(c)
	h := Handle(kern.Load(c, kern.Addr(e)+entHandle))
	kern.Store(c, tmp, kern.ReadOnce(c, l.version.mapHandle(c, h)+slotData))
	l.version.unmapHandle(c, h)
	ctx := l.version.ctxLock(c)
	got := l.Decompress(c, ctx, tmp, kern.Load(c, kern.Addr(e)+entPage))
	l.version.ctxUnlock(c, ctx)
	l.buffers.Free(c, tmp)
	return got
}
