package s390sim

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/pgalloc"
)

// A table that is freed behind the TLB's back is found by the next access through the stale entry.
func TestStaleTLBEntryIsFound(t *testing.T) {
	for _, v := range pgalloc.Variants() {
		m := checked(t, v.Variant)
		as := mapped(t, m, 2)
		table := tablesOf(as)[base]
		m.Sys.PT.PageTableFree(m.CPU(0), as.MM, table) // no flush, and the pmd still leads there

		m.useTLB(m.CPU(1), as.MM, base>>SegmentShift, table)
		assert.Empty(t, kinds(m), "%s: the other CPU has no entry", v.Variant)
		m.useTLB(m.CPU(0), as.MM, base>>SegmentShift, table)
		assert.Equal(t, []kern.Kind{pgalloc.StaleTLB}, kinds(m), string(v.Variant))
		m.useTLB(m.CPU(0), as.MM, base>>SegmentShift+1, tablesOf(as)[base+SegmentSize])
		assert.Len(t, kinds(m), 1, "%s: the other segment's table is there", v.Variant)
	}
}

// So is one whose half was handed out again, to another segment.
func TestStaleTLBEntryIsFoundAfterReuse(t *testing.T) {
	m := checked(t, pgalloc.Classic)
	as := mapped(t, m, 2)
	c := m.CPU(0)
	table := tablesOf(as)[base]
	as.zap(c, table)
	m.Sys.PT.PageTableFree(c, as.MM, table)
	require.Equal(t, table, m.Sys.PT.PageTableAlloc(c, as.MM), "the half should be the first to be handed out")
	m.useTLB(c, as.MM, base>>SegmentShift, 0)
	assert.Equal(t, []kern.Kind{pgalloc.StaleTLB}, kinds(m))
}

// A user's next access finds it as well as useTLB does.
func TestStaleTLBEntryIsFoundByFault(t *testing.T) {
	m := checked(t, pgalloc.Pinned)
	as := mapped(t, m, 1)
	m.Sys.PT.PageTableFree(m.CPU(0), as.MM, tablesOf(as)[base])
	as.Fault(m.CPU(0), base, false)
	assert.Contains(t, kinds(m), pgalloc.StaleTLB)
}

// A fault leaves in the TLB the table that is there now, whatever the TLB had for the segment.
func TestFaultReplacesTLBEntry(t *testing.T) {
	m := checked(t, pgalloc.Active)
	as := mapped(t, m, 2)
	c, tables := m.CPU(0), tablesOf(as)
	m.tlbs[0].insert(c, as.MM, base>>SegmentShift, tables[base+SegmentSize])
	as.Fault(c, base, false)
	assert.Equal(t, tables[base], m.tlbs[0].lookup(c, as.MM, base>>SegmentShift))
}

// Everything that takes a table away flushes it from the TLBs of all CPUs.
func TestTLBsAreFlushed(t *testing.T) {
	ways := map[string]func(m *Machine, as *AddressSpace, f *File){
		"munmap":  func(m *Machine, as *AddressSpace, _ *File) { as.Munmap(m.CPU(0), base, mib) },
		"exit":    func(m *Machine, as *AddressSpace, _ *File) { as.Put(m.CPU(0)) },
		"mremap":  func(m *Machine, as *AddressSpace, _ *File) { as.Mremap(m.CPU(0), base, mib, base+32*mib, mib, false) },
		"retract": func(m *Machine, _ *AddressSpace, f *File) { m.RetractPageTables(m.CPU(0), f, 0) },
		"fork":    func(m *Machine, as *AddressSpace, _ *File) { as.Fork(m.CPU(0)) },
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			m := checked(t, pgalloc.Active)
			as, f := m.NewMM(m.CPU(0)), m.NewFile()
			mapFile(t, m, as, f, base, 1)
			as.Fault(m.CPU(1), base, false)
			for i := range 2 {
				require.NotZero(t, m.tlbs[i].lookup(m.CPU(i), as.MM, base>>SegmentShift), "CPU %d should know the segment", i)
			}
			other := m.NewMM(m.CPU(0))
			other.Mmap(m.CPU(0), Mapping{Start: base + 3*mib, Len: mib})
			other.Fault(m.CPU(0), base+3*mib, true)
			way(m, as, f)
			for i := range 2 {
				assert.Zero(t, m.tlbs[i].lookup(m.CPU(i), as.MM, base>>SegmentShift), "CPU %d", i)
			}
			assert.NotZero(t, m.tlbs[0].lookup(m.CPU(0), other.MM, base>>SegmentShift+3), "another mm's entries stay")
		})
	}
}

// An mm at the address of one that is gone must not find its entries.
func TestTLBAfterMMIsReused(t *testing.T) {
	m := checked(t, pgalloc.FullPage)
	seen := map[uint32]int{}
	for range 300 { // more than mms are held back in quarantine
		as := mapped(t, m, 1)
		seen[uint32(as.MM)]++
		as.Put(m.CPU(0))
		m.Quiesce()
	}
	require.Less(t, len(seen), 300, "no mm was used again")
	requireQuiet(t, m)
}

// ReadPTE is for walkers under RCU: a pending table may be read, a freed one may not.
func TestReadPTE(t *testing.T) {
	for _, v := range sound() {
		m := checked(t, v)
		c := m.CPU(0)
		as := mapped(t, m, 1)
		table := tablesOf(as)[base]
		assert.Equal(t, base|pagePresent, ReadPTE(c, table, 0))
		assert.EqualValues(t, pteInvalid, ReadPTE(c, table, 1))
		kern.RCUReadLock(c)
		m.RCU.Begin()
		as.Munmap(m.CPU(1), base, mib)
		m.Quiesce() // cannot get past the reader
		assert.EqualValues(t, pteInvalid, ReadPTE(c, table, 0))
		assert.Empty(t, kinds(m), string(v))
		kern.RCUReadUnlock(c)
		m.Quiesce()
		ReadPTE(c, table, 0)
		assert.Equal(t, []kern.Kind{pgalloc.ReaderUseAfterFree}, kinds(m), string(v))
	}
}
