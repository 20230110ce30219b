package mmctx_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	_ "ptsim/internal/nofiles"
	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/rcuhead"
)

// exit is the end of an address space: the last mmput, and the drop of the reference that the users held.
func exit(t require.TestingT, c *kern.CPU, s *mmctx.Space, mm mmctx.MM) {
	require.True(t, s.Put(c, mm))
	s.Drop(c, mm)
}

func TestUsersAndCount(t *testing.T) {
	m, c, s := setup(mmctx.Config{})
	mm := s.Alloc(c, 1)
	s.Get(c, mm)
	s.Grab(c, mm)
	assert.EqualValues(t, 2, m.Peek(mm.Users()))
	assert.EqualValues(t, 2, m.Peek(mm.Count()), "users do not count one by one")
	assert.False(t, s.Put(c, mm))
	assert.True(t, s.GetNotZero(c, mm))
	assert.False(t, s.Put(c, mm))
	assert.True(t, s.Put(c, mm), "the last user tears the address space down")
	assert.False(t, s.GetNotZero(c, mm), "and nobody can become one again")
	s.Drop(c, mm)
	assert.False(t, mm.Freed(m), "somebody still holds the struct")
	s.Drop(c, mm)
	assert.True(t, mm.Freed(m))
	assert.Zero(t, s.Live())
	quiet(t, m)
}

// The last mmdrop_async leaves the rest to a work item, from wherever it was called.
func TestDropAsync(t *testing.T) {
	m, c, s := setup(mmctx.Config{})
	var destroyed []mmctx.MM
	s.OnDestroy(func(c *kern.CPU, mm mmctx.MM) {
		assert.False(t, c.InSoftirq())
		assert.False(t, mm.Freed(m), "the struct is still there")
		destroyed = append(destroyed, mm)
	})
	mm := s.Alloc(c, 1)
	s.Grab(c, mm)
	c.Softirq(func() { s.DropAsync(c, mm) })
	assert.Zero(t, m.PendingWork(), "not the last")
	require.True(t, s.Put(c, mm))
	c.Softirq(func() { s.DropAsync(c, mm) })
	assert.Equal(t, 1, m.PendingWork())
	assert.False(t, mm.Freed(m))
	assert.Empty(t, destroyed)
	assert.Equal(t, 1, kern.RunWork(c))
	assert.True(t, mm.Freed(m))
	assert.Equal(t, []mmctx.MM{mm}, destroyed)
	quiet(t, m)
}

func TestFinalDropInSoftirq(t *testing.T) {
	m, c, s := setup(mmctx.Config{})
	mm := s.Alloc(c, 3)
	s.Grab(c, mm)
	c.Softirq(func() { s.Drop(c, mm) })
	quiet(t, m)
	require.True(t, s.Put(c, mm))
	c.Softirq(func() { s.Drop(c, mm) })
	v := only(t, m, mmctx.FinalDropInSoftirq)
	assert.Equal(t, "mm3", v.Object)
	assert.Contains(t, v.Trace, "__mmdrop")
	assert.True(t, mm.Freed(m), "reported, and done all the same")
}

func TestMMBusy(t *testing.T) {
	for _, typesafe := range []bool{false, true} {
		m, c, s := setup(mmctx.Config{TypesafeList: typesafe})
		mm := s.Alloc(c, 4)
		page := kern.AllocPages(c, 0, kern.GFPKernel)
		kern.ListAdd(c, page.Page()+kern.PageLRU, mm.List(c).Head())
		exit(t, c, s, mm)
		v := only(t, m, mmctx.MMBusy)
		assert.Equal(t, "mm destroyed in use: __mmdrop frees mm4 while pages are still on its pgtable_list", v.Sentence())
	}
}

// With the mm gone, every way to count a user or a reference is noticed, and named after the mm it was.
func TestCountsOfAFreedMM(t *testing.T) {
	for name, do := range map[string]func(c *kern.CPU, s *mmctx.Space, mm mmctx.MM){
		"mmget":        func(c *kern.CPU, s *mmctx.Space, mm mmctx.MM) { s.Get(c, mm) },
		"mmput":        func(c *kern.CPU, s *mmctx.Space, mm mmctx.MM) { s.Put(c, mm) },
		"mmgrab":       func(c *kern.CPU, s *mmctx.Space, mm mmctx.MM) { s.Grab(c, mm) },
		"mmdrop":       func(c *kern.CPU, s *mmctx.Space, mm mmctx.MM) { s.Drop(c, mm) },
		"mmdrop_async": func(c *kern.CPU, s *mmctx.Space, mm mmctx.MM) { s.DropAsync(c, mm) },
	} {
		t.Run(name, func(t *testing.T) {
			m, c, s := setup(mmctx.Config{})
			mm := s.Alloc(c, 5)
			exit(t, c, s, mm)
			do(c, s, mm)
			v := only(t, m, kern.UseAfterFree)
			assert.Equal(t, "mm5", v.Object)
			assert.Contains(t, v.Sentence(), "use after free: "+name+" ")
			assert.Contains(t, v.Sentence(), "mm5, which was freed")
		})
	}
}

// A count that reaches below zero is noticed while the struct is still there, too.
func TestCountsBelowZero(t *testing.T) {
	for name, do := range map[string]func(c *kern.CPU, s *mmctx.Space, mm mmctx.MM){
		"mmput":  func(c *kern.CPU, s *mmctx.Space, mm mmctx.MM) { s.Put(c, mm) },
		"mmgrab": func(c *kern.CPU, s *mmctx.Space, mm mmctx.MM) { s.DropAsync(c, mm); s.Grab(c, mm) },
		"mmdrop": func(c *kern.CPU, s *mmctx.Space, mm mmctx.MM) { s.DropAsync(c, mm); s.Drop(c, mm) },
	} {
		t.Run(name, func(t *testing.T) {
			m, c, s := setup(mmctx.Config{})
			mm := s.Alloc(c, 5)
			require.True(t, s.Put(c, mm))
			do(c, s, mm)
			only(t, m, kern.UseAfterFree)
		})
	}
}

func TestQuarantine(t *testing.T) {
	m, c, s := setup(mmctx.Config{Quarantine: 2})
	var freed []mmctx.MM
	for i := range 3 {
		mm := s.Alloc(c, i)
		assert.NotContains(t, freed, mm)
		exit(t, c, s, mm)
		freed = append(freed, mm)
	}
	assert.Equal(t, freed[0], s.Alloc(c, 3), "with more than two held back the oldest comes round again")
	quiet(t, m)
}

// A typesafe list may serve another mm at once, as it is; its memory is given back a grace period after the last one.
func TestTypesafeList(t *testing.T) {
	m, c, s := setup(mmctx.Config{TypesafeList: true})
	rcu := rcuhead.NewStepped(m)
	mm := s.Alloc(c, 1)
	list := mm.List(c)
	exit(t, c, s, mm)
	assert.True(t, m.LockFree(list.Lock()))
	kern.SpinLockBH(c, list.Lock()) // a late callback
	assert.True(t, kern.ListEmpty(c, list.Head()))
	kern.SpinUnlockBH(c, list.Lock())
	quiet(t, m)

	next := s.Alloc(c, 2)
	assert.Equal(t, list, next.List(c), "the same object")
	assert.Equal(t, 1, rcu.GracePeriod())
	assert.True(t, kern.ListEmpty(c, list.Head()), "in use: left alone")
	exit(t, c, s, next)
	assert.True(t, rcu.Barrier())
	assert.EqualValues(t, kern.FreePoison, m.Peek(list.Lock()))
	quiet(t, m)
	kern.SpinLockBH(c, list.Lock())
	only(t, m, kern.UseAfterFree)
	kern.SpinUnlockBH(c, list.Lock())

	assert.Equal(t, list, s.Alloc(c, 3).List(c))
	assert.True(t, kern.ListEmpty(c, list.Head()), "constructed anew")
}

// Violations name the mm they are about, also after it was freed, and the one that has its memory now.
func TestNames(t *testing.T) {
	for _, typesafe := range []bool{false, true} {
		m, c, s := setup(mmctx.Config{TypesafeList: typesafe})
		one, two := s.Alloc(c, 1), s.Alloc(c, 2)
		name := func(a kern.Addr) string {
			v := &kern.Violation{Kind: kern.LockMisuse, Addr: a}
			m.Report(v)
			return strings.TrimSpace(v.Part + " " + v.Object)
		}
		for _, mm := range []mmctx.MM{one, two} {
			want := map[mmctx.MM]string{one: "mm1", two: "mm2"}[mm]
			assert.Equal(t, want, name(mm.Count()))
			assert.Equal(t, want, name(mm.PGD()))
			assert.Contains(t, name(mm.List(c).Lock()), want)
			assert.Contains(t, name(mm.List(c).Lock()), "context.lock")
			assert.Contains(t, name(mm.List(c).Head()), want)
		}
		assert.Empty(t, name(kern.FreePoison))
		assert.Empty(t, name(kern.PFN(1).Page()))
		exit(t, c, s, one)
		assert.Equal(t, "mm1", name(one.Count()))
		assert.Equal(t, one, s.Alloc(c, 8), "no quarantine")
		assert.Equal(t, "mm8", name(one.Count()))
	}
}

// Any mix of references from any CPU: the struct goes with the last one, once, whatever kind of drop it was.
func TestCountsAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, _, s := setup(mmctx.Config{TypesafeList: rapid.Bool().Draw(t, "typesafe")})
		destroyed := 0
		s.OnDestroy(func(*kern.CPU, mmctx.MM) { destroyed++ })
		mm := s.Alloc(m.CPU(0), 1)
		users, count := 1, 1
		cpu := func(t *rapid.T) *kern.CPU { return m.CPU(rapid.IntRange(0, 1).Draw(t, "cpu")) }
		need := func(t *rapid.T, ok bool) {
			if !ok {
				t.Skip("nobody holds that")
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"get": func(t *rapid.T) { need(t, users > 0); s.Get(cpu(t), mm); users++ },
			"get_not_zero": func(t *rapid.T) {
				need(t, count > 0)
				require.Equal(t, users > 0, s.GetNotZero(cpu(t), mm))
				if users > 0 {
					users++
				}
			},
			"put": func(t *rapid.T) {
				need(t, users > 0)
				c := cpu(t)
				users--
				last := s.Put(c, mm)
				require.Equal(t, users == 0, last)
				if last {
					s.Drop(c, mm)
					count--
				}
			},
			"grab":       func(t *rapid.T) { need(t, count > 0); s.Grab(cpu(t), mm); count++ },
			"drop":       func(t *rapid.T) { need(t, count > min(users, 1)); s.Drop(cpu(t), mm); count-- },
			"drop_async": func(t *rapid.T) { need(t, count > min(users, 1)); s.DropAsync(cpu(t), mm); count-- },
			"work":       func(t *rapid.T) { kern.RunWork(cpu(t)) },
			"": func(t *rapid.T) {
				require.Equal(t, count == 0, destroyed+m.PendingWork() == 1)
				require.Equal(t, destroyed == 0, s.Live() == 1)
				if destroyed == 0 {
					require.EqualValues(t, users, m.Peek(mm.Users()))
					require.EqualValues(t, count, m.Peek(mm.Count()))
				}
				quiet(t, m)
			},
		})
	})
}

// Two CPUs make and unmake mms at once, and drop references to each other's.
func TestSpaceBetweenCPUs(t *testing.T) {
	for _, typesafe := range []bool{false, true} {
		m, _, s := setup(mmctx.Config{TypesafeList: typesafe})
		pass := make(chan mmctx.MM, 16)
		var wg sync.WaitGroup
		for i := range 2 {
			c := m.CPU(i)
			wg.Go(func() {
				for n := range 1000 {
					mm := s.Alloc(c, 2*n+i)
					s.Grab(c, mm)
					select {
					case pass <- mm:
					default:
						s.Drop(c, mm)
					}
					if s.Put(c, mm) {
						s.Drop(c, mm)
					}
					select {
					case mm := <-pass:
						s.DropAsync(c, mm)
						kern.RunWork(c)
					default:
					}
				}
			})
		}
		wg.Wait()
		for len(pass) > 0 {
			s.Drop(m.CPU(0), <-pass)
		}
		kern.RunWork(m.CPU(0))
		assert.Zero(t, s.Live())
		quiet(t, m)
	}
}

func TestGetWithoutAUser(t *testing.T) {
	m, c, s := setup(mmctx.Config{})
	mm := s.Alloc(c, 5)
	require.True(t, s.Put(c, mm))
	s.Get(c, mm)
	only(t, m, kern.UseAfterFree)
}

func TestGetNotZeroOfAFreedMM(t *testing.T) {
	m, c, s := setup(mmctx.Config{})
	mm := s.Alloc(c, 5)
	exit(t, c, s, mm)
	s.GetNotZero(c, mm)
	only(t, m, kern.UseAfterFree)
}

// meanwhile lets something else happen right after a step of one kind.
type meanwhile struct {
	after kern.OpKind
	do    func()
}

func (s *meanwhile) Step(c *kern.CPU, op kern.Op) uint32 {
	result := c.Exec(op)
	if do := s.do; do != nil && op.Kind == s.after {
		s.do = nil
		do()
	}
	return result
}

// mmget_not_zero by a CPU while the only other user leaves on another is no error: the count was 1, then 2, then 1.
func TestGetNotZeroWhileAnotherUserLeaves(t *testing.T) {
	other := &meanwhile{after: kern.OpAddUnless}
	m := kern.NewMachine(kern.Config{CPUs: 2, Checks: true, Scheduler: other})
	s := mmctx.NewSpace(m, mmctx.Config{})
	mm := s.Alloc(m.CPU(0), 1)
	other.do = func() { assert.False(t, s.Put(m.CPU(1), mm)) }
	assert.True(t, s.GetNotZero(m.CPU(0), mm))
	_, total := m.Violations()
	assert.Zero(t, total)
	assert.True(t, s.Put(m.CPU(0), mm))
}
