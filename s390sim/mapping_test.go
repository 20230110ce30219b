package s390sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/pgalloc"
)

// vmaAt is what a mapping is, without what it points to.
type vmaAt struct {
	start, end, offset uint64
	shared, assumed    bool
	anon               bool
}

func vmas(as *AddressSpace) (out []vmaAt) {
	as.VMAs(func(v *VMA) {
		out = append(out, vmaAt{v.Start - base, v.End - base, v.Offset, v.Shared, v.Assumed, v.AnonVMA})
	})
	return out
}

// Whatever is cut off a mapping, or moved of it, what is left shows the same bytes of the file at the same addresses: a
// collapse of a segment of the file takes the tables of just the segments that show it.
func TestOffsetsFollow(t *testing.T) {
	for name, c := range map[string]struct {
		change func(m *Machine, as *AddressSpace)
		want   []vmaAt
		taken  int // tables that the collapse of the file's third MiB takes
	}{
		"nothing": {func(*Machine, *AddressSpace) {}, []vmaAt{{0, 4 * mib, 0, true, false, false}}, 1},
		"the front goes": {func(m *Machine, as *AddressSpace) { as.Munmap(m.CPU(0), base, mib) },
			[]vmaAt{{mib, 4 * mib, mib, true, false, false}}, 1},
		"the end goes": {func(m *Machine, as *AddressSpace) { as.Munmap(m.CPU(0), base+3*mib, mib) },
			[]vmaAt{{0, 3 * mib, 0, true, false, false}}, 1},
		"a hole in the middle": {func(m *Machine, as *AddressSpace) { as.Munmap(m.CPU(0), base+mib, mib) },
			[]vmaAt{{0, mib, 0, true, false, false}, {2 * mib, 4 * mib, 2 * mib, true, false, false}}, 1},
		"the second half moves": {func(m *Machine, as *AddressSpace) { as.Mremap(m.CPU(0), base+2*mib, 2*mib, base+8*mib, 2*mib, false) },
			[]vmaAt{{0, 2 * mib, 0, true, false, false}, {8 * mib, 10 * mib, 2 * mib, true, false, false}}, 1},
		"it grows": {func(m *Machine, as *AddressSpace) { as.Mremap(m.CPU(0), base, 4*mib, base, 5*mib, false) },
			[]vmaAt{{0, 5 * mib, 0, true, false, false}}, 1},
		"another mapping over the third": {func(m *Machine, as *AddressSpace) {
			as.Mmap(m.CPU(0), Mapping{Start: base + 2*mib, Len: mib, File: m.NewFile(), Offset: 7*mib + 5})
		}, []vmaAt{{0, 2 * mib, 0, true, false, false}, {2 * mib, 3 * mib, 7 * mib, false, false, false}, {3 * mib, 4 * mib, 3 * mib, true, false, false}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			m := checked(t, pgalloc.Active)
			f, as := m.NewFile(), m.NewMM(m.CPU(0))
			mapFile(t, m, as, f, base, 4)
			c.change(m, as)
			assert.Equal(t, c.want, vmas(as))
			linked := 0
			as.VMAs(func(v *VMA) {
				if v.File == f {
					linked++
				}
			})
			assert.Equal(t, linked, f.Mapped())
			assert.Equal(t, c.taken, m.RetractPageTables(m.CPU(0), f, 2*mib))
			requireQuiet(t, m)
		})
	}
}

// A file's i_mmap lock is what keeps its mappings still for a retract: nothing is linked, resized or gets an anon_vma
// while somebody holds it. What should wait runs on a goroutine of its own, which is allowed because waiting is all it
// can do.
func TestFileLockHoldsMappingsStill(t *testing.T) {
	for name, change := range map[string]func(m *Machine, as *AddressSpace, f *File){
		"mmap": func(m *Machine, as *AddressSpace, f *File) {
			as.Mmap(m.CPU(1), Mapping{Start: base + 8*mib, Len: mib, File: f})
		},
		"munmap": func(m *Machine, as *AddressSpace, _ *File) { as.Munmap(m.CPU(1), base, 4*mib) },
		"front":  func(m *Machine, as *AddressSpace, _ *File) { as.Munmap(m.CPU(1), base, 4*kib) },
		"fork":   func(m *Machine, as *AddressSpace, _ *File) { as.Fork(m.CPU(1)) },
		"write":  func(m *Machine, as *AddressSpace, _ *File) { as.Fault(m.CPU(1), base, true) },
		"exit":   func(m *Machine, as *AddressSpace, _ *File) { as.Put(m.CPU(1)) },
	} {
		t.Run(name, func(t *testing.T) {
			m := checked(t, pgalloc.Active)
			f, as := m.NewFile(), m.NewMM(m.CPU(0))
			as.Mmap(m.CPU(0), Mapping{Start: base, Len: 2 * mib, File: f})
			waits(t, f.iMmap.RLock, f.iMmap.RUnlock, func() { change(m, as, f) })
			requireQuiet(t, m)
		})
	}
}

// waits wants f to wait while a lock is held, and to end afterwards.
func waits(t *testing.T, lock, unlock, f func()) {
	lock()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
		assert.Fail(t, "it did not wait")
	case <-time.After(10 * time.Millisecond):
	}
	unlock()
	<-done
}

// The heap grows into what is below it only if that is its own.
func TestHeapGrowsIntoItself(t *testing.T) {
	for name, c := range map[string]struct {
		below Mapping
		want  []vmaAt
	}{
		"itself":        {Mapping{Start: base + mib, Len: mib}, []vmaAt{{mib, 3 * mib, 0, false, false, false}}},
		"a file":        {Mapping{Start: base + mib, Len: mib, File: &File{}}, []vmaAt{{mib, 2 * mib, 0, false, false, false}, {2 * mib, 3 * mib, 0, false, false, false}}},
		"another's":     {Mapping{Start: base, Len: 2 * mib}, []vmaAt{{0, 2 * mib, 0, false, false, false}, {2 * mib, 3 * mib, 0, false, false, false}}},
		"with a gap":    {Mapping{Start: base + mib, Len: mib - 4*kib}, []vmaAt{{mib, 2*mib - 4*kib, 0, false, false, false}, {2 * mib, 3 * mib, 0, false, false, false}}},
		"over its like": {Mapping{Start: base + mib, Len: 2 * mib, Shared: true}, []vmaAt{{mib, 3 * mib, 0, true, false, false}}},
	} {
		t.Run(name, func(t *testing.T) {
			m := checked(t, pgalloc.Active)
			as := m.NewMM(m.CPU(0))
			as.Mmap(m.CPU(0), c.below)
			as.Extend(m.CPU(0), base+mib, base+2*mib, base+3*mib)
			assert.Equal(t, c.want, vmas(as))
		})
	}
}

// mremap: the target is unmapped first, every populated segment gets a table there, and with MREMAP_DONTUNMAP the old
// mapping stays, without its anonymous memory.
func TestMremap(t *testing.T) {
	m := checked(t, pgalloc.Active)
	c := m.CPU(0)
	as := mapped(t, m, 2)
	as.Mmap(c, Mapping{Start: base + 8*mib, Len: 4 * mib, Shared: true})
	as.Mremap(c, base, 2*mib, base+9*mib, 2*mib, false)
	assert.Equal(t, []vmaAt{{8 * mib, 9 * mib, 0, true, false, false}, {9 * mib, 11 * mib, 0, false, false, true}, {11 * mib, 12 * mib, 3 * mib, true, false, false}}, vmas(as))
	assert.Equal(t, []bool{false, true, true, false}, []bool{
		tablesOf(as)[base+8*mib] != 0, tablesOf(as)[base+9*mib] != 0, tablesOf(as)[base+10*mib] != 0, tablesOf(as)[base+11*mib] != 0})
	assert.Equal(t, 2, as.Populated())

	as.Mremap(c, base+9*mib, 2*mib, base+16*mib, 2*mib, true)
	assert.Equal(t, []vmaAt{{8 * mib, 9 * mib, 0, true, false, false}, {9 * mib, 11 * mib, 0, false, false, false},
		{11 * mib, 12 * mib, 3 * mib, true, false, false}, {16 * mib, 18 * mib, 0, false, false, true}}, vmas(as))
	assert.Equal(t, 4, as.Populated())

	as.Mremap(c, base+9*mib, 2*mib, base+9*mib, 4*mib, false) // it grows over the next
	assert.Equal(t, []vmaAt{{8 * mib, 9 * mib, 0, true, false, false}, {9 * mib, 13 * mib, 0, false, false, false}, {16 * mib, 18 * mib, 0, false, false, true}}, vmas(as))
	requireQuiet(t, m)
}

// MREMAP_DONTUNMAP of a part of a mapping leaves the whole of it, with its anon_vma.
func TestMremapKeepsThePart(t *testing.T) {
	m := checked(t, pgalloc.Active)
	c := m.CPU(0)
	as := mapped(t, m, 3)
	as.Mremap(c, base+mib, mib, base+8*mib, mib, true)
	assert.Equal(t, []vmaAt{{0, 3 * mib, 0, false, false, true}, {8 * mib, 9 * mib, mib, false, false, true}}, vmas(as))
	assert.Equal(t, 4, as.Populated())
	requireQuiet(t, m)
}

// A range that leaves the user's addresses is EINVAL.
func TestRangesEndWithTheUsersAddresses(t *testing.T) {
	m := checked(t, pgalloc.Active)
	as := m.NewMM(m.CPU(0))
	as.Mmap(m.CPU(0), Mapping{Start: TaskSize - mib, Len: 2 * mib})
	assert.Empty(t, vmas(as))
	as.Mmap(m.CPU(0), Mapping{Start: TaskSize - mib, Len: mib})
	assert.Len(t, vmas(as), 1)
	as.Munmap(m.CPU(0), TaskSize-mib, 2*mib)
	assert.Len(t, vmas(as), 1)
	as.Munmap(m.CPU(0), base, ^uint64(0))
	assert.Len(t, vmas(as), 1)
}

// A segment keeps its table as long as any mapping touches it, wherever in it.
func TestSegmentOfSeveralMappings(t *testing.T) {
	for _, stays := range []uint64{0, 512 * kib, mib - 4*kib} {
		m := checked(t, pgalloc.Pinned)
		c := m.CPU(0)
		as := m.NewMM(c)
		places := []uint64{0, 512 * kib, mib - 4*kib}
		for _, at := range places {
			as.Mmap(c, Mapping{Start: base + at, Len: 4 * kib})
			as.Fault(c, base+at, true)
		}
		for _, at := range places {
			if at != stays {
				as.Munmap(c, base+at, 4*kib)
				require.Equal(t, 1, as.Populated(), "%#x stays", stays)
			}
		}
		as.Munmap(c, base+stays, 4*kib)
		assert.Zero(t, as.Populated())
		requireQuiet(t, m)
	}
}

// The words of the pmds that go are used again, so a segment table takes no more room than its fullest moment.
func TestWordsAreUsedAgain(t *testing.T) {
	m := checked(t, pgalloc.Active)
	c := m.CPU(0)
	as := mapped(t, m, 4)
	for range 10 * pmdBlock {
		as.Munmap(c, base+mib, mib)
		as.Mmap(c, Mapping{Start: base + mib, Len: mib})
		as.Fault(c, base+mib, true)
	}
	assert.Len(t, as.pt.regions[0].blocks, 1)
	requireQuiet(t, m)
}

// Whoever loses the race to populate a segment frees the table that he brought, and takes the one that is there.
func TestPopulateTwice(t *testing.T) {
	for _, v := range sound() {
		m := checked(t, v)
		c := m.CPU(0)
		as := mapped(t, m, 2)
		before := tablesOf(as)
		stats := m.Sys.Stats()
		allocated := stats.Allocated()
		assert.Equal(t, before[base], as.populate(c, base, as.vmas.find(base), false))
		assert.Equal(t, before, tablesOf(as))
		stats = m.Sys.Stats()
		assert.Equal(t, allocated+1, stats.Allocated())
		assert.EqualValues(t, 2, m.Sys.Use().Tables)
		requireQuiet(t, m)
	}
}
