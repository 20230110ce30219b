package zswap

import "ptsim/kern"

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
