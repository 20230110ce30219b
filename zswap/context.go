package zswap

import "ptsim/kern"

// Who keeps the acomp_ctx of a CPU: the memory of the struct is never freed, and what is in it goes when the CPU does. A task may be
// moved to another CPU at any time, so raw_cpu_ptr() is only a good guess.

// rawCPUPtr is raw_cpu_ptr(pool->acomp_ctx).
func (s *System) rawCPUPtr(c *kern.CPU) kern.Addr {
	return s.ctx(int(kern.ReadOnce(c, s.here)))
}

// unlocked is v5.11 to v6.12: the mutex is taken, and nobody asks whether the CPU is still there.
type unlocked struct{ *System }

func (x unlocked) ctxLock(c *kern.CPU) kern.Addr {
	ctx := x.rawCPUPtr(c)
	kern.MutexLock(c, ctx+ctxMutex)
	return ctx
}
func (x unlocked) ctxUnlock(c *kern.CPU, ctx kern.Addr) { kern.MutexUnlock(c, ctx+ctxMutex) }
func (x unlocked) cpuDead(c *kern.CPU, cpu int)         { x.ZswapCPUCompDead(c, cpu) }

// ZswapCPUCompDead is zswap_cpu_comp_dead() of v5.11 to v6.12: the request is freed, whoever uses it.
func (x unlocked) ZswapCPUCompDead(c *kern.CPU, cpu int) {
	x.reqs.Free(c, kern.Addr(kern.Load(c, x.ctx(cpu)+ctxReq)))
	x.copies.Free(c, kern.Addr(kern.Load(c, x.ctx(cpu)+ctxBuffer)))
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

// cpusRead is what was merged in December 2024, and reverted in January 2025 for v6.13: cpus_read_lock() around the use of the context. A CPU cannot go then. But
// who brings one up, or takes one down, holds the lock as a writer, and allocates memory; and reclaim comes to zswap.
type cpusRead struct{ unlocked }

func (x cpusRead) ctxLock(c *kern.CPU) kern.Addr {
	kern.DownRead(c, x.hotplug) // cpus_read_lock()
	return x.unlocked.ctxLock(c)
}

func (x cpusRead) ctxUnlock(c *kern.CPU, ctx kern.Addr) {
	x.unlocked.ctxUnlock(c, ctx)
	kern.UpRead(c, x.hotplug) // cpus_read_unlock()
}

// deadWaits is half of v6.13: the request is freed with the mutex held, so nobody uses it then. A task that has the context, and waits
// for the mutex, does not look again. WAIT, for the wrong tasks.
type deadWaits struct{ unlocked }

func (x deadWaits) cpuDead(c *kern.CPU, cpu int) { x.ZswapCPUCompDead(c, cpu) }

// ZswapCPUCompDead is zswap_cpu_comp_dead() that waits for who has the mutex.
func (x deadWaits) ZswapCPUCompDead(c *kern.CPU, cpu int) {
	rechecked{x.System}.ZswapCPUCompDead(c, cpu)
}

// keepContexts is what was proposed in 2025: what is in a context lives as long as its pool, and a CPU that goes leaves it there. DON'T,
// of the four answers: whoever uses the context of another CPU has its mutex, and nobody frees what is in it.
type keepContexts struct{ unlocked }

func (x keepContexts) cpuDead(*kern.CPU, int) {}

// Unplug is what takes CPU 0 away, with cpu_hotplug_lock held by a writer: its tasks are moved to CPU 1, and then the callbacks of
// the dead CPU are called.
func (s *System) Unplug(c *kern.CPU) {
	kern.DownWrite(c, s.hotplug) // cpus_write_lock()
	kern.WriteOnce(c, s.here, 1)
	s.version.cpuDead(c, 0)
	kern.UpWrite(c, s.hotplug)
}

// Plug is what brings a CPU up, which nobody uses yet: zswap_cpu_comp_prepare() allocates memory for it, and reclaim, entered from there,
// stores the page of that offset.
func (s *System) Plug(c *kern.CPU, offset uint32) {
	kern.DownWrite(c, s.hotplug)
	s.Store(c, offset)
	s.reqs.Free(c, s.reqs.Alloc(c))
	kern.UpWrite(c, s.hotplug)
}
