package zsmalloc

import "ptsim/kern"

// ordered is repaired with the two locks of zs_page_migrate() given back in the order in which nobody needs to know that a spin lock
// is a reader.
type ordered struct{ *repaired }

// ZsPageMigrate is that of repaired, but for the order of its unlocks.
func (v *ordered) ZsPageMigrate(c *kern.CPU, newpage, page Page) Errno {
	zspage, pool := v.self.(zspageLocker).LockPoolOfPage(c, page)
	if zspage == 0 {
		return EINVAL
	}
	v.MigrateWriteLock(c, zspage)
	v.MoveObjects(c, zspage, newpage, page)
	kern.RefcountInc(c, newpage.refs())
	v.MigrateWriteUnlock(c, zspage)
	kern.SpinUnlock(c, pool.lock())

	v.self.ResetPage(c, page)
	kern.PutPage(c, page.PFN(), 0)
	return Success
}
