package explain

import (
	"strings"

	"ptsim/kern"
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
	why := ", with BH off"
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
	if p := t.last(kern.OpRead); p != nil {
		page = p.Thing
	}
	text += " to take the mark off " + page + " and look again whether it can be listed"
	switch {
	case t.variant == pgalloc.Typesafe:
		return text + "; inside rcu_read_lock that is a lock even if the mm has gone", "typesafe-look"
	case t.in("tlb_remove_table_one"):
		return text + "; the task holds the mm, and BH is off since callbacks take the lock", "lock-bh"
	case t.variant == pgalloc.Pinned:
		return text + "; a pin has kept " + t.mm() + " since before the half was given to RCU", t.pinRule()
	}
	return text + "; " + t.mm() + " is still there, but nothing made sure of it", "callback-is-no-reference"
}

// unlock tells of a spin lock that is released.
func (t *telling) unlock() (text, rule string) {
	text = "releases " + t.mm() + "'s context.lock"
	if t.in("__tlb_flush_mm_lazy") {
		return text + t.flushUnlocked(), t.flushRule()
	}
	rule = t.lockRule()
	x, l := t.last(kern.OpXor), t.last(kern.OpListAdd, kern.OpListAddTail, kern.OpListDel, kern.OpListDelInit)
	switch {
	case t.in("__tlb_remove_table"):
		if t.variant == pgalloc.Typesafe {
			rule = "typesafe-look"
		} else if t.variant == pgalloc.Pinned {
			rule = t.pinRule()
		}
		if x == nil {
			break
		}
		_, left := x.flipped()
		switch {
		case left == 0:
			text += " and has " + x.Thing + " to release, which nobody else has"
		case left.AA() != 0:
			text += ": " + x.Thing + " is all others' from here on"
		default:
			text += " and does not touch " + x.Thing + " again, which is the other half's callback's now"
		}
		if t.variant == pgalloc.Pinned {
			text += "; its reference may go only after this"
		}
		return text, rule
	case t.in("page_table_alloc"):
		switch {
		case l == nil:
			return text + " with nothing found, and goes for a fresh page", rule
		case l.Op.Kind == kern.OpListAdd:
			return text + ": the lower half of " + l.Thing + " is the caller's, the upper one anybody's", "fresh-page"
		}
		return text + ": the half of " + l.Thing + " that it found is the caller's", rule
	case x == nil:
		return text, rule
	case t.in("page_table_free_rcu"):
		return text + " before the half of " + x.Thing + " goes to a batch: the gather may have to flush, which takes the same lock", "gather"
	case t.in("pte_free_defer") && t.one(relinking):
		if _, left := x.flipped(); left.HH() == 3 {
			return text + " and is done: the half of " + x.Thing + " waits to be chained", "one-head"
		}
		return text + "; P of its half keeps " + x.Thing + " until call_rcu", "defer"
	case t.one(twoSteps):
		return text + "; P of its half still keeps " + x.Thing, "free-in-two-steps"
	}
	_, left := x.flipped()
	switch {
	case left == 0:
		text += " and has " + x.Thing + " to release, which nobody else has"
	case left.PP() != 0:
		text += " and does not touch " + x.Thing + " again: the other half's callback may free it at any moment"
	default:
		text += ": the freed half of " + x.Thing + " can be handed out"
	}
	return text, "free-in-one-step"
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

// before says what a flush comes before.
func (t *telling) before() string {
	switch {
	case t.in("tlb_table_flush"):
		return " before the batch goes to call_rcu"
	case t.in("tlb_remove_table"):
		return " before the table is removed without a batch"
	case t.in("tlb_finish_mmu"):
		return " at the end of the gather"
	}
	return " as a task that is switched to it does"
}

func (t *telling) flushLock() (text, rule string) {
	text = "takes " + t.mm() + "'s context.lock to flush the TLB" + t.before()
	switch t.flushRule() {
	case "flush-with-bh-on":
		text += ", with BH on: a callback that comes as an interrupt now and wants the lock hangs"
	case "flush-with-bh-off":
		text += ", with BH off because callbacks take this lock as well"
	default:
		text += ", with BH on, as it may be where no callback takes this lock"
	}
	return text, t.flushRule()
}

func (t *telling) flushUnlocked() string {
	return ", the TLB being flushed" + t.before()
}

// flushNeeded tells of the look at flush_mm.
func (t *telling) flushNeeded() (text, rule string) {
	if t.Step.Result == 0 {
		return "sees no flush due for " + t.mm() + t.before(), t.flushRule()
	}
	return "sees a flush due for " + t.mm() + ", and does it" + t.before(), t.flushRule()
}

// semaphore tells of i_mmap_rwsem.
func (t *telling) semaphore() (text, rule string) {
	f, _, _ := strings.Cut(t.Word, "->")
	switch t.op.Kind {
	case kern.OpDownRead:
		return "takes " + f + "'s i_mmap_rwsem to read: until it releases that no vma leaves the tree, so the mm of any vma in it stays alive", "i-mmap"
	case kern.OpDownWrite:
		return "takes " + f + "'s i_mmap_rwsem to write, which waits for a retract under way: now a vma can enter or leave the tree", "i-mmap"
	case kern.OpUpRead:
		return "releases " + f + "'s i_mmap_rwsem: vmas can leave the tree again, and their mms go, whatever callbacks are still to come", "i-mmap"
	}
	return "releases " + f + "'s i_mmap_rwsem, which it had to write", "i-mmap"
}
