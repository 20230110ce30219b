package zsmalloc

import "ptsim/kern"

// GetZspage is get_zspage() of v6.8. The caller has made sure that the page is one of a zspage: it has the page lock, or came
// here from a handle or from another page of the zspage, under pool->lock.
func (b *base) GetZspage(c *kern.CPU, page Page) Zspage {
	zspage := Zspage(kern.ReadOnce(c, page.private()))
	if kern.BugOn(c, kern.Load(c, zspage.magic()) != Magic, "BUG_ON(zspage->magic != ZSPAGE_MAGIC)") {
		return 0
	}
	return zspage
}

// GetFirstPage is get_first_page() of v6.8.
func (b *base) GetFirstPage(c *kern.CPU, zspage Zspage) Page {
	first := b.readLink(c, zspage.first())
	if b.cfg.DebugVM {
		kern.BugOn(c, !kern.TestBit(c, first.flags(), pgPrivate), "VM_BUG_ON_PAGE(!is_first_page(first_page))")
	}
	return first
}

// GetNextPage is get_next_page() of v6.8: the page after this one in its zspage, 0 after the last.
func (b *base) GetNextPage(c *kern.CPU, page Page) Page {
	if b.GetZspage(c, page) == 0 {
		return 0
	}
	return b.readLink(c, page.index())
}

// readLink reads zspage->first_page or page->index. The kernel does so by plain accesses; see Config.PlainLinks.
func (b *base) readLink(c *kern.CPU, at kern.Addr) Page {
	if b.cfg.PlainLinks {
		return Page(kern.Load(c, at))
	}
	return Page(kern.ReadOnce(c, at))
}

// writeLink writes zspage->first_page or page->index.
func (b *base) writeLink(c *kern.CPU, at kern.Addr, page Page) {
	if b.cfg.PlainLinks {
		kern.Store(c, at, uint32(page))
		return
	}
	kern.WriteOnce(c, at, uint32(page))
}

// CreatePageChain is create_page_chain() of v6.8: it makes these pages those of the zspage. While it does, next pointers are
// NULL for a moment.
func (b *base) CreatePageChain(c *kern.CPU, zspage Zspage, pages []Page) {
	for i, page := range pages {
		b.self.SetZspage(c, page, zspage)
		b.writeLink(c, page.index(), 0)
		if i == 0 {
			b.writeLink(c, zspage.first(), page)
			kern.SetBit(c, page.flags(), pgPrivate)
		} else {
			b.writeLink(c, pages[i-1].index(), page)
		}
	}
}

// SetZspage is set_page_private(page, zspage) of v6.8.
func (b *base) SetZspage(c *kern.CPU, page Page, zspage Zspage) {
	kern.WriteOnce(c, page.private(), uint32(zspage))
}

// InitZspage is init_zspage() of v6.8: it links the free objects of all pages.
func (b *base) InitZspage(c *kern.CPU, zspage Zspage) {
	page := b.GetFirstPage(c, zspage)
	freeobj := uint32(1)
	for page != 0 {
		for i := range b.perPage {
			kern.Store(c, b.object(page, i)+objHeader, freeobj<<tagBits)
			freeobj++
		}
		next := b.GetNextPage(c, page)
		if next == 0 {
			kern.Store(c, b.object(page, b.perPage-1)+objHeader, endOfList)
		}
		page = next
	}
	kern.Store(c, zspage.freeobj(), 0)
}

// AllocZspage is alloc_zspage() of v6.8: a zspage that nobody can reach yet, 0 if there is no memory. It may sleep. The chain comes first, for init_zspage
// walks it.
func (b *base) AllocZspage(c *kern.CPU) Zspage {
	zspage, pages := b.allocZspagePages(c)
	if zspage == 0 {
		return 0
	}
	b.CreatePageChain(c, zspage, pages)
	b.InitZspage(c, zspage)
	kern.Store(c, zspage.pool(), uint32(b.pool))
	return zspage
}

// allocZspagePages is the first half of alloc_zspage(): the struct and its pages, 0 if there are none.
func (b *base) allocZspagePages(c *kern.CPU) (Zspage, []Page) {
	zspage := Zspage(b.zspages.AllocNowait(c)) // cache_alloc_zspage()
	if zspage == 0 {
		return 0, nil
	}
	b.names.add(kern.Addr(zspage), ZspageCache, zspageFields)
	kern.Store(c, zspage.magic(), Magic)
	kern.InitListHead(c, zspage.list())
	var pages []Page
	for range b.cfg.PagesPerZspage {
		page := PageOf(kern.AllocPages(c, 0, kern.GFPKernel))
		if page == 0 {
			for _, p := range pages {
				kern.PutPage(c, p.PFN(), 0)
			}
			b.zspages.Free(c, kern.Addr(zspage))
			return 0, nil
		}
		pages = append(pages, page)
	}
	return zspage, pages
}

// ReplaceSubPage is replace_sub_page() of v6.8: newpage takes oldpage's place in the chain. The caller holds pool->lock, the zspage's
// lock as a writer, and the locks of both pages.
func (b *base) ReplaceSubPage(c *kern.CPU, zspage Zspage, newpage, oldpage Page) {
	var pages []Page
	page := b.GetFirstPage(c, zspage)
	for {
		if page == oldpage {
			pages = append(pages, newpage)
		} else {
			pages = append(pages, page)
		}
		if page = b.GetNextPage(c, page); page == 0 || len(pages) == maxPagesPerZspage {
			break
		}
	}
	b.CreatePageChain(c, zspage, pages)
	b.self.SetMovable(c, newpage)
}

// MoveObjects is the middle of zs_page_migrate(): it copies the page, has the handles of its objects lead to the copy, and puts that
// in the page's place. The caller holds the same locks as for ReplaceSubPage.
func (b *base) MoveObjects(c *kern.CPU, zspage Zspage, newpage, page Page) {
	for i := range kern.Addr(b.perPage * objWords) { // copy_page()
		kern.Store(c, newpage.memory()+i, kern.Load(c, page.memory()+i))
	}
	for i := range b.perPage {
		header := kern.Load(c, b.object(page, i)+objHeader)
		if header&objAllocated == 0 { // obj_allocated()
			continue
		}
		h := Handle(header &^ objAllocated)
		_, idx := location(handleToObj(c, h))
		recordObj(c, h, toObj(newpage, idx))
	}
	b.ReplaceSubPage(c, zspage, newpage, page)
}

// getFullnessGroup is get_fullness_group().
func (b *base) getFullnessGroup(c *kern.CPU, zspage Zspage) Fullness {
	switch kern.Load(c, zspage.inuse()) {
	case 0:
		return InuseRatio0
	case b.objsPerZspage():
		return InuseRatio100
	}
	return InuseRatio99
}

// InsertZspage is insert_zspage(): the zspage goes on the list of its fullness group. The caller holds pool->lock, from 6.17 on
// class->lock.
func (b *base) InsertZspage(c *kern.CPU, zspage Zspage, f Fullness) {
	kern.ListAdd(c, zspage.list(), b.pool.list(f))
	kern.Store(c, zspage.fullness(), uint32(f))
}

// RemoveZspage is remove_zspage(): the zspage leaves its list. The locks are those of InsertZspage.
func (b *base) RemoveZspage(c *kern.CPU, zspage Zspage) {
	kern.ListDelInit(c, zspage.list())
}

// FixFullnessGroup is fix_fullness_group(): it puts the zspage on the list where it belongs now, and returns which that is. The
// locks are those of InsertZspage.
func (b *base) FixFullnessGroup(c *kern.CPU, zspage Zspage) Fullness {
	now := b.getFullnessGroup(c, zspage)
	if now != Fullness(kern.Load(c, zspage.fullness())) {
		b.RemoveZspage(c, zspage)
		b.InsertZspage(c, zspage, now)
	}
	return now
}

// findGetZspage is find_get_zspage(): a zspage with a free object, the fuller ones first. One that is empty and waits for the
// deferred worker will do, too.
func (b *base) findGetZspage(c *kern.CPU) Zspage {
	for _, f := range [...]Fullness{InuseRatio99, InuseRatio0} {
		if node := kern.ListFirstOrNull(c, b.pool.list(f)); node != 0 {
			return zspageOfList(node)
		}
	}
	return 0
}
