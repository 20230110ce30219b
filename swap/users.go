package swap

import "ptsim/kern"

// SwapCount is __swap_count(): how often the page of an entry is used, 0 if the device is off. It does not sleep.
func (s *System) SwapCount(c *kern.CPU) uint32 {
	si := s.version.getSwapDevice(c)
	if si == 0 {
		return 0
	}
	count := s.swapMapEntry(c, si)
	s.version.putSwapDevice(c, si)
	return count
}

// DoSwapPage is do_swap_page(): it reads the page of an entry, which sleeps, and then drops the entry. It tells whether there was a page.
func (s *System) DoSwapPage(c *kern.CPU) bool { return s.version.doSwapPage(c) }

// doSwapPage is do_swap_page() since 2799e77529c2.
func (s *System) doSwapPage(c *kern.CPU) bool {
	si := s.version.getSwapDevice(c) // prevents swapoff from happening to us
	if si == 0 {
		return false
	}
	s.swapReadpage(c)
	s.swapMapEntry(c, si) // swap_free()
	s.version.putSwapDevice(c, si)
	return true
}

// LookupSwapCache is lookup_swap_cache(): it finds a page of the swap cache, under rcu_read_lock alone. It tells whether there is a cache.
func (s *System) LookupSwapCache(c *kern.CPU) (found bool) {
	kern.RCUReadLock(c)
	if si := s.typeToSwapInfo(c); si != 0 && s.version.alive(c, si) {
		s.pause(c, false)
		if space := kern.RCUDereference(c, s.space); space != 0 {
			found = kern.ReadOnce(c, space) != 0 // xas_load()
		}
	}
	kern.RCUReadUnlock(c)
	return found
}

// swapReadpage is swap_readpage(): it waits for the device.
func (s *System) swapReadpage(c *kern.CPU) {
	kern.MightSleep(c)
	s.pause(c, true)
}

// swapMapEntry is si->swap_map[offset]. Whoever has the entry had it counted.
func (s *System) swapMapEntry(c *kern.CPU, si Info) uint32 {
	swapMap := kern.RCUDereference(c, si.swapMap())
	s.pause(c, false)
	count := kern.ReadOnce(c, swapMap+Offset)
	if c.Checks() && kern.Addr(count) == kern.FreePoison { // natively nobody else tells
		c.Report(&kern.Violation{Kind: kern.UseAfterFree, Addr: swapMap + Offset, Detail: "reads a word of freed %o"})
	}
	kern.Assert(c, count != 0, "the page of an entry is counted")
	return count
}
