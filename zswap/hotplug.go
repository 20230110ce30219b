package zswap

import "ptsim/kern"

// Who keeps the acomp_ctx of a CPU: the memory of the struct is never freed, and what is in it goes when the CPU does. A task may be
// moved to another CPU at any time, so raw_cpu_ptr() is only a good guess.

// rawCPUPtr is raw_cpu_ptr(pool->acomp_ctx).
func (s *System) rawCPUPtr(c *kern.CPU) kern.Addr {
	return s.ctx(int(kern.ReadOnce(c, s.here)))
}

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
