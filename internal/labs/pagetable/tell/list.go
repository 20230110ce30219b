package tell

import (
	"ptsim/kern"
	"ptsim/pgalloc"
)

// listRule names the version's rule of the list.
func (t *telling) listRule() string {
	switch {
	case t.variant == pgalloc.Classic:
		return "listed-classic"
	case t.variant == pgalloc.Active:
		return "listed-active"
	case t.variant == pgalloc.FullPage:
		return "full-page"
	}
	return "listed-rfc"
}

// list tells of an operation on a list, or on a node.
func (t *telling) list() (text, rule string) {
	switch t.op.Kind {
	case kern.OpListFirst:
		return t.first()
	case kern.OpListInit:
		return t.emptyNode()
	}
	if t.Page == nil {
		return "", ""
	}
	name, mm := t.Page.Name, t.owner()
	switch t.op.Kind {
	case kern.OpListAdd:
		text = "puts " + name + " at the front of " + mm + "'s list"
		switch {
		case t.in("page_table_alloc"):
			return text + ": from now on others can see it and take its upper half", "fresh-page"
		case t.in("__tlb_remove_table"):
			return text + " again: its " + sides[t.free()] + " half can be handed out from now on, and lru is a list node once more", "relink"
		}
		return text + t.toGive(), t.listRule()
	case kern.OpListAddTail:
		return "puts " + name + " at the end of " + mm + "'s list: one half is allocated and the other pending, so allocations should come to it last", t.listRule()
	}
	text = "takes " + name + " off " + mm + "'s list"
	if !t.Page.WasListed {
		return "leaves " + name + " as it is, on no list: PageActive has kept it off that of " + mm, t.listRule()
	}
	return text + t.whyOff(), t.listRule()
}

// free returns which half of the page is neither allocated nor pending, 0 if none is.
func (t *telling) free() uint32 {
	if t.Page.After.Half(1) == pgalloc.HalfFree {
		return 1
	}
	return 0
}

// toGive says which half a page has that was just listed.
func (t *telling) toGive() string {
	m := t.Page.After
	for h := range uint32(2) {
		switch {
		case m.Half(h) == pgalloc.HalfFree:
			return ": its " + sides[h] + " half is free and can be handed out"
		case m.Pending(h) && m.Allocated(1-h):
			return ": its " + sides[h] + " half can be handed out as soon as it is not pending any more"
		}
	}
	return ""
}

// whyOff says why a page leaves the list.
func (t *telling) whyOff() string {
	m := t.Page.After
	switch {
	case t.in("page_table_alloc"):
		return ": both halves are allocated now, and it has none to give away"
	case t.variant == pgalloc.Active && m.AA() != 0:
		return ": PageActive is set, so its other half is not to be handed out"
	case m == 0:
		return ": both halves are free, and it is about to be released"
	case t.one(relinking) && t.in("pte_free_defer"):
		return ": its words are the rcu_head's from now on"
	case t.one(relinking):
		return ": it has a pending half, and the other is free"
	}
	return ": none of its halves is allocated any more"
}

// first tells of the look at the head of the list.
func (t *telling) first() (text, rule string) {
	rule = "first-page-fits"
	if t.one(twoSteps) {
		rule = "first-page"
	}
	if len(t.List) == 0 {
		return "finds " + t.mm() + "'s list empty: it will have to take a fresh page", rule
	}
	return "finds " + t.List[0] + " first on " + t.mm() + "'s list, and looks at no other", rule
}

func (t *telling) emptyNode() (text, rule string) {
	if t.ofMM() {
		return "makes " + t.mm() + ", with one user, one reference and an empty pgtable_list", "mm-born"
	}
	if t.variant == pgalloc.FullPage {
		return "takes fresh " + t.Thing + " as one page table, empties its list node, which only the gmap uses, and fills it with 256 invalid entries and zeros", "full-page"
	}
	return "takes fresh " + t.Thing + " and empties its list node, for release wants it to be on no list", "pgste-page"
}

// look tells of a read that others can see.
func (t *telling) look() (text, rule string) {
	switch field := t.Field; {
	case field == "context.flush_mm":
		return t.flushNeeded()
	case field == "context.has_pgste":
		return "asks whether " + t.mm() + " has a KVM guest: " + yesNo(t.Step.Result), "no-guest"
	case field == "pmd":
		return t.walks()
	case field == "flags" && t.variant == pgalloc.FullPage:
		return "reads the order of " + t.Thing + ": " + digits(int(t.Step.Result>>16)) + ", so it is a page table and no segment or region table", "crst-order"
	case field == "flags":
		return t.isActive()
	case field == "_refcount":
		return t.looksAtMask()
	}
	return "", ""
}

func yesNo(v uint32) string {
	if v != 0 {
		return "it has"
	}
	return "it has none"
}

func (t *telling) isActive() (text, rule string) {
	if t.Step.Result&pgalloc.PGActive != 0 {
		return "sees that PageActive of " + t.Thing + " is set: some half was deferred, so the page must not be listed", "page-active"
	}
	return "sees that PageActive of " + t.Thing + " is clear: the page can be listed for its other half", "page-active"
}

// looksAtMask tells of a read of a page's mask.
func (t *telling) looksAtMask() (text, rule string) {
	if t.Page == nil {
		return "", ""
	}
	m := pgalloc.Mask(t.Step.Result >> pgalloc.MaskShift)
	switch {
	case t.in("page_table_alloc"):
		return t.firstMask(m)
	case !t.in("__tlb_remove_table"):
		return t.readsTable(m)
	}
	name, look := t.Page.Name, " without a lock: "
	if t.in("tlb_remove_table_one") {
		look = " in the task itself, without a lock: "
	}
	if m.AA() == 0 {
		return t.sawNone("looks at " + name + look + "no half is allocated, and none can become so, ")
	}
	text = "looks at " + name + look + "its " + sides[m.AA()>>1] + " half is allocated"
	switch t.variant {
	case pgalloc.Typesafe:
		return text + ", so " + t.owner() + " is alive at this instant, and inside rcu_read_lock its lock stays a lock: it takes that lock to put the page back", "typesafe-look"
	case pgalloc.Pinned:
		return text + ", so it will take " + t.owner() + "'s context.lock to put the page back; " + t.pinHolds(), "pinned-look"
	}
	if t.in("tlb_remove_table_one") {
		return text + ", so it will take " + t.owner() + "'s context.lock to put the page back; the task holds " + t.owner(), "unlocked-look"
	}
	return text + ", which proves that " + t.owner() + " is alive now; it will take that mm's context.lock, and nothing holds the mm until then", "unlocked-look"
}

// sawNone tells of the unlocked look at a page of which no half is allocated.
func (t *telling) sawNone(text string) (string, string) {
	switch {
	case t.variant == pgalloc.Typesafe:
		return text + "so it needs no lock and no list", "typesafe-look"
	case t.variant == pgalloc.Pinned:
		return text + "so it needs no lock", "pinned-look"
	}
	return text + "so it needs no lock and no mm", "unlocked-look"
}

// firstMask tells how an allocation judges the first page of the list.
func (t *telling) firstMask(m pgalloc.Mask) (text, rule string) {
	name := t.Page.Name
	for h := range uint32(2) {
		if m.Half(h) == pgalloc.HalfFree {
			rule = "first-page-fits"
			if t.one(twoSteps) {
				rule = "first-page"
			}
			return "reads the mask of " + name + ", the first page: its " + sides[h] + " half is free, and will be handed out", rule
		}
	}
	for h := range uint32(2) {
		if m.Pending(h) {
			return "reads the mask of " + name + ", the first page: its " + sides[h] + " half is pending, so it looks no further and takes a fresh page", "first-page"
		}
	}
	return "", ""
}

// readsTable tells of a walk that reads an entry of a table.
func (t *telling) readsTable(m pgalloc.Mask) (text, rule string) {
	if t.Page.Whole {
		switch {
		case t.Page.Queued:
			text = ", whose callback is queued"
		case t.Page.Tables[0] != "":
			text = " (" + t.Page.Tables[0] + ")"
		}
		return "reads from the table in " + t.Table.Page + text + ": it is there yet", "reader"
	}
	h := t.Table.Half
	text = "reads from " + t.half(h) + ", which is " + state(m, h)
	if m.Half(h) == pgalloc.HalfFree {
		return text + ", but a page with a deferred half is not given back without a grace period", "reader"
	}
	return text + " and so still there", "reader"
}
