package pgalloc

import (
	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/rcuhead"
	"ptsim/tlbgather"
)

// active is v6.6: classic, with PageActive as "some half of this page was freed by pte_free_defer". Such a page is not
// listed any more; when both halves are free its release waits for a grace period. No mm is needed for that, and the
// free half of such a page is wasted until the other goes.
type active struct {
	*base
	now kern.Func // pte_free_now
}

func newActive(b *base) Version {
	b.rules = fragmentRules(false, oneAllocated)
	v := &active{base: b}
	v.now = b.m.RegisterFunc("now", v.pteFreeNow)
	return v
}

// PageTableAlloc is page_table_alloc() of v6.6.
func (v *active) PageTableAlloc(c *kern.CPU, mm mmctx.MM) kern.Phys {
	if mm.AllocPGSTE(c) {
		page := v.allocPage(c)
		if page == 0 {
			return 0
		}
		kern.InitListHead(c, page.LRU()) // the release check wants an empty node
		return v.pgsteTable(c, page)
	}
	list := mm.EmbeddedList()
	if table := v.allocListed(c, list); table != 0 {
		return table
	}
	return v.allocFresh(c, list)
}

// allocListed is as in classic, but a page that leaves the list gets an empty node.
func (v *active) allocListed(c *kern.CPU, list mmctx.PgtableList) (table kern.Phys) {
	kern.SpinLockBH(c, list.Lock())
	if first := kern.ListFirstOrNull(c, list.Head()); first != 0 {
		page := pageOfLRU(first)
		mask := page.Mask(c)
		if busy := mask.AA() | mask.PP(); busy != 3 {
			half := busy & 1
			v.checkHandOut(c, page, half, mask)
			mask = v.xor(c, page, A<<half)
			kern.ListDelInit(c, page.LRU())
			v.checkList(c, page, mask)
			v.stat(c).reused()
			table = page.Table(half)
		}
	}
	kern.SpinUnlockBH(c, list.Lock())
	return table
}

// PageTableFree is page_table_free() of v6.6.
func (v *active) PageTableFree(c *kern.CPU, mm mmctx.MM, table kern.Phys) {
	if mm.AllocPGSTE(c) {
		v.stat(c).freedNow(2)
	} else {
		v.stat(c).freedNow(1)
	}
	v.free(c, mm, table)
}

func (v *active) free(c *kern.CPU, mm mmctx.MM, table kern.Phys) {
	page := PageOf(table)
	if mm.AllocPGSTE(c) {
		v.release(c, page, v.xor(c, page, maskA))
		return
	}
	half := table.Half()
	list := mm.EmbeddedList()
	kern.SpinLockBH(c, list.Lock())
	mask := v.xor(c, page, (A|P)<<half)
	if mask.AA() != 0 && !page.Active(c) {
		kern.ListAdd(c, page.LRU(), list.Head())
	} else {
		kern.ListDelInit(c, page.LRU())
	}
	v.checkList(c, page, mask)
	kern.SpinUnlockBH(c, list.Lock())
	mask = v.xor(c, page, P<<half)
	if mask == 0 {
		v.release(c, page, mask)
	}
}

// PageTableFreeRCU is page_table_free_rcu() of v6.6.
func (v *active) PageTableFreeRCU(c *kern.CPU, tlb *tlbgather.Gather, table kern.Phys, vmaddr uint64) {
	page := PageOf(table)
	mm := tlb.MM
	if mm.AllocPGSTE(c) {
		v.gmapUnlink(c, mm, vmaddr)
		v.stat(c).freedGather(2)
		tlb.TLBRemoveTable(c, table|kern.TagPGSTE)
		return
	}
	half := table.Half()
	list := mm.EmbeddedList()
	kern.SpinLockBH(c, list.Lock())
	mask := v.xor(c, page, (A|P)<<half)
	if mask.AA() != 0 && !page.Active(c) {
		kern.ListAddTail(c, page.LRU(), list.Head())
	} else {
		kern.ListDelInit(c, page.LRU())
	}
	v.checkList(c, page, mask)
	kern.SpinUnlockBH(c, list.Lock())
	v.stat(c).freedGather(1)
	tlb.TLBRemoveTable(c, table|kern.TagLower<<half)
}

// RemoveTable is __tlb_remove_table() of v6.6: as in classic, with this version's release.
func (v *active) RemoveTable(c *kern.CPU, table kern.Phys) {
	page := PageOf(table)
	var mask Mask
	switch table.Tag() {
	case kern.TagCRST:
		v.freeCRST(c, table)
		return
	case kern.TagLower, kern.TagUpper:
		v.stat(c).pending--
		mask = v.xor(c, page, P<<table.Half())
		if mask != 0 {
			return
		}
	case kern.TagPGSTE:
		v.stat(c).pending -= 2
		mask = v.xor(c, page, maskA)
	}
	v.release(c, page, mask)
}

// PTEFreeDefer is pte_free_defer() of v6.6. The flag is set before the lock is taken, so a page can be on the list with
// it for a moment.
func (v *active) PTEFreeDefer(c *kern.CPU, mm mmctx.MM, table kern.Phys) bool {
	halves := int64(1)
	if mm.AllocPGSTE(c) {
		halves = 2
	}
	v.stat(c).freedDeferred(halves, 0) // the half does not wait, the page will
	PageOf(table).SetActive(c)
	v.free(c, mm, table)
	kern.WarnOnce(c, mm.HasPGSTE(c), "pte_free_defer: WARN_ON_ONCE(mm_has_pgste(mm))")
	return true
}

// release frees a page whose halves are both free: after a grace period if one of them was deferred. The flag goes with
// it, so the page waits with mask 0 and PageActive clear.
func (v *active) release(c *kern.CPU, page Page, mask Mask) {
	v.releaseCheck(c, page, mask)
	if c.Checks() && c.OnList(page.LRU()) {
		c.Report(&kern.Violation{Kind: kern.ListCorruption, Addr: page.LRU(), Detail: "released while on the list"})
	}
	if page.TestClearActive(c) {
		v.stat(c).pending += 2
		page.Union().Head().Call(c, v.now)
		return
	}
	v.freePage(c, page)
}

// pteFreeNow is pte_free_now(), the callback.
func (v *active) pteFreeNow(c *kern.CPU, head kern.Addr) {
	v.stat(c).pending -= 2
	v.freePage(c, Page(rcuhead.Union(head).PFN()))
}
