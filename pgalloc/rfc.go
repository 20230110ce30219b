package pgalloc

import (
	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/rcuhead"
	"ptsim/tlbgather"
)

// rfc is the RFC of June 2023. New rule: a page is on pgtable_list only while one half is allocated and the other is
// free, so that a pending half can use the page's rcu_head, which shares its words with lru. __tlb_remove_table puts the
// page back when its other half is allocated; for that it needs the mm, which it finds in page->pt_mm, and nothing keeps
// that mm alive until its lock is taken. That is the flaw.
//
// The same code is the pinned and the typesafe version: pin says where they grab and drop the mm, and is empty here.
type rfc struct {
	*base
	asPosted bool
	pin      pinRules

	now   [2]kern.Func // pte_free_now0, pte_free_now1
	pgste kern.Func    // pte_free_pgste
}

func newRFC(b *base, asPosted bool) Version {
	v := &rfc{base: b, asPosted: asPosted}
	v.init()
	return v
}

func (v *rfc) init() {
	v.rules = fragmentRules(true, oneAllocatedOneFree)
	v.now[0] = v.m.RegisterFunc("now0", v.pteFreeNow0)
	v.now[1] = v.m.RegisterFunc("now1", v.pteFreeNow1)
	v.pgste = v.m.RegisterFunc("pgste", v.pteFreePGSTE)
}

// owner returns what page->pt_mm of the mm's pages holds.
func (v *rfc) owner(mm mmctx.MM, list mmctx.PgtableList) uint32 {
	if v.typesafe {
		return uint32(list)
	}
	return uint32(mm)
}

// PageTableAlloc is page_table_alloc() of the RFC. It warns of a mask that cannot be on the list, but goes on.
func (v *rfc) PageTableAlloc(c *kern.CPU, mm mmctx.MM) kern.Phys {
	list := v.list(c, mm)
	if !mm.AllocPGSTE(c) {
		table := kern.Phys(0)
		kern.SpinLockBH(c, list.Lock())
		if first := kern.ListFirstOrNull(c, list.Head()); first != 0 {
			page := pageOfLRU(first)
			mask := page.Mask(c)
			kern.WarnOnce(c, mask&^maskA != 0, "page_table_alloc: WARN_ON_ONCE(mask & ~0x03U)")
			kern.WarnOnce(c, mask == 0 || mask == maskA, "page_table_alloc: WARN_ON_ONCE(mask == 0x00U || mask == 0x03U)")
			half := uint32(mask & A) // 1: the lower half is taken, so the upper one
			v.checkHandOut(c, page, half, mask)
			mask = v.xor(c, page, A<<half)
			if v.pin.table {
				v.mms.Grab(c, mm)
			}
			kern.ListDel(c, page.LRU())
			v.checkList(c, page, mask)
			v.stat(c).reused()
			table = page.Table(half)
		}
		kern.SpinUnlockBH(c, list.Lock())
		if table != 0 {
			return table
		}
	}
	page := v.allocPage(c)
	if page == 0 {
		return 0
	}
	kern.Store(c, page.ptMM(), v.owner(mm, list))
	if mm.AllocPGSTE(c) {
		return v.pgsteTable(c, page)
	}
	v.firstFragment(c, page)
	if v.pin.table || v.pin.pageLife {
		v.mms.Grab(c, mm)
	}
	kern.SpinLockBH(c, list.Lock())
	kern.ListAdd(c, page.LRU(), list.Head())
	kern.SpinUnlockBH(c, list.Lock())
	return page.Table(0)
}

// PageTableFree is page_table_free() of the RFC. One step does: a page whose other half is pending is off the list, so
// nothing is touched after the xor.
func (v *rfc) PageTableFree(c *kern.CPU, mm mmctx.MM, table kern.Phys) {
	page := PageOf(table)
	list := v.list(c, mm)
	kern.WarnOnce(c, kern.Load(c, page.ptMM()) != v.owner(mm, list), "page_table_free: WARN_ON_ONCE(page->pt_mm != mm)")
	if mm.AllocPGSTE(c) {
		mask := v.xor(c, page, maskA)
		v.stat(c).freedNow(2)
		v.release(c, page, mask)
		return
	}
	half := table.Half()
	kern.SpinLockBH(c, list.Lock())
	mask := v.xor(c, page, A<<half)
	if mask.AA() != 0 { // the other half is allocated
		kern.ListAdd(c, page.LRU(), list.Head())
	} else if mask.PP() == 0 { // the other half is not pending
		kern.ListDel(c, page.LRU())
	}
	if mask.PP() == 0 { // else the page is the other half's by now, and may be gone
		v.checkList(c, page, mask)
	}
	kern.SpinUnlockBH(c, list.Lock())
	v.stat(c).freedNow(1)
	if mask == 0 {
		v.release(c, page, mask)
	}
	if v.pin.table || v.pin.pageLife && mask == 0 {
		v.mms.Drop(c, mm) // the caller holds the mm, so this is not the last reference
	}
}

// PageTableFreeRCU is page_table_free_rcu() of the RFC. It never puts a page on the list.
func (v *rfc) PageTableFreeRCU(c *kern.CPU, tlb *tlbgather.Gather, table kern.Phys, vmaddr uint64) {
	page := PageOf(table)
	mm := tlb.MM
	list := v.list(c, mm)
	kern.WarnOnce(c, kern.Load(c, page.ptMM()) != v.owner(mm, list), "page_table_free_rcu: WARN_ON_ONCE(page->pt_mm != mm)")
	if mm.AllocPGSTE(c) {
		v.gmapUnlink(c, mm, vmaddr)
		v.stat(c).freedGather(2)
		tlb.TLBRemoveTable(c, table|kern.TagPGSTE)
		return
	}
	half := table.Half()
	v.markPending(c, mm, list, page, half, (A|P)<<half)
	v.stat(c).freedGather(1)
	tlb.TLBRemoveTable(c, table|kern.TagLower<<half)
}

// markPending turns an allocated half into a pending one, by the given bits, and takes the page off the list if it was
// there: if the other half is neither allocated nor pending.
func (v *rfc) markPending(c *kern.CPU, mm mmctx.MM, list mmctx.PgtableList, page Page, half uint32, bits Mask) Mask {
	kern.SpinLockBH(c, list.Lock())
	if v.pin.half {
		v.mms.Grab(c, mm)
	}
	mask := v.xor(c, page, bits)
	if v.pin.page && mask.PP() == 1<<half { // the first pending half of the page
		v.mms.Grab(c, mm)
	}
	if mask.AA() == 0 && mask.PP() != 3 {
		kern.ListDel(c, page.LRU())
	}
	v.checkList(c, page, mask)
	kern.SpinUnlockBH(c, list.Lock())
	return mask
}

// PTEFreeDefer is pte_free_defer() of the RFC. There is one rcu_head for two halves: if the other half's callback is
// queued, it will queue this half's when it has run.
func (v *rfc) PTEFreeDefer(c *kern.CPU, mm mmctx.MM, table kern.Phys) bool {
	page := PageOf(table)
	head := page.Union().Head()
	list := v.list(c, mm)
	kern.WarnOnce(c, kern.Load(c, page.ptMM()) != v.owner(mm, list), "pte_free_defer: WARN_ON_ONCE(page->pt_mm != mm)")
	if mm.AllocPGSTE(c) {
		v.stat(c).freedDeferred(2, 2)
		head.Call(c, v.pgste)
		return true
	}
	half := table.Half()
	mask := v.markPending(c, mm, list, page, half, (A|H|P)<<half)
	v.stat(c).freedDeferred(1, 1)
	if mask.HH() != 3 {
		head.Call(c, v.now[half])
	}
	return true
}

// RemoveTable is __tlb_remove_table() of the RFC. If the other half is allocated the page goes back on the list. That
// half being allocated proves that the mm is alive while it is looked at, and nothing more.
func (v *rfc) RemoveTable(c *kern.CPU, table kern.Phys) {
	if v.removeWhole(c, table) {
		return
	}
	page := PageOf(table)
	half := table.Half()
	var mask Mask
	if page.Mask(c).AA() != 0 {
		mm := mmctx.MM(kern.Load(c, page.ptMM()))
		// What guarantees that mm has not been freed by now?
		mask = v.relink(c, mm.EmbeddedList(), page, half)
	} else {
		mask = v.xor(c, page, P<<half)
	}
	v.stat(c).pending--
	if mask != 0 {
		return
	}
	v.release(c, page, mask)
}

// relink takes the pending mark off a half and, if the other half is still allocated now that the lock is held, puts
// the page back on the list.
func (v *rfc) relink(c *kern.CPU, list mmctx.PgtableList, page Page, half uint32) Mask {
	kern.SpinLockBH(c, list.Lock())
	mask := v.xor(c, page, P<<half)
	if mask.AA() != 0 {
		kern.ListAdd(c, page.LRU(), list.Head())
	}
	if mask.PP() == 0 { // else the page is the other half's by now, and may be gone
		v.checkList(c, page, mask)
	}
	kern.SpinUnlockBH(c, list.Lock())
	return mask
}

func (v *rfc) pteFreePGSTE(c *kern.CPU, head kern.Addr) {
	page := Page(rcuhead.Union(head).PFN())
	v.self.RemoveTable(c, page.Table(0)|kern.TagPGSTE)
}

func (v *rfc) pteFreeNow0(c *kern.CPU, head kern.Addr) { v.pteFreeHalf(c, head, 0) }
func (v *rfc) pteFreeNow1(c *kern.CPU, head kern.Addr) { v.pteFreeHalf(c, head, 1) }

// pteFreeHalf is pte_free_half(): the grace period of a deferred half is over. The rcu_head is free again, and serves
// the other half if that was deferred meanwhile.
func (v *rfc) pteFreeHalf(c *kern.CPU, head kern.Addr, half uint32) {
	page := Page(rcuhead.Union(head).PFN())
	mask := kern.AtomicXorBits(c, page.Refcount(), uint32(H<<half)<<MaskShift)
	v.judge(c, page, mask)
	v.self.RemoveTable(c, page.Table(half)|kern.TagLower<<half)
	if !v.asPosted {
		mask >>= MaskShift
	}
	// As posted the shift is missing, and this tests two bits of the reference count.
	if mask&uint32(maskH) != 0 {
		page.Union().Head().Call(c, v.now[1-half])
	}
}
