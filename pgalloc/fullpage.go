package pgalloc

import (
	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/rcuhead"
	"ptsim/tlbgather"
)

// fullpage is v6.7 on (d08d4e7cd6bf): one page per table, with PGSTEs or not. No list, no mask, no lock, no mm; half of
// every page without PGSTEs is unused.
type fullpage struct {
	*base
	now kern.Func // pte_free_now
}

func newFullPage(b *base) Version {
	b.rules.legal[0] = true
	v := &fullpage{base: b}
	v.now = b.m.RegisterFunc("now", v.pteFreeNow)
	return v
}

// halves returns how many halves a table of the mm takes up.
func (v *fullpage) halves(c *kern.CPU, mm mmctx.MM) int64 {
	if mm.AllocPGSTE(c) {
		return 2
	}
	return 1
}

// PageTableAlloc is page_table_alloc() of v6.7: 256 invalid entries and 256 words of zeros, PGSTEs or not.
func (v *fullpage) PageTableAlloc(c *kern.CPU, mm mmctx.MM) kern.Phys {
	page := v.allocPage(c)
	if page == 0 {
		return 0
	}
	kern.InitListHead(c, page.LRU()) // for the gmap only
	halves := v.halves(c, mm)
	kern.Store(c, page.ptMM(), uint32(halves))
	c.FillContents(page.PFN(), 0, kern.PTRSPerPTE, PTEInvalid)
	c.FillContents(page.PFN(), kern.PTRSPerPTE, kern.PTRSPerPTE, pgsteEmpty)
	v.stat(c).fresh(halves)
	return page.Table(0)
}

// PageTableFree is page_table_free() of v6.7.
func (v *fullpage) PageTableFree(c *kern.CPU, mm mmctx.MM, table kern.Phys) {
	v.stat(c).freedNow(v.halves(c, mm))
	v.freePage(c, PageOf(table))
}

// PageTableFreeRCU is pte_free_tlb() of v6.7: the pointer carries no tag.
func (v *fullpage) PageTableFreeRCU(c *kern.CPU, tlb *tlbgather.Gather, table kern.Phys, vmaddr uint64) {
	halves := v.halves(c, tlb.MM)
	if halves == 2 { // mm_alloc_pgste
		v.gmapUnlink(c, tlb.MM, vmaddr)
	}
	v.stat(c).freedGather(halves)
	tlb.TLBRemoveTable(c, table)
}

// RemoveTable is __tlb_remove_table() of v6.7: without a tag, the size of the block tells a CRST from a page table.
func (v *fullpage) RemoveTable(c *kern.CPU, table kern.Phys) {
	if c.PageOrder(table.PFN()) == crstOrder {
		v.freeCRST(c, table)
		return
	}
	v.done(c, PageOf(table))
}

// PTEFreeDefer is pte_free_defer() of v6.7.
func (v *fullpage) PTEFreeDefer(c *kern.CPU, mm mmctx.MM, table kern.Phys) bool {
	halves := v.halves(c, mm)
	v.stat(c).freedDeferred(halves, halves)
	PageOf(table).Union().Head().Call(c, v.now)
	return true
}

func (v *fullpage) pteFreeNow(c *kern.CPU, head kern.Addr) {
	v.done(c, Page(rcuhead.Union(head).PFN()))
}

// done frees a page whose grace period is over. How many halves its table took up is in a word the kernel leaves alone.
func (v *fullpage) done(c *kern.CPU, page Page) {
	v.stat(c).pending -= int64(v.m.Peek(page.ptMM()))
	v.freePage(c, page)
}
