package mmctx_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/mmctx"
)

func setup(cfg mmctx.Config) (*kern.Machine, *kern.CPU, *mmctx.Space) {
	m := kern.NewMachine(kern.Config{CPUs: 2, Checks: true})
	return m, m.CPU(0), mmctx.NewSpace(m, cfg)
}

func quiet(t require.TestingT, m *kern.Machine) {
	list, _ := m.Violations()
	for _, v := range list {
		require.Fail(t, v.Splat())
	}
}

func only(t *testing.T, m *kern.Machine, kind kern.Kind) *kern.Violation {
	t.Helper()
	list, total := m.Violations()
	require.Equal(t, 1, total)
	require.Equal(t, kind, list[0].Kind, list[0].Sentence())
	return list[0]
}

func TestNewMM(t *testing.T) {
	for _, typesafe := range []bool{false, true} {
		m, c, s := setup(mmctx.Config{TypesafeList: typesafe})
		mm := s.Alloc(c, 7)
		assert.Equal(t, 7, mm.ID(m))
		assert.False(t, mm.Freed(m))
		assert.EqualValues(t, 1, m.Peek(mm.Users()), "the caller uses it")
		assert.EqualValues(t, 1, m.Peek(mm.Count()), "and all users together hold one reference")
		assert.Zero(t, m.Peek(mm.PGD()))
		assert.True(t, kern.ListEmpty(c, mm.List(c).Head()))
		assert.True(t, m.LockFree(mm.List(c).Lock()))
		assert.True(t, m.LockFree(mm.PageTableLock()))
		assert.Equal(t, mm.List(c), mm.PeekList(m))
		assert.Equal(t, !typesafe, mm.List(c) == mm.EmbeddedList())
		assert.False(t, mm.AllocPGSTE(c))
		assert.False(t, mm.HasPGSTE(c))
		assert.Equal(t, 1, s.Live())
		quiet(t, m)
	}
}

// The words of an mm are all different.
func TestWordsOfAnMM(t *testing.T) {
	_, c, s := setup(mmctx.Config{})
	mm := s.Alloc(c, 1)
	list := mm.EmbeddedList()
	seen := map[kern.Addr]bool{}
	for _, a := range []kern.Addr{mm.Users(), mm.Count(), mm.PGD(), mm.PageTableLock(), list.Lock(), list.Head(), list.Head() + 1} {
		assert.False(t, seen[a])
		seen[a] = true
	}
}

func TestPGSTEFlags(t *testing.T) {
	m, c, s := setup(mmctx.Config{})
	mm, other := s.Alloc(c, 1), s.Alloc(c, 2)
	mm.SetAllocPGSTE(c)
	assert.True(t, mm.AllocPGSTE(c))
	assert.False(t, mm.HasPGSTE(c), "vm.allocate_pgste alone makes no guest")
	mm.SetHasPGSTE(c)
	assert.True(t, mm.HasPGSTE(c))
	assert.False(t, other.AllocPGSTE(c))
	quiet(t, m)
}

func TestFlushMM(t *testing.T) {
	m, c, s := setup(mmctx.Config{})
	mm := s.Alloc(c, 1)
	mm.SetAllocPGSTE(c)
	assert.False(t, mm.TestClearFlushMM(c))
	mm.SetFlushMM(c)
	mm.SetFlushMM(c)
	assert.True(t, mm.TestClearFlushMM(c))
	assert.False(t, mm.TestClearFlushMM(c), "noted once, taken once")
	assert.True(t, mm.AllocPGSTE(c), "the other flags stay")
	quiet(t, m)
}

func TestPeekListOfAFreedMM(t *testing.T) {
	for _, typesafe := range []bool{false, true} {
		m, c, s := setup(mmctx.Config{TypesafeList: typesafe})
		mm := s.Alloc(c, 1)
		require.NotZero(t, mm.PeekList(m))
		require.True(t, s.Put(c, mm))
		s.Drop(c, mm)
		assert.True(t, mm.Freed(m))
		assert.Zero(t, mm.PeekList(m))
	}
}
