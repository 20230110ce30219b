package swap

import "ptsim/kern"

// merged is v5.14, 63d8620ecf93: a user has a reference to si->users (PIN), swapoff kills that and waits for the last one (WAIT). That a
// reference was got also says that the fields are there, but only behind smp_rmb().
type merged struct{ *System }

func (v merged) hasUsers() bool { return true }

// swapUsersRefFree is swap_users_ref_free(): the last reference is gone.
func (s *System) swapUsersRefFree(c *kern.CPU, ref kern.Addr) { kern.Complete(c, infoOf(ref).comp()) }

// allocSwapInfo is alloc_swap_info() of v5.14: users is there, and dead, before swap_info[] leads to it.
func (v merged) allocSwapInfo(c *kern.CPU) Info {
	si := v.System.allocSwapInfo(c, func(fresh Info) { v.initUsers(c, fresh) })
	if si != 0 {
		kern.InitCompletion(c, si.comp())
	}
	return si
}

// getSwapDevice is get_swap_device() of v5.14. What it returns is there until putSwapDevice. The caller may sleep meanwhile.
func (v merged) getSwapDevice(c *kern.CPU) Info {
	si := v.typeToSwapInfo(c)
	if si == 0 || !v.refs.TryGetLive(c, si.users()) {
		return 0
	}
	// Guarantee that si->users is looked at before the other fields. Paired with the spin_unlock() behind setup_swap_info(), says
	// the kernel's comment.
	kern.SmpRMB(c)
	return v.checkOffset(c, si)
}

// checkOffset is the end of get_swap_device(): the offset must lie within the area.
func (v merged) checkOffset(c *kern.CPU, si Info) Info {
	if kern.ReadOnce(c, si.max()) <= Offset {
		v.refs.Put(c, si.users())
		return 0
	}
	return si
}

// putSwapDevice is put_swap_device() of v5.14.
func (v merged) putSwapDevice(c *kern.CPU, si Info) { v.refs.Put(c, si.users()) }

// alive tells whether si->users was not killed yet.
func (v merged) alive(c *kern.CPU, si Info) bool { return !v.refs.IsDying(c, si.users()) }

// enableSwapInfo is enable_swap_info() of v5.14.
func (v merged) enableSwapInfo(c *kern.CPU, si Info, swapMap kern.Addr) bool {
	v.setup(c, si, swapMap)
	v.refs.Resurrect(c, si.users()) // the device is set up: now it is safe to reference it
	v.writeOK(c, si)
	return true
}

// setup is setup_swap_info() under its lock.
func (v merged) setup(c *kern.CPU, si Info, swapMap kern.Addr) {
	kern.SpinLock(c, v.lock)
	v.setupSwapInfo(c, si, swapMap)
	kern.SpinUnlock(c, v.lock)
}

// writeOK is _enable_swap_info() under its lock.
func (v merged) writeOK(c *kern.CPU, si Info) {
	kern.SpinLock(c, v.lock)
	kern.WriteOnce(c, si.flags(), kern.ReadOnce(c, si.flags())|WriteOK)
	kern.SpinUnlock(c, v.lock)
}

// waitForUsers is what swapoff of v5.14 does before it frees anything. The grace period is for who looks at the swap cache under RCU.
func (v merged) waitForUsers(c *kern.CPU, si Info) {
	v.refs.Kill(c, si.users())
	kern.SynchronizeRCU(c)
	kern.WaitForCompletion(c, si.comp())
}
