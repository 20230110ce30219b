package zswap

import "ptsim/kern"

// bitFlag is Vitaly Wool's patch "zsmalloc: do not use bit_spin_lock", of 19 December 2020: whoever waits for the bit spins with
// preemption off, and whoever has it may sleep.
type bitFlag struct{ *System }

func (p bitFlag) mapHandle(c *kern.CPU, h Handle) kern.Addr { return p.ZsMapObject(c, h) }
func (p bitFlag) unmapHandle(c *kern.CPU, h Handle)         { p.ZsUnmapObject(c, h) }
func (p bitFlag) pinToFree(c *kern.CPU, h Handle)           { p.PinTag(c, h) }
func (p bitFlag) unpinFreed(c *kern.CPU, h Handle)          { p.UnpinTag(c, h) }
func (p bitFlag) writeLock(c *kern.CPU, h Handle) bool      { p.PinTag(c, h); return true }
func (p bitFlag) writeUnlock(c *kern.CPU, h Handle)         { p.UnpinTag(c, h) }

// PinTag is pin_tag() of that patch: while (test_and_set_bit()) cpu_relax(), with preemption off.
func (p bitFlag) PinTag(c *kern.CPU, h Handle) {
	kern.PreemptDisable(c)
	for {
		for kern.TestBit(c, kern.Addr(h), pinBit) {
		}
		if !kern.TestAndSetBitLock(c, kern.Addr(h), pinBit) {
			break
		}
	}
	kern.PreemptEnable(c)
}

// UnpinTag is unpin_tag() of that patch.
func (p bitFlag) UnpinTag(c *kern.CPU, h Handle) { kern.ClearBitUnlock(c, kern.Addr(h), pinBit) }

// ZsMapObject is zs_map_object() of that patch.
func (p bitFlag) ZsMapObject(c *kern.CPU, h Handle) kern.Addr {
	p.PinTag(c, h)
	return p.slot(kern.ReadOnce(c, kern.Addr(h)) >> slotShift)
}

// ZsUnmapObject is zs_unmap_object() of that patch.
func (p bitFlag) ZsUnmapObject(c *kern.CPU, h Handle) { p.UnpinTag(c, h) }
