package zsmalloc

import "ptsim/kern"

// lateGet is repaired with get_page(newpage) where v6.8 has it, after the locks. There the lock of the new page keeps zs_free() from
// freeing it; here nothing does.
type lateGet struct{ *repaired }

// ZsPageMigrate is that of the patch.
func (v *lateGet) ZsPageMigrate(c *kern.CPU, newpage, page Page) Errno {
	return v.seed.ZsPageMigrate(c, newpage, page)
}
