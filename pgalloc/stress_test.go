package pgalloc_test

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
	"ptsim/rcuhead"
	"ptsim/tlbgather"
)

// This file runs the allocator on goroutines, one a CPU, with grace periods and softirqs of their own: made for -race.

// A table as its owner knows it: its first entry holds id, until it is unmapped.
type table struct {
	phys kern.Phys
	id   uint64
	slot int // where other CPUs may find it, -1 if it was never exposed
}

// exposed is what a page table walk may find, by slot: a table and its id, or 0.
type exposed [64]atomic.Uint64

func pack(t table) uint64 { return uint64(t.phys>>11)<<32 | t.id>>12 }

// process is an mm, and the CPUs that are in it.
type process struct {
	mu     sync.Mutex
	mm     mmctx.MM
	users  int
	tables []table // given away by their CPU
}

// crew is a machine at full speed.
type crew struct {
	m         *kern.Machine
	s         *pgalloc.System
	rcu       *rcuhead.Native
	processes []process
	walk      exposed
	recent    [64]atomic.Uint32 // pages that are or were tables, for speculative references
	mmIDs     atomic.Int64
	walks     atomic.Int64 // that found a table
	bad       atomic.Int64

	mu        sync.Mutex
	destroyed map[int]int
}

type stress struct {
	cpus, mms int
	rounds    int  // each: enter an mm, some dozens of operations, leave it
	walkers   bool // page tables are walked; else pages for batches fail at random
}

// hand is one CPU at work.
type hand struct {
	*crew
	stress
	c    *kern.CPU
	rnd  *rand.Rand
	p    *process
	mine []table
	refs []pgalloc.Page // speculative
	ids  uint64
	tlb  tlbgather.Gather
}

func newCrew(t testing.TB, cfg pgalloc.Config, st stress) *crew {
	m := kern.NewMachine(kern.Config{CPUs: st.cpus, Checks: true, Contents: true, Frames: 200_000})
	cfg.MaxBatch = 7
	cfg.Quarantine = 8
	s, err := pgalloc.New(m, cfg)
	require.NoError(t, err)
	w := &crew{m: m, s: s, rcu: rcuhead.NewNative(m), processes: make([]process, st.mms), destroyed: map[int]int{}}
	s.MMs.OnDestroy(func(_ *kern.CPU, mm mmctx.MM) {
		w.mu.Lock()
		w.destroyed[mm.ID(m)]++
		w.mu.Unlock()
	})
	return w
}

func (w *crew) run(st stress) {
	var wg sync.WaitGroup
	for i := range st.cpus {
		h := &hand{crew: w, stress: st, c: w.m.CPU(i), rnd: rand.New(rand.NewPCG(uint64(i), 1))}
		w.rcu.Online(h.c)
		wg.Go(func() {
			for range st.rounds {
				h.enter()
				for range 40 {
					h.step()
					h.rcu.Quiescent(h.c)
				}
				h.leave()
			}
			h.unref(0)
			w.rcu.Offline(h.c)
		})
	}
	wg.Wait()
	w.m.FailPages(kern.GFPNowait, false)
	w.rcu.Online(w.m.CPU(0))
	w.rcu.Barrier(w.m.CPU(0))
	w.rcu.Offline(w.m.CPU(0))
	w.rcu.Close()
}

// enter becomes a user of some mm, a new one if nobody is in it.
func (h *hand) enter() {
	h.p = &h.processes[h.rnd.IntN(len(h.processes))]
	h.p.mu.Lock()
	defer h.p.mu.Unlock()
	if h.p.users == 0 {
		h.p.mm = h.s.MMs.Alloc(h.c, int(h.mmIDs.Add(1)))
	} else {
		h.s.MMs.Get(h.c, h.p.mm)
	}
	h.p.users++
	h.tlb = h.s.TLB.Gather(h.p.mm)
}

// leave frees what this CPU still has, or leaves it to the others; the last one out tears the mm down, and its callbacks
// outlive it.
func (h *hand) leave() {
	h.p.mu.Lock()
	last := h.p.users == 1
	if last {
		h.mine, h.p.tables = append(h.mine, h.p.tables...), nil
	} else {
		h.p.tables, h.mine = append(h.p.tables, h.mine...), nil
	}
	for len(h.mine) > 0 {
		h.freeRCU()
	}
	h.tlb.Finish(h.c)
	h.p.users--
	mm := h.p.mm
	h.p.mu.Unlock()
	if h.s.MMs.Put(h.c, mm) {
		h.s.MMs.Drop(h.c, mm)
	}
}

func (h *hand) step() {
	switch n := h.rnd.IntN(100); {
	case n < 40:
		h.alloc()
	case n < 50:
		h.freeNow()
	case n < 65:
		h.freeRCU()
	case n < 75:
		h.deferTable()
	case n < 80:
		h.tlb.Finish(h.c)
	case n < 84:
		h.trade()
	case n < 88:
		h.ref()
	case n < 90:
		h.unref(len(h.refs) / 2)
	case n < 92:
		h.c.RaiseSoftirq() // callbacks whose grace period is over run in the middle of what comes next
	case n < 93:
		if t := h.s.CRSTAlloc(h.c); t != 0 {
			h.s.CRSTFreeTLB(h.c, &h.tlb, t)
		}
	default:
		if h.walkers {
			h.look()
		} else {
			h.m.FailPages(kern.GFPNowait, h.rnd.IntN(3) == 0)
		}
	}
}

func (h *hand) alloc() {
	h.ids++
	t := table{phys: h.s.PT.PageTableAlloc(h.c, h.p.mm), id: (h.ids<<4|uint64(h.c.ID()))<<12 | 1, slot: -1}
	if t.phys == 0 {
		h.bad.Add(1) // there is memory enough
		return
	}
	first := int(t.phys.Half()) * kern.PTRSPerPTE
	p := pgalloc.PageOf(t.phys)
	if !h.c.ContentsAre(p.PFN(), first, kern.PTRSPerPTE, pgalloc.PTEInvalid) {
		h.bad.Add(1)
	}
	h.c.WriteEntry(p.PFN(), first, t.id)
	h.recent[h.rnd.IntN(len(h.recent))].Store(uint32(p))
	if h.walkers && h.rnd.IntN(2) == 0 {
		t.slot = h.rnd.IntN(len(h.walk))
		if !h.walk[t.slot].CompareAndSwap(0, pack(t)) {
			t.slot = -1
		}
	}
	h.mine = append(h.mine, t)
}

// unmap takes one of the CPU's tables away: nobody can find it any more, and its entries are invalid.
func (h *hand) unmap(ok func(table) bool) (table, bool) {
	if len(h.mine) == 0 {
		return table{}, false
	}
	i := h.rnd.IntN(len(h.mine))
	t := h.mine[i]
	if !ok(t) {
		return table{}, false
	}
	h.mine[i] = h.mine[len(h.mine)-1]
	h.mine = h.mine[:len(h.mine)-1]
	if t.slot >= 0 {
		h.walk[t.slot].Store(0)
	}
	h.c.WriteEntry(t.phys.PFN(), int(t.phys.Half())*kern.PTRSPerPTE, pgalloc.PTEInvalid)
	return t, true
}

func whichever(table) bool { return true }

// freeNow is for tables that no walk ever found.
func (h *hand) freeNow() {
	if t, ok := h.unmap(func(t table) bool { return t.slot < 0 }); ok {
		h.s.PT.PageTableFree(h.c, h.p.mm, t.phys)
	}
}

func (h *hand) freeRCU() {
	if t, ok := h.unmap(whichever); ok {
		h.s.PT.PageTableFreeRCU(h.c, &h.tlb, t.phys, t.id)
	}
}

func (h *hand) deferTable() {
	if t, ok := h.unmap(whichever); ok && !h.s.PT.PTEFreeDefer(h.c, h.p.mm, t.phys) {
		h.s.PT.PageTableFreeRCU(h.c, &h.tlb, t.phys, t.id) // classic has none
	}
}

// trade gives a table to the other CPUs of the mm, or takes one of theirs.
func (h *hand) trade() {
	h.p.mu.Lock()
	defer h.p.mu.Unlock()
	if n := len(h.p.tables); n > 0 && h.rnd.IntN(2) == 0 {
		h.mine = append(h.mine, h.p.tables[n-1])
		h.p.tables = h.p.tables[:n-1]
	} else if n := len(h.mine); n > 0 {
		h.p.tables = append(h.p.tables, h.mine[n-1])
		h.mine = h.mine[:n-1]
	}
}

// ref takes a reference to a page that happens to come along, as compaction or memory failure handling does.
func (h *hand) ref() {
	p := pgalloc.Page(h.recent[h.rnd.IntN(len(h.recent))].Load())
	if p != 0 && kern.GetPageUnlessZero(h.c, p.PFN()) {
		h.refs = append(h.refs, p)
	}
}

func (h *hand) unref(keep int) {
	for len(h.refs) > keep {
		h.s.PutPage(h.c, h.refs[len(h.refs)-1])
		h.refs = h.refs[:len(h.refs)-1]
	}
}

// look walks into a table of anybody's under RCU. Until the CPU's next quiescent state the table is that table: its
// entry is what its owner wrote, or invalid; never another's, and never poison.
func (h *hand) look() {
	kern.RCUReadLock(h.c)
	defer kern.RCUReadUnlock(h.c)
	found := h.walk[h.rnd.IntN(len(h.walk))].Load()
	if found == 0 {
		return
	}
	h.walks.Add(1)
	phys, id := kern.Phys(found>>32)<<11, found&(1<<32-1)
	for range 200 {
		if e := h.c.ReadEntry(phys.PFN(), int(phys.Half())*kern.PTRSPerPTE); e>>12 != id && e != pgalloc.PTEInvalid {
			h.bad.Add(1)
			return
		}
	}
}

func TestStress(t *testing.T) {
	rounds := 400
	if testing.Short() {
		rounds = 60
	}
	systems(t, func(_ testing.TB, cfg pgalloc.Config) {
		if v := cfg.Variant; v == pgalloc.RFC || v == pgalloc.RFCAsPosted {
			return // they use freed mms: not for want of a test
		}
		for name, st := range map[string]stress{
			"one mm, failing batches":   {cpus: 4, mms: 1, rounds: rounds},
			"one mm, walkers":           {cpus: 4, mms: 1, rounds: rounds, walkers: true},
			"many mms, failing batches": {cpus: 4, mms: 3, rounds: rounds},
			"many mms, walkers":         {cpus: 4, mms: 3, rounds: rounds, walkers: true},
		} {
			t.Run(string(cfg.Variant)+"/"+string(cfg.Pin)+"/"+name, func(t *testing.T) {
				w := newCrew(t, cfg, st)
				w.run(st)
				w.rest(t)
				assert.Equal(t, st.walkers, w.walks.Load() > 0)
			})
		}
	})
}

// rest is what a machine at rest must look like.
func (w *crew) rest(t *testing.T) {
	quiet(t, w.m)
	assert.Zero(t, w.bad.Load(), "tables that were not what they should have been")
	stats := w.s.Stats()
	assert.Zero(t, stats.Use)
	assert.Zero(t, w.s.MMs.Live())
	assert.Len(t, w.destroyed, int(w.mmIDs.Load()))
	for id, n := range w.destroyed {
		assert.Equal(t, 1, n, "mm%d", id)
	}
	w.m.Frames(func(p kern.PFN, free bool) {
		assert.True(t, free, "frame %d is in use: %s", p, pgalloc.Picture(w.m, pgalloc.Page(p)))
	})
	assert.Positive(t, stats.FreedNow)
	assert.Positive(t, stats.FreedGather)
	graces, callbacks := w.rcu.Counts()
	assert.Positive(t, graces)
	assert.Positive(t, callbacks)
}
