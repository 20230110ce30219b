package zswap

import "ptsim/kern"

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
