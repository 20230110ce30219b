package tell

import (
	"ptsim/kern"
	"ptsim/pgalloc"
)

// broken tells of a step at which something went wrong, and names the rule that was broken. It is "" where the step itself
// was as it should be, and nothing more is known than that.
func (t *telling) broken() (text, rule string) {
	switch t.Bad.Kind {
	case kern.UseAfterFree:
		return t.usesFreed()
	case kern.SoftirqDeadlock:
		return t.Who + " wants " + t.mm() + "'s context.lock, which " + t.holder() +
			", the task that it interrupted, holds with BH on: each waits for the other forever", "flush-with-bh-on"
	case pgalloc.ReaderUseAfterFree:
		if t.variant == pgalloc.Classic {
			return t.Who + " reads inside rcu_read_lock from " + where(t.Table) + ", which is free by now: a round of interrupts waits for walks with interrupts off, not for this one", "khugepaged-ipi"
		}
	case kern.PageLost:
		return t.lost()
	}
	text, rule = t.happened()
	if text == "" {
		return "", ""
	}
	return t.Who + " " + text + "; VIOLATION: " + t.Bad.Sentence(), rule
}

// holder names who has the lock.
func (t *telling) holder() string {
	if t.Holder == "" {
		return "somebody else"
	}
	return t.Holder
}

// freed says when something was freed and by whom.
func (t *telling) freed() string {
	if t.FreedAt == 0 {
		return "was freed"
	}
	return t.FreedBy + " freed at step " + digits(t.FreedAt)
}

// usesFreed tells of a freed mm that is used.
func (t *telling) usesFreed() (text, rule string) {
	if !t.ofMM() {
		return "", ""
	}
	rule = "callback-is-no-reference"
	if t.variant == pgalloc.Pinned {
		rule = t.pinRule()
	}
	switch t.op.Kind {
	case kern.OpSpinLock, kern.OpSpinLockBH:
		look := t.last(kern.OpRead)
		if !t.in("__tlb_remove_table") || look == nil {
			return "", ""
		}
		_, saw := flipped(look)
		return t.Who + " takes the context.lock of " + t.mm() + ", which " + t.freed() + ": at its look the " + sides[saw.AA()>>1] + " half of " +
			look.Thing + " was allocated, and so " + t.mm() + " alive, but nothing kept it since; this is the flaw", rule
	case kern.OpSpinUnlock, kern.OpSpinUnlockBH:
		return t.Who + " releases the context.lock of " + t.mm() + ", which " + t.freed() + " while the lock was held", rule
	case kern.OpListAdd, kern.OpListAddTail:
		return t.Who + " goes to the list of " + t.mm() + ", which " + t.freed(), rule
	case kern.OpSlabFree:
		why := "nothing kept the mm for that callback; this is the flaw"
		if t.variant == pgalloc.Pinned {
			why = "the pin went before the unlock"
		}
		return t.Who + " frees " + t.mm() + " while " + t.holder() + " holds its context.lock and is still to release it: " + why, rule
	}
	return "", ""
}

// lost tells of the end of all steps, when a page is left that nothing leads to.
func (t *telling) lost() (text, rule string) {
	if !t.one(posted) {
		return "", ""
	}
	return t.Who + " takes the last step of all (" + t.Text + "), and page" + digits(int(t.Bad.Page)) + " is lost with mask " + t.Left.String() +
		": pending on rcu_head, and nobody has queued its callback", "chain-as-posted"
}
