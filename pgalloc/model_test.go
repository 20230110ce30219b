package pgalloc_test

import (
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
	"ptsim/rcuhead"
	"ptsim/tlbgather"
)

// This file is the model next to which machine_test.go drives every version on one CPU. It knows halves, not bits: what
// each half is doing, and which callbacks wait. Masks, lists, counts and mm_counts must be what it makes of them.

// doing is what a half, or a table that takes up a page, is doing.
type doing uint8

const (
	free doing = iota
	live
	gathered // freed by page_table_free_rcu, not removed yet
	deferred // freed by pte_free_defer, not removed yet
)

func (d doing) pending() bool { return d == gathered || d == deferred }

type pageModel struct {
	mm     *mmModel
	whole  bool     // one table takes up the page; half[1] is not used
	half   [2]doing // by half
	active bool     // v6.6: some half was deferred
	dying  bool     // v6.6: waits for a grace period with both halves free
}

func (p *pageModel) count(f func(doing) bool) int64 {
	n := int64(0)
	for _, d := range p.half {
		if f(d) {
			n++
		}
	}
	if p.whole && p.mm.pgste {
		n *= 2
	}
	return n
}

func isLive(d doing) bool { return d == live }

type mmModel struct {
	id     int
	mm     mmctx.MM
	pgste  bool
	tables []kern.Phys // live
	gather tlbgather.Gather
	open   []kern.Phys // what the gather's batch holds
	users  bool
}

// rig is an allocator and its model.
type rig struct {
	m   *kern.Machine
	c   *kern.CPU
	s   *pgalloc.System
	rcu *rcuhead.Stepped

	maxBatch  int
	pages     map[pgalloc.Page]*pageModel
	mms       []*mmModel // all there ever were
	callbacks []func()
	destroyed map[int]int
	events    map[pgalloc.Page]int // PageEvents: +1, -1
}

func newRig(t require.TestingT, cfg pgalloc.Config) *rig {
	r := &rig{
		m: kern.NewMachine(kern.Config{Checks: true, Contents: true, Frames: 4000}), maxBatch: cfg.MaxBatch,
		pages: map[pgalloc.Page]*pageModel{}, destroyed: map[int]int{}, events: map[pgalloc.Page]int{},
	}
	r.c = r.m.CPU(0)
	cfg.PageEvent = func(_ *kern.CPU, p pgalloc.Page, allocated bool) {
		if allocated {
			r.events[p]++
		} else {
			r.events[p]--
		}
	}
	s, err := pgalloc.New(r.m, cfg)
	require.NoError(t, err)
	s.MMs.OnDestroy(func(_ *kern.CPU, mm mmctx.MM) { r.destroyed[mm.ID(r.m)]++ })
	r.s, r.rcu = s, rcuhead.NewStepped(r.m)
	return r
}

func (r *rig) is(vs ...pgalloc.Variant) bool {
	for _, v := range vs {
		if r.s.Variant == v {
			return true
		}
	}
	return false
}

// heads tells whether deferred halves go by the page's rcu_head: the RFC and its children.
func (r *rig) heads() bool {
	return r.is(pgalloc.RFC, pgalloc.RFCAsPosted, pgalloc.Pinned, pgalloc.Typesafe)
}

func (r *rig) callRCU(f func()) { r.callbacks = append(r.callbacks, f) }

// done is the model's end of a table: its half is free, and the page may be.
func (r *rig) done(p pgalloc.Page, half uint32) {
	page := r.pages[p]
	page.half[half] = free
	if page.half != [2]doing{} {
		return
	}
	if page.active && !page.dying {
		page.dying = true
		r.callRCU(func() { delete(r.pages, p) })
		return
	}
	delete(r.pages, p)
}

// now is the model's callback of a deferred half. As posted, the RFC forgets the other.
func (r *rig) now(p pgalloc.Page, half uint32) func() {
	return func() {
		other := r.pages[p].half[1-half]
		r.done(p, half)
		if other == deferred && !r.is(pgalloc.RFCAsPosted) {
			r.callRCU(r.now(p, 1-half))
		}
	}
}

// listed is the list rule, said once more: see kernel documentation of each version.
func (r *rig) listed(page *pageModel) bool {
	a, b := page.half[0], page.half[1]
	switch {
	case page.whole, (a == live) == (b == live):
		return false
	case r.heads():
		return a == free || b == free
	}
	return !page.active
}

func (r *rig) mask(page *pageModel) (m pgalloc.Mask) {
	switch {
	case r.is(pgalloc.FullPage), page.dying:
		return 0
	case page.whole:
		return 3 * pgalloc.A
	}
	for i, d := range page.half {
		switch d {
		case live:
			m |= pgalloc.A << i
		case gathered:
			m |= pgalloc.P << i
		case deferred:
			m |= (pgalloc.P | pgalloc.H) << i
		}
	}
	return m
}

// count is what mm_count must be: the users hold one, and the pins what they say they hold.
func (r *rig) count(mm *mmModel) (n int64) {
	if mm.users {
		n++
	}
	for _, page := range r.pages {
		if page.mm != mm || page.whole || r.s.Pin == "" {
			continue
		}
		pending := page.count(doing.pending)
		switch r.s.Pin {
		case pgalloc.PinHalf:
			n += pending
		case pgalloc.PinTable:
			n += pending + page.count(isLive)
		case pgalloc.PinPage, pgalloc.PinPageLocked:
			n += min(pending, 1)
		case pgalloc.PinPageLife:
			n++
		}
	}
	return n
}
