package s390sim

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/pgalloc"
)

const second = int64(1e9)

// daemon is a machine with khugepaged that has just been started.
func daemon(t testing.TB, v pgalloc.Variant, cfg KhugepagedConfig) *Machine {
	m := newMachine(t, Config{Variant: v, CPUs: 2, Checks: true, Contents: true, Khugepaged: &cfg})
	m.Advance(0)
	return m
}

// huge draws which of the first n segments of a file are huge.
func huge(f *File, n int) string {
	s := ""
	for i := range n {
		s += map[bool]string{true: "H", false: "."}[f.Huge(uint64(i)*mib)]
	}
	return s
}

// khugepaged_scan_mm_slot: mms in turn, segments in address order, pages_to_scan a wakeup, scan_sleep between two.
func TestKhugepagedScansInTurn(t *testing.T) {
	m := daemon(t, pgalloc.Active, KhugepagedConfig{PagesToScan: kern.PTRSPerPTE, MaxPtesNone: -1, ScanSleep: second})
	var files []*File
	var mms []*AddressSpace
	for range 2 {
		f, as := m.NewFile(), m.NewMM(m.CPU(0))
		mapFile(t, m, as, f, base, 3)
		files, mms = append(files, f), append(mms, as)
	}
	assert.Equal(t, 2, m.Khugepaged().Slots())
	// A wakeup takes one segment: the first costs 256 of progress and one for the mm. The end of an mm is found one visit
	// later, and costs one, too.
	var seen []string
	for i := range 9 {
		m.Advance(int64(i) * second)
		seen = append(seen, huge(files[0], 3)+" "+huge(files[1], 3))
	}
	assert.Equal(t, []string{"H.. ...", "HH. ...", "HHH ...", "HHH H..", "HHH HH.", "HHH HHH", "HHH HHH", "HHH HHH", "HHH HHH"}, seen)
	n := m.Khugepaged().Counts()
	assert.EqualValues(t, 9, n.Wakeups)
	assert.EqualValues(t, 6, n.Collapsed)
	assert.EqualValues(t, 6, m.Stats().Retracts)
	assert.EqualValues(t, 1, n.FullScans)
	assert.NotZero(t, n.AlreadyMapped, "the second pass finds huge pages mapped by no table")
	for _, as := range mms {
		assert.Zero(t, as.Populated())
		assert.Equal(t, FaultHuge, as.Fault(m.CPU(0), base, true))
	}
	requireQuiet(t, m)
	m.Close()
	requireQuiet(t, m)
	assert.Zero(t, m.Sys.MMs.Live())
}

// One wakeup ends when pages_to_scan is reached, to the page, or when it has passed the beginning of the line.
func TestKhugepagedWakeupEnds(t *testing.T) {
	const segment = kern.PTRSPerPTE + 1 // and one for the visit
	for _, c := range []struct {
		pages    int
		want     string
		progress uint64
	}{{segment - 1, "H..", segment}, {segment, "H..", segment}, {segment + 1, "HH.", 2 * segment}, {1 << 20, "HHH", 3*segment + 1}} {
		m := daemon(t, pgalloc.Active, KhugepagedConfig{PagesToScan: c.pages, MaxPtesNone: -1, ScanSleep: second})
		f, as := m.NewFile(), m.NewMM(m.CPU(0))
		mapFile(t, m, as, f, base, 3)
		m.Advance(0)
		m.Advance(1)
		assert.Equal(t, c.want, huge(f, 3), "pages_to_scan %d", c.pages)
		n := m.Khugepaged().Counts()
		assert.Equal(t, [3]uint64{1, 0, c.progress}, [3]uint64{n.Wakeups, n.AlreadyMapped, n.Progress}, "pages_to_scan %d", c.pages)
	}
}

// hpage_collapse_scan_file: a segment qualifies if at most max_ptes_none of its pages are not in memory.
func TestKhugepagedMaxPtesNone(t *testing.T) {
	for _, none := range []int{0, 1, 100, 255} {
		for _, present := range []int{1, 2, 155, 156, 157, 254, 255, 256} {
			t.Run(fmt.Sprint(none, "/", present), func(t *testing.T) {
				m := daemon(t, pgalloc.Pinned, KhugepagedConfig{MaxPtesNone: none, ScanSleep: second})
				f, as := m.NewFile(), m.NewMM(m.CPU(0))
				as.Mmap(m.CPU(0), Mapping{Start: base, Len: mib, File: f, Shared: true})
				for i := range present {
					as.Fault(m.CPU(0), base+uint64(i)*4*kib, false)
				}
				m.Advance(second)
				want := 256-present <= none
				assert.Equal(t, want, f.Huge(0))
				assert.Equal(t, want, m.Khugepaged().Counts().ExceedNone == 0)
				requireQuiet(t, m)
			})
		}
	}
}

// An mm that exits while khugepaged stands at it keeps its struct, and its top table, until khugepaged moves on; any other
// goes at once.
func TestKhugepagedExit(t *testing.T) {
	m := daemon(t, pgalloc.Classic, KhugepagedConfig{PagesToScan: 1, MaxPtesNone: -1, ScanSleep: second})
	var all []*AddressSpace
	for range 3 {
		as := m.NewMM(m.CPU(0))
		mapFile(t, m, as, m.NewFile(), base, 2)
		all = append(all, as)
	}
	m.Advance(1) // it stands at the first now
	require.Same(t, all[0].slot, m.Khugepaged().cursor)
	assert.EqualValues(t, 2, m.M.Peek(all[0].MM.Count()))
	requireQuiet(t, m)

	all[1].Put(m.CPU(0))
	assert.Equal(t, []*AddressSpace{all[0], all[2]}, inLine(t, m.Khugepaged()))
	all[0].Put(m.CPU(0))
	m.Quiesce()
	assert.Equal(t, 2, m.Sys.MMs.Live())
	assert.EqualValues(t, 1, m.M.Peek(all[0].MM.Count()))
	assert.Equal(t, 2, m.Khugepaged().Slots())

	m.Advance(second)
	m.Quiesce()
	assert.Equal(t, 1, m.Sys.MMs.Live())
	n := m.Khugepaged().Counts()
	assert.Equal(t, [3]uint64{3, 1, 1}, [3]uint64{n.Entered, n.Exited, n.Collected})
	assert.Equal(t, []*AddressSpace{all[2]}, inLine(t, m.Khugepaged()))
	m.Close()
	requireQuiet(t, m)
	assert.Zero(t, m.Sys.MMs.Live())
}

// inLine returns the mms that are scanned in turn, and looks whether the line is the same from behind.
func inLine(t *testing.T, k *Khugepaged) (mms []*AddressSpace) {
	for s := k.slots.head; s != nil; s = s.next {
		mms = append(mms, s.as)
	}
	i := len(mms)
	for s := k.slots.tail; s != nil && i > 0; s = s.prev {
		i--
		assert.Same(t, mms[i], s.as)
	}
	assert.Zero(t, i)
	assert.Equal(t, len(mms), k.Slots())
	return mms
}

// What khugepaged passes over, and what it leaves of a segment that it collapses.
func TestKhugepagedSkips(t *testing.T) {
	type setup struct {
		m  *Machine
		as *AddressSpace
		f  *File
	}
	tests := []struct {
		name     string
		mapping  func(s setup) Mapping
		spoil    func(s setup)
		huge     bool
		tables   int
		enters   bool
		vmaSkips bool
	}{
		{"a file", func(s setup) Mapping { return Mapping{Start: base, Len: mib, File: s.f, Shared: true} }, nil, true, 0, true, false},
		{"private, only read", func(s setup) Mapping { return Mapping{Start: base, Len: mib, File: s.f} }, nil, true, 0, true, false},
		{"anonymous memory", func(s setup) Mapping { return Mapping{Start: base, Len: mib} }, nil, false, 1, false, false},
		{"out of step with the file", func(s setup) Mapping {
			return Mapping{Start: base, Len: 2 * mib, File: s.f, Offset: 4 * kib, Shared: true}
		}, nil, false, 1, false, false},
		{"no whole segment", func(s setup) Mapping { return Mapping{Start: base, Len: mib - 4*kib, File: s.f, Shared: true} }, nil, false, 1, false, false},
		{"private and written", func(s setup) Mapping { return Mapping{Start: base, Len: mib, File: s.f} },
			func(s setup) { s.as.Fault(s.m.CPU(0), base+4*kib, true) }, true, 1, true, false},
		{"userfaultfd", func(s setup) Mapping { return Mapping{Start: base, Len: mib, File: s.f, Shared: true} },
			func(s setup) { s.as.vmas.find(base).UFFD = true }, true, 1, true, false},
		{"cut after it was entered", func(s setup) Mapping { return Mapping{Start: base, Len: mib, File: s.f, Shared: true} },
			func(s setup) { s.as.Munmap(s.m.CPU(0), base+mib-4*kib, 4*kib) }, false, 1, true, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, v := range sound() {
				m := daemon(t, v, KhugepagedConfig{MaxPtesNone: -1, ScanSleep: second})
				s := setup{m, m.NewMM(m.CPU(0)), m.NewFile()}
				s.as.Mmap(m.CPU(0), tt.mapping(s))
				require.Equal(t, FaultTable, s.as.Fault(m.CPU(0), base, false))
				if tt.spoil != nil {
					tt.spoil(s)
				}
				assert.Equal(t, tt.enters, m.Khugepaged().Slots() == 1)
				m.Advance(5 * second)
				assert.Equal(t, tt.huge, s.f.Huge(0))
				assert.Equal(t, tt.tables, s.as.Populated())
				assert.Equal(t, tt.vmaSkips, m.Khugepaged().Counts().SkippedVMA > 0)
				if tt.huge && tt.tables > 0 {
					assert.NotZero(t, m.Khugepaged().Counts().PTEMappedKept)
				}
				requireQuiet(t, m)
			}
		})
	}
}

// collapse_pte_mapped_thp: a table that the retract left for one VMA's sake goes when it is that mm's turn and the reason
// has gone.
func TestKhugepagedTakesPTEMapped(t *testing.T) {
	m := daemon(t, pgalloc.Typesafe, KhugepagedConfig{MaxPtesNone: -1, ScanSleep: second})
	f, as, other := m.NewFile(), m.NewMM(m.CPU(0)), m.NewMM(m.CPU(0))
	mapFile(t, m, as, f, base, 1)
	mapFile(t, m, other, f, base, 1)
	other.vmas.find(base).UFFD = true
	m.Advance(2 * second)
	assert.Equal(t, [2]int{0, 1}, [2]int{as.Populated(), other.Populated()})
	other.vmas.find(base).UFFD = false
	m.Fault(t, as)
	m.Advance(4 * second)
	assert.Equal(t, [2]int{0, 0}, [2]int{as.Populated(), other.Populated()})
	assert.EqualValues(t, 1, m.Khugepaged().Counts().PTEMapped)
	requireQuiet(t, m)
}

// Fault touches something, so that khugepaged has a reason to look again.
func (m *Machine) Fault(t *testing.T, as *AddressSpace) {
	require.Equal(t, FaultHuge, as.Fault(m.CPU(0), base, true))
}

// Without huge pages khugepaged sleeps alloc_sleep, and goes on behind the segment where it failed.
func TestKhugepagedAllocSleep(t *testing.T) {
	have := false
	m := daemon(t, pgalloc.Active, KhugepagedConfig{MaxPtesNone: -1, ScanSleep: second, AllocSleep: 30 * second, HugePage: func() bool { return have }})
	f, as := m.NewFile(), m.NewMM(m.CPU(0))
	mapFile(t, m, as, f, base, 2)
	m.Advance(29 * second)
	assert.EqualValues(t, 1, m.Khugepaged().Counts().Wakeups)
	have = true
	m.Advance(30*second - 1)
	assert.Equal(t, "..", huge(f, 2))
	m.Advance(30 * second)
	assert.Equal(t, "HH", huge(f, 2), "the second, then from the beginning of the line")
	assert.EqualValues(t, 1, m.Khugepaged().Counts().AllocHugeFails)
}

// khugepaged_fork, and mm_slots of children.
func TestKhugepagedFork(t *testing.T) {
	m := daemon(t, pgalloc.RFC, KhugepagedConfig{})
	as := m.NewMM(m.CPU(0))
	mapped := m.NewMM(m.CPU(0))
	mapFile(t, m, mapped, m.NewFile(), base, 1)
	as.Fork(m.CPU(0))
	assert.Equal(t, 1, m.Khugepaged().Slots())
	mapped.Fork(m.CPU(0))
	assert.Equal(t, 2, m.Khugepaged().Slots())
	m.Close()
	assert.Zero(t, m.Khugepaged().Slots())
	requireQuiet(t, m)
}

// khugepaged_enter_vma is called for a mapping that grows, too: it may hold a huge page from then on.
func TestKhugepagedEntersWhatGrows(t *testing.T) {
	m := daemon(t, pgalloc.Active, KhugepagedConfig{})
	c, as := m.CPU(0), m.NewMM(m.CPU(0))
	as.Mmap(c, Mapping{Start: base, Len: 4 * kib, File: m.NewFile(), Shared: true})
	require.Zero(t, m.Khugepaged().Slots())
	as.Mremap(c, base, 4*kib, base, mib, false)
	assert.Equal(t, 1, m.Khugepaged().Slots())
	m.Close()
	requireQuiet(t, m)
}

// All of a huge page is in memory, and stays there when it is split.
func TestSplitKeepsPages(t *testing.T) {
	m := daemon(t, pgalloc.Active, KhugepagedConfig{ScanSleep: never})
	f := m.NewFile()
	f.Fill(0, 4*kib)
	present, _ := f.cache.look(0)
	require.Equal(t, 1, present)
	m.Collapse(m.CPU(0), f, 0, mib)
	require.True(t, f.SplitHuge(0))
	present, isHuge := f.cache.look(0)
	assert.Equal(t, kern.PTRSPerPTE, present)
	assert.False(t, isHuge)
}

// A daemon that finds nothing more to do does not cost time: three hundred years pass in no time.
func TestKhugepagedIdles(t *testing.T) {
	m := daemon(t, pgalloc.Active, KhugepagedConfig{MaxPtesNone: -1})
	as := m.NewMM(m.CPU(0))
	mapFile(t, m, as, m.NewFile(), base, 1)
	m.Advance(math.MaxInt64)
	assert.Less(t, m.Khugepaged().Counts().Wakeups, uint64(20))
	assert.EqualValues(t, 1, m.Khugepaged().Counts().Collapsed)
}
