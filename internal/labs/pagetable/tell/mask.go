package tell

import (
	"ptsim/kern"
	"ptsim/pgalloc"
)

// change is what an xor did to a mask.
type change struct {
	bits, before, after pgalloc.Mask
	half                uint32 // the one that it is about
}

func (t *telling) change() change { return changeOf(t.op.A, t.Step.Result) }

func changeOf(bits, left uint32) change {
	c := change{bits: pgalloc.Mask(bits >> pgalloc.MaskShift), after: pgalloc.Mask(left >> pgalloc.MaskShift)}
	c.before = c.after ^ c.bits
	if c.bits&(pgalloc.A|pgalloc.H|pgalloc.P) == 0 {
		c.half = 1
	}
	return c
}

const (
	bothA = pgalloc.A | pgalloc.A<<1
	bothH = pgalloc.H | pgalloc.H<<1
	aAndP = pgalloc.A | pgalloc.P
	aHP   = pgalloc.A | pgalloc.H | pgalloc.P
)

// turns says which half goes from which state to which.
func (t *telling) turns(c change) string {
	return "turns " + t.half(c.half) + " from " + state(c.before, c.half) + " to " + state(c.after, c.half)
}

func state(m pgalloc.Mask, half uint32) string { return m.Half(half).String() }

func (t *telling) now(c change) string {
	return "; " + t.Page.Name + "'s mask is now " + c.after.String()
}

// mask tells of an atomic xor of a page's mask.
func (t *telling) mask() (text, rule string) {
	if t.Page == nil {
		return "", ""
	}
	c := t.change()
	switch {
	case c.bits == bothA:
		return t.wholePage(c)
	case t.in("page_table_alloc"):
		return t.allocates(c)
	case t.in("pte_free_half") && !t.in("__tlb_remove_table"):
		return t.headAtRest(c)
	case t.in("__tlb_remove_table"):
		return t.markOff(c)
	}
	switch c.bits >> c.half {
	case aHP:
		return t.defers(c)
	case aAndP:
		if t.in("page_table_free_rcu") {
			return t.toGather(c)
		}
		return t.freesMarked(c)
	case pgalloc.A:
		return t.freesAtOnce(c)
	case pgalloc.P:
		return t.freesMarkOff(c)
	}
	return "", ""
}

// wholePage tells of a table with PGSTEs.
func (t *telling) wholePage(c change) (text, rule string) {
	if c.before == 0 {
		return "makes fresh " + t.Page.Name + " one 4K table with PGSTEs: both A bits go on together, and the page will never be on a list" + t.now(c), "pgste-page"
	}
	return "turns both A bits of " + t.Page.Name + " off in one step, since it is one 4K table with PGSTEs; nothing is left, so it releases the page" + t.now(c), "pgste-page"
}

func (t *telling) allocates(c change) (text, rule string) {
	if c.before == 0 {
		table := ""
		if name := t.Page.Tables[0]; name != "" {
			table = " (" + name + ")"
		}
		return "takes fresh " + t.Page.Name + ", to which nothing leads yet, turns its lower half" + table + " from free to allocated, and fills both halves with invalid entries" + t.now(c), "fresh-page"
	}
	rule = "first-page-fits"
	if t.one(twoSteps) {
		rule = "first-page"
	}
	return t.turns(c) + ", for the page is first on the list; " + other(c.half) + " is allocated too, so the page has to leave the list" + t.now(c), rule
}

// freesMarked tells of page_table_free under the lock in the versions that have P on for a while there.
func (t *telling) freesMarked(c change) (text, rule string) {
	if t.byKhugepaged() {
		return t.turns(c) + ", for the round of interrupts is over; P keeps the page until the list is right" + t.neighbour(c) + t.now(c), "khugepaged-ipi"
	}
	text = t.turns(c) + ", although no walk can be in it: P keeps the page until the list is right"
	if t.variant == pgalloc.Active && t.in("pte_free_defer") {
		text = t.turns(c) + ", only until the list is right: PageActive will make the page wait, not the half"
	}
	return text + t.neighbour(c) + t.now(c), "free-in-two-steps"
}

// byKhugepaged tells whether this is the way that khugepaged went before there was pte_free_defer.
func (t *telling) byKhugepaged() bool { return t.variant == pgalloc.Classic && t.verb() == "defer" }

// neighbour says what the other half is doing, where the mask is about to decide on the list.
func (t *telling) neighbour(c change) string {
	return "; " + other(c.half) + " is " + state(c.after, 1-c.half)
}

func (t *telling) freesMarkOff(c change) (text, rule string) {
	text = t.turns(c) + ", without the lock"
	switch {
	case c.after == 0:
		text += ": no bit is left, so it releases the page"
	case c.after.Allocated(1 - c.half):
		text += ": " + other(c.half) + " is allocated, so the page lives on"
	default:
		text += ": " + other(c.half) + " is pending, and whoever clears that mark must release it"
	}
	return text + t.now(c), "free-in-two-steps"
}

// freesAtOnce tells of page_table_free of the RFC.
func (t *telling) freesAtOnce(c change) (text, rule string) {
	text = t.turns(c) + " in one step"
	switch {
	case c.after.Allocated(1 - c.half):
		text += "; " + other(c.half) + " is allocated, so the page has to go on the list"
	case c.after.Pending(1 - c.half):
		text += "; " + other(c.half) + " is " + state(c.after, 1-c.half) + ", so the page is off the list, and whoever clears its mark must release it"
	default:
		text += "; " + other(c.half) + " is free, so the page has to leave the list and be released"
	}
	return text + t.now(c), "free-in-one-step"
}

func (t *telling) toGather(c change) (text, rule string) {
	text = t.turns(c) + ", for a walk may still be in it"
	switch {
	case t.one(relinking) && c.after.Allocated(1-c.half):
		text += "; " + other(c.half) + " is allocated, and the page stays off the list while this one is pending"
	case t.one(relinking) && c.after.Pending(1-c.half):
		text += "; " + other(c.half) + " is " + state(c.after, 1-c.half) + ", so the page is off the list already"
	case t.one(relinking):
		text += "; " + other(c.half) + " is free, and the page has to leave the list while this one is pending"
	default:
		text += t.neighbour(c)
	}
	return text + t.now(c), "gather"
}

func (t *telling) defers(c change) (text, rule string) {
	text = t.turns(c) + " in one atomic xor"
	switch {
	case c.after.PendingHead(1 - c.half):
		return text + "; " + other(c.half) + " has the page's rcu_head, so this one is not queued: that callback must chain it" + t.now(c), "one-head"
	case c.after.Allocated(1 - c.half):
		text += "; " + other(c.half) + " stays allocated, and this half must queue the rcu_head"
	default:
		text += "; " + other(c.half) + " is " + state(c.after, 1-c.half) + ", and this half must queue the rcu_head"
	}
	return text + t.now(c), "defer"
}

// headAtRest tells of the first step of a deferred half's callback.
func (t *telling) headAtRest(c change) (text, rule string) {
	text = t.turns(c) + ", since RCU is done with the rcu_head"
	if c.after.PendingHead(1 - c.half) {
		text += "; " + other(c.half) + " was deferred meanwhile, and this callback must queue the head for it"
	} else {
		text += "; " + other(c.half) + " is " + state(c.after, 1-c.half)
	}
	return text + t.now(c), "head-at-rest"
}

// markOff tells of __tlb_remove_table when it turns P off.
func (t *telling) markOff(c change) (text, rule string) {
	text = t.turns(c)
	if t.forgets(c) {
		return text + "; then, as posted, it tests bits 2 and 3 of the reference count, finds them clear, and does not chain " + other(c.half) + t.now(c), "chain-as-posted"
	}
	if t.one(twoSteps) {
		return text + t.left(c) + t.now(c), "mark-off"
	}
	if l := t.last(kern.OpSpinLockBH, kern.OpSpinUnlockBH); l == nil || l.Op.Kind != kern.OpSpinLockBH {
		rule = "unlocked-look"
		switch t.variant {
		case pgalloc.Pinned:
			rule = "pinned-look"
		case pgalloc.Typesafe:
			rule = "typesafe-look"
		}
		return text + " without the lock" + t.left(c) + t.now(c), rule
	}
	switch {
	case c.after.Allocated(1 - c.half):
		text += "; " + other(c.half) + " is still allocated now that the lock is held, so the page goes back on the list"
	case c.after.Pending(1 - c.half):
		text += " under the lock; " + other(c.half) + " is " + state(c.after, 1-c.half) + ", so the page stays off the list until its mark is off too"
	default:
		text += " under the lock; " + other(c.half) + " is free, so the page is not put back but released after the unlock"
	}
	return text + t.now(c), "relink"
}

// forgets tells whether this callback should chain the other half, and will not for want of a shift.
func (t *telling) forgets(c change) bool {
	if !t.one(posted) || !t.in("pte_free_half") {
		return false
	}
	x := t.last(kern.OpXor) // of its own H
	if x == nil {
		return false
	}
	_, left := flipped(x)
	return left.PendingHead(1-c.half) && x.Result&uint32(bothH) == 0
}

// left says what becomes of a page that a half was taken off.
func (t *telling) left(c change) string {
	switch {
	case c.after == 0:
		return "; no bit is left, so it releases the page"
	case c.after.Allocated(1-c.half) && t.Page.Active && !t.Page.Listed:
		return "; " + other(c.half) + " is allocated, so the page lives on, but PageActive keeps this half from being used again"
	case c.after.Allocated(1 - c.half):
		return "; " + other(c.half) + " is allocated, so the page lives on and this half can be used again"
	}
	return "; " + other(c.half) + " is " + state(c.after, 1-c.half) + ", and whoever clears its mark must release it"
}

// flag tells of PageActive.
func (t *telling) flag() (text, rule string) {
	p := t.Page
	if p == nil {
		return "", ""
	}
	if t.op.Kind == kern.OpOr {
		text = "sets PageActive of " + p.Name + " before it takes the lock: the page will not be listed again, and waits for a grace period when both halves are free"
		if p.WasActive {
			text = "sets PageActive of " + p.Name + ", which is set already: one of its halves was deferred before"
		} else if p.WasListed {
			text += "; it is on the list yet"
		}
		return text, "page-active"
	}
	if p.WasActive {
		return "finds PageActive of " + p.Name + " set and clears it: a half was deferred, so the page goes to call_rcu and is not freed yet", "release-active"
	}
	return "finds PageActive of " + p.Name + " clear: no half was deferred, so the page is freed at once", "release-active"
}

// giveBack tells of the last reference to a page.
func (t *telling) giveBack() (text, rule string) {
	name := t.Thing
	if t.Step.Result == 0 {
		return "drops the allocator's reference to " + name + "; a speculative one keeps the frame a little longer", "last-bit"
	}
	switch {
	case t.variant == pgalloc.FullPage && t.in("pte_free_now"):
		return "frees " + name + ": nobody can be in its table any more", "defer-full-page"
	case t.variant == pgalloc.FullPage && t.in("tlb_remove_table_one"):
		return "frees " + name + " itself, without a grace period", "no-batch"
	case t.variant == pgalloc.FullPage && t.in("__tlb_remove_table"):
		return "frees " + name + ": nobody can be in its table any more", "gather-full-page"
	case t.variant == pgalloc.FullPage:
		return "frees " + name + " at once, for no walk can be in its table", "full-page"
	case t.in("pte_free_now"):
		return "frees " + name + ": the grace period that began when both its halves were free is over", "release-active"
	case t.in("tlb_remove_table_one"):
		return "frees " + name + " itself, without a grace period: it turned off the last bit of its mask", "no-batch"
	}
	return "frees " + name + ", for it turned off the last bit of its mask", "last-bit"
}
