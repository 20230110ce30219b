package zswap

import "ptsim/kern"

// unmapFirst (W4) unmaps, and goes on with the pointer. "Or we can do get_page() to avoid the movement of the page", said the thread;
// the page stays, and the object does not.
type unmapFirst struct{ *System }

func (l unmapFirst) load(c *kern.CPU, offset uint32) uint32 { return l.ZswapFrontswapLoad(c, offset) }

// ZswapFrontswapLoad is zswap_frontswap_load() with that.
func (l unmapFirst) ZswapFrontswapLoad(c *kern.CPU, offset uint32) uint32 {
	e := l.find(c, offset)
	if e == 0 {
		return 0
	}
	h := Handle(kern.Load(c, kern.Addr(e)+entHandle))
	src := l.version.mapHandle(c, h) + slotData
	l.version.unmapHandle(c, h)
	ctx := l.version.ctxLock(c)
	got := l.Decompress(c, ctx, src, kern.Load(c, kern.Addr(e)+entPage))
	l.version.ctxUnlock(c, ctx)
	l.put(c, e)
	return got
}
