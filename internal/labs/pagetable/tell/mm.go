package tell

import (
	"cmp"

	"ptsim/kern"
	"ptsim/lab"
	"ptsim/mmctx"
	"ptsim/pgalloc"
	"ptsim/tlbgather"
)

// pinRule names the rule of the pin.
func (t *telling) pinRule() string { return "pin-" + string(pinOf(t.Version)) }

// count tells of mm_users and mm_count, of which a reference is taken or dropped.
func (t *telling) count(counts int8) (text, rule string) {
	mm, n := t.mm(), digits(int(t.Count))
	switch {
	case t.op.Kind == kern.OpAddUnless && t.Step.Result == 0: // it got no reference
		return "", ""
	case t.is("mm_users") && counts > 0:
		return "becomes one more user of " + mm + "'s address space: mm_users is now " + n, "users"
	case t.is("mm_users") && t.Count == 0:
		return "is the last user of " + mm + ": mm_users is now 0, and the one reference that all users held must be dropped", "users"
	case t.is("mm_users"):
		return "stops using " + mm + "'s address space: mm_users is now " + n, "users"
	case counts > 0:
		return t.grabs(mm, n)
	case t.in("mmdrop_async"):
		return t.dropsAsync(mm, n)
	}
	return t.drops(mm, n)
}

// grabs tells of mmgrab: a pin, but where the scenario asks for a reference.
func (t *telling) grabs(mm, n string) (text, rule string) {
	is := ": mm_count is now " + n
	if !t.in("page_table_alloc") && !t.in("page_table_free_rcu") && !t.in("pte_free_defer") {
		return "takes a reference to the struct " + mm + ", not to its address space" + is, "count"
	}
	switch pinOf(t.Version) {
	case pgalloc.PinTable:
		text = "pins " + mm + " for the table that it allocates"
	case pgalloc.PinPage, pgalloc.PinPageLocked:
		text = "pins " + mm + ", since this half is the first of its page to be pending"
	case pgalloc.PinPageLife:
		text = "pins " + mm + " for its fresh page, before anybody can see that"
	default:
		text = "pins " + mm + " under the lock, for the half that it is about to make pending"
	}
	return text + is, t.pinRule()
}

// pinOver says why a pin is dropped.
func (t *telling) pinOver() string {
	switch pinOf(t.Version) {
	case pgalloc.PinTable:
		return "of a table that is free now"
	case pgalloc.PinPage, pgalloc.PinPageLocked:
		return "of a page that has no pending half any more"
	case pgalloc.PinPageLife:
		return "of a page that is released"
	}
	return "of a half that is not pending any more"
}

func (t *telling) dropsAsync(mm, n string) (text, rule string) {
	text = "drops the pin " + t.pinOver() + ": " + mm + "'s mm_count is now " + n
	if t.Count == 0 {
		return text + ", and since this is a softirq a work item has to free " + mm, "drop-async"
	}
	return text, t.pinRule()
}

func (t *telling) drops(mm, n string) (text, rule string) {
	switch {
	case t.in("__tlb_remove_table"):
		return "drops the pin " + t.pinOver() + ", in a task that holds the mm itself: " + mm + "'s mm_count is now " + n, t.pinRule()
	case t.in("page_table_free"):
		return "drops the pin " + t.pinOver() + "; the caller holds the mm itself, so this is not the last reference: " + mm + "'s mm_count is now " + n, t.pinRule()
	case t.Count == 0:
		return "drops the last reference to " + mm + ": mm_count is now 0, and it goes on to __mmdrop", "count"
	}
	return "drops a reference to " + mm + ": mm_count is now " + n + ", so another holder will free it", "count"
}

// slab tells of objects that come and go.
func (t *telling) slab() (text, rule string) {
	switch t.op.Kind {
	case kern.OpSlabAlloc:
		if t.ListOf != "" {
			return "takes the freed list object of " + t.ListOf + " for the new mm, as it was left: it is not initialised again, since a callback may be at its lock", "type-stable"
		} else if t.variant == pgalloc.Typesafe {
			return "takes a new list object, with its lock, for the new mm", "type-stable"
		}
		return t.ownSteps()
	case kern.OpSlabReclaim:
		return t.reclaims()
	}
	switch {
	case t.Cache == tlbgather.BatchCache:
		return "frees " + t.Thing + ": all its tables are removed", "batch"
	case t.Cache == mmctx.ListCache:
		return "frees the list object of " + t.mm() + ", which stays a list with a lock until a grace period has passed", "type-stable"
	case t.ofMM() && (t.in("mmdrop_async_fn") || t.Doing == "mmdrop_async_fn"):
		return "frees " + t.mm() + " in process context, as the callback that dropped the last reference could not", "drop-async"
	}
	if !t.ofMM() {
		return "", ""
	}
	if t.variant == pgalloc.Typesafe {
		return "frees " + t.mm() + ", but not its list and lock, which are an object of their own and wait for a grace period", "type-stable"
	}
	return "frees " + t.mm() + " with its list and lock: what still leads to it leads to freed memory", "mm-free"
}

// reclaims tells of a type-stable object whose grace period is over.
func (t *telling) reclaims() (text, rule string) {
	switch {
	case t.Queued:
		return "finds that the list object of " + t.mm() + " was used and freed again meanwhile, and queues it for another grace period", "type-stable"
	case t.Alive:
		return "finds that another mm uses the list object of " + t.mm() + " by now, and leaves it alone", "type-stable"
	}
	return "gives the memory of " + t.mm() + "'s list object back: nobody can be at its lock any more", "type-stable"
}

// pmd tells of a pmd that is emptied or filled.
func (t *telling) pmd() (text, rule string) {
	vma, table := t.Object, t.table(t.Around.Value)
	switch {
	case t.op.Kind == kern.OpCmpXchg && t.Step.Result == 0:
		return "puts " + t.installed() + " under " + vma + "'s pmd, which was empty: walks can come to it now", "lost-race"
	case t.op.Kind == kern.OpCmpXchg:
		return "finds " + table + " under " + vma + "'s pmd already, so its own " + t.installed() + " is of no use and can be freed at once", "lost-race"
	case t.Step.Result == 0 && t.verb() == "retract":
		return "finds " + vma + " in the tree, but its pmd empty: there is nothing to retract", "one-taker"
	case t.Step.Result == 0:
		return "finds " + vma + "'s pmd empty: there is no table for it to free", "one-taker"
	case t.verb() == "retract":
		return "finds " + vma + " in the tree and empties its pmd: only it has " + table + " now, and no new walk can reach that table", "one-taker"
	}
	return "empties " + vma + "'s pmd: only it has " + table + " now, and no new walk can reach that table", "one-taker"
}

// installed names the table that an install is about, as the scenario does.
func (t *telling) installed() string { return cmp.Or(t.Names, "table") }

// ofMM tells whether the step is about an mm, or about a list object that is one's.
func (t *telling) ofMM() bool { return t.Cache == mmctx.Cache || t.Cache == mmctx.ListCache }

// table writes the name of a table: what has no name of its own is called by its page.
func (t *telling) table(k Table) string {
	if k.Name != "" {
		return k.Name
	}
	return where(k.TableAt)
}

// where says where a table lies.
func where(t lab.TableAt) string {
	if t.Whole {
		return "the table in " + t.Page
	}
	return "the " + sides[t.Half] + " half of " + t.Page
}

// walks tells of a walk's look at a pmd.
func (t *telling) walks() (text, rule string) {
	vma := t.Object
	if t.Step.Result == 0 {
		return "finds " + vma + "'s pmd empty: there is no table to walk into", "reader"
	}
	return "finds " + t.table(t.Around.Value) + " under " + vma + "'s pmd, and may look into it until its rcu_read_unlock", "reader"
}
