package shrinker

import "ptsim/kern"

// putFirst (H3): the walker puts its reference before it is in the reader again, and then reads next.
type putFirst struct{ merged }

func (v putFirst) shrink(c *kern.CPU) uint32 { return v.ShrinkSlab(c) }

// ShrinkSlab is shrink_slab() with shrinker_put() before rcu_read_lock().
func (v putFirst) ShrinkSlab(c *kern.CPU) uint32 {
	freed := uint32(0)
	kern.RCUReadLock(c)
	for node := kern.ListNextRCU(c, v.list); node != v.list; node = kern.ListNextRCU(c, node) {
		sh := shrinkerOf(node)
		v.pause(c, false)
		if !v.ShrinkerTryGet(c, sh) {
			continue
		}
		kern.RCUReadUnlock(c)
		ret := v.DoShrinkSlab(c, sh)
		if ret == shrinkEmpty {
			ret = 0
		}
		freed += ret
		v.ShrinkerPut(c, sh)
		v.pause(c, true)
		kern.RCUReadLock(c)
	}
	kern.RCUReadUnlock(c)
	return freed
}
