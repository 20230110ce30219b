package swap

import (
	"ptsim/kern"
	"ptsim/percpuref"
)

// first is the first posted patch, [PATCH 1/5], April 2021: si->users is initialised by each swapon, when swap_info[] leads to it
// already, and percpu_ref_exit() is called by release.
type first struct{ merged }

// swapUsersRefFreeExit is swap_users_ref_free() of that patch.
func (s *System) swapUsersRefFreeExit(c *kern.CPU, ref kern.Addr) {
	kern.Complete(c, infoOf(ref).comp())
	s.refs.Exit(c, percpuref.Ref(ref))
}

// hasUsers tells that a swap_info_struct which was not used has nothing to exit.
func (v first) hasUsers() bool { return false }

// allocSwapInfo is alloc_swap_info() of v5.3, and what swapon did behind it.
func (v first) allocSwapInfo(c *kern.CPU) Info {
	si := v.System.allocSwapInfo(c, func(Info) {})
	if si != 0 {
		kern.InitCompletion(c, si.comp())
		v.initUsers(c, si)
	}
	return si
}

// getSwapDevice is get_swap_device() of that patch series: with no barrier.
func (v first) getSwapDevice(c *kern.CPU) Info {
	si := v.typeToSwapInfo(c)
	if si == 0 || !v.refs.TryGetLive(c, si.users()) {
		return 0
	}
	return v.checkOffset(c, si)
}

// enableSwapInfo is enable_swap_info() of that patch.
func (v first) enableSwapInfo(c *kern.CPU, si Info, swapMap kern.Addr) bool {
	v.setup(c, si, swapMap)
	v.refs.Reinit(c, si.users())
	v.writeOK(c, si)
	return true
}
