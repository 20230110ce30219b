package zsmalloc

import "ptsim/kern"

// noIsolateCheck is v6.8 with a migration core that does not look again, with the page lock held, whether the page that it isolated is
// movable yet.
type noIsolateCheck struct{ *v68 }

// MoveToNewFolio is move_to_new_folio() without its check.
func (v *noIsolateCheck) MoveToNewFolio(c *kern.CPU, dst, src Page) Errno {
	return v.moveFolio(c, dst, src)
}

// noZspageCheck is v6.17 without the check of zs_page_migrate() for a page that has lost its zspage.
type noZspageCheck struct{ *v617 }

// ZsPageMigrate is zs_page_migrate() of v6.17 as if the zspage stayed while its page is isolated.
func (v *noZspageCheck) ZsPageMigrate(c *kern.CPU, newpage, page Page) Errno {
	zspage := v.GetZspage(c, page)
	pool := Pool(kern.Load(c, zspage.pool()))
	kern.WriteLock(c, pool.lock())
	kern.SpinLock(c, pool.classLock())
	if !v.ZspageWriteTrylock(c, zspage) {
		kern.SpinUnlock(c, pool.classLock())
		kern.WriteUnlock(c, pool.lock())
		return EINVAL
	}
	v.MoveObjects(c, zspage, newpage, page)
	kern.WriteUnlock(c, pool.lock())
	kern.SpinUnlock(c, pool.classLock())
	v.ZspageWriteUnlock(c, zspage)

	kern.RefcountInc(c, newpage.refs())
	v.self.ResetPage(c, page)
	kern.PutPage(c, page.PFN(), 0)
	return Success
}

// openDestination is v6.8 under a migration core that does not lock the page it moves to: nobody keeps zs_free() from freeing the zspage,
// and that page with it, before it has its reference. No kernel does so; a model that leaves the lock out finds fault with v6.8.
type openDestination struct{ *v68 }

// LockDestination locks nothing.
func (v *openDestination) LockDestination(*kern.CPU, Page) {}

// UnlockDestination unlocks nothing.
func (v *openDestination) UnlockDestination(*kern.CPU, Page) {}
