package zsmalloc

import "ptsim/kern"

// oldWorker is v6.8 with the worker from before commit 2505a981114d, of v5.19: it locks page after page without the zspage's lock. A page
// that it waits for, or has just found, may be migrated away meanwhile.
type oldWorker struct{ *v68 }

// LockZspage is lock_zspage() of v5.16.
func (v *oldWorker) LockZspage(c *kern.CPU, zspage Zspage) {
	for page := v.GetFirstPage(c, zspage); page != 0; page = v.GetNextPage(c, page) {
		kern.LockPage(c, page.PFN())
	}
}
