package swap

import "ptsim/kern"

// valid is v5.3, eb085574a752: RCU keeps what hangs off a swap_info_struct (PIN), swapoff waits for a grace period before it frees that
// (WAIT), and SWP_VALID, set a grace period behind the fields, says that they are there.
type valid struct {
	*System
	noGraceOff bool // swapoff does not wait (S1a)
	noGraceOn  bool // SWP_VALID is set right behind the fields (S1b)
	rmb        bool // and smp_rmb() stands behind the look at SWP_VALID
	unlocked   bool // SWP_VALID is set with no lock held
	sleeps     bool // do_swap_page() gets the device, as of 2799e77529c2
}

func (v valid) hasUsers() bool { return false }

// allocSwapInfo is alloc_swap_info() of v5.3.
func (v valid) allocSwapInfo(c *kern.CPU) Info { return v.System.allocSwapInfo(c, func(Info) {}) }

// getSwapDevice is get_swap_device() of v5.3. What it returns is there until putSwapDevice, within the same reader.
func (v valid) getSwapDevice(c *kern.CPU) Info {
	si := v.typeToSwapInfo(c)
	if si == 0 {
		return 0
	}
	kern.RCUReadLock(c)
	if kern.ReadOnce(c, si.flags())&Valid == 0 {
		kern.RCUReadUnlock(c)
		return 0
	}
	if v.rmb {
		kern.SmpRMB(c)
	}
	if kern.ReadOnce(c, si.max()) <= Offset {
		kern.RCUReadUnlock(c)
		return 0
	}
	return si
}

// putSwapDevice is put_swap_device() of v5.3.
func (v valid) putSwapDevice(c *kern.CPU, _ Info) { kern.RCUReadUnlock(c) }

// doSwapPage is do_swap_page() of v5.3, which has nothing that keeps the device (S0). With sleeps it is that of v5.12.17 (S2).
func (v valid) doSwapPage(c *kern.CPU) bool {
	if v.sleeps {
		return v.System.doSwapPage(c)
	}
	si := v.typeToSwapInfo(c)
	if si == 0 || kern.ReadOnce(c, si.flags())&WriteOK == 0 { // the page table has no entry
		return false
	}
	v.swapReadpage(c)
	v.swapMapEntry(c, si)
	return true
}

// alive tells whether SWP_VALID is set.
func (v valid) alive(c *kern.CPU, si Info) bool { return kern.ReadOnce(c, si.flags())&Valid != 0 }

// enableSwapInfo is enable_swap_info() of v5.3.
func (v valid) enableSwapInfo(c *kern.CPU, si Info, swapMap kern.Addr) bool {
	kern.SpinLock(c, v.lock)
	v.setupSwapInfo(c, si, swapMap)
	kern.SpinUnlock(c, v.lock)
	if v.unlocked {
		kern.WriteOnce(c, si.flags(), Used|WriteOK|Valid) // "spin_unlock() has RELEASE semantics already"
		return true
	}
	// Guarantee that swap_map and the others are there between get and put, if SWP_VALID is set.
	if !v.noGraceOn {
		kern.SynchronizeRCU(c)
	}
	kern.SpinLock(c, v.lock)
	kern.WriteOnce(c, si.flags(), kern.ReadOnce(c, si.flags())|WriteOK|Valid) // _enable_swap_info()
	kern.SpinUnlock(c, v.lock)
	return true
}

// waitForUsers is what swapoff of v5.3 does before it frees anything.
func (v valid) waitForUsers(c *kern.CPU, si Info) {
	kern.SpinLock(c, v.lock)
	kern.WriteOnce(c, si.flags(), kern.ReadOnce(c, si.flags())&^Valid)
	kern.SpinUnlock(c, v.lock)
	// Wait for who is between get and put.
	if !v.noGraceOff {
		kern.SynchronizeRCU(c)
	}
}
