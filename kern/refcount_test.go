package kern_test

import (
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
	quiet(t, m)
}

// A count of zero has nothing to give, and poison is none at all. Both are found, and counted on all the same.
func TestCountsThatAreNone(t *testing.T) {
	poison := uint32(kern.FreePoison)
	inc, dec := kern.RefcountInc, func(c *kern.CPU, a kern.Addr) {
		if kern.RefcountDecAndTest(c, a) {
			c.Machine().Poke(a, 0xbad)
		}
	}
	for _, tt := range []struct {
		name string
		was  uint32
		do   func(*kern.CPU, kern.Addr)
		left uint32
		want string
	}{
		{"inc of zero", 0, inc, 1, "refcount_inc takes a reference to the object, which has none left"},
		{"dec of zero", 0, dec, ^uint32(0), "refcount_dec_and_test drops a reference to the object, which has none left"},
		{"inc of less", ^uint32(0), inc, 0, "refcount_inc takes a reference to the object, which has none left"},
		{"dec of less", ^uint32(0), dec, ^uint32(1), "refcount_dec_and_test drops a reference to the object, which has none left"},
		{"inc of poison", poison, inc, poison + 1, "refcount_inc takes a reference to the object, which was freed"},
		{"dec of poison", poison, dec, poison - 1, "refcount_dec_and_test drops a reference to the object, which was freed"},
		{"inc of poison, late", poison - 9, inc, poison - 8, "refcount_inc takes a reference to the object, which was freed"},
		{"dec of poison, late", poison + 9, dec, poison + 8, "refcount_dec_and_test drops a reference to the object, which was freed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := kern.NewMachine(kern.Config{})
			m.Describe(func(v *kern.Violation) { v.Object = "the object" })
			a := words(m.CPU(0), 1)
			m.Poke(a, tt.was)
			tt.do(m.CPU(0), a)
			v := the(t, m, kern.UseAfterFree)
			assert.Equal(t, "use after free: "+tt.want, v.Sentence())
			assert.Equal(t, a, v.Addr)
			assert.Equal(t, tt.left, m.Peek(a))
		})
	}
}

// Any count that references can come to may go up and down without a word; any that late users can make of poison is
// known for it, and is no such count.
func TestCountsAndPoisonAreFarApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := kern.NewMachine(kern.Config{Frames: 16})
		c := m.CPU(0)
		a := words(c, 1)
		v := rapid.Uint32Range(1, 1<<24-1).Draw(t, "count")
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
