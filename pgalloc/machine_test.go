package pgalloc_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	_ "ptsim/internal/nofiles"
	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
	"ptsim/rcuhead"
)

// This file drives every version through random operations on one CPU and compares it, after each, with the model in
// model_test.go.

func (r *rig) newMM(pgste bool) *mmModel {
	mm := &mmModel{id: len(r.mms) + 1, pgste: pgste, users: true}
	mm.mm = r.s.MMs.Alloc(r.c, mm.id)
	if pgste {
		mm.mm.SetAllocPGSTE(r.c)
	}
	mm.gather = r.s.TLB.Gather(mm.mm)
	r.mms = append(r.mms, mm)
	return mm
}

func (r *rig) alloc(t require.TestingT, mm *mmModel) {
	reusable := 0
	for _, page := range r.pages {
		if page.mm == mm && r.listed(page) {
			reusable++
		}
	}
	table := r.s.PT.PageTableAlloc(r.c, mm.mm)
	p, half := pgalloc.PageOf(table), table.Half()
	page := r.pages[p]
	if page == nil { // a fresh page, or none
		if r.heads() {
			require.Zero(t, reusable, "a page of the list was passed over")
		}
		require.Equal(t, r.m.Failing(kern.GFPKernel), table == 0)
		if table == 0 {
			return
		}
		require.Zero(t, half)
		page = &pageModel{mm: mm, whole: mm.pgste || r.is(pgalloc.FullPage)}
		r.pages[p] = page
	} else {
		require.True(t, r.listed(page))
		require.Same(t, mm, page.mm, "the page of another mm")
	}
	require.Equal(t, free, page.half[half], "not free")
	require.Zero(t, table.Tag())
	require.True(t, r.c.ContentsAre(p.PFN(), int(half)*kern.PTRSPerPTE, kern.PTRSPerPTE, pgalloc.PTEInvalid))
	if page.whole {
		require.True(t, r.c.ContentsAre(p.PFN(), kern.PTRSPerPTE, kern.PTRSPerPTE, 0), "PGSTEs")
	}
	r.c.WriteEntry(p.PFN(), int(half)*kern.PTRSPerPTE+mm.id%kern.PTRSPerPTE, uint64(table))
	page.half[half] = live
	mm.tables = append(mm.tables, table)
}

// take picks a live table of mm to be freed: its entries are cleared, as they are by whoever unmaps.
func (r *rig) take(mm *mmModel, i int) (kern.Phys, pgalloc.Page, uint32) {
	table := mm.tables[i]
	mm.tables = append(mm.tables[:i], mm.tables[i+1:]...)
	p, half := pgalloc.PageOf(table), table.Half()
	r.c.WriteEntry(p.PFN(), int(half)*kern.PTRSPerPTE+mm.id%kern.PTRSPerPTE, pgalloc.PTEInvalid)
	return table, p, half
}

func (r *rig) free(mm *mmModel, i int) {
	table, p, half := r.take(mm, i)
	r.s.PT.PageTableFree(r.c, mm.mm, table)
	r.done(p, half)
}

func (r *rig) freeRCU(mm *mmModel, i int) {
	table, p, half := r.take(mm, i)
	r.s.PT.PageTableFreeRCU(r.c, &mm.gather, table, uint64(i)<<20)
	r.pages[p].half[half] = gathered
	if len(mm.open) == 0 && r.m.Failing(kern.GFPNowait) {
		r.done(p, half) // no page for a batch
		return
	}
	if mm.open = append(mm.open, table); len(mm.open) == r.maxBatch {
		r.queueBatch(mm)
	}
}

func (r *rig) queueBatch(mm *mmModel) {
	batch := mm.open
	mm.open = nil
	r.callRCU(func() {
		for _, table := range batch {
			r.done(pgalloc.PageOf(table), table.Half())
		}
	})
}

func (r *rig) flush(mm *mmModel) {
	mm.gather.Finish(r.c)
	if len(mm.open) > 0 {
		r.queueBatch(mm)
	}
}

func (r *rig) deferTable(t require.TestingT, mm *mmModel, i int) {
	table, p, half := r.take(mm, i)
	page := r.pages[p]
	if !r.s.PT.PTEFreeDefer(r.c, mm.mm, table) {
		require.True(t, r.is(pgalloc.Classic))
		r.s.PT.PageTableFree(r.c, mm.mm, table) // behind the IPIs, as khugepaged did then
		r.done(p, half)
		return
	}
	switch {
	case r.is(pgalloc.Active):
		page.active = true
		r.done(p, half)
	case page.whole:
		page.half[half] = deferred
		r.callRCU(func() { r.done(p, half) })
	default:
		page.half[half] = deferred
		if page.half[1-half] != deferred {
			r.callRCU(r.now(p, half))
		}
	}
}

func (r *rig) gracePeriod() {
	r.rcu.GracePeriod()
	ready := r.callbacks
	r.callbacks = nil
	for _, f := range ready {
		f()
	}
}

// exit is exit_mmap and the last mmput.
func (r *rig) exit(t require.TestingT, mm *mmModel) {
	for len(mm.tables) > 0 {
		r.freeRCU(mm, 0)
	}
	r.flush(mm)
	mm.users = false
	require.True(t, r.s.MMs.Put(r.c, mm.mm))
	r.s.MMs.Drop(r.c, mm.mm)
}

// audit brings the machine to rest and has it audited: what the RFC as posted loses is found, and nothing else.
func (r *rig) audit(t require.TestingT) {
	var mms []mmctx.MM
	for _, mm := range r.mms {
		if mm.users {
			r.flush(mm)
			mms = append(mms, mm.mm)
		}
	}
	r.rest()
	lost := 0
	for _, page := range r.pages {
		if page.half == [2]doing{free, deferred} || page.half == [2]doing{deferred, free} {
			lost++
		}
	}
	if lost == 0 {
		require.Zero(t, r.s.Audit(mms, nil))
	}
	require.True(t, lost == 0 || r.is(pgalloc.RFCAsPosted))
}

// rest waits for all callbacks and work.
func (r *rig) rest() {
	for len(r.callbacks) > 0 || r.rcu.Pending() > 0 || r.m.PendingWork() > 0 {
		r.gracePeriod()
		kern.RunWork(r.c)
	}
}

// check compares the allocator with the model.
func (r *rig) check(t require.TestingT) {
	var want struct{ pages, live, pending int64 }
	lists := map[pgalloc.Page]bool{}
	for p, page := range r.pages {
		want.pages++
		want.live += page.count(isLive)
		want.pending += page.count(doing.pending)
		if page.dying {
			want.pending += 2
		}
		require.True(t, p.IsTable(r.m))
		require.Equal(t, r.mask(page), p.PeekMask(r.m), "page %d", p)
		require.True(t, r.s.PT.Legal(p.PeekMask(r.m)))
		require.EqualValues(t, 1, p.PeekReferences(r.m))
		require.Equal(t, r.listed(page), r.s.PT.ListRule(p.PeekMask(r.m), p.PeekActive(r.m)), pgalloc.Picture(r.m, p))
		require.Equal(t, 1, r.events[p])
		if r.listed(page) {
			lists[p] = true
		}
	}
	st := r.s.Stats()
	require.Equal(t, want.pages, st.Pages)
	require.Equal(t, want.live, st.LiveHalves)
	require.Equal(t, want.pending, st.PendingHalves)
	require.Equal(t, 2*want.pages-want.live-want.pending, st.WastedHalves())
	tables := int64(0)
	for _, mm := range r.mms {
		tables += int64(len(mm.tables))
		count := r.count(mm)
		require.LessOrEqual(t, r.destroyed[mm.id], 1, "mm%d freed twice", mm.id)
		if r.destroyed[mm.id] == 1 {
			require.Zero(t, count, "mm%d freed too early", mm.id)
			continue
		}
		require.EqualValues(t, count, r.m.Peek(mm.mm.Count()), "mm_count of mm%d", mm.id)
		require.True(t, r.m.Walk(mm.mm.PeekList(r.m).Head(), func(node kern.Addr) bool {
			p := pgalloc.Page(rcuhead.Union(node).PFN())
			require.True(t, lists[p], "page %d is listed", p)
			require.Same(t, mm, r.pages[p].mm)
			delete(lists, p)
			return true
		}))
	}
	require.Empty(t, lists, "not listed")
	require.Equal(t, tables, st.Tables)
	quiet(t, r.m)
}

func quiet(t require.TestingT, m *kern.Machine) {
	list, _ := m.Violations()
	for _, v := range list {
		require.Fail(t, v.Splat())
	}
	require.Empty(t, m.Warnings())
}

// end lets everything go and sees that nothing is left.
func (r *rig) end(t require.TestingT) {
	r.m.FailPages(kern.GFPKernel, false)
	r.m.FailPages(kern.GFPNowait, false)
	for _, mm := range r.mms {
		if mm.users {
			r.exit(t, mm)
		}
	}
	for len(r.callbacks) > 0 || r.rcu.Pending() > 0 || r.m.PendingWork() > 0 {
		r.gracePeriod()
		kern.RunWork(r.c)
		r.check(t)
	}
	if !r.is(pgalloc.RFCAsPosted) {
		require.Empty(t, r.pages)
	}
	for _, page := range r.pages { // what the RFC as posted loses: half of a page both halves of which were deferred
		require.ElementsMatch(t, []doing{free, deferred}, page.half[:])
	}
	require.Zero(t, r.s.MMs.Live())
	require.Len(t, r.destroyed, len(r.mms))
	inUse := 0
	r.m.Frames(func(_ kern.PFN, free bool) {
		if !free {
			inUse++
		}
	})
	require.Equal(t, len(r.pages), inUse)
}

func TestAgainstModel(t *testing.T) {
	systems(t, func(_ testing.TB, cfg pgalloc.Config) {
		name := string(cfg.Variant) + "/" + string(cfg.Pin)
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				cfg.MaxBatch = rapid.IntRange(1, 6).Draw(t, "max batch")
				r := newRig(t, cfg)
				r.newMM(false)
				some := func(t *rapid.T) *mmModel {
					var mms []*mmModel
					for _, mm := range r.mms {
						if mm.users {
							mms = append(mms, mm)
						}
					}
					if len(mms) == 0 {
						t.Skip("no mm")
					}
					return rapid.SampledFrom(mms).Draw(t, "mm")
				}
				table := func(t *rapid.T) (*mmModel, int) {
					mm := some(t)
					if len(mm.tables) == 0 {
						t.Skip("no table")
					}
					return mm, rapid.IntRange(0, len(mm.tables)-1).Draw(t, "table")
				}
				alloc := func(t *rapid.T) {
					for mm, n := some(t), rapid.IntRange(1, 3).Draw(t, "n"); n > 0; n-- {
						r.alloc(t, mm)
					}
				}
				t.Repeat(map[string]func(*rapid.T){
					"alloc":       alloc,
					"alloc again": alloc, // twice as often as the rest
					"free":        func(t *rapid.T) { mm, i := table(t); r.free(mm, i) },
					"free rcu":    func(t *rapid.T) { mm, i := table(t); r.freeRCU(mm, i) },
					"defer":       func(t *rapid.T) { mm, i := table(t); r.deferTable(t, mm, i) },
					"flush":       func(t *rapid.T) { r.flush(some(t)) },
					"gp":          func(*rapid.T) { r.gracePeriod() },
					"work":        func(*rapid.T) { kern.RunWork(r.c) },
					"batch memory": func(t *rapid.T) {
						r.m.FailPages(kern.GFPNowait, rapid.Bool().Draw(t, "fails"))
					},
					"memory": func(t *rapid.T) { r.m.FailPages(kern.GFPKernel, rapid.Bool().Draw(t, "fails")) },
					"new mm": func(t *rapid.T) { r.newMM(rapid.Bool().Draw(t, "pgste")) },
					"exit":   func(t *rapid.T) { r.exit(t, some(t)) },
					"audit":  func(t *rapid.T) { r.audit(t) },
					"":       func(t *rapid.T) { r.check(t) },
				})
				r.end(t)
			})
		})
	})
}
