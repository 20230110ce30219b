package swap

import (
	"ptsim/kern"
	"ptsim/percpuref"
)

// replaced is what Dennis Zhou proposed on 15 April 2021: a new swap_info_struct for each swapon, which takes the place of the old one in
// swap_info[]; the old one is freed after a grace period. What the pointer leads to is ready, so no barrier is wanted: it is the usual
// way to use RCU and a percpu_ref.
type replaced struct {
	merged
	noRCU bool // the pointer is followed outside rcu_read_lock, as "some accessor" did
}

// freeSwapInfoRCU is what kfree_rcu() of a swap_info_struct comes to.
func (s *System) freeSwapInfoRCU(c *kern.CPU, head kern.Addr) {
	si := Info(head - siRCU)
	s.refs.Exit(c, si.users())
	s.infos.Free(c, kern.Addr(si))
}

// allocSwapInfo makes a swap_info_struct that nobody sees yet. 0 if the device is on, or is being turned on or off.
func (v replaced) allocSwapInfo(c *kern.CPU) Info {
	si := Info(v.infos.Alloc(c))
	flags := percpuref.Flags(0)
	if v.cfg.Atomic {
		flags = percpuref.InitAtomic
	}
	v.refs.Init(c, si.users(), v.usersFree, flags)
	kern.InitCompletion(c, si.comp())
	return si
}

// enableSwapInfo publishes it in place of the old one, unless the device is on.
func (v replaced) enableSwapInfo(c *kern.CPU, si Info, swapMap kern.Addr) bool {
	v.setupSwapInfo(c, si, swapMap)
	kern.WriteOnce(c, si.flags(), Used|WriteOK)
	kern.SpinLock(c, v.lock)
	old := v.typeToSwapInfo(c) // rcu_access_pointer()
	if old != 0 && kern.ReadOnce(c, old.flags())&Used != 0 {
		kern.SpinUnlock(c, v.lock)
		v.maps.Free(c, swapMap)
		v.refs.Exit(c, si.users())
		v.infos.Free(c, kern.Addr(si))
		return false
	}
	kern.RCUAssignPointer(c, v.info, kern.Addr(si))
	kern.SpinUnlock(c, v.lock)
	if old != 0 {
		kern.CallRCU(c, old.rcu(), v.freeRCU)
	}
	return true
}

// getSwapDevice is get_swap_device() that looks the device up inside a reader.
func (v replaced) getSwapDevice(c *kern.CPU) Info {
	if v.noRCU {
		return v.first().getSwapDevice(c)
	}
	kern.RCUReadLock(c)
	si := v.typeToSwapInfo(c)
	if si == 0 || !v.refs.TryGetLiveRCU(c, si.users()) {
		kern.RCUReadUnlock(c)
		return 0
	}
	kern.RCUReadUnlock(c)
	return v.checkOffset(c, si)
}

// first has the get_swap_device() with neither a reader nor a barrier.
func (v replaced) first() first { return first{v.merged} }
