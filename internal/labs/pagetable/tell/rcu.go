package tell

import (
	"strings"

	"ptsim/kern"
	"ptsim/pgalloc"
	"ptsim/tlbgather"
)

// begins tells of a callback or work item that begins to run.
func (t *telling) begins() (text, rule string) {
	switch t.Func {
	case "batch":
		return "begins the callback of " + t.Thing + ", whose grace period is over: no reader is left in " + list3(t.halves("either half"), "or"), "grace-period"
	case "now":
		if t.variant == pgalloc.FullPage {
			return "begins pte_free_now() for " + t.Thing + ": its grace period is over, and no reader is left in its table", "defer-full-page"
		}
		return "begins pte_free_now() for " + t.Thing + ": the grace period since both its halves became free is over", "release-active"
	case "now0", "now1":
		side := sides[deferredHalf[t.Func]]
		return "begins pte_free_" + t.Func + "() for " + t.Thing + ": the grace period of its rcu_head is over, and no reader is left in the " + side + " half", "grace-period"
	case "pgste":
		return "begins pte_free_pgste() for " + t.Thing + ": the grace period is over, and no reader is left in the table", "pgste-page"
	case "mmdrop_async_fn":
		return "begins mmdrop_async_fn() for " + t.mm() + ", whose last reference a callback dropped: here __mmdrop may run", "drop-async"
	case "slab_reclaim":
		return "begins slab_reclaim for the list object of " + t.mm() + ": the grace period since that was freed is over", "type-stable"
	}
	return "", ""
}

// deferredHalf is the half that a callback of pte_free_defer is for, by the name that it is registered by.
var deferredHalf = map[string]uint32{"now0": 0, "now1": 1}

// halves names what is in a batch as a sentence does. both is what the two halves of a page are called: "both halves".
func (t *telling) halves(both string) []string {
	if k := t.Tables; len(k) == 2 && k[0].Page == k[1].Page && !k[0].Whole {
		return []string{both + " of " + k[0].Page}
	}
	list := make([]string, len(t.Tables))
	for i, k := range t.Tables {
		list[i] = where(k)
	}
	return list
}

// waits says for whom the grace period of a callback that was queued just now waits.
func (t *telling) waits() string {
	if len(t.Readers) == 0 {
		return "no reader is inside, so its grace period can end at once"
	}
	if len(t.Readers) > 2 {
		return "its grace period waits for " + t.Readers[0] + ", and for " + digits(len(t.Readers)-1) + " more"
	}
	return "its grace period waits for " + strings.Join(t.Readers, ", and for ")
}

// callRCU tells of a call_rcu.
func (t *telling) callRCU() (text, rule string) {
	switch {
	case t.Cache == tlbgather.BatchCache:
		with := list3(t.halves("both halves"), "and")
		if !t.in("tlb_finish_mmu") {
			return "hands " + t.Thing + ", which is full with " + with + ", to call_rcu: " + t.waits(), "hand-over"
		}
		return "hands " + t.Thing + " with " + with + " to call_rcu: " + t.waits(), "hand-over"
	case t.in("pte_free_half"):
		rule = "chain"
		if t.one(posted) {
			rule = "chain-as-posted"
		}
		return "chains the " + sides[deferredHalf[t.Func]] + " half of " + t.Thing + ", deferred while the rcu_head was in use, by queueing it anew: " + t.waits(), rule
	case t.variant == pgalloc.FullPage:
		return "queues the rcu_head of " + t.Thing + " with pte_free_now(): " + t.waits(), "defer-full-page"
	case t.variant == pgalloc.Active:
		return "queues the rcu_head of " + t.Thing + ", both halves of which are free, with pte_free_now(): " + t.waits(), "release-active"
	case t.Func == "pgste":
		return "queues the rcu_head of " + t.Thing + ", one table with PGSTEs, with pte_free_pgste(): " + t.waits(), "pgste-page"
	}
	if t.Page == nil {
		return "", ""
	}
	return "queues the rcu_head of " + t.Thing + ", which is off the list, with pte_free_" + t.Func + "(): " + t.waits(), "union"
}

// reader tells of rcu_read_lock and rcu_read_unlock.
func (t *telling) reader() (text, rule string) {
	enters := t.op.Kind == kern.OpRCUReadLock
	switch {
	case t.in("__tlb_remove_table") && enters:
		return "enters rcu_read_lock before it looks at the other half: until the unlock the list's memory stays a list with a lock", "typesafe-look"
	case t.in("__tlb_remove_table"):
		return "leaves rcu_read_lock, done with the lock and the list", "typesafe-look"
	case enters:
		return "enters rcu_read_lock: every grace period that begins from now on waits for it", "reader"
	}
	return "leaves rcu_read_lock: what it found may be freed now", "reader"
}
