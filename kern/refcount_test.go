package kern_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/kern"
)

func TestRefcount(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	a := words(c, 1)
	kern.WriteOnce(c, a, 1)
	kern.RefcountInc(c, a)
	kern.RefcountInc(c, a)
	assert.EqualValues(t, 3, m.Peek(a))
	assert.False(t, kern.RefcountDecAndTest(c, a))
	assert.False(t, kern.RefcountDecAndTest(c, a))
	assert.True(t, kern.RefcountDecAndTest(c, a), "the last")
	assert.Zero(t, m.Peek(a))
	kern.RefcountSet(c, a, 1)
	kern.RefcountAdd(c, 4, a)
	assert.EqualValues(t, 5, m.Peek(a))
	assert.False(t, kern.RefcountSubAndTest(c, 3, a))
	assert.True(t, kern.RefcountSubAndTest(c, 2, a), "the last two")
	kern.RefcountSet(c, a, kern.RefcountMax-2)
	kern.RefcountAdd(c, 2, a) // the most there may be
	quiet(t, m)
}

// A count of zero has nothing to give, and poison is none at all. What is wrong with a count that is one saturates it, as
// refcount_warn_saturate() does; what late users do to poison is counted.
func TestCountsThatAreNone(t *testing.T) {
	poison, full, less := uint32(kern.FreePoison), uint32(kern.RefcountSaturated), ^uint32(0)
	const (
		none  = "use after free: %s a reference to the object, which has none left"
		freed = "use after free: %s a reference to the object, which was freed"
		leaks = "reference leak: %s a reference to the object, whose count is saturated"
		last  = "reference leak: refcount_dec drops the last reference to the object, and nobody frees it"
		under = "reference leak: refcount_dec drops a reference to the object, which has none left, or a count that is saturated"
	)
	inc := func(c *kern.CPU, a kern.Addr) bool { kern.RefcountInc(c, a); return true }
	dec := func(c *kern.CPU, a kern.Addr) bool { kern.RefcountDec(c, a); return true }
	add := func(c *kern.CPU, a kern.Addr) bool { kern.RefcountAdd(c, 2, a); return true }
	sub := func(c *kern.CPU, a kern.Addr) bool { return kern.RefcountSubAndTest(c, 2, a) }
	for _, tt := range []struct {
		name string
		was  uint32
		do   func(*kern.CPU, kern.Addr) bool
		says bool
		left uint32
		want string
	}{
		{"inc of zero", 0, inc, true, full, fmt.Sprintf(none, "refcount_inc takes")},
		{"inc of less", less, inc, true, full, fmt.Sprintf(leaks, "refcount_inc takes")},
		{"inc of what is full", full, inc, true, full, fmt.Sprintf(leaks, "refcount_inc takes")},
		{"inc of the most there is", kern.RefcountMax, inc, true, full, fmt.Sprintf(leaks, "refcount_inc takes")},
		{"inc of poison", poison, inc, true, poison + 1, fmt.Sprintf(freed, "refcount_inc takes")},
		{"inc of poison, late", poison - 9, inc, true, poison - 8, fmt.Sprintf(freed, "refcount_inc takes")},
		{"inc_not_zero of less", less, kern.RefcountIncNotZero, true, full, fmt.Sprintf(leaks, "refcount_inc_not_zero takes")},
		{"inc_not_zero of the most there is", kern.RefcountMax, kern.RefcountIncNotZero, true, full, fmt.Sprintf(leaks, "refcount_inc_not_zero takes")},
		{"inc_not_zero of poison", poison, kern.RefcountIncNotZero, true, poison + 1, fmt.Sprintf(freed, "refcount_inc_not_zero takes")},
		{"dec_and_test of zero", 0, kern.RefcountDecAndTest, false, full, fmt.Sprintf(none, "refcount_dec_and_test drops")},
		{"dec_and_test of less", less, kern.RefcountDecAndTest, false, full, fmt.Sprintf(none, "refcount_dec_and_test drops")},
		{"dec_and_test of what is full", full, kern.RefcountDecAndTest, false, full, fmt.Sprintf(none, "refcount_dec_and_test drops")},
		{"dec_and_test of poison", poison, kern.RefcountDecAndTest, false, poison - 1, fmt.Sprintf(freed, "refcount_dec_and_test drops")},
		{"dec_and_test of poison, late", poison + 9, kern.RefcountDecAndTest, false, poison + 8, fmt.Sprintf(freed, "refcount_dec_and_test drops")},
		{"add to zero", 0, add, true, full, fmt.Sprintf(none, "refcount_add takes")},
		{"add to less", less, add, true, full, fmt.Sprintf(leaks, "refcount_add takes")},
		{"add to nearly the most there is", kern.RefcountMax - 1, add, true, full, fmt.Sprintf(leaks, "refcount_add takes")},
		{"add to poison", poison, add, true, poison + 2, fmt.Sprintf(freed, "refcount_add takes")},
		{"sub_and_test of one", 1, sub, false, full, fmt.Sprintf(none, "refcount_sub_and_test drops")},
		{"sub_and_test of what is full", full, sub, false, full, fmt.Sprintf(none, "refcount_sub_and_test drops")},
		{"dec of the last", 1, dec, true, full, last},
		{"dec of zero", 0, dec, true, full, under},
		{"dec of what is full", full, dec, true, full, under},
		{"dec of poison", poison, dec, true, poison - 1, fmt.Sprintf(freed, "refcount_dec drops")},
		{"dec_not_one of zero", 0, kern.RefcountDecNotOne, true, 0, fmt.Sprintf(none, "refcount_dec_not_one drops")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := kern.NewMachine(kern.Config{})
			m.Describe(func(v *kern.Violation) { v.Object = "the object" })
			a := words(m.CPU(0), 1)
			kern.RefcountSet(m.CPU(0), a, tt.was)
			assert.Equal(t, tt.says, tt.do(m.CPU(0), a))
			list, total := m.Violations()
			require.Equal(t, 1, total)
			assert.Equal(t, tt.want, list[0].Sentence())
			assert.Equal(t, a, list[0].Addr)
			assert.Equal(t, tt.left, kern.RefcountRead(m.CPU(0), a))
		})
	}
}

// What drops a reference unless, or only if, it is the last.
func TestDropUnlessLast(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	a, l := words(c, 1), words(c, 1)
	set := func(n uint32) { kern.RefcountSet(c, a, n) }
	left := func() uint32 { return kern.RefcountRead(c, a) }

	set(2)
	assert.False(t, kern.RefcountDecIfOne(c, a))
	assert.EqualValues(t, 2, left())
	assert.True(t, kern.RefcountDecNotOne(c, a))
	assert.EqualValues(t, 1, left())
	assert.False(t, kern.RefcountDecNotOne(c, a))
	assert.EqualValues(t, 1, left())
	assert.True(t, kern.RefcountDecIfOne(c, a))
	assert.Zero(t, left())
	set(kern.RefcountSaturated)
	assert.True(t, kern.RefcountDecNotOne(c, a))
	assert.EqualValues(t, kern.RefcountSaturated, left())

	for _, by := range []struct {
		drop   func(*kern.CPU, kern.Addr, kern.Addr) bool
		unlock func(*kern.CPU, kern.Addr)
	}{{kern.RefcountDecAndLock, kern.SpinUnlock}, {kern.RefcountDecAndMutexLock, kern.MutexUnlock}} {
		set(2)
		assert.False(t, by.drop(c, a, l))
		assert.Zero(t, m.Peek(l), "not the last: no lock")
		assert.True(t, by.drop(c, a, l))
		assert.NotZero(t, m.Peek(l), "the last comes back with the lock held")
		by.unlock(c, l)
	}
	quiet(t, m)
}

// Any count that references can come to may go up and down without a word; any that late users can make of poison is
// known for it, and is no such count.
func TestCountsAndPoisonAreFarApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := kern.NewMachine(kern.Config{Frames: 16})
		c := m.CPU(0)
		a := words(c, 1)
		v := rapid.Uint32Range(1, kern.RefcountMax-1).Draw(t, "count")
		m.Poke(a, v)
		require.False(t, kern.PoisonedCount(v))
		kern.RefcountInc(c, a)
		m.Poke(a, v)
		require.Equal(t, v == 1, kern.RefcountDecAndTest(c, a))
		quiet(t, m)

		by := rapid.Int32Range(-60_000, 60_000).Draw(t, "late users")
		m.Poke(a, uint32(int64(kern.FreePoison)+int64(by)))
		require.True(t, kern.PoisonedCount(m.Peek(a)))
		kern.RefcountInc(c, a)
		require.False(t, kern.RefcountDecAndTest(c, a))
		require.Equal(t, []kern.Kind{kern.UseAfterFree, kern.UseAfterFree}, kinds(m))
	})
	assert.False(t, kern.PoisonedCount(0))
	assert.False(t, kern.PoisonedCount(^uint32(0)), "below zero, and never freed")
}

// Whichever CPU drops the last reference, it is one, and under -race: it sees what the others did with theirs.
func TestLastReferenceBetweenCPUs(t *testing.T) {
	const cpus, rounds = 4, 300
	m := kern.NewMachine(kern.Config{CPUs: cpus})
	k := m.NewCache(kern.CacheConfig{Name: "thing", Words: 1 + cpus})
	for range rounds {
		obj := k.Alloc(m.CPU(0))
		kern.WriteOnce(m.CPU(0), obj, cpus)
		var last atomic.Int32
		var wg sync.WaitGroup
		for i := range cpus {
			c := m.CPU(i)
			wg.Go(func() {
				kern.RefcountInc(c, obj)
				kern.Store(c, obj+1+kern.Addr(i), 7)
				got := kern.RefcountDecAndTest(c, obj)
				if kern.RefcountDecAndTest(c, obj) || got {
					last.Add(1)
					for n := range kern.Addr(cpus) {
						if kern.Load(c, obj+1+n) != 7 {
							t.Error("the last is not the last")
						}
					}
					k.Free(c, obj)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, 1, last.Load())
	}
	assert.Zero(t, k.Live())
	quiet(t, m)
}

// Under every schedule one of two CPUs is the last.
func TestDropIsOneStep(t *testing.T) {
	lasts := 0
	n := explore(t, func(m *kern.Machine) []func(*kern.CPU) {
		a := words(m.CPU(0), 1)
		m.Poke(a, 2)
		lasts = 0
		drop := func(c *kern.CPU) {
			kern.RefcountInc(c, a)
			for range 2 {
				if kern.RefcountDecAndTest(c, a) {
					lasts++
				}
			}
		}
		return []func(*kern.CPU){drop, drop}
	}, func(m *kern.Machine, steps []int) {
		require.Len(t, steps, 6)
		require.Equal(t, 1, lasts)
		quiet(t, m)
	})
	assert.Equal(t, 20, n, "6 choose 3")
}
