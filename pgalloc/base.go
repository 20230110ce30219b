package pgalloc

import (
	"fmt"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/tlbgather"
)

// Entries that the allocator fills tables with.
const (
	PTEInvalid = 0x400 // _PAGE_INVALID
	pgsteEmpty = 0
)

// base is what all versions share: pages come into being and are released the same way, and the same things are checked.
type base struct {
	m     *kern.Machine
	cfg   Config
	mms   *mmctx.Space
	tlb   *tlbgather.Tables
	self  Version
	rules maskRules

	typesafe bool // context.lock and pgtable_list are in an object of their own
	stats    []cpuStats
}

// Legal tells whether any CPU may ever see this mask.
func (b *base) Legal(m Mask) bool { return b.rules.legal[m] }

// ListRule tells whether a page with this mask belongs on the list.
func (b *base) ListRule(m Mask, active bool) bool { return b.rules.listed[m] && !active }

// LazyFlushBH tells whether __tlb_flush_mm_lazy takes context.lock with BH off.
func (b *base) LazyFlushBH() bool { return false }

// list returns the mm's list and lock.
func (b *base) list(c *kern.CPU, mm mmctx.MM) mmctx.PgtableList {
	if b.typesafe {
		return mm.List(c)
	}
	return mm.EmbeddedList()
}

// xor flips mask bits of a page and returns the mask that results. Nobody but a holder of the page may do so.
func (b *base) xor(c *kern.CPU, page Page, bits Mask) Mask {
	return b.judge(c, page, kern.AtomicXorBits(c, page.Refcount(), uint32(bits)<<MaskShift))
}

// judge looks at the refcount that an xor left, and returns the mask in it.
func (b *base) judge(c *kern.CPU, page Page, v uint32) Mask {
	if m := Mask(v >> MaskShift); v<<8 != 0 && b.rules.legal[m] {
		return m
	}
	return b.badXor(c, page, v)
}

func (b *base) badXor(c *kern.CPU, page Page, v uint32) Mask {
	m := Mask(v >> MaskShift)
	if v&(1<<MaskShift-1) == 0 {
		c.Report(&kern.Violation{Kind: kern.UseAfterFree, Addr: page.Refcount(), Detail: "changes the mask"})
		return m
	}
	c.Report(&kern.Violation{Kind: IllegalMask, Addr: page.Refcount(), Detail: fmt.Sprintf("%s (%#02x)", m, uint8(m))})
	return m
}

// checkList compares the list with the mask. The caller holds context.lock and has done its list operation.
func (b *base) checkList(c *kern.CPU, page Page, m Mask) {
	if c.Checks() {
		b.compareList(c, page, m)
	}
}

func (b *base) compareList(c *kern.CPU, page Page, m Mask) {
	on, want := c.OnList(page.LRU()), b.rules.listed[m]
	if on == want || !b.rules.legal[m] {
		return
	}
	if !on && page.PeekActive(b.m) {
		return // kept off the list; one that is on it may have got the flag since, without the lock
	}
	where := "off the list"
	if on {
		where = "on the list"
	}
	c.Report(&kern.Violation{Kind: ListMismatch, Addr: page.LRU(), Detail: fmt.Sprintf("%s with mask %s", where, m)})
}

// checkHandOut looks at a half that is about to be handed out from the list, whose mask was m.
func (b *base) checkHandOut(c *kern.CPU, page Page, half uint32, m Mask) {
	if c.Checks() {
		b.inspectHalf(c, page, half, m)
	}
}

func (b *base) inspectHalf(c *kern.CPU, page Page, half uint32, m Mask) {
	why := ""
	switch {
	case m.Half(half) != HalfFree:
		why = "is " + m.Half(half).String()
	case !c.ContentsAre(page.PFN(), int(half)*kern.PTRSPerPTE, kern.PTRSPerPTE, PTEInvalid):
		why = "is not all-invalid"
	default:
		return
	}
	c.Report(&kern.Violation{Kind: BadHandout, Addr: page.Refcount(), Detail: why})
}

// allocPage is alloc_page() and the page table constructor: a page of which nothing is allocated yet, or 0.
func (b *base) allocPage(c *kern.CPU) Page {
	page := Page(kern.AllocPages(c, 0, kern.GFPKernel))
	if page == 0 {
		b.stat(c).counts.Failed++
		return 0
	}
	kern.Store(c, page.pageType(), typeTable)
	b.stat(c).pages++
	if b.cfg.PageEvent != nil {
		b.cfg.PageEvent(c, page, true)
	}
	return page
}

// pgsteTable makes the page a 4 KiB table with PGSTEs. It is never listed, so no lock is involved.
func (b *base) pgsteTable(c *kern.CPU, page Page) kern.Phys {
	b.xor(c, page, maskA)
	c.FillContents(page.PFN(), 0, kern.PTRSPerPTE, PTEInvalid)
	c.FillContents(page.PFN(), kern.PTRSPerPTE, kern.PTRSPerPTE, pgsteEmpty)
	b.stat(c).fresh(2)
	return page.Table(0)
}

// firstFragment fills a fresh page with invalid entries, both halves, and allocates the lower one. The page is not
// listed yet.
func (b *base) firstFragment(c *kern.CPU, page Page) {
	b.xor(c, page, A)
	c.FillContents(page.PFN(), 0, 2*kern.PTRSPerPTE, PTEInvalid)
	b.stat(c).fresh(1)
}

// releaseCheck is page_table_release_check(): a page that is released must have no bit set.
func (b *base) releaseCheck(c *kern.CPU, page Page, m Mask) {
	if m != 0 {
		c.Report(&kern.Violation{Kind: IllegalMask, Addr: page.Refcount(), Detail: "releases it with mask " + m.String()})
	}
}

// release is what becomes of a page whose last bit was turned off, but in active.
func (b *base) release(c *kern.CPU, page Page, m Mask) {
	b.releaseCheck(c, page, m)
	b.freePage(c, page)
}

// removeWhole is __tlb_remove_table() for what shares its page with no other table: a segment or region table, or a table
// with PGSTEs. It tells whether it was one.
func (b *base) removeWhole(c *kern.CPU, table kern.Phys) bool {
	switch table.Tag() {
	case kern.TagCRST:
		b.freeCRST(c, table)
		return true
	case kern.TagPGSTE:
		b.stat(c).pending -= 2
		page := PageOf(table)
		b.release(c, page, b.xor(c, page, maskA))
		return true
	}
	return false
}

// freePage is the page table destructor and __free_page(): it drops the allocator's reference. Speculative references
// may keep the frame a little longer.
func (b *base) freePage(c *kern.CPU, page Page) {
	kern.Store(c, page.pageType(), 0)
	b.stat(c).pages--
	if kern.PutPage(c, page.PFN(), 0) && b.cfg.PageEvent != nil {
		b.cfg.PageEvent(c, page, false)
	}
}

// PutPage drops a speculative reference that GetPageUnlessZero got. If it was the last, the frame is free now.
func (s *System) PutPage(c *kern.CPU, p Page) {
	order := c.PageOrder(p.PFN())
	if kern.PutPage(c, p.PFN(), order) && order == 0 && s.base.cfg.PageEvent != nil {
		s.base.cfg.PageEvent(c, p, false)
	}
}

// FlushMMLazy is __tlb_flush_mm_lazy(): it flushes the mm's TLB entries if tables of it went away. It takes context.lock
// plainly in the kernel's versions, with BH off in those that take it in a softirq and know it.
func (b *base) FlushMMLazy(c *kern.CPU, mm mmctx.MM) {
	if b.cfg.SkipLazyFlush {
		return
	}
	lock := b.list(c, mm).Lock()
	if b.self.LazyFlushBH() {
		kern.SpinLockBH(c, lock)
		b.flushMM(c, mm)
		kern.SpinUnlockBH(c, lock)
		return
	}
	kern.SpinLock(c, lock)
	b.flushMM(c, mm)
	kern.SpinUnlock(c, lock)
}

func (b *base) flushMM(c *kern.CPU, mm mmctx.MM) {
	if mm.TestClearFlushMM(c) && b.cfg.FlushTLB != nil {
		b.cfg.FlushTLB(c, mm)
	}
}

// Points in the code that a Scheduler sees as kern.OpMark.
const (
	MarkIPI        = 1 // the round of interrupts of tlb_remove_table_sync_one
	MarkGmapUnlink = 2
)

func (b *base) syncIPI(c *kern.CPU) {
	kern.Mark(c, MarkIPI)
	b.stat(c).counts.IPIs++
	if b.cfg.SyncIPI != nil {
		b.cfg.SyncIPI(c)
	}
}

func (b *base) gmapUnlink(c *kern.CPU, mm mmctx.MM, vmaddr uint64) {
	kern.Mark(c, MarkGmapUnlink)
	b.stat(c).counts.GmapUnlinks++
	if b.cfg.GmapUnlink != nil {
		b.cfg.GmapUnlink(c, mm, vmaddr)
	}
}

// describe names the page that a violation's address lies in and draws it.
func (b *base) describe(v *kern.Violation) {
	p := b.m.PageOf(v.Addr)
	if p == 0 {
		return
	}
	v.Page = p
	if v.Object == "" {
		v.Object = fmt.Sprintf("page %d", p)
	}
	if v.Picture == "" && b.m.Peek(p.Page()+kern.PageFlags)&kern.PGBuddy == 0 {
		v.Picture = Picture(b.m, Page(p))
	}
}
