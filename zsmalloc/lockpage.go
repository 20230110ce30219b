package zsmalloc

import "ptsim/kern"

// lockPage is v6.8 with lock_page() where zs_free() has trylock_page(): it needs no worker, and it sleeps under pool->lock. Migration
// takes the two the other way round.
type lockPage struct{ *v68 }

// FreeZspage is free_zspage() with lock_page(). The caller holds pool->lock.
func (v *lockPage) FreeZspage(c *kern.CPU, zspage Zspage) {
	for page := v.GetFirstPage(c, zspage); page != 0; page = v.GetNextPage(c, page) {
		kern.LockPage(c, page.PFN())
	}
	v.RemoveZspage(c, zspage)
	v.self.FreeZspagePages(c, zspage)
}
