package s390sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/pgalloc"
)

// What may happen between a look without a lock and the lock, and what must wait: the moments at which khugepaged, a
// retract, a fault and an exit meet.

// What retract_page_tables saw before it took the locks it looks at again under them.
func TestRetractLooksAgain(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(m *Machine, as *AddressSpace)
		want      Stats
	}{
		"nothing":          {func(*Machine, *AddressSpace) {}, Stats{Retracts: 1}},
		"anonymous memory": {func(_ *Machine, as *AddressSpace) { as.vmas.find(base).AnonVMA = true }, Stats{SkippedAnon: 1}}, // anon_vma_prepare wants page_table_lock alone
		"userfaultfd":      {func(_ *Machine, as *AddressSpace) { as.vmas.find(base).UFFD = true }, Stats{SkippedUFFD: 1}},
		"the table went": {func(m *Machine, as *AddressSpace) { // another retract of the file
			p := as.pt.find(base >> SegmentShift)
			as.lockPT(m.CPU(1))
			ptl := pageOf(kern.Unpack(m.M.Peek(p.word))).PTL()
			kern.SpinLock(m.CPU(1), ptl)
			as.takeTable(m.CPU(1), p, ptl)
			m.stat(m.CPU(1)).Retracts = 0
		}, Stats{SkippedEmpty: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, v := range sound() {
				var m *Machine
				m = newMachine(t, Config{Variant: v, CPUs: 2, Checks: true, Contents: true,
					DuringRetract: func(_ *kern.CPU, as *AddressSpace) { c.meanwhile(m, as) }})
				f, as := m.NewFile(), m.NewMM(m.CPU(0))
				mapFile(t, m, as, f, base, 1)
				m.RetractPageTables(m.CPU(0), f, 0)
				got := m.Stats()
				got.MMs, got.Faults = 0, 0
				assert.Equal(t, c.want, got, string(v))
				requireQuiet(t, m)
			}
		})
	}
}

// MADV_COLLAPSE holds mm_count while it is at work, as mmgrab in madvise_collapse does, and gives it back.
func TestMadviseHoldsTheMM(t *testing.T) {
	var counts []uint32
	var m *Machine
	m = newMachine(t, Config{Variant: pgalloc.Active, Checks: true, Khugepaged: &KhugepagedConfig{ScanSleep: never},
		DuringRetract: func(_ *kern.CPU, as *AddressSpace) { counts = append(counts, m.M.Peek(as.MM.Count())) }})
	m.Advance(0)
	c, f := m.CPU(0), m.NewFile()
	as := m.NewMM(c)
	mapFile(t, m, as, f, base, 1)
	before := m.M.Peek(as.MM.Count())
	require.EqualValues(t, 2, before, "the users' and khugepaged's")
	n, ok := as.MadviseCollapse(c, base, mib)
	assert.Equal(t, 1, n)
	assert.True(t, ok)
	assert.Equal(t, []uint32{before + 1}, counts)
	assert.Equal(t, before, m.M.Peek(as.MM.Count()))
	requireQuiet(t, m)
}

// __khugepaged_exit waits for mmap_lock when khugepaged stands at the mm, so that exit_mmap begins when khugepaged is out of
// its mappings.
func TestExitWaitsForKhugepaged(t *testing.T) {
	m := daemon(t, pgalloc.Active, KhugepagedConfig{PagesToScan: 1, MaxPtesNone: -1, ScanSleep: second})
	as := m.NewMM(m.CPU(0))
	mapFile(t, m, as, m.NewFile(), base, 2)
	m.Advance(1)
	k := m.Khugepaged()
	require.Same(t, as.slot, k.cursor)
	require.True(t, as.BeginExit(m.CPU(1)))
	waits(t, as.mmapLock.RLock, as.mmapLock.RUnlock, func() { k.exit(m.CPU(1), as) })
	as.FinishExit(m.CPU(1))
	m.Close()
	requireQuiet(t, m)
	assert.Zero(t, m.Sys.MMs.Live())
}

// hpage_collapse_test_exit: between mmput and exit_mmap the mappings are there, and khugepaged leaves them alone.
func TestKhugepagedLeavesTheDying(t *testing.T) {
	m := daemon(t, pgalloc.Active, KhugepagedConfig{PagesToScan: 1, MaxPtesNone: -1, ScanSleep: second})
	f, as := m.NewFile(), m.NewMM(m.CPU(0))
	mapFile(t, m, as, f, base, 2)
	require.True(t, as.BeginExit(m.CPU(0)))
	m.Advance(5 * second)
	assert.Equal(t, "..", huge(f, 2))
	f.cache.setHuge(0, true)
	assert.Equal(t, noTable, as.collapsePTEMapped(m.CPU(1), base))
	assert.Equal(t, 2, as.Populated())
	as.FinishExit(m.CPU(0))
	m.Close()
	requireQuiet(t, m)
}

// An mm whose mmap_lock is taken is passed over: khugepaged does not wait.
func TestKhugepagedPassesOver(t *testing.T) {
	m := daemon(t, pgalloc.Active, KhugepagedConfig{MaxPtesNone: -1, ScanSleep: second})
	var files []*File
	var mms []*AddressSpace
	for range 2 {
		f, as := m.NewFile(), m.NewMM(m.CPU(0))
		mapFile(t, m, as, f, base, 1)
		files, mms = append(files, f), append(mms, as)
	}
	mms[0].mmapLock.Lock()
	done := make(chan struct{})
	go func() { defer close(done); m.Khugepaged().DoScan(m.CPU(1)) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		assert.Fail(t, "khugepaged waits for mmap_lock")
	}
	mms[0].mmapLock.Unlock()
	<-done
	assert.Equal(t, ". H", huge(files[0], 1)+" "+huge(files[1], 1))
	assert.EqualValues(t, 1, m.Khugepaged().Counts().LockMissed)
}

// collapse_pte_mapped_thp wants the mapping to cover the whole segment.
func TestCollapsePTEMappedWantsTheWholeSegment(t *testing.T) {
	m := daemon(t, pgalloc.Active, KhugepagedConfig{ScanSleep: never})
	c, f := m.CPU(0), m.NewFile()
	as := m.NewMM(c)
	mapFile(t, m, as, f, base, 2)
	f.cache.setHuge(0, true)
	f.cache.setHuge(mib, true)
	as.Munmap(c, base+2*mib-4*kib, 4*kib)
	assert.Equal(t, noTable, as.collapsePTEMapped(c, base+mib))
	assert.Equal(t, tookTable, as.collapsePTEMapped(c, base))
	assert.Equal(t, 1, as.Populated())
	requireQuiet(t, m)
}

// A huge page of a file is mapped huge where the rules of do_set_pmd allow, and by a table anywhere else.
func TestFaultOnAHugePage(t *testing.T) {
	for name, c := range map[string]struct {
		mapping Mapping
		addr    uint64
		write   bool
		want    FaultResult
	}{
		"shared, read":              {Mapping{Start: base, Len: mib, Shared: true}, base, false, FaultHuge},
		"shared, written":           {Mapping{Start: base, Len: mib, Shared: true}, base, true, FaultHuge},
		"private, read":             {Mapping{Start: base, Len: mib}, base, false, FaultHuge},
		"private, written":          {Mapping{Start: base, Len: mib}, base, true, FaultTable},
		"its end is not mapped":     {Mapping{Start: base, Len: 2*mib - 4*kib, Shared: true}, base + mib, false, FaultTable},
		"its front is not mapped":   {Mapping{Start: base + 4*kib, Len: 2 * mib, Offset: 4 * kib, Shared: true}, base + 4*kib, false, FaultTable},
		"out of step with the file": {Mapping{Start: base, Len: 2 * mib, Offset: 4 * kib, Shared: true}, base, false, FaultTable},
	} {
		t.Run(name, func(t *testing.T) {
			m := daemon(t, pgalloc.Active, KhugepagedConfig{ScanSleep: never})
			f, as := m.NewFile(), m.NewMM(m.CPU(0))
			for i := range uint64(4) {
				f.cache.setHuge(i*mib, true)
			}
			c.mapping.File = f
			as.Mmap(m.CPU(0), c.mapping)
			assert.Equal(t, c.want, as.Fault(m.CPU(0), c.addr, c.write))
			requireQuiet(t, m)
		})
	}
}

// The same where a retract took the table and nobody keeps huge pages: what the mapping no longer covers needs a table.
func TestFaultAfterRetractOfWhatIsCut(t *testing.T) {
	m := checked(t, pgalloc.Active)
	c, f := m.CPU(0), m.NewFile()
	as := m.NewMM(c)
	mapFile(t, m, as, f, base, 2)
	require.Equal(t, 2, m.Collapse(c, f, 0, 2*mib))
	as.Munmap(c, base, 4*kib)
	assert.Equal(t, FaultTable, as.Fault(c, base+4*kib, false))
	assert.Equal(t, FaultHuge, as.Fault(c, base+mib, false))
	requireQuiet(t, m)
}
