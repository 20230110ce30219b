package zswap

import "ptsim/kern"

// zswap_writeback_entry(): a compressed page goes to its place on the swap device. The pool that asks for it keeps the object for it;
// here the entry does, whose reference is taken first.

// GetSwapCachePage is zswap_get_swap_cache_page(): it makes a page in the swap cache, by __read_swap_cache_async() with GFP_KERNEL, and
// tells whether it is new. If there is one it finds it, and need not sleep.
func (s *System) GetSwapCachePage(c *kern.CPU, offset uint32) (fresh bool) {
	if kern.ReadOnce(c, s.swapped+kern.Addr(offset)) != 0 {
		return false // ZSWAP_SWAPCACHE_EXIST
	}
	kern.MightSleep(c) // alloc_page_vma(GFP_KERNEL)
	return kern.CmpXchg(c, s.swapped+kern.Addr(offset), 0, 1) == 0
}

// SwapIn has the page of an offset be in the swap cache, as when somebody has just read it.
func (s *System) SwapIn(c *kern.CPU, offset uint32) { kern.Xchg(c, s.swapped+kern.Addr(offset), 1) }

// written is the end of a writeback: the page is on its way, so the entry goes, unless somebody was faster.
func (s *System) written(c *kern.CPU, offset uint32, e Entry) {
	kern.Xchg(c, s.swapped+kern.Addr(offset), 0) // __swap_writepage(), put_page()
	kern.SpinLock(c, s.tree)
	s.EntryPut(c, e) // drop local reference
	if kern.Load(c, s.root+kern.Addr(offset)) == uint32(e) {
		kern.Store(c, s.root+kern.Addr(offset), 0)
		s.EntryPut(c, e)
	}
	kern.SpinUnlock(c, s.tree)
}
