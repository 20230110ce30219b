package shrinker

import "ptsim/kern"

// insideRCU (H7): do_shrink_slab() inside rcu_read_lock, where it must not sleep.
type insideRCU struct{ merged }

func (v insideRCU) shrink(c *kern.CPU) uint32 { return v.ShrinkSlab(c) }

// ShrinkSlab is shrink_slab() that does not leave the reader.
func (v insideRCU) ShrinkSlab(c *kern.CPU) uint32 {
	freed := uint32(0)
	kern.RCUReadLock(c)
	for node := kern.ListNextRCU(c, v.list); node != v.list; node = kern.ListNextRCU(c, node) {
		sh := shrinkerOf(node)
		v.pause(c, false)
		if !v.ShrinkerTryGet(c, sh) {
			continue
		}
		ret := v.DoShrinkSlab(c, sh)
		if ret == shrinkEmpty {
			ret = 0
		}
		freed += ret
		v.ShrinkerPut(c, sh)
	}
	kern.RCUReadUnlock(c)
	return freed
}
