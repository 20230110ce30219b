package shrinker

import "ptsim/kern"

// lookAgain (H1c): the walker has a reference, takes the lock, which lies in memory that stays, and looks again. That is the right
// order, and not enough: what it saw holds while it holds the lock, and it must release that before the callback runs.
type lookAgain struct{ noWait }

func (v lookAgain) shrink(c *kern.CPU) uint32 { return v.ShrinkSlab(c) }

// ShrinkSlab is shrink_slab() that looks at SHRINKER_REGISTERED once more.
func (v lookAgain) ShrinkSlab(c *kern.CPU) uint32 {
	freed := uint32(0)
	kern.RCUReadLock(c)
	for node := kern.ListNextRCU(c, v.list); node != v.list; node = kern.ListNextRCU(c, node) {
		sh := shrinkerOf(node)
		v.pause(c, false)
		if !v.ShrinkerTryGet(c, sh) {
			continue
		}
		kern.RCUReadUnlock(c)
		kern.MutexLock(c, v.mutex)
		registered := v.get(c, kern.Addr(sh)+shFlags)&Registered != 0
		kern.MutexUnlock(c, v.mutex)
		if registered {
			ret := v.DoShrinkSlab(c, sh)
			if ret == shrinkEmpty {
				ret = 0
			}
			freed += ret
		}
		kern.RCUReadLock(c)
		v.ShrinkerPut(c, sh)
	}
	kern.RCUReadUnlock(c)
	return freed
}
