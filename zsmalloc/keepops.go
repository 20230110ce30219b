package zsmalloc

import "ptsim/kern"

// keepOps is the patch of 2024 with what its reviewers found put right, and the movable operations kept as in 6.17. It still takes the
// new page's reference after pool->lock, and destroys its cache after a grace period.
type keepOps struct{ *seed }

// AllocZspage is alloc_zspage() of v6.8.
func (v *keepOps) AllocZspage(c *kern.CPU) Zspage { return v.base.AllocZspage(c) }

// ResetPage is reset_page() without __ClearPageMovable().
func (v *keepOps) ResetPage(c *kern.CPU, page Page) {
	kern.ClearBit(c, page.flags(), pgPrivate)
	v.self.SetZspage(c, page, 0)
	v.writeLink(c, page.index(), 0)
}

// FreeZspagePages is __free_zspage() of the patch without its assertion.
func (v *keepOps) FreeZspagePages(c *kern.CPU, zspage Zspage) {
	page := v.GetFirstPage(c, zspage)
	for page != 0 {
		next := v.GetNextPage(c, page)
		v.self.ResetPage(c, page)
		kern.PutPage(c, page.PFN(), 0)
		page = next
	}
	kern.CallRCU(c, zspage.head(), v.rcuFree)
}
