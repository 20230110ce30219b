package s390sim

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/pgalloc"
)

// The order in which a live s390 kernel of v6.1 began each program: "add p2; hit p2.1; rcu p2.0 12; look p2 12; add p3". The
// argument stack has the lower half of the first page, the stack's new place the upper; the lower one is pending at the
// list's head, where the next allocation passes over it.
func TestExecBeginsWithItsFirstPageHalfPending(t *testing.T) {
	m := newMachine(t, Config{Variant: pgalloc.Classic, Checks: true, Contents: true, GracePeriod: 10 * ms})
	m.Advance(0)
	c := m.CPU(0)
	as := m.NewMM(c)
	as.ArgStack(c)
	first := as.tableAt(c, argStack>>SegmentShift)
	require.NotZero(t, first)
	assert.EqualValues(t, 0, first.Half())

	as.Mmap(c, Mapping{Start: 1 << 30, Len: 4 * SegmentSize})
	require.Equal(t, FaultTable, as.Fault(c, 1<<30, true))
	second := as.tableAt(c, 1<<30>>SegmentShift)
	assert.Equal(t, first.PFN(), second.PFN())
	assert.EqualValues(t, 1, second.Half())
	assert.Zero(t, as.tableAt(c, argStack>>SegmentShift), "the stack has moved")
	assert.EqualValues(t, 0x12, pageOf(first).PeekMask(m.M))
	_, found := as.FindVMA(argStack)
	assert.False(t, found)

	require.Equal(t, FaultTable, as.Fault(c, 1<<30+SegmentSize, true))
	third := as.tableAt(c, 1<<30>>SegmentShift+1)
	assert.NotEqual(t, first.PFN(), third.PFN(), "the pending half hides the list")
	assert.EqualValues(t, 1, m.Figures().Batches)

	m.Advance(30 * ms) // the grace period is over: the lower half is free again, and taken once p3 is full
	assert.EqualValues(t, 0x02, pageOf(first).PeekMask(m.M))
	assert.Zero(t, m.Check())
	as.Put(c)
	m.Close()
	assert.Zero(t, m.NothingLeft())
}

// A fork before any other table has moved the stack, and an end without one frees what is there.
func TestArgStackThatNothingFollowed(t *testing.T) {
	m := newMachine(t, Config{Variant: pgalloc.Pinned, Checks: true, Contents: true})
	m.Advance(0)
	c := m.CPU(0)
	as := m.NewMM(c)
	as.ArgStack(c)
	child := as.Fork(c)
	require.NotNil(t, child)
	assert.Zero(t, as.Populated())
	assert.Zero(t, child.Populated())
	child.Put(c)
	other := m.NewMM(c)
	other.ArgStack(c)
	other.Put(c)
	as.Put(c)
	m.Close()
	assert.Zero(t, m.NothingLeft())
}

// What a program maps over the place of its argument stack stays.
func TestArgStackUnderAMapping(t *testing.T) {
	m := newMachine(t, Config{Variant: pgalloc.Pinned, Checks: true, Contents: true})
	m.Advance(0)
	c := m.CPU(0)
	as := m.NewMM(c)
	as.ArgStack(c)
	as.Mmap(c, Mapping{Start: argStack, Len: kern.PageSize})
	require.Equal(t, FaultTable, as.Fault(c, argStack, true))
	assert.Equal(t, 1, as.Populated())
	_, found := as.FindVMA(argStack)
	assert.True(t, found)
	assert.Zero(t, m.Check())
}

// Two files that turn out to be one: a retract takes the tables of both's mappings.
func TestMergedFiles(t *testing.T) {
	m := newMachine(t, Config{Variant: pgalloc.Pinned, Checks: true, Contents: true})
	m.Advance(0)
	c := m.CPU(0)
	f, g := m.NewFile(), m.NewFile()
	as := m.NewMM(c)
	as.Mmap(c, Mapping{Start: 1 << 30, Len: SegmentSize, File: f, Shared: true})
	as.Mmap(c, Mapping{Start: 2 << 30, Len: SegmentSize, File: g, Shared: true})
	as.Fault(c, 1<<30, true)
	as.Fault(c, 2<<30, true)
	f.Merge(g)
	f.Merge(f)
	assert.Equal(t, 2, f.Mapped())
	assert.Zero(t, g.Mapped())
	assert.Equal(t, 2, m.Collapse(c, f, 0, SegmentSize))
	as.Munmap(c, 2<<30, SegmentSize)
	assert.Equal(t, 1, f.Mapped())
	assert.Zero(t, m.Check())
}
