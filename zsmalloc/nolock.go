package zsmalloc

import "ptsim/kern"

// noPageLock is v6.8 without the page locks of free_zspage(): what the patch of 2024 wanted, without RCU. A migration that has found
// page->private may find the zspage freed, or the page reset.
type noPageLock struct{ *v68 }

// FreeZspage is free_zspage() without trylock_zspage(). The caller holds pool->lock.
func (v *noPageLock) FreeZspage(c *kern.CPU, zspage Zspage) {
	v.RemoveZspage(c, zspage)
	v.self.FreeZspagePages(c, zspage)
}

// FreeZspagePages is __free_zspage() without page locks, and without its assertion. The caller holds pool->lock.
func (v *noPageLock) FreeZspagePages(c *kern.CPU, zspage Zspage) {
	page := v.GetFirstPage(c, zspage)
	for page != 0 {
		next := v.GetNextPage(c, page)
		v.self.ResetPage(c, page)
		kern.PutPage(c, page.PFN(), 0)
		page = next
	}
	v.zspages.Free(c, kern.Addr(zspage))
}
