package zswap

import "ptsim/kern"

// The loads that are wrong, or were drafts. The comments name the row of the table in docs/labs/zswap.md.

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

// The words of the draft's stack: local variables that it reads before it has set them.
const (
	localCtx = 0
	localTmp = 1
)

var stackFields = []kern.Field{{Name: "acomp_ctx"}, {Name: "tmp"}}

// draft (W3) is Tian Tao's draft of 23 December 2020, in the seed's mail, with its slips; mended says how many of them are mended.
//
//	0   literally: mutex_trylock(acomp_ctx->mutex) before acomp_ctx is assigned
//	1   acomp_ctx is assigned first (W3): after a trylock that worked the mutex is taken again, with the object mapped
//	2   it is not taken again (W3b): tmp, which only the other branch sets, is the source
//	3   src is the source then: the decompressor sleeps with the object mapped, which is never unmapped
type draft struct {
	*System
	mended int
}

func (l draft) load(c *kern.CPU, offset uint32) uint32 { return l.ZswapFrontswapLoad(c, offset) }

// ZswapFrontswapLoad is zswap_frontswap_load() of that draft.
func (l draft) ZswapFrontswapLoad(c *kern.CPU, offset uint32) uint32 {
	frame := l.frames.Kmalloc(c) // u8 *src, *dst, *tmp; struct crypto_acomp_ctx *acomp_ctx;
	e := l.find(c, offset)
	if e == 0 {
		l.frames.Free(c, frame)
		return 0
	}
	kern.Load(c, kern.Addr(e)+entLength)
	h := Handle(kern.Load(c, kern.Addr(e)+entHandle))
	src := l.version.mapHandle(c, h) + slotData
	sleep := l.cfg.SleepMapped
	if l.mended >= 1 {
		kern.Store(c, frame+localCtx, uint32(l.rawCPUPtr(c)))
	}
	locked := false
	if !sleep {
		locked = kern.MutexTrylock(c, kern.Addr(kern.Load(c, frame+localCtx))+ctxMutex)
		if !locked {
			tmp := l.buffers.AllocAtomic(c) // kmemdup(src, entry->length, GFP_ATOMIC)
			kern.Store(c, tmp, kern.ReadOnce(c, src))
			kern.Store(c, frame+localTmp, uint32(tmp))
			l.version.unmapHandle(c, h) // ???
		}
	}
	kern.Store(c, frame+localCtx, uint32(l.rawCPUPtr(c)))
	ctx := kern.Addr(kern.Load(c, frame+localCtx))
	if !locked || l.mended < 2 {
		kern.MutexLock(c, ctx+ctxMutex)
	}
	if !sleep && (!locked || l.mended < 3) {
		src = kern.Addr(kern.Load(c, frame+localTmp)) // sg_init_one(&input, zpool_can_sleep_mapped(...) ? src : tmp)
	}
	got := l.Decompress(c, ctx, src, kern.Load(c, kern.Addr(e)+entPage))
	kern.MutexUnlock(c, ctx+ctxMutex)
	switch {
	case sleep:
		l.version.unmapHandle(c, h)
	case !locked || l.mended < 3:
		l.buffers.Free(c, kern.Addr(kern.Load(c, frame+localTmp)))
	}
	l.put(c, e)
	l.frames.Free(c, frame)
	return got
}

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
