package pgalloc

import (
	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/tlbgather"
)

// classic is v5.17 to v6.5. A page is on pgtable_list exactly while one of its halves is allocated, also while the other
// is pending; an allocation looks at the first page of the list only, and passes over it if its other half is pending.
type classic struct{ *base }

func newClassic(b *base) Version {
	b.rules = fragmentRules(false, oneAllocated)
	return &classic{b}
}

// PageTableAlloc is page_table_alloc() of v5.17.
func (v *classic) PageTableAlloc(c *kern.CPU, mm mmctx.MM) kern.Phys {
	if mm.AllocPGSTE(c) {
		return v.allocPGSTE(c)
	}
	list := mm.EmbeddedList()
	if table := v.allocListed(c, list); table != 0 {
		return table
	}
	return v.allocFresh(c, list)
}

// allocListed tries the first page of the list. The pending bits count as taken: handing out a half that is still
// pending would set A and P of one half at once.
func (b *base) allocListed(c *kern.CPU, list mmctx.PgtableList) (table kern.Phys) {
	kern.SpinLockBH(c, list.Lock())
	if first := kern.ListFirstOrNull(c, list.Head()); first != 0 {
		page := pageOfLRU(first)
		mask := page.Mask(c)
		if busy := mask.AA() | mask.PP(); busy != 3 {
			half := busy & 1 // 1: the lower half is taken, so the upper one
			b.checkHandOut(c, page, half, mask)
			mask = b.xor(c, page, A<<half)
			kern.ListDel(c, page.LRU())
			b.checkList(c, page, mask)
			b.stat(c).reused()
			table = page.Table(half)
		}
	}
	kern.SpinUnlockBH(c, list.Lock())
	return table
}

// allocFresh takes a fresh page, allocates its lower half and puts it at the front of the list.
func (b *base) allocFresh(c *kern.CPU, list mmctx.PgtableList) kern.Phys {
	page := b.allocPage(c)
	if page == 0 {
		return 0
	}
	b.firstFragment(c, page)
	kern.SpinLockBH(c, list.Lock())
	kern.ListAdd(c, page.LRU(), list.Head())
	kern.SpinUnlockBH(c, list.Lock())
	return page.Table(0)
}

func (b *base) allocPGSTE(c *kern.CPU) kern.Phys {
	page := b.allocPage(c)
	if page == 0 {
		return 0
	}
	return b.pgsteTable(c, page)
}

// PageTableFree is page_table_free() of v5.17. The half is marked pending while the lock is held, and the mark taken
// back without it: otherwise __tlb_remove_table of the other half could see 0 and free the page while list_del is still
// to come (c2c224932fd0).
func (v *classic) PageTableFree(c *kern.CPU, mm mmctx.MM, table kern.Phys) {
	page := PageOf(table)
	if mm.AllocPGSTE(c) {
		mask := v.xor(c, page, maskA)
		v.stat(c).freedNow(2)
		v.release(c, page, mask)
		return
	}
	half := table.Half()
	list := mm.EmbeddedList()
	kern.SpinLockBH(c, list.Lock())
	mask := v.xor(c, page, (A|P)<<half)
	if mask.AA() != 0 {
		kern.ListAdd(c, page.LRU(), list.Head())
	} else {
		kern.ListDel(c, page.LRU())
	}
	v.checkList(c, page, mask)
	kern.SpinUnlockBH(c, list.Lock())
	v.stat(c).freedNow(1)
	mask = v.xor(c, page, P<<half)
	if mask != 0 {
		return
	}
	v.release(c, page, mask)
}

// PageTableFreeRCU is page_table_free_rcu() of v5.17. Pages with a pending half go to the end of the list.
func (v *classic) PageTableFreeRCU(c *kern.CPU, tlb *tlbgather.Gather, table kern.Phys, vmaddr uint64) {
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
	if mask.AA() != 0 {
		kern.ListAddTail(c, page.LRU(), list.Head())
	} else {
		kern.ListDel(c, page.LRU())
	}
	v.checkList(c, page, mask)
	kern.SpinUnlockBH(c, list.Lock())
	v.stat(c).freedGather(1)
	tlb.TLBRemoveTable(c, table|kern.TagLower<<half)
}

// RemoveTable is __tlb_remove_table() of v5.17: it takes no lock and never looks at the mm.
func (v *classic) RemoveTable(c *kern.CPU, table kern.Phys) {
	if v.removeWhole(c, table) {
		return
	}
	page := PageOf(table)
	v.stat(c).pending--
	mask := v.xor(c, page, P<<table.Half())
	if mask != 0 {
		return
	}
	v.release(c, page, mask)
}

// PTEFreeDefer does not exist in this version: khugepaged clears the pmd, interrupts every CPU and frees at once.
func (v *classic) PTEFreeDefer(*kern.CPU, mmctx.MM, kern.Phys) bool { return false }
