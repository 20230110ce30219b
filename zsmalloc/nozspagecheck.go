package zsmalloc

import "ptsim/kern"

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
