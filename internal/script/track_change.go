package script

import (
	"cmp"
	"maps"
	"slices"

	"ptsim/kern"
)

// begin makes ready for an operation.
func (r *Runner) begin() {
	ch := &r.ch
	r.ch = Change{
		Pages: ch.Pages[:0], Lists: ch.Lists[:0], TLB: ch.TLB[:0], MM: ch.MM[:0], MMNew: ch.MMNew[:0], MMs: ch.MMs[:0],
		Ran: ch.Ran[:0], Queued: ch.Queued[:0], CRSTNew: ch.CRSTNew[:0], CRSTGone: ch.CRSTGone[:0],
		Before: ch.Counters,
	}
	r.fresh = nil
	r.ran, r.ranAt, r.arrived = 0, 0, 0
}

// change puts together what the operation changed, and looks for what is wrong between two operations.
func (r *Runner) change(op *Op, ret Ret) {
	ch := &r.ch
	ch.I, ch.Op, ch.Source, ch.Ret = r.next-1, op.Text, op, ret
	ch.Freed = r.freed[ch.Before.NumFreed:len(r.freed):len(r.freed)]
	if r.corrupt {
		r.lookAgain()
	}
	r.changeQueue()
	r.changePins()
	slices.SortFunc(r.touchedSpaces, func(a, b *space) int { return cmp.Compare(a.id, b.id) })
	r.changeBatches()
	slices.SortFunc(r.touchedPages, func(a, b *page) int { return cmp.Compare(a.id, b.id) })
	if !r.opt.NoChecks && r.err == "" {
		r.checkLost()
		r.checkCounts()
	}
	r.changePages()
	r.changeSpaces()
	st := r.sys.Stats()
	warnings := r.m.Warnings()
	ch.Warn, r.warnings = warnings[r.warnings:], len(warnings)
	ch.Hooks = r.hooks.ran
	ch.Violations, ch.Err = r.fresh, r.err
	ch.Counters = Counters{
		IPI: st.IPIs, Gmap: st.GmapUnlinks, Work: r.m.PendingWork(), Waiting: len(r.hooks.queue), Corrupt: r.corrupt,
		NumFreed: len(r.freed), NumPages: r.live.n, NumCRSTs: r.crsts.n, NumCallbacks: len(r.queue), NumMMs: r.mms,
	}
}

// lookAgain reads from memory what was noted so far, since a corrupt list or queue is not what its operations make of it.
func (r *Runner) lookAgain() {
	r.live.each(func(id int) { r.pages[id].list = nil; r.touchPage(r.pages[id]) })
	for _, id := range slices.Sorted(maps.Keys(r.spaces)) {
		sp := r.spaces[id]
		r.touchSpace(sp)
		if sp.mm.Freed(r.m) {
			continue
		}
		if sp.tables == nil {
			continue
		}
		if r.whole == nil {
			r.whole = map[*space]*wholeList{}
		}
		l := r.whole[sp]
		if l == nil {
			l = &wholeList{}
			r.whole[sp] = l
		}
		l.now = append([]int{}, r.walk(sp, r.live.n+1)...)
		sp.steps, sp.listed = nil, len(l.now)
		for _, page := range l.now {
			r.pages[page].list = sp
		}
	}
	for _, q := range r.queue[len(r.queue)-r.arrived:] {
		r.lead(&q.cb, -1)
	}
	old := r.queue[: len(r.queue)-r.arrived : len(r.queue)-r.arrived]
	var now []queued
	r.rcu.Each(func(head kern.Addr, fn kern.Func) {
		if cb, ours := r.callback(head, fn); ours {
			now = append(now, queued{head, cb})
		}
	})
	left := slices.Concat(old[:r.ranAt], old[r.ranAt+r.ran:])
	if len(now) < len(left) || !slices.EqualFunc(left, now[:len(left)], queued.same) {
		left, r.ranAt, r.ran = nil, 0, len(old)
	}
	now = now[len(left):]
	for _, q := range now {
		r.lead(&q.cb, 1)
	}
	r.queue, r.arrived = append(old, now...), len(now)
}

func (q queued) same(o queued) bool {
	return q.head == o.head && q.cb.Func == o.cb.Func && q.cb.Page == o.cb.Page && slices.Equal(q.cb.Entries, o.cb.Entries)
}

func (r *Runner) changeQueue() {
	ch := &r.ch
	ch.RanAt = r.ranAt
	for _, q := range r.queue[r.ranAt : r.ranAt+r.ran] {
		ch.Ran = append(ch.Ran, q.cb)
		r.lead(&q.cb, -1)
	}
	if r.ranAt == 0 {
		r.queue = r.queue[r.ran:]
	} else {
		r.queue = slices.Delete(r.queue, r.ranAt, r.ranAt+r.ran)
	}
	for _, q := range r.queue[len(r.queue)-r.arrived:] {
		ch.Queued = append(ch.Queued, q.cb)
	}
}

// changeBatches looks at the open batches of the mms that were touched.
func (r *Runner) changeBatches() {
	for _, sp := range r.touchedSpaces {
		if sp.tables == nil {
			continue
		}
		batch, n := kern.Addr(0), 0
		if !sp.mm.Freed(r.m) {
			batch, n = sp.gather.Batch()
		}
		same := batch == sp.batch
		if same && n == len(sp.entries) {
			continue
		}
		if !same {
			for _, e := range sp.entries {
				r.leadToEntry(e, -1)
			}
			if sp.batch != 0 && batch == 0 {
				r.ch.TLB = append(r.ch.TLB, BatchChange{MM: sp.id, Closed: true})
			}
			sp.batch, sp.entries = batch, nil
		}
		had := len(sp.entries)
		for i := had; i < n; i++ {
			e := r.entry(sp.gather.Entry(i))
			sp.entries = append(sp.entries, e)
			r.leadToEntry(e, 1)
		}
		if batch != 0 {
			r.ch.TLB = append(r.ch.TLB, BatchChange{MM: sp.id, New: !same, Entries: sp.entries[:n:n], Added: n - had})
		}
	}
}

// seenLost is one of the flags of a page that was seen.
const seenLost = 1 << 4

// changePages tells of the pages that were touched, as far as they are not what they were.
func (r *Runner) changePages() {
	for _, p := range r.touchedPages {
		p.touched = false
		if p.gone {
			continue
		}
		ps := r.pageState(p)
		if ps.OnList = p.list != nil; ps.OnList {
			ps.ListOf = p.list.id
		}
		flags := uint8(0)
		for i, on := range [...]bool{ps.Active, ps.Whole, ps.Mine, ps.Queued, ps.Lost, ps.Live[0], ps.Live[1]} {
			flags |= uint8(b2i(on)) << i
		}
		was := p.seen
		p.seen = pageSeen{1, uint8(ps.Mask), flags, p.refs, p.tables, p.list}
		if was != p.seen {
			r.ch.Pages = append(r.ch.Pages, PageChange{ps, was.known == 0, was.known == 1 && flags&^was.flags&seenLost != 0})
		}
	}
	r.touchedPages = r.touchedPages[:0]
}

// changeSpaces tells of the mms that were touched, as far as they are not what they were, and of their lists.
func (r *Runner) changeSpaces() {
	for _, sp := range r.touchedSpaces {
		sp.touched = false
		var steps []ListStep
		if sp.tables != nil {
			steps, sp.steps = sp.steps, nil
		}
		if sp.dead {
			continue
		}
		if sp.mm.Freed(r.m) {
			sp.dead = true
			sp.tables = nil
			delete(r.mmAt, kern.Addr(sp.mm))
			r.mms--
			if sp.known {
				r.ch.MMs = append(r.ch.MMs, sp.id)
			}
			continue
		}
		if l := r.whole[sp]; l != nil {
			if l.told == nil || !slices.Equal(l.now, l.told) {
				r.ch.Lists = append(r.ch.Lists, ListChange{MM: sp.id, Whole: true, Front: l.now, Len: len(l.now)})
			}
			l.told = l.now
		} else if len(steps) > 0 {
			r.ch.Lists = append(r.ch.Lists, ListChange{MM: sp.id, Steps: steps, Front: r.walk(sp, frontPages), Len: sp.listed})
		}
		users, count := int32(r.m.Peek(sp.mm.Users())), int32(r.m.Peek(sp.mm.Count()))
		if !sp.known || users != sp.users || count != sp.count {
			r.ch.MM, r.ch.MMNew = append(r.ch.MM, MMState{sp.id, int(users), int(count)}), append(r.ch.MMNew, !sp.known)
			sp.known, sp.users, sp.count = true, users, count
		}
	}
	r.touchedSpaces = r.touchedSpaces[:0]
}
