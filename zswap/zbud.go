package zswap

import "ptsim/kern"

// still is zbud: an object stays where it is, and mapping it takes nothing.
type still struct{ *System }

func (p still) mapHandle(c *kern.CPU, h Handle) kern.Addr {
	return p.slot(kern.ReadOnce(c, kern.Addr(h)) >> slotShift)
}
func (p still) unmapHandle(*kern.CPU, Handle)    {}
func (p still) pinToFree(*kern.CPU, Handle)      {}
func (p still) unpinFreed(*kern.CPU, Handle)     {}
func (p still) writeLock(*kern.CPU, Handle) bool { return true }
func (p still) writeUnlock(*kern.CPU, Handle)    {}
