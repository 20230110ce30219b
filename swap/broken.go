package swap

import "ptsim/kern"

// The variants of v5.14 that are broken, each by one thing. The comments name the row of the table in docs/labs/swap.md.

// noRMB (S5): get_swap_device() without smp_rmb(). "spin_unlock() has RELEASE semantics already", and nothing acquires.
type noRMB struct{ merged }

// getSwapDevice is get_swap_device() without smp_rmb().
func (v noRMB) getSwapDevice(c *kern.CPU) Info {
	si := v.typeToSwapInfo(c)
	if si == 0 || !v.refs.TryGetLive(c, si.users()) {
		return 0
	}
	return v.checkOffset(c, si)
}

// noWait (S4): swapoff kills the reference, waits for a grace period, and not for who has a reference.
type noWait struct{ merged }

// waitForUsers is that of v5.14 without wait_for_completion().
func (v noWait) waitForUsers(c *kern.CPU, si Info) {
	v.refs.Kill(c, si.users())
	kern.SynchronizeRCU(c)
}

// noSync (S10, S11): swapoff without synchronize_rcu(). Who looks at the swap cache under RCU is waited for by the switch to atomic mode,
// if there is one.
type noSync struct{ merged }

// waitForUsers is that of v5.14 without synchronize_rcu().
func (v noSync) waitForUsers(c *kern.CPU, si Info) {
	v.refs.Kill(c, si.users())
	kern.WaitForCompletion(c, si.comp())
}

// earlyResurrect (S6): the reference is live before the fields are there.
type earlyResurrect struct{ merged }

// enableSwapInfo is enable_swap_info() with percpu_ref_resurrect() first.
func (v earlyResurrect) enableSwapInfo(c *kern.CPU, si Info, swapMap kern.Addr) bool {
	v.refs.Resurrect(c, si.users())
	v.setup(c, si, swapMap)
	v.writeOK(c, si)
	return true
}

// lateInit (S7): swap_info[] leads to a swap_info_struct whose percpu_ref is not initialised. All its words are zero: it looks live.
type lateInit struct{ merged }

func (v lateInit) hasUsers() bool { return false }

// allocSwapInfo is alloc_swap_info() with percpu_ref_init() behind the store to swap_info[], and once for each swap_info_struct.
func (v lateInit) allocSwapInfo(c *kern.CPU) Info {
	si := v.System.allocSwapInfo(c, func(Info) {})
	if si == 0 {
		return 0
	}
	if kern.Load(c, kern.Addr(si.users())+1) == 0 { // it was never used
		v.initUsers(c, si)
	}
	kern.InitCompletion(c, si.comp())
	return si
}

// lateExit (S8): release completes, and then exits the reference, as in the first patch. The waiter may have gone on by then. Each swapon
// initialises the reference again; a new swap_info_struct has a dead one from the start.
type lateExit struct{ merged }

// allocSwapInfo is alloc_swap_info() of v5.14 that initialises the reference again if release has exited it.
func (v lateExit) allocSwapInfo(c *kern.CPU) Info {
	si := v.merged.allocSwapInfo(c)
	if si != 0 && kern.Load(c, kern.Addr(si.users())+1) == 0 {
		v.initUsers(c, si)
	}
	return si
}

// initAgain (S9): each swapon calls percpu_ref_init(), and nobody percpu_ref_exit(). "percpu_ref->data is assumed to be NULL" there.
type initAgain struct{ merged }

// allocSwapInfo is alloc_swap_info() of v5.14 with a percpu_ref_init() of what is used again.
func (v initAgain) allocSwapInfo(c *kern.CPU) Info {
	again := kern.RCUDereference(c, v.info) != 0
	si := v.merged.allocSwapInfo(c)
	if si != 0 && again {
		v.initUsers(c, si)
	}
	return si
}
