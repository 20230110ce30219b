package s390sim

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
)

func TestCheckFindsALostPage(t *testing.T) {
	for _, v := range sound() {
		m := checked(t, v)
		as := mapped(t, m, 2)
		require.Zero(t, m.Check())
		require.NotZero(t, m.Sys.PT.PageTableAlloc(m.CPU(0), as.MM)) // and nobody maps it
		assert.Equal(t, 1, m.Check(), string(v))
		assert.Equal(t, []kern.Kind{kern.PageLost}, kinds(m), string(v))
	}
}

func TestCheckFindsALostHalf(t *testing.T) {
	m := checked(t, pgalloc.Active)
	as := mapped(t, m, 3)
	m.Sys.PT.PageTableAlloc(m.CPU(0), as.MM) // the other half of the third
	assert.Equal(t, 1, m.Check())
	assert.Equal(t, []kern.Kind{kern.PageLost}, kinds(m))
}

func TestCheckFindsAPageThatNeverCameBack(t *testing.T) {
	m := checked(t, pgalloc.RFCAsPosted) // loses pages when both halves are deferred
	f, as := m.NewFile(), m.NewMM(m.CPU(0))
	mapFile(t, m, as, f, base, 2)
	m.Collapse(m.CPU(0), f, 0, 2*mib)
	assert.Equal(t, 1, m.Check())
	assert.Equal(t, []kern.Kind{kern.PageLost}, kinds(m))
}

func TestCheckFindsAMappedTableThatWasFreed(t *testing.T) {
	for _, v := range sound() {
		m := checked(t, v)
		as := mapped(t, m, 1)
		m.Sys.PT.PageTableFree(m.CPU(0), as.MM, tablesOf(as)[base])
		assert.Equal(t, 1, m.Check(), string(v))
		assert.Equal(t, []kern.Kind{kern.UseAfterFree}, kinds(m), string(v))
	}
}

func TestCheckFindsAWrongMMCount(t *testing.T) {
	for _, off := range []uint32{1, ^uint32(0)} {
		for _, v := range sound() {
			m := checked(t, v)
			as := mapped(t, m, 2)
			m.M.Poke(as.MM.Count(), m.M.Peek(as.MM.Count())+off)
			assert.Equal(t, 1, m.Check(), string(v))
			assert.Equal(t, []kern.Kind{mmctx.MMCount}, kinds(m), string(v))
		}
	}
}

// What a check reports comes in the order in which the address spaces were made.
func TestCheckReportsInOrder(t *testing.T) {
	for range 10 {
		m := checked(t, pgalloc.Active)
		var want []kern.Addr
		for range 20 {
			as := m.NewMM(m.CPU(0))
			m.M.Poke(as.MM.Count(), 5)
			want = append(want, as.MM.Count())
		}
		require.Equal(t, 20, m.Check())
		list, _ := m.M.Violations()
		for i, v := range list {
			require.Equal(t, want[i], v.Addr)
		}
	}
}

func TestCheckKnowsPGSTEs(t *testing.T) {
	for _, v := range sound() {
		m := checked(t, v)
		as := m.NewMM(m.CPU(0))
		as.MM.SetAllocPGSTE(m.CPU(0))
		as.Mmap(m.CPU(0), Mapping{Start: base, Len: 3 * mib})
		for i := range uint64(3) {
			as.Fault(m.CPU(0), base+i*mib, true)
		}
		as.Munmap(m.CPU(0), base, mib)
		requireQuiet(t, m)
		child := as.Fork(m.CPU(0))
		assert.Equal(t, 2, child.Populated())
		assert.True(t, child.MM.PeekAllocPGSTE(m.M))
		requireQuiet(t, m)
	}
}

// Close ends all that is left, also what several processes share, and nothing remains: no mm, no table of any kind.
func TestClose(t *testing.T) {
	for _, v := range pgalloc.Variants() {
		m := checked(t, v.Variant)
		for i := range 4 {
			as := mapped(t, m, 2)
			for range i {
				as.Get(m.CPU(0))
			}
			c := m.CPU(1)
			for _, at := range []uint64{0, 5 << 31, 3 << 42, TaskSize - mib} { // a segment table each, in three region tables
				as.Assume(c, at)
				as.Fault(c, at, false)
			}
		}
		_, tables, crsts := frames(m)
		require.Positive(t, tables)
		// a top table, four segment tables and three region-third tables each
		require.Equal(t, 4*(1+4+3), crsts)
		m.Close()
		_, tables, crsts = frames(m)
		assert.Equal(t, [2]int{0, 0}, [2]int{tables, crsts}, "%s: frames that hold tables", v.Variant)
		assert.Zero(t, m.Sys.MMs.Live())
		assert.Zero(t, m.Check())
		m.Close() // nothing left to do
		if v.Flawed == "" {
			assert.Empty(t, kinds(m))
		}
	}
}

// munmap gives the segment table back with the last of its page tables, and the region table with the last of those.
func TestUpperTablesAreFreed(t *testing.T) {
	m := checked(t, pgalloc.Active)
	c, as := m.CPU(0), m.NewMM(m.CPU(0))
	count := func() int {
		m.Quiesce()
		_, _, n := frames(m)
		return n
	}
	require.Equal(t, 1, count())
	for _, at := range []uint64{0, 1 << 31, 1 << 42} {
		as.Mmap(c, Mapping{Start: at, Len: 2 * mib})
		as.Fault(c, at, true)
		as.Fault(c, at+mib, true)
	}
	require.Equal(t, 1+3+2, count())
	as.Munmap(c, 1<<31, mib)
	assert.Equal(t, 1+3+2, count())
	as.Munmap(c, 1<<31+mib, mib)
	assert.Equal(t, 1+2+2, count())
	as.Munmap(c, 1<<42, 2*mib)
	assert.Equal(t, 1+1+1, count())
	requireQuiet(t, m)
}

// A batch page that cannot be had, and memory that runs out, are survived.
func TestNoMemory(t *testing.T) {
	for _, v := range sound() {
		m := checked(t, v)
		as := mapped(t, m, 4)
		m.M.FailPages(kern.GFPNowait, true)
		as.Munmap(m.CPU(0), base, 2*mib)
		m.M.FailPages(kern.GFPNowait, false)
		m.M.FailPages(kern.GFPKernel, true)
		as.Mmap(m.CPU(0), Mapping{Start: 1 << 42, Len: mib})
		assert.Equal(t, FaultNoMemory, as.Fault(m.CPU(0), 1<<42, true))
		assert.Nil(t, m.NewMM(m.CPU(0)))
		assert.Nil(t, as.Fork(m.CPU(0)))
		m.M.FailPages(kern.GFPKernel, false)
		assert.Equal(t, FaultTable, as.Fault(m.CPU(0), 1<<42, true))
		requireQuiet(t, m)
		m.Close()
		assert.Empty(t, kinds(m))
	}
}

// A half that is mapped and was freed is found although its page holds another table.
func TestCheckFindsAMappedHalfThatWasFreed(t *testing.T) {
	m := checked(t, pgalloc.Active)
	as := mapped(t, m, 2)
	m.Sys.PT.PageTableFree(m.CPU(0), as.MM, tablesOf(as)[base])
	assert.Equal(t, 1, m.Check())
	assert.Equal(t, []kern.Kind{kern.UseAfterFree}, kinds(m))
}

// NothingLeft is for after Close, and finds what that left: pages of tables, and mms.
func TestNothingLeft(t *testing.T) {
	m := checked(t, pgalloc.Active)
	mapped(t, m, 3)
	m.Close()
	require.Zero(t, m.NothingLeft())

	as := m.NewMM(m.CPU(0))
	require.NotZero(t, m.Sys.PT.PageTableAlloc(m.CPU(0), as.MM)) // and nobody frees it
	assert.Equal(t, 2, m.NothingLeft())
	assert.Equal(t, []kern.Kind{kern.PageLost, kern.Imbalance}, kinds(m))
	list, _ := m.M.Violations()
	assert.Contains(t, list[1].Sentence(), "1 mms are left")
}

// An mm that has exited is not running, however long something pins it, and what its memory is by then is not its.
func TestLivesOfMMs(t *testing.T) {
	m := checked(t, pgalloc.Pinned)
	m.Advance(0)
	as, other := mapped(t, m, 1), mapped(t, m, 1)
	as.Put(m.CPU(0))
	require.Equal(t, 2, m.Sys.MMs.Live(), "a pin")
	assert.Equal(t, []*AddressSpace{other}, m.lives.running())

	m.lives.exited(m.CPU(0), &AddressSpace{MM: other.MM, m: m}) // whose memory went to the other
	assert.Equal(t, []*AddressSpace{other}, m.lives.running())
}

// Two runs of one workload come to the same in every detail.
func TestDeterminism(t *testing.T) {
	for _, v := range pgalloc.Variants() {
		var figures [2]Figures
		var curves [2][]Sample
		var violations [2][]*kern.Violation
		var events [2][]Event
		for i := range 2 {
			m := newMachine(t, Config{Variant: v.Variant, CPUs: 2, Checks: true, Contents: true,
				Trace: func(e *Event) { events[i] = append(events[i], *e) }})
			workload(m, 2000, nil)
			m.Check()
			m.Close()
			figures[i], curves[i] = m.Figures(), m.Curve()
			violations[i], _ = m.M.Violations()
		}
		assert.Equal(t, figures[0], figures[1])
		assert.Equal(t, curves[0], curves[1])
		assert.Equal(t, violations[0], violations[1])
		assert.Equal(t, events[0], events[1])
	}
}

// What is kept does not grow with what has happened: neither frames nor memory of this program.
func TestMemoryDoesNotGrow(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	for _, v := range []pgalloc.Variant{pgalloc.Pinned, pgalloc.Typesafe} {
		m := newMachine(t, Config{Variant: v, CPUs: 2, Checks: true, Contents: true})
		m.Advance(0)
		run := func(times int) (uint64, int) {
			for range times {
				workload(m, 100, nil)
			}
			ever, _, _ := frames(m)
			return heap(), ever
		}
		_, framesFew := run(10)
		early, _ := run(90) // by now every slab and slice has its size
		late, framesMany := run(900)
		assert.LessOrEqual(t, framesMany, 2*framesFew, "%s: frames ever used", v)
		assert.Less(t, int64(late)-int64(early), int64(32<<10), "%s: bytes of live heap, after 100 and 1000 times", v)
		requireQuiet(t, m)
	}
}
