package zsmalloc

import "ptsim/kern"

// lateGet is repaired with get_page(newpage) where v6.8 has it, after the locks. There the lock of the new page keeps zs_free() from
// freeing it; here nothing does.
type lateGet struct{ *repaired }

// ZsPageMigrate is that of the patch.
func (v *lateGet) ZsPageMigrate(c *kern.CPU, newpage, page Page) Errno {
	return v.seed.ZsPageMigrate(c, newpage, page)
}

// graceDestroy is repaired with the destroy_cache() of the patch: a grace period is over, and the callback that frees the zspage has not
// run yet.
type graceDestroy struct{ *repaired }

// DestroyCache is that of the patch.
func (v *graceDestroy) DestroyCache(c *kern.CPU) { v.seed.DestroyCache(c) }

// hastyDestroy is repaired with the destroy_cache() of v6.8, which waits for nothing.
type hastyDestroy struct{ *repaired }

// DestroyCache is that of v6.8.
func (v *hastyDestroy) DestroyCache(c *kern.CPU) { v.v68.DestroyCache(c) }
