package zsmalloc

import "ptsim/kern"

// This file is mm/migrate.c of v6.8, as far as pages of drivers go: what compaction does to any page that it finds by its number.

// pageMovableFlag is __PageMovable(): the flag alone. It may be asked without the page lock.
func pageMovableFlag(c *kern.CPU, page Page) bool {
	return kern.ReadOnce(c, page.mapping())&mappingMovable != 0
}

// pageMovableOps is page_movable_ops(): the operations, NULL if they were cleared.
func pageMovableOps(c *kern.CPU, page Page) kern.Addr {
	return kern.Addr(kern.ReadOnce(c, page.mapping()) &^ mappingMovable)
}

// PageMovable is PageMovable() of v6.8: the flag is set, and the operations are there. The page lock must be held, by anybody.
func (b *base) PageMovable(c *kern.CPU, page Page) bool {
	if b.cfg.DebugVM {
		kern.BugOnUnlockedPage(c, page.PFN())
	}
	return pageMovableFlag(c, page) && pageMovableOps(c, page) != 0
}

// SetMovable is __SetPageMovable(page, &zsmalloc_mops) of v6.8. The page lock must be held.
func (b *base) SetMovable(c *kern.CPU, page Page) {
	if b.cfg.DebugVM {
		kern.BugOnUnlockedPage(c, page.PFN())
	}
	kern.WriteOnce(c, page.mapping(), uint32(b.mops)|mappingMovable)
}

// ClearMovable is __ClearPageMovable() of v6.8: the operations go, the flag stays: the page is still one of that kind. The page lock
// must be held.
func (b *base) ClearMovable(c *kern.CPU, page Page) {
	if b.cfg.DebugVM {
		kern.BugOn(c, !b.PageMovable(c, page), "VM_BUG_ON_PAGE(!PageMovable(page))")
	}
	kern.WriteOnce(c, page.mapping(), mappingMovable)
}

// callOp reads one of the movable operations, as a call through mops does, and tells whether there is one.
func callOp(c *kern.CPU, mops, op kern.Addr) bool {
	if kern.Load(c, mops+op) != 0 {
		return true
	}
	c.Report(&kern.Violation{Kind: kern.NullDeref, Addr: mops + op, Detail: "calls a function through NULL"})
	return false
}

// IsolateMovablePage is isolate_movable_page() of v6.8: it takes a reference to the page and, if its owner lets it, marks it as
// isolated. The page lock is dropped again, so that the owner may free the page meanwhile.
func (b *base) IsolateMovablePage(c *kern.CPU, page Page) bool {
	if !kern.GetPageUnlessZero(c, page.PFN()) {
		return false
	}
	if !pageMovableFlag(c, page) { // before the lock, which may be somebody's who does not expect us
		kern.PutPage(c, page.PFN(), 0)
		return false
	}
	if !kern.TrylockPage(c, page.PFN()) {
		kern.PutPage(c, page.PFN(), 0)
		return false
	}
	if !b.PageMovable(c, page) || kern.TestBit(c, page.flags(), pgIsolated) {
		kern.UnlockPage(c, page.PFN())
		kern.PutPage(c, page.PFN(), 0)
		return false
	}
	mops := pageMovableOps(c, page)
	if b.cfg.DebugVM {
		kern.BugOn(c, mops == 0, "VM_BUG_ON_FOLIO(!mops)")
	}
	if !callOp(c, mops, mopsIsolate) || !b.self.ZsPageIsolate(c, page) {
		kern.UnlockPage(c, page.PFN())
		kern.PutPage(c, page.PFN(), 0)
		return false
	}
	kern.SetBit(c, page.flags(), pgIsolated)
	kern.UnlockPage(c, page.PFN())
	return true
}

// ZsPageIsolate is zs_page_isolate() of v6.8.
func (b *base) ZsPageIsolate(c *kern.CPU, page Page) bool {
	if b.cfg.DebugVM {
		kern.BugOn(c, kern.TestBit(c, page.flags(), pgIsolated), "VM_BUG_ON_PAGE(PageIsolated(page))")
	}
	return true
}

// MigratePages is what compact_zone() does with one page: it isolates it, moves it, and puts it back if that did not work. It
// sleeps.
func (b *base) MigratePages(c *kern.CPU, page Page) {
	if !b.self.IsolateMovablePage(c, page) {
		return
	}
	if b.UnmapAndMove(c, page) != Success {
		b.self.PutbackMovablePage(c, page)
	}
}

// UnmapAndMove is migrate_folio_unmap() and migrate_folio_move() of v6.8, for a page that is not on an LRU list. The destination is
// locked as well: its new owner must not do anything with it before it is complete.
func (b *base) UnmapAndMove(c *kern.CPU, src Page) Errno {
	if kern.ReadOnce(c, src.refs()) == 1 { // its owner has freed it, and it is only ours
		kern.PutPage(c, src.PFN(), 0)
		return Success
	}
	dst := PageOf(kern.AllocPages(c, 0, kern.GFPKernel))
	if dst == 0 {
		return ENOMEM
	}
	kern.LockPage(c, src.PFN())
	b.self.LockDestination(c, dst)
	rc := b.self.MoveToNewFolio(c, dst, src)
	b.self.UnlockDestination(c, dst)
	kern.PutPage(c, dst.PFN(), 0) // its new owner has a reference of its own, if it has one
	kern.UnlockPage(c, src.PFN())
	if rc == Success {
		kern.PutPage(c, src.PFN(), 0) // migrate_folio_done()
	}
	return rc
}

// LockDestination is the folio_trylock(dst) of migrate_folio_unmap(): nobody else knows the page.
func (b *base) LockDestination(c *kern.CPU, dst Page) {
	kern.WarnOnce(c, !kern.TrylockPage(c, dst.PFN()), "migrate_folio_unmap: a fresh page is locked")
}

// UnlockDestination is the folio_unlock(dst) of migrate_folio_move().
func (b *base) UnlockDestination(c *kern.CPU, dst Page) { kern.UnlockPage(c, dst.PFN()) }

// MoveToNewFolio is move_to_new_folio() of v6.8, for such a page. Both pages are locked. The owner may have freed the source since it was
// isolated: then there is nothing to move, and that is success.
func (b *base) MoveToNewFolio(c *kern.CPU, dst, src Page) Errno {
	if !b.PageMovable(c, src) {
		kern.ClearBit(c, src.flags(), pgIsolated)
		return Success
	}
	return b.moveFolio(c, dst, src)
}

// moveFolio is the rest of move_to_new_folio(): the owner moves the page.
func (b *base) moveFolio(c *kern.CPU, dst, src Page) Errno {
	if !callOp(c, pageMovableOps(c, src), mopsMigrate) {
		return EINVAL
	}
	rc := b.self.ZsPageMigrate(c, dst, src)
	if rc == Success && pageMovableFlag(c, src) {
		kern.ClearBit(c, src.flags(), pgIsolated)
	}
	return rc
}

// PutbackMovablePage is putback_movable_pages() of v6.8 for one page.
func (b *base) PutbackMovablePage(c *kern.CPU, page Page) {
	kern.LockPage(c, page.PFN())
	if b.PageMovable(c, page) {
		callOp(c, pageMovableOps(c, page), mopsPutback) // zs_page_putback() does nothing
	}
	kern.ClearBit(c, page.flags(), pgIsolated)
	kern.UnlockPage(c, page.PFN())
	kern.PutPage(c, page.PFN(), 0)
}
