package mmctx_test

import (
	"sync"
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

// Each flag is a word of its own: whatever becomes of one, the others and the counts stay.
func TestFlagsAreIndependent(t *testing.T) {
	for set := range 8 {
		m, c, s := setup(mmctx.Config{})
		mm := s.Alloc(c, 1)
		if set&1 != 0 {
			mm.SetAllocPGSTE(c)
		}
		if set&2 != 0 {
			mm.SetHasPGSTE(c)
		}
		if set&4 != 0 {
			mm.SetFlushMM(c)
		}
		assert.Equal(t, set&1 != 0, mm.AllocPGSTE(c))
		assert.Equal(t, set&1 != 0, mm.PeekAllocPGSTE(m))
		assert.Equal(t, set&2 != 0, mm.HasPGSTE(c))
		assert.Equal(t, set&4 != 0, mm.TestClearFlushMM(c))
		assert.False(t, mm.TestClearFlushMM(c))
		assert.Equal(t, set&1 != 0, mm.AllocPGSTE(c), "after the flush")
		assert.Equal(t, set&2 != 0, mm.HasPGSTE(c), "after the flush")
		assert.EqualValues(t, 1, m.Peek(mm.Users()))
		assert.EqualValues(t, 1, m.Peek(mm.Count()))
		quiet(t, m)

		exit(t, c, s, mm)
		assert.False(t, mm.PeekAllocPGSTE(m), "poison is no flag")
		next := s.Alloc(c, 2)
		require.Equal(t, mm, next)
		assert.False(t, next.AllocPGSTE(c) || next.HasPGSTE(c) || next.TestClearFlushMM(c), "an mm begins without")
	}
}

// recording is a Scheduler that lets every step happen at once and notes what kind it was.
type recording struct{ steps []string }

func (s *recording) Step(c *kern.CPU, op kern.Op) uint32 {
	s.steps = append(s.steps, op.Kind.String())
	return c.Exec(op)
}

// What is settled before others see the mm is plain; what changes under their eyes is not, and each count changes in one
// step.
func TestStepsOfAnMM(t *testing.T) {
	r := &recording{}
	m, c, s := setup(mmctx.Config{})
	mm := s.Alloc(c, 1)
	m.Attach(r)
	for _, tt := range []struct {
		name string
		do   func()
		want []string
	}{
		{"mm_alloc_pgste", func() { mm.SetAllocPGSTE(c); mm.AllocPGSTE(c) }, []string{"store", "load"}},
		{"where the list is", func() { mm.List(c) }, []string{"load"}},
		{"mm_has_pgste", func() { mm.SetHasPGSTE(c); mm.HasPGSTE(c) }, []string{"write", "read"}},
		{"flush_mm", func() { mm.SetFlushMM(c) }, []string{"read", "write"}},
		{"flush_mm again", func() { mm.SetFlushMM(c) }, []string{"read"}},
		{"flush", func() { mm.TestClearFlushMM(c) }, []string{"read", "write"}},
		{"no flush", func() { mm.TestClearFlushMM(c) }, []string{"read"}},
		{"mmget", func() { s.Get(c, mm) }, []string{"refcount_inc"}},
		{"mmget_not_zero", func() { s.GetNotZero(c, mm) }, []string{"add_unless"}},
		{"mmput", func() { s.Put(c, mm) }, []string{"refcount_dec_and_test"}},
		{"mmgrab", func() { s.Grab(c, mm) }, []string{"refcount_inc"}},
		{"mmdrop", func() { s.Drop(c, mm) }, []string{"refcount_dec_and_test"}},
		{"the last mmdrop", func() { s.Drop(c, mm) }, []string{"refcount_dec_and_test", "slab_free"}},
	} {
		r.steps = nil
		tt.do()
		assert.Equal(t, tt.want, r.steps, tt.name)
	}
	assert.True(t, mm.Freed(m))
	quiet(t, m)
}

// CPUs that share an mm set and take flags at once; under -race this shows that none of those words is used plainly. No
// note of a flush is lost: whoever takes the last one comes after all that was noted.
func TestFlagsBetweenCPUs(t *testing.T) {
	const rounds = 1000
	m, c, s := setup(mmctx.Config{})
	mm := s.Alloc(c, 1)
	mm.SetAllocPGSTE(c)
	lock := mm.List(c).Lock()
	gone := m.NewCache(kern.CacheConfig{Name: "tables gone", Words: 1}).Alloc(c)
	var wg sync.WaitGroup
	flushed := uint32(0)
	flush := func(c *kern.CPU) {
		if mm.TestClearFlushMM(c) {
			flushed = kern.ReadOnce(c, gone)
		}
	}
	wg.Go(func() {
		for range rounds {
			kern.AtomicAddReturn(m.CPU(0), gone, 1)
			mm.SetFlushMM(m.CPU(0))
			mm.SetHasPGSTE(m.CPU(0))
		}
	})
	wg.Go(func() {
		c := m.CPU(1)
		for range rounds {
			kern.SpinLockBH(c, lock)
			flush(c)
			kern.SpinUnlockBH(c, lock)
			if !mm.AllocPGSTE(c) {
				t.Error("a flag went with another")
			}
		}
	})
	wg.Wait()
	flush(c)
	assert.EqualValues(t, rounds, flushed)
	assert.True(t, mm.HasPGSTE(c))
	assert.True(t, mm.AllocPGSTE(c))
	quiet(t, m)
}

// A busy list is found in the step that frees the mm, or its list, and is named after the mm; the list of its own is made
// a list again, as its memory stays one.
func TestMMBusyIsFoundByTheFree(t *testing.T) {
	for _, typesafe := range []bool{false, true} {
		m, c, s := setup(mmctx.Config{TypesafeList: typesafe})
		mm := s.Alloc(c, 4)
		list := mm.List(c)
		kern.ListAdd(c, kern.AllocPages(c, 0, kern.GFPKernel).Page()+kern.PageLRU, list.Head())
		r := &recording{}
		m.Attach(r)
		exit(t, c, s, mm)
		want := []string{"refcount_dec_and_test", "refcount_dec_and_test"}
		if typesafe {
			want = append(want, "load", "slab_free")
		}
		assert.Equal(t, append(want, "slab_free"), r.steps)
		assert.Equal(t, "mm4", only(t, m, mmctx.MMBusy).Object)
		if typesafe {
			assert.True(t, kern.ListEmpty(c, list.Head()))
		}
		only(t, m, mmctx.MMBusy)
	}
}
