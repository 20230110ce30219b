package s390sim

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/pgalloc"
)

// The locks and atomics of two tables' lives, counted by hand from the versions' descriptions.
func TestStepCounts(t *testing.T) {
	// fault: look at the list, list_add of the fresh page; fault: the list; exit: one each, and two flushes of the gather
	const flushes = 2
	tests := map[pgalloc.Variant]StepCounts{
		pgalloc.Classic: {ContextLocks: 2 + 1 + 2 + flushes, MaskAtomics: 1 + 1 + 2 + 2},
		// rfc's callbacks find the other half allocated no more: no lock
		pgalloc.RFC:      {ContextLocks: 2 + 1 + 2 + flushes, MaskAtomics: 1 + 1 + 2 + 2},
		pgalloc.Pinned:   {ContextLocks: 2 + 1 + 2 + flushes, MaskAtomics: 1 + 1 + 2 + 2},
		pgalloc.FullPage: {ContextLocks: flushes},
	}
	for v, want := range tests {
		m := newMachine(t, Config{Variant: v, CPUs: 2, Count: true, Checks: true})
		m.Advance(0)
		as := mapped(t, m, 2)
		as.Put(m.CPU(0))
		m.Advance(second)
		got := m.StepCounts()
		// mmput and mmdrop; a pin for two halves, dropped and freed by a work item
		assert.Equal(t, map[bool]uint64{false: 2, true: 2 + 2*2 + 1}[v == pgalloc.Pinned], got.MMAtomics, string(v))
		assert.Equal(t, want.ContextLocks, got.ContextLocks, string(v))
		assert.Equal(t, want.MaskAtomics, got.MaskAtomics, string(v))
		assert.Equal(t, map[pgalloc.Variant]uint64{pgalloc.FullPage: 2}[v]+map[bool]uint64{true: 1}[v != pgalloc.FullPage]+3, got.PageAllocs, "and three CRSTs")
		assert.EqualValues(t, 1, got.CallRCU, "one batch")
		assert.Zero(t, got.Contended)
		m.Close()
		requireQuiet(t, m)
	}
	// What the pin costs: a grab and a drop each half.
	mm := map[pgalloc.Variant]uint64{}
	for _, v := range []pgalloc.Variant{pgalloc.RFC, pgalloc.Pinned} {
		m := newMachine(t, Config{Variant: v, Count: true})
		m.Advance(0)
		mapped(t, m, 8).Put(m.CPU(0))
		m.Advance(second)
		mm[v] = m.StepCounts().MMAtomics
	}
	// and one xchg of the work item by which the last drop frees the mm
	assert.EqualValues(t, 2*8+1, mm[pgalloc.Pinned]-mm[pgalloc.RFC])
}

// Steps fail at the given rates, and only those.
func TestDisturb(t *testing.T) {
	fails := func(d Disturb) (noMemory, ipis float64) {
		m := newMachine(t, Config{Variant: pgalloc.Active, CPUs: 2, Checks: true, Disturb: d})
		m.Advance(0)
		as := m.NewMM(m.CPU(0))
		for as == nil {
			as = m.NewMM(m.CPU(0))
		}
		as.Mmap(m.CPU(0), Mapping{Start: base, Len: 1000 * mib})
		for round := range 20 {
			for i := range uint64(50) {
				as.Fault(m.CPU(1), base+i*mib, true)
			}
			as.Munmap(m.CPU(1), base, 50*mib)
			as.Mmap(m.CPU(0), Mapping{Start: base, Len: 1000 * mib})
			m.Advance(int64(round) * 100 * ms)
		}
		st := m.Sys.Stats()
		n := m.StepCounts()
		assert.Equal(t, st.Failed, n.PageFailures)
		requireQuiet(t, m)
		return float64(n.PageFailures) / float64(max(1, n.PageFailures+n.PageAllocs)), float64(n.BatchFailures) / float64(max(1, n.BatchFailures+st.FreedGather/50))
	}
	pages, batches := fails(Disturb{PageFail: 0.25, Seed: 1})
	assert.InDelta(t, 0.25, pages, 0.06)
	assert.Zero(t, batches)
	pages, batches = fails(Disturb{BatchFail: 1, Seed: 1})
	assert.Zero(t, pages)
	assert.Greater(t, batches, 0.9)
}

// A violation comes with what last happened to its page.
func TestHistory(t *testing.T) {
	var found []*kern.Violation
	m := newMachine(t, Config{Variant: pgalloc.RFCAsPosted, CPUs: 2, Checks: true, History: 100, Count: true, Report: func(v *kern.Violation) { found = append(found, v) }})
	m.Advance(0)
	f := m.NewFile()
	as := m.NewMM(m.CPU(0))
	mapFile(t, m, as, f, base, 2)
	m.Advance(ms)
	m.Collapse(m.CPU(1), f, 0, 2*mib) // both halves of a page deferred: it is lost
	m.Check()
	require.NotEmpty(t, found)
	text := strings.Join(found[0].History, "\n")
	for _, want := range []string{"0.000000 s  CPU 0  page_alloc  page", "table_alloc  mm1", "for 0x40000000", "0.001000 s  CPU 1  retract  mm1", "call_rcu  page", "now0"} {
		if want == "call_rcu  page" {
			want = "CPU 1  call_rcu"
		}
		assert.Contains(t, text, want)
	}
	assert.LessOrEqual(t, len(found[0].History), toldEvents)
	assert.Contains(t, found[0].Splat(), "History:\n  0.000000 s")
}

// However much happened since on however small a ring, a history tells what became of the mm, in order.
func TestHistoryRemembersLives(t *testing.T) {
	for _, n := range []int{1, 3, 1000} {
		var found []*kern.Violation
		m := newMachine(t, Config{Variant: pgalloc.Active, CPUs: 2, History: n, Report: func(v *kern.Violation) { found = append(found, v) }})
		m.Advance(0)
		as := m.NewMM(m.CPU(1))
		as.Mmap(m.CPU(1), Mapping{Start: base, Len: mib})
		as.Fault(m.CPU(1), base, true)
		m.Advance(ms)
		as.Put(m.CPU(0))
		other := mapped(t, m, 20)
		other.Put(m.CPU(0))
		m.M.Report(&kern.Violation{Kind: kern.UseAfterFree, Addr: as.MM.Count()})
		require.Len(t, found, 1)
		require.Equal(t, "mm1", found[0].Object)
		h := found[0].History
		assert.Equal(t, "0.000000 s  CPU 1  mm_create  mm1", h[0], n)
		assert.Equal(t, []string{"0.001000 s  CPU 0  mm_exit  mm1", "0.001000 s  CPU 0  mm_destroy  mm1"}, h[len(h)-2:], n)
		if n == 1000 {
			assert.Contains(t, h[1], "table_alloc  mm1")
			assert.Contains(t, h[2], "table_free  mm1")
			assert.Len(t, h, 5)
		}
	}
}

// Books that do not balance are found as soon as time moves, once.
func TestImbalanceIsFound(t *testing.T) {
	spoil := map[string]func(m *Machine){
		"1 are mapped":    func(m *Machine) { m.stats[0].mapped-- },
		"1 wait":          func(m *Machine) { m.CPU(0).Callbacks().InvokeOne(m.CPU(0)); m.Flood(m.CPU(0), 1) },
		"3 mms were made": func(m *Machine) { m.mms.Add(1) },
	}
	for want, f := range spoil {
		m := checked(t, pgalloc.Active)
		m.Advance(0)
		mapped(t, m, 2)
		m.NewMM(m.CPU(0))
		m.Flood(m.CPU(0), 1)
		f(m)
		m.Advance(ms)
		m.Advance(2 * ms)
		require.Equal(t, []kern.Kind{kern.Imbalance}, kinds(m), want)
		list, _ := m.M.Violations()
		assert.Contains(t, list[0].Sentence(), want)
	}
}

// The last user leaves between khugepaged's look at mm_users and its locks: legal, and every sound version takes it.
func TestExitDuringRetract(t *testing.T) {
	for _, v := range pgalloc.Variants() {
		if v.Variant == pgalloc.RFCAsPosted {
			continue // loses the page whatever else happens
		}
		var dying []*AddressSpace
		m := newMachine(t, Config{Variant: v.Variant, CPUs: 2, Checks: true, Contents: true, DuringRetract: func(c *kern.CPU, as *AddressSpace) {
			if as.ID == 1 && len(dying) == 0 {
				require.True(t, as.BeginExit(as.m.CPU(0)))
				dying = append(dying, as)
			}
		}})
		m.Advance(0)
		f := m.NewFile()
		for range 2 {
			mapFile(t, m, m.NewMM(m.CPU(0)), f, base, 2)
		}
		assert.Equal(t, 2, m.RetractPageTables(m.CPU(1), f, 0))
		assert.Zero(t, m.M.Peek(dying[0].MM.Users()))
		assert.Equal(t, 1, m.RetractPageTables(m.CPU(1), f, mib), "it has no user any more")
		assert.EqualValues(t, 1, m.Stats().SkippedExit)
		dying[0].FinishExit(m.CPU(0))
		requireQuiet(t, m)
		m.Close()
		requireQuiet(t, m)
		assert.Zero(t, m.Sys.MMs.Live())
	}
}

// Callbacks queue up behind a flood, and the longest queue is told.
func TestFlood(t *testing.T) {
	m := newMachine(t, Config{Variant: pgalloc.FullPage, CPUs: 2, Checks: true, GracePeriod: 10 * ms})
	m.Advance(0)
	m.Flood(m.CPU(1), 1000)
	m.Advance(15 * ms)
	m.Flood(m.CPU(0), 10)
	m.Advance(second)
	f := m.Figures()
	assert.EqualValues(t, 1010, f.Callbacks)
	assert.Equal(t, 1010, f.LongestQueue)
	requireQuiet(t, m)
}

// A pinned mm outlives its exit by a grace period or two, one that nobody pins does not.
func TestExtraLife(t *testing.T) {
	for v, want := range map[pgalloc.Variant]int64{pgalloc.Pinned: 20*ms - 3*ms, pgalloc.Classic: 0, pgalloc.FullPage: 0, pgalloc.Active: 0} {
		m := newMachine(t, Config{Variant: v, Checks: true, GracePeriod: 10 * ms})
		m.Advance(0)
		as := mapped(t, m, 3)
		m.Advance(3 * ms)
		as.Put(m.CPU(0))
		m.Advance(second)
		f := m.Figures()
		n := int64(0)
		if want > 0 {
			n = 1
		}
		assert.Equal(t, ExtraLife{MMs: n, Total: want, Max: want}, f.ExtraLife, string(v))
	}
}

// Halves wasted and live over time, of a story short enough to count on one's fingers.
func TestWasteOverTime(t *testing.T) {
	for v, want := range map[pgalloc.Variant]Figures{
		// three tables on two pages for 10 ms, one half wasted; then the middle one goes: its half is wasted too when the
		// grace period is over at 30 ms; all is read at 40 ms
		pgalloc.Classic:  {MeanWasted: (1*30 + 2*10) / 40.0, WasteBegan: 3, MeanLive: (3*10 + 2*30) / 40.0},
		pgalloc.FullPage: {MeanWasted: (3*30 + 2*10) / 40.0, WasteBegan: 3, MeanLive: (3*10 + 2*30) / 40.0},
	} {
		m := newMachine(t, Config{Variant: v, Checks: true, GracePeriod: 10 * ms})
		m.Advance(0)
		as := mapped(t, m, 3)
		m.Advance(10 * ms)
		as.Munmap(m.CPU(0), base+mib, mib)
		m.Advance(40 * ms)
		f := m.Figures()
		assert.InDelta(t, want.MeanWasted, f.MeanWasted, 1e-9, string(v))
		assert.InDelta(t, want.MeanLive, f.MeanLive, 1e-9, string(v))
		assert.Equal(t, want.WasteBegan, f.WasteBegan, string(v))
		requireQuiet(t, m)
	}
}

// Grace periods of uneven length: callbacks wait for the ends that are told.
func TestGraceJitter(t *testing.T) {
	lengths := []int64{5 * ms, 50 * ms, 1 * ms}
	i := 0
	var ends []int64
	m := newMachine(t, Config{Variant: pgalloc.Active, GracePeriod: 10 * ms, GraceJitter: func(int64) int64 { i++; return lengths[(i-1)%3] },
		Trace: func(e *Event) {
			if e.Kind == EventGracePeriod {
				ends = append(ends, e.Time)
			}
		}})
	m.Advance(0)
	m.Flood(m.CPU(0), 1) // waits for 10, runs at 15
	m.Advance(20 * ms)
	m.Flood(m.CPU(0), 1) // 65, 66
	m.Advance(100 * ms)
	assert.Equal(t, []int64{15 * ms, 66 * ms}, ends)
	m.Advance(math.MaxInt64) // and idle time costs nothing
}

// What the emulator keeps for itself costs no counted step: a segment that is unmapped and used again costs as many atomics
// as the first time.
func TestOwnBooksAreNotCounted(t *testing.T) {
	m := newMachine(t, Config{Variant: pgalloc.FullPage, Count: true, Checks: true})
	m.Advance(0)
	c := m.CPU(0)
	as := mapped(t, m, 4)
	round := func() uint64 {
		before := m.StepCounts().MMAtomics
		as.Munmap(c, base+mib, mib)
		as.Mmap(c, Mapping{Start: base + mib, Len: mib})
		require.Equal(t, FaultTable, as.Fault(c, base+mib, true))
		return m.StepCounts().MMAtomics - before
	}
	assert.Zero(t, round(), "flush_mm is set and cleared without an atomic")
	assert.Zero(t, round())
}
