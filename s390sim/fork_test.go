package s390sim

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/pgalloc"
)

// dup_mmap links the child's VMAs to their files: a retract meets the child as well as the parent.
func TestForkLinksFiles(t *testing.T) {
	m := checked(t, pgalloc.Active)
	c, f := m.CPU(0), m.NewFile()
	as := m.NewMM(c)
	mapFile(t, m, as, f, base, 2)
	child := as.Fork(c)
	assert.Equal(t, 2, f.Mapped())
	assert.Zero(t, child.Populated(), "shared memory is left to be faulted in")
	require.Equal(t, FaultTable, child.Fault(c, base, false))
	assert.Equal(t, 2, m.RetractPageTables(c, f, 0))
	assert.Equal(t, [2]int{1, 0}, [2]int{as.Populated(), child.Populated()})
	child.Put(c)
	assert.Equal(t, 1, f.Mapped())
	requireQuiet(t, m)
}

// copy_page_range copies the entries of mappings with an anon_vma, page by page and half by half: not those of a
// neighbour in the same segment.
func TestForkCopiesByMapping(t *testing.T) {
	for _, v := range sound() {
		m := checked(t, v)
		c := m.CPU(0)
		as := mapped(t, m, 3)
		as.Munmap(c, base+2*mib+4*kib, mib-4*kib)
		as.Mmap(c, Mapping{Start: base + 2*mib + 4*kib, Len: 4 * kib, File: m.NewFile()})
		as.Fault(c, base+mib+12*kib, true)
		as.Fault(c, base+2*mib+4*kib, false) // no anonymous memory
		child := as.Fork(c)
		require.Equal(t, 3, child.Populated())
		for addr, table := range tablesOf(child) {
			var present []int
			for i := range 256 {
				if ReadPTE(c, table, i) != pteInvalid {
					present = append(present, i)
				}
			}
			assert.Equal(t, map[uint64][]int{base: {0}, base + mib: {0, 3}, base + 2*mib: {0}}[addr], present, "%s: %#x", v, addr)
		}
		requireQuiet(t, m)
	}
}

// What is not known to be anonymous is not copied: a read of a mapping that nobody saw being made does not tell.
func TestForkOfWhatNobodySawBeingMapped(t *testing.T) {
	m := checked(t, pgalloc.Active)
	c := m.CPU(0)
	as := m.NewMM(c)
	as.Assume(c, base)
	as.Fault(c, base, false)
	assert.Zero(t, as.Fork(c).Populated())
	as.Fault(c, base, true)
	assert.Equal(t, 1, as.Fork(c).Populated())
	requireQuiet(t, m)
}
