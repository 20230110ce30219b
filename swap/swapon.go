package swap

import (
	"ptsim/kern"
	"ptsim/percpuref"
)

// Swapon is swapon(2): it turns the device on, and tells whether it did. It may sleep.
func (s *System) Swapon(c *kern.CPU) bool {
	si := s.version.allocSwapInfo(c)
	if si == 0 {
		return false
	}
	swapMap := s.maps.Alloc(c) // vzalloc()
	s.setupSwapMapAndExtents(c, swapMap)
	s.initSwapAddressSpace(c)
	return s.version.enableSwapInfo(c, si, swapMap)
}

// Swapoff is swapoff(2): it turns the device off, and frees what hangs off its swap_info_struct. It tells whether the device was on. It
// may sleep.
func (s *System) Swapoff(c *kern.CPU) bool {
	kern.SpinLock(c, s.lock)
	si := s.typeToSwapInfo(c)
	if si == 0 || kern.ReadOnce(c, si.flags())&WriteOK == 0 {
		kern.SpinUnlock(c, s.lock)
		return false
	}
	kern.WriteOnce(c, si.flags(), kern.ReadOnce(c, si.flags())&^WriteOK)
	kern.SpinUnlock(c, s.lock)
	// try_to_unuse() has nothing to do.

	s.version.waitForUsers(c, si)

	kern.SpinLock(c, s.lock)
	swapMap := kern.Addr(kern.ReadOnce(c, si.swapMap()))
	kern.WriteOnce(c, si.max(), 0)
	kern.WriteOnce(c, si.swapMap(), 0)
	kern.SpinUnlock(c, s.lock)
	s.maps.Free(c, swapMap) // vfree()
	s.exitSwapAddressSpace(c)

	kern.SpinLock(c, s.lock)
	kern.WriteOnce(c, si.flags(), 0) // from here on swapon may use it again
	kern.SpinUnlock(c, s.lock)
	return true
}

// allocSwapInfo is alloc_swap_info() of v5.3: a swap_info_struct that nobody uses, which swap_info[] leads to. 0 if there is none.
func (s *System) allocSwapInfo(c *kern.CPU, init func(si Info)) Info {
	fresh := Info(s.infos.Alloc(c)) // kvzalloc()
	init(fresh)
	kern.SpinLock(c, s.lock)
	si := s.typeToSwapInfo(c)
	switch {
	case si == 0:
		si = fresh
		kern.SmpStoreRelease(c, s.info, uint32(si)) // rcu_assign_pointer()
	case kern.ReadOnce(c, si.flags())&Used != 0:
		kern.SpinUnlock(c, s.lock)
		s.freeSwapInfo(c, fresh)
		return 0
	default: // an old one is used again
		defer s.freeSwapInfo(c, fresh)
	}
	kern.WriteOnce(c, si.flags(), Used)
	kern.SpinUnlock(c, s.lock)
	return si
}

// freeSwapInfo frees a swap_info_struct that nobody has seen.
func (s *System) freeSwapInfo(c *kern.CPU, si Info) {
	if s.version.hasUsers() {
		s.refs.Exit(c, si.users())
	}
	s.infos.Free(c, kern.Addr(si))
}

// initUsers is percpu_ref_init() of si->users, which begins dead.
func (s *System) initUsers(c *kern.CPU, si Info) {
	flags := percpuref.InitDead
	if s.cfg.Atomic {
		flags |= percpuref.InitAtomic
	}
	s.refs.Init(c, si.users(), s.usersFree, flags)
}

// setupSwapMapAndExtents is setup_swap_map_and_extents(): page 0 is the header, and the others are free. Whoever has an entry of page 1
// had it counted, so that is what it finds here.
func (s *System) setupSwapMapAndExtents(c *kern.CPU, swapMap kern.Addr) {
	kern.WriteOnce(c, swapMap, swapMapBad)
	kern.WriteOnce(c, swapMap+Offset, 1)
}

// setupSwapInfo is setup_swap_info(). The caller holds swap_lock.
func (s *System) setupSwapInfo(c *kern.CPU, si Info, swapMap kern.Addr) {
	kern.WriteOnce(c, si.max(), Pages)
	kern.WriteOnce(c, si.swapMap(), uint32(swapMap))
}

// initSwapAddressSpace is init_swap_address_space().
func (s *System) initSwapAddressSpace(c *kern.CPU) {
	if s.cfg.SwapCache {
		space := s.spaces.Alloc(c)
		kern.WriteOnce(c, space, 1)
		kern.RCUAssignPointer(c, s.space, space)
	}
}

// exitSwapAddressSpace is exit_swap_address_space().
func (s *System) exitSwapAddressSpace(c *kern.CPU) {
	if s.cfg.SwapCache {
		space := kern.Addr(kern.ReadOnce(c, s.space))
		kern.WriteOnce(c, s.space, 0)
		s.spaces.Free(c, space)
	}
}
