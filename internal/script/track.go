package script

import (
	"ptsim/kern"
)

// tracker notes what the primitives of an operation touch, so that a Change costs what the operation cost. What it knows
// about lists and the queue follows from the operations on them; State reads the same from memory, and a test compares.
type tracker struct {
	ch Change // of the operation that runs, or the last

	touchedPages  []*page
	touchedSpaces []*space

	mmAt   map[kern.Addr]*space // by the address of the mm
	listAt map[kern.Addr]*space // by the address of context.lock, of every mm there ever was
	whole  map[*space]*wholeList

	queue    []queued // the callbacks that wait, oldest first
	ran      int      // so many of them left in this operation
	ranAt    int      // from here on
	arrived  int      // so many came
	mms      int      // mms that exist
	warnings int
}

type queued struct {
	head kern.Addr
	cb   Callback
}

// seenPage is a page as the last Change that told of it had it, and what leads to it.
type seenPage struct {
	list    *space // on whose list it is
	reached int32  // callbacks and entries of open batches that lead to it
	pinned  int32  // its share of the mm's pins
	touched bool
	seen    pageSeen
}

type pageSeen struct {
	known, mask, flags uint8
	refs               int32
	tables             [2]*object
	list               *space
}

// seenSpace is an mm as the last Change that told of it had it.
type seenSpace struct {
	touched, known, dead bool
	users, count         int32
	pins                 int32 // references of the pinned version
}

// wholeList is a list once something is corrupt: as the last Change told of it, and as it is.
type wholeList struct{ told, now []int }

func newTracker() tracker {
	return tracker{mmAt: map[kern.Addr]*space{}, listAt: map[kern.Addr]*space{}}
}

// born makes the words of a new mm known.
func (t *tracker) born(sp *space) {
	t.mmAt[kern.Addr(sp.mm)] = sp
	t.listAt[sp.lock] = sp // a type-stable list serves one mm after the other
	t.mms++
	t.touchSpace(sp)
}

// spaceOf returns the mm whose mm_users or mm_count is at a.
func (t *tracker) spaceOf(a kern.Addr) *space {
	for _, base := range [2]kern.Addr{a, a - 1} {
		if sp := t.mmAt[base]; sp != nil && (a == sp.mm.Users() || a == sp.mm.Count()) {
			return sp
		}
	}
	return nil
}

func (t *tracker) touchPage(p *page) {
	if !p.touched {
		p.touched = true
		t.touchedPages = append(t.touchedPages, p)
	}
}

func (t *tracker) touchSpace(sp *space) {
	if !sp.touched {
		sp.touched = true
		t.touchedSpaces = append(t.touchedSpaces, sp)
	}
}

func (r *Runner) touchFrame(p kern.PFN) {
	if id := r.pageID(p); id >= 0 {
		r.touchPage(r.pages[id])
	}
}

// note sees every primitive after it happened.
func (r *Runner) note(op kern.Op) {
	switch op.Kind {
	case kern.OpPutPage, kern.OpFreePages:
		r.touchFrame(kern.PFN(op.Addr))
		return
	case kern.OpListAdd, kern.OpListAddTail:
		r.noteInsert(op)
	case kern.OpListDel, kern.OpListDelInit:
		r.noteRemove(op)
	case kern.OpSlabFree:
		if sp := r.spaceOf(op.Addr); sp != nil {
			r.touchSpace(sp)
		}
		return
	}
	if !kern.PrimitiveOf(op.Kind).Writes {
		return
	}
	if p := r.m.PageOf(op.Addr); p != 0 {
		r.touchFrame(p)
	} else if sp := r.spaceOf(op.Addr); sp != nil {
		r.touchSpace(sp)
	}
}

func (r *Runner) noteInsert(op kern.Op) {
	id, sp := r.pageID(r.m.PageOf(op.Addr)), r.listAt[kern.Addr(op.A)-1]
	if id < 0 || sp == nil || sp.tables == nil {
		return
	}
	name := "list_add"
	if op.Kind == kern.OpListAddTail {
		name = "list_add_tail"
	}
	r.step(sp, ListStep{name, id})
	r.pages[id].list = sp
	sp.listed++
}

func (r *Runner) noteRemove(op kern.Op) {
	if id := r.pageID(r.m.PageOf(op.Addr)); id >= 0 && r.pages[id].list != nil {
		sp := r.pages[id].list
		r.step(sp, ListStep{"list_del", id})
		r.pages[id].list = nil
		sp.listed--
	}
}

func (r *Runner) step(sp *space, s ListStep) {
	sp.steps = append(sp.steps, s)
	r.touchSpace(sp)
}

// noteQueued sees a callback that call_rcu put into the queue.
func (r *Runner) noteQueued(op kern.Op) {
	if cb, ours := r.callback(op.Addr, kern.Func(op.A)); ours {
		r.queue = append(r.queue, queued{op.Addr, cb})
		r.arrived++
		r.lead(&cb, 1)
	}
}

// noteRan says that n callbacks leave the queue, from the given one on.
func (r *Runner) noteRan(at, n int) { r.ranAt, r.ran = at, n }

// lead counts a callback in, or out, among those that lead to its pages.
func (r *Runner) lead(cb *Callback, n int32) {
	if cb.Func != "batch" {
		r.leadTo(cb.Page, n)
		return
	}
	for _, e := range cb.Entries {
		r.leadToEntry(e, n)
	}
}

func (r *Runner) leadToEntry(e Entry, n int32) {
	if !e.CRST {
		r.leadTo(e.ID, n)
	}
}

func (r *Runner) leadTo(id int, n int32) {
	if id >= 0 {
		r.pages[id].reached += n
		r.touchPage(r.pages[id])
	}
}
