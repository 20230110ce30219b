package tell

import (
	"ptsim/kern"
	"ptsim/lab"
	"ptsim/pgalloc"
)

// lockRule names the version's rule of context.lock.
func (t *telling) lockRule() string {
	if t.one(twoSteps) {
		return "lock"
	}
	return "lock-bh"
}

// lock tells of a spin lock that is taken: context.lock.
func (t *telling) lock() (text, rule string) {
	if t.in("__tlb_flush_mm_lazy") {
		return t.flushLock()
	}
	text = "takes " + t.mm() + "'s context.lock"
	if t.in("__tlb_remove_table") {
		return t.callbackLock(text)
	}
	why := ", with BH off, which makes it a reader for RCU as well"
	if t.one(relinking) {
		why = ", with BH off because a callback on this CPU may want it"
	}
	switch {
	case t.in("page_table_alloc"):
		if x := t.last(kern.OpXor); x != nil {
			return text + " to put fresh " + x.Thing + " on the list" + why, "fresh-page"
		}
		text += " to look for a free half on the list"
	case t.in("page_table_free_rcu"):
		text += " to mark a half pending for the gather (" + t.Doing + ")"
	case t.in("pte_free_defer"):
		text += " to mark a half deferred (" + t.Doing + ")"
		if t.variant == pgalloc.Active {
			text = "takes " + t.mm() + "'s context.lock to free a half of a page with PageActive (" + t.Doing + ")"
		}
	case t.byKhugepaged():
		return text + " to free a half after the round of interrupts (" + t.Doing + ")" + why, "khugepaged-ipi"
	default:
		text += " to free a half at once (" + t.Doing + ")"
	}
	return text + why, t.lockRule()
}

// callbackLock tells of the lock that __tlb_remove_table takes.
func (t *telling) callbackLock(text string) (string, string) {
	page := "the page"
	if p := t.last(kern.OpLoad); p != nil { // of pt_mm
		page = p.Thing
	}
	text += " to take the mark off " + page + " and look again whether it can be listed"
	if t.variant == pgalloc.Pinned && pinOf(t.Version) == pgalloc.PinPageLocked {
		text = "takes " + t.mm() + "'s context.lock, as every callback does with this pin, to take the mark off " + page
	}
	switch {
	case t.variant == pgalloc.Typesafe:
		return text + "; inside rcu_read_lock it is a lock even if the mm has gone", "typesafe-look"
	case t.in("tlb_remove_table_one"):
		return text + "; the task holds the mm, and BH is off since callbacks take this lock", "lock-bh"
	case t.variant == pgalloc.Pinned:
		return text + "; " + t.pinHolds(), t.pinRule()
	}
	return text + "; " + t.mm() + " is still there, but nothing made sure of it", "callback-is-no-reference"
}

// pinHolds says what keeps the mm for a callback.
func (t *telling) pinHolds() string {
	switch pinOf(t.Version) {
	case pgalloc.PinPage, pgalloc.PinPageLife:
		return "the page's pin keeps the mm until the last mark is off"
	case pgalloc.PinTable:
		return "the table's pin keeps the mm"
	case pgalloc.PinPageLocked:
		return "the page's pin keeps the mm"
	}
	return "the half's pin keeps the mm"
}

// unlock tells of a spin lock that is released.
func (t *telling) unlock() (text, rule string) {
	text = "releases " + t.mm() + "'s context.lock"
	x, l := t.last(kern.OpXor), t.last(kern.OpListAdd, kern.OpListAddTail, kern.OpListDel, kern.OpListDelInit)
	switch {
	case t.in("__tlb_flush_mm_lazy"):
		return t.flushUnlock(text), t.flushRule()
	case t.in("page_table_alloc"):
		switch {
		case l == nil:
			return text + " with nothing found, and will take a fresh page", t.lockRule()
		case l.Op.Kind == kern.OpListAdd:
			return text + ": the lower half of " + l.Thing + " belongs to the caller, and anyone may take the upper one", "fresh-page"
		}
		return text + ": the half of " + l.Thing + " that it took from the list is the caller's", t.lockRule()
	case x == nil:
		return text, t.lockRule()
	case t.in("__tlb_remove_table"):
		return t.callbackUnlock(text, x)
	case t.in("page_table_free_rcu"):
		return text + " before " + halfOf(x) + " goes to a batch: the gather may have to flush, which takes the same lock", "gather"
	case t.in("pte_free_defer") && t.one(relinking):
		if _, left := flipped(x); left.HH() == 3 {
			return text + " and is done: " + halfOf(x) + " waits to be chained", "one-head"
		}
		return text + "; P of " + halfOf(x) + " keeps the page until call_rcu", "defer"
	case t.one(twoSteps):
		return text + "; P of " + halfOf(x) + " still keeps the page", "free-in-two-steps"
	}
	return text + whose(x), "free-in-one-step"
}

// whose says who has the page of an xor that was made under the lock, once that is released.
func whose(x *lab.Past) string {
	switch _, left := flipped(x); {
	case left == 0:
		return " and has " + x.Thing + " to release, which nobody else has"
	case left.AA() != 0:
		return ": " + halfOf(x) + " can be handed out to anybody now"
	}
	return " and does not touch " + x.Thing + " again: whoever takes the other half's mark off may free it at any moment"
}

func (t *telling) callbackUnlock(text string, x *lab.Past) (string, string) {
	text += whose(x)
	switch t.variant {
	case pgalloc.Typesafe:
		return text, "typesafe-look"
	case pgalloc.Pinned:
		return text + "; the pin may go only after this", t.pinRule()
	}
	return text, t.lockRule()
}

// flushRule names the version's rule of the lock in __tlb_flush_mm_lazy.
func (t *telling) flushRule() string {
	switch {
	case t.one(plainRFC):
		return "flush-with-bh-on"
	case t.one(guarded):
		return "flush-with-bh-off"
	}
	return "flush-first"
}

// before says what a flush is for.
func (t *telling) before() string {
	switch {
	case t.in("tlb_table_flush"):
		return "before the batch goes to call_rcu"
	case t.in("tlb_remove_table"):
		return "before the table is removed without a batch"
	case t.in("tlb_finish_mmu"):
		return "at the end of the gather"
	}
	return "on a switch to that mm"
}

func (t *telling) flushLock() (text, rule string) {
	text = "takes " + t.mm() + "'s context.lock in __tlb_flush_mm_lazy(), " + t.before()
	switch t.flushRule() {
	case "flush-with-bh-on":
		text += ", with BH on: a callback that interrupts it now and wants the lock waits forever"
	case "flush-with-bh-off":
		text += ", with BH off because callbacks take this lock as well"
	default:
		text += ", with BH on, which is correct where no callback takes this lock"
	}
	return text, t.flushRule()
}

func (t *telling) flushUnlock(text string) string {
	if r := t.last(kern.OpRead); r != nil && r.Result == 0 {
		return text + ", because no flush was due " + t.before()
	}
	return text + ", the TLB being flushed " + t.before()
}

// flushNeeded tells of the look at flush_mm.
func (t *telling) flushNeeded() (text, rule string) {
	if t.Step.Result == 0 {
		return "sees no TLB flush due for " + t.mm() + ", " + t.before(), t.flushRule()
	}
	return "sees a TLB flush due for " + t.mm() + ", and does it, " + t.before(), t.flushRule()
}

// semaphore tells of i_mmap_rwsem.
func (t *telling) semaphore() (text, rule string) {
	f := t.Object
	switch t.op.Kind {
	case kern.OpDownRead:
		return "takes " + f + "'s i_mmap_rwsem for reading: until it releases the semaphore, no vma leaves the tree, so the mm of any vma in it stays alive", "i-mmap"
	case kern.OpDownWrite:
		return "takes " + f + "'s i_mmap_rwsem for writing, after it waited for any retract under way: now a vma can enter or leave the tree", "i-mmap"
	case kern.OpUpRead:
		return "releases " + f + "'s i_mmap_rwsem: vmas can leave the tree again, and their mms go, whatever callbacks are still to come", "i-mmap"
	}
	for i := range t.Plain {
		p := &t.Plain[i]
		if p.Op.Kind == kern.OpStore && p.Field == "linked" {
			finds := " finds "
			if p.Op.A == 0 {
				finds = " does not find "
			}
			return "releases " + f + "'s i_mmap_rwsem: a retract that comes now" + finds + p.Object, "i-mmap"
		}
	}
	return "releases " + f + "'s i_mmap_rwsem, with the tree as it was", "i-mmap"
}
