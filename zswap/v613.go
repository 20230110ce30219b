package zswap

import "ptsim/kern"

// buffered is v6.8 to v6.14, which v6.13 is one of: the context comes first, and the copy goes into a buffer of its own, which the mutex
// keeps. DON'T again: no allocation is needed, and the object is mapped only while it is copied.
type buffered struct{ *System }

func (l buffered) load(c *kern.CPU, offset uint32) uint32 { return l.ZswapLoad(c, offset) }

// ZswapLoad is zswap_load() of v6.13.
func (l buffered) ZswapLoad(c *kern.CPU, offset uint32) uint32 {
	e := l.find(c, offset)
	if e == 0 {
		return 0
	}
	got := l.ZswapDecompress(c, e)
	l.put(c, e)
	return got
}

// ZswapDecompress is zswap_decompress() of v6.13, for a load and for a writeback. The caller has a reference to the entry.
func (l buffered) ZswapDecompress(c *kern.CPU, e Entry) uint32 {
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
	return got
}

// pageFirst is v6.13 and v6.15: the page of the swap cache first, and then as a load does it.
type pageFirst struct {
	*System
	decompress func(c *kern.CPU, e Entry) uint32 // zswap_decompress() of the version
}

func (b pageFirst) writeback(c *kern.CPU, offset uint32) { b.ZswapWritebackEntry(c, offset) }

// ZswapWritebackEntry is zswap_writeback_entry() of v6.13 and v6.15.
func (b pageFirst) ZswapWritebackEntry(c *kern.CPU, offset uint32) {
	e := b.find(c, offset)
	if e == 0 {
		return
	}
	if !b.GetSwapCachePage(c, offset) {
		b.put(c, e)
		return
	}
	b.decompress(c, e)
	b.written(c, offset, e)
}

// rechecked is v6.13, 12dcb0ef5406: the lock lies in memory that is never freed, so take it, and then look.
type rechecked struct{ *System }

func (x rechecked) ctxLock(c *kern.CPU) kern.Addr        { return x.AcompCtxGetCPULock(c) }
func (x rechecked) ctxUnlock(c *kern.CPU, ctx kern.Addr) { kern.MutexUnlock(c, ctx+ctxMutex) } // acomp_ctx_put_unlock()
func (x rechecked) cpuDead(c *kern.CPU, cpu int)         { x.ZswapCPUCompDead(c, cpu) }

// AcompCtxGetCPULock is acomp_ctx_get_cpu_lock() of v6.13.
func (x rechecked) AcompCtxGetCPULock(c *kern.CPU) kern.Addr {
	for {
		ctx := x.rawCPUPtr(c)
		kern.MutexLock(c, ctx+ctxMutex)
		if kern.Load(c, ctx+ctxReq) != 0 {
			return ctx
		}
		// The CPU that the task was on is gone, and the task is on another one.
		kern.MutexUnlock(c, ctx+ctxMutex)
	}
}

// ZswapCPUCompDead is zswap_cpu_comp_dead() of v6.13. What is freed is freed outside the mutex, as a later fix has it: to free may
// need locks that are taken around the mutex.
func (x rechecked) ZswapCPUCompDead(c *kern.CPU, cpu int) {
	ctx := x.ctx(cpu)
	kern.MutexLock(c, ctx+ctxMutex)
	req := kern.Addr(kern.Load(c, ctx+ctxReq))
	buffer := kern.Addr(kern.Load(c, ctx+ctxBuffer))
	kern.Store(c, ctx+ctxReq, 0)
	kern.Store(c, ctx+ctxBuffer, 0)
	kern.MutexUnlock(c, ctx+ctxMutex)
	if req != 0 {
		x.reqs.Free(c, req)
	}
	x.copies.Free(c, buffer)
}
