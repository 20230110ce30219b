package masks_test

// The oracle is a page as sets of halves: those allocated, those pending by any method, those pending on the rcu_head.
// Its rules are the sentences of the versions' published descriptions. It shares nothing with the allocator but the
// names of the variants; masks reach it as six binary digits.

// answer is what the oracle says about one operation.
type answer struct {
	possible bool
	next     page
	between  []page // what others can see before next
	list     string
	rcu      string // "", "batch", or what call_rcu is given, "chain " before it if a callback does so; "wait"
	release  string
	lock     bool
	mm       int
}

// oracle knows the rules of one variant.
type oracle struct {
	variant string
	pin     string
}

func (o oracle) rfc() bool {
	return o.variant == "rfc" || o.variant == "rfc-as-posted" || o.variant == "pinned" || o.variant == "typesafe"
}

// legal: no half is allocated and pending at once. In the RFC a half on the rcu_head is pending; elsewhere no half is on
// it. v6.7 has no mask.
func (o oracle) legal(p page) bool {
	switch {
	case o.variant == "fullpage":
		return p.unused()
	case o.rfc():
		return !p.alloc.meets(p.pending) && p.head.within(p.pending)
	}
	return !p.alloc.meets(p.pending) && p.head.empty()
}

// listed: classic lists a page while exactly one half is allocated, whatever the other does; active likewise, unless the
// page is Active; the RFC demands besides that no half is pending; v6.7 has no list.
func (o oracle) listed(p page) bool {
	one := len(p.alloc) == 1
	switch {
	case o.variant == "fullpage" || !o.legal(p):
		return false
	case o.rfc():
		return one && p.pending.empty()
	case o.variant == "active":
		return one && !p.active
	}
	return one
}

// ask answers for one operation on one half of a page.
func (o oracle) ask(p page, op, half string) answer {
	if !o.legal(p) || o.variant == "classic" && (op == "defer" || op == "now") {
		return answer{}
	}
	if o.variant == "fullpage" {
		return o.wholePage(op, half)
	}
	switch op {
	case "alloc":
		return o.alloc(p, half)
	case "free":
		return o.free(p, half)
	case "free_rcu":
		return o.freeRCU(p, half)
	case "remove":
		if !p.pending.has(half) || p.head.has(half) {
			return answer{}
		}
		return o.remove(p, half)
	case "defer":
		return o.deferred(p, half)
	case "now":
		return o.now(p, half)
	}
	panic("no such operation: " + op)
}

// wholePage: in v6.7 a table is a page, so every way of freeing it ends with the page's release: at once, or by way of a
// batch or the rcu_head. There are no half 1, no list, no lock, no mm.
func (o oracle) wholePage(op, half string) answer {
	if half == "1" {
		return answer{}
	}
	return map[string]answer{
		"free":     {possible: true, release: "now"},
		"free_rcu": {possible: true, rcu: "batch", release: "after a grace period"},
		"remove":   {possible: true, release: "now"},
		"defer":    {possible: true, rcu: "now", release: "after a grace period"},
		"now":      {possible: true, release: "now"},
	}[op]
}

// alloc hands out a half of the first page on the list that is neither allocated nor pending, and the page, now full,
// leaves the list. A page with its other half pending is passed over.
func (o oracle) alloc(p page, half string) answer {
	if !o.listed(p) || p.alloc.has(half) || p.pending.has(half) {
		return answer{}
	}
	a := answer{possible: true, next: p, list: "del", lock: true}
	a.next.alloc = p.alloc.with(half)
	if o.pin == "table" {
		a.mm = 1
	}
	return a
}

// free: in classic and active the half is pending for a moment, so that nobody releases the page meanwhile, and the list
// is set right under the lock in that state; the RFC takes the half back in one step, and leaves a page with a pending
// half off the list.
func (o oracle) free(p page, half string) answer {
	if !p.alloc.has(half) {
		return answer{}
	}
	a := answer{possible: true, next: p, lock: true}
	a.next.alloc = p.alloc.without(half)
	if o.rfc() {
		switch {
		case !a.next.alloc.empty():
			a.list = "add head"
		case p.pending.empty():
			a.list = "del"
		}
		if a.next.unused() {
			a.release = "now"
		}
		if o.pin == "table" || o.pin == "page-life" && a.next.unused() {
			a.mm = -1
		}
		return a
	}
	middle := a.next
	middle.pending = p.pending.with(half)
	a.list = o.listAfter(p, middle, "add head")
	return o.gone(a, middle)
}

// listAfter: in classic and active a page whose half was freed is added when the other is allocated, unless it is Active,
// and deleted if it was on the list otherwise.
func (o oracle) listAfter(was, is page, add string) string {
	switch {
	case !is.alloc.empty() && !is.active:
		return add
	case o.listed(was):
		return "del"
	}
	return ""
}

// gone finishes an operation of classic or active that passed through the given states and ended in a.next: a page
// without any use is released, by way of RCU if it is Active, which it is not any more then.
func (o oracle) gone(a answer, between ...page) answer {
	a.between = between
	if !a.next.unused() {
		return a
	}
	a.release = "now"
	if a.next.active {
		a.between = append(a.between, a.next)
		a.next.active = false
		a.rcu, a.release = "now", "after a grace period"
	}
	return a
}

// freeRCU makes the half pending and puts it into a batch. Classic and active put the page at the tail of the list if the
// other half is allocated; the RFC never adds, and deletes a page that had no other half in use.
func (o oracle) freeRCU(p page, half string) answer {
	if !p.alloc.has(half) {
		return answer{}
	}
	a := answer{possible: true, next: p, rcu: "batch", lock: true}
	a.next.alloc, a.next.pending = p.alloc.without(half), p.pending.with(half)
	if o.rfc() {
		if o.listed(p) {
			a.list = "del"
		}
		a.mm = o.pinPending(p)
		return a
	}
	a.list = o.listAfter(p, a.next, "add tail")
	return a
}

// pinPending: with one reference a pending half each takes one; with one a page, the first pending half does.
func (o oracle) pinPending(p page) int {
	if o.pin == "half" || (o.pin == "page" || o.pin == "page-locked") && p.pending.empty() {
		return 1
	}
	return 0
}

// remove ends the grace period of a half. Classic and active only take the mark off, without lock or mm. The RFC puts the
// page back at the head of the list, under its lock, if the other half is allocated.
func (o oracle) remove(p page, half string) answer {
	a := answer{possible: true, next: p}
	a.next.pending = p.pending.without(half)
	if !o.rfc() {
		return o.gone(a)
	}
	if !p.alloc.empty() {
		a.list = "add head"
	}
	a.lock = !p.alloc.empty() || o.pin == "page-locked"
	if a.next.unused() {
		a.release = "now"
	}
	switch o.pin {
	case "half", "table":
		a.mm = -1
	case "page", "page-locked":
		if a.next.pending.empty() {
			a.mm = -1
		}
	case "page-life":
		if a.next.unused() {
			a.mm = -1
		}
	}
	return a
}

// deferred: active marks the page Active and frees the half at once; the RFC makes the half pending on the page's one
// rcu_head, and queues that unless it is queued for the other half.
func (o oracle) deferred(p page, half string) answer {
	if !p.alloc.has(half) {
		return answer{}
	}
	if !o.rfc() {
		marked := p
		marked.active = true
		a := o.free(marked, half)
		if o.listed(p) { // still listed when the flag was set
			a.list = "del"
		}
		if !p.active {
			a.between = append([]page{marked}, a.between...)
		}
		return a
	}
	a := o.freeRCU(p, half)
	a.next.head = p.head.with(half)
	a.rcu = "now" + half
	if !p.head.empty() {
		a.rcu = "wait"
	}
	return a
}

// now is the callback of a deferred half in the RFC: the half leaves the rcu_head, is removed, and if the other half is
// on the rcu_head too, that is queued again for it; as posted it is not, as the bits are looked for in the wrong place.
// In active it is the page's: the page, which is not used by then, is released.
func (o oracle) now(p page, half string) answer {
	if !o.rfc() {
		if half == "1" || !p.unused() || p.active {
			return answer{}
		}
		return answer{possible: true, release: "now"}
	}
	if !p.head.has(half) {
		return answer{}
	}
	off := p
	off.head = p.head.without(half)
	a := o.remove(off, half)
	a.between = []page{off}
	if !off.head.empty() && o.variant != "rfc-as-posted" {
		a.rcu = "chain now" + string(off.head)
	}
	return a
}

// born is what a fresh page is: its lower half allocated, at the head of the list. v6.7 has neither.
func (o oracle) born() answer {
	if o.variant == "fullpage" {
		return answer{possible: true}
	}
	a := answer{possible: true, next: page{alloc: "0"}, list: "add head", lock: true}
	if o.pin == "table" || o.pin == "page-life" {
		a.mm = 1
	}
	return a
}
