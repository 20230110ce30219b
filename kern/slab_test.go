package kern_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/kern"
)

func TestSlabPoisonsAndZeroes(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	k := m.NewCache(kern.CacheConfig{Name: "thing", Words: 5})
	obj := k.Alloc(c)
	m.Poke(obj+3, 7)
	k.Free(c, obj)
	assert.Zero(t, k.Live())
	for i := range kern.Addr(5) {
		assert.EqualValues(t, kern.FreePoison, m.Peek(obj+i))
	}
	assert.Equal(t, obj, k.Alloc(c), "last in, first out")
	for i := range kern.Addr(5) {
		assert.Zero(t, m.Peek(obj+i))
	}
	assert.Equal(t, 1, k.Live())
	quiet(t, m)
}

func TestSlabDoubleFree(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	for _, cfg := range []kern.CacheConfig{
		{Name: "plain", Words: 5},
		{Name: "raw", Words: 5, Raw: true},
		typesafe,
	} {
		k := m.NewCache(cfg)
		obj := k.Alloc(c)
		k.Free(c, obj)
		k.Free(c, obj)
		list, _ := m.Violations()
		v := list[len(list)-1]
		assert.Equal(t, kern.DoubleFree, v.Kind, cfg.Name)
		assert.Equal(t, obj, v.Addr)
		assert.Zero(t, k.Live(), "counted once")
		assert.NotEqual(t, k.Alloc(c), k.Alloc(c), "and handed out once")
	}
	assert.Len(t, kinds(m), 3)
}

// A quarantine holds freed objects back, oldest out first, so that a late user finds poison instead of a stranger.
func TestSlabQuarantine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 5).Draw(t, "quarantine")
		m := kern.NewMachine(kern.Config{Frames: 16})
		c := m.CPU(0)
		k := m.NewCache(kern.CacheConfig{Name: "thing", Words: 5, Quarantine: size})
		var live, freed []kern.Addr
		fresh := 0
		t.Repeat(map[string]func(*rapid.T){
			"alloc": func(t *rapid.T) {
				obj := k.Alloc(c)
				if len(freed) > size {
					require.Equal(t, freed[0], obj)
					freed = freed[1:]
				} else {
					require.NotContains(t, freed, obj)
					fresh++
				}
				require.NotContains(t, live, obj)
				live = append(live, obj)
			},
			"free": func(t *rapid.T) {
				if len(live) == 0 {
					t.Skip("nothing to free")
				}
				i := rapid.IntRange(0, len(live)-1).Draw(t, "which")
				k.Free(c, live[i])
				freed = append(freed, live[i])
				live = append(live[:i], live[i+1:]...)
			},
			"": func(t *rapid.T) {
				require.Equal(t, len(live), k.Live())
				require.Equal(t, fresh, len(live)+len(freed))
				for _, obj := range freed {
					require.EqualValues(t, kern.FreePoison, m.Peek(obj))
				}
				quiet(t, m)
			},
		})
	})
}

// Objects never overlap and keep their words, whatever their size.
func TestSlabObjectsAreDisjoint(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	mine := map[kern.Addr]kern.Addr{} // word: object
	for _, n := range []uint32{1, 2, 4, 5, 16, 17, 512, 10000} {
		k := m.NewCache(kern.CacheConfig{Name: "thing", Words: n})
		for range 5 {
			obj := k.Alloc(c)
			for i := range kern.Addr(n) {
				require.Zero(t, mine[obj+i])
				mine[obj+i] = obj
			}
		}
	}
}

func TestCacheSizesArePossible(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	assert.Panics(t, func() { m.NewCache(kern.CacheConfig{Name: "nothing"}) })
	assert.Panics(t, func() { m.NewCache(kern.CacheConfig{Name: "more than a chunk", Words: 1 << 20}) })
}

func TestRawObjectsKeepTheirWords(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	k := m.NewCache(kern.CacheConfig{Name: "raw", Words: 8, Raw: true})
	obj := k.Alloc(c)
	m.Poke(obj+5, 9)
	k.Free(c, obj)
	require.Equal(t, obj, k.Alloc(c))
	assert.EqualValues(t, 9, m.Peek(obj+5))
}

// typesafe describes objects of four words, of which the cache takes the last three and one more.
var typesafe = kern.CacheConfig{
	Name: "typesafe", Words: 2 + kern.TypesafeWords, TypesafeByRCU: true, RCUHead: 2,
	Ctor: func(m *kern.Machine, obj kern.Addr) {
		m.Poke(obj, 100)
		m.Poke(obj+1, 100)
	},
}

// grace runs the callbacks that c has queued by now, as the end of a grace period does.
func grace(c *kern.CPU) int {
	var ready kern.CallbackQueue
	ready.Append(c.Machine(), c.Callbacks())
	n := 0
	c.Softirq(func() {
		for ready.InvokeOne(c) {
			n++
		}
	})
	return n
}

func TestTypesafeObjectsAreConstructedOnce(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	k := m.NewCache(typesafe)
	obj := k.Alloc(c)
	assert.EqualValues(t, 100, m.Peek(obj))
	m.Poke(obj, 1)
	k.Free(c, obj)
	assert.EqualValues(t, 1, m.Peek(obj), "freed memory stays what it is")
	assert.Equal(t, obj, k.Alloc(c), "and may serve again at once")
	assert.EqualValues(t, 1, m.Peek(obj), "without being constructed anew")
	quiet(t, m)
}

func TestTypesafeMemoryIsReclaimedAfterAGracePeriod(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	k := m.NewCache(typesafe)
	obj := k.Alloc(c)
	k.Free(c, obj)
	assert.EqualValues(t, 100, m.Peek(obj))
	assert.Equal(t, 1, grace(c))
	assert.EqualValues(t, kern.FreePoison, m.Peek(obj))
	assert.EqualValues(t, kern.FreePoison, m.Peek(obj+1))
	assert.Zero(t, grace(c), "nothing further to wait for")
	assert.Equal(t, obj, k.Alloc(c))
	assert.EqualValues(t, 100, m.Peek(obj), "memory that was given back is constructed again")
	quiet(t, m)
}

// An object that was used again before the grace period was over is not reclaimed by it, and an object freed once more
// meanwhile has to wait for one that begins after that.
func TestTypesafeReuseBeforeTheGracePeriod(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	k := m.NewCache(typesafe)
	obj := k.Alloc(c)

	k.Free(c, obj)
	require.Equal(t, obj, k.Alloc(c))
	assert.Equal(t, 1, grace(c))
	assert.EqualValues(t, 100, m.Peek(obj), "in use: left alone")
	assert.Zero(t, grace(c))

	k.Free(c, obj)
	require.Equal(t, obj, k.Alloc(c))
	k.Free(c, obj)
	assert.Equal(t, 1, grace(c))
	assert.EqualValues(t, 100, m.Peek(obj), "freed too late for this grace period")
	assert.Equal(t, 1, grace(c))
	assert.EqualValues(t, kern.FreePoison, m.Peek(obj))
	assert.Zero(t, grace(c))
	quiet(t, m)
}

// Whatever the order of allocations, frees and grace periods: an object keeps its type for a whole grace period after
// each free, and is reclaimed in the end.
func TestTypesafeAlwaysWaitsAWholeGracePeriod(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := kern.NewMachine(kern.Config{Frames: 16})
		c := m.CPU(0)
		k := m.NewCache(typesafe)
		var live []kern.Addr
		freedIn := map[kern.Addr]int{} // how many grace periods have ended since
		t.Repeat(map[string]func(*rapid.T){
			"alloc": func(t *rapid.T) {
				obj := k.Alloc(c)
				require.NotContains(t, live, obj)
				delete(freedIn, obj)
				live = append(live, obj)
			},
			"free": func(t *rapid.T) {
				if len(live) == 0 {
					t.Skip("nothing to free")
				}
				i := rapid.IntRange(0, len(live)-1).Draw(t, "which")
				k.Free(c, live[i])
				freedIn[live[i]] = 0
				live = append(live[:i], live[i+1:]...)
			},
			"grace period": func(*rapid.T) {
				grace(c)
				for obj := range freedIn {
					freedIn[obj]++
				}
			},
			"": func(t *rapid.T) {
				for _, obj := range live {
					require.EqualValues(t, 100, m.Peek(obj))
				}
				for obj, periods := range freedIn {
					switch {
					case periods == 0:
						require.EqualValues(t, 100, m.Peek(obj))
					case periods > 1:
						require.EqualValues(t, kern.FreePoison, m.Peek(obj))
					}
				}
				require.LessOrEqual(t, c.Callbacks().Len(), len(live)+len(freedIn))
				quiet(t, m)
			},
		})
	})
}

func TestLargeObjectsStartACacheLine(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	words(m.CPU(0), 3)
	assert.Zero(t, words(m.CPU(0), 16)%16)
}

func TestRawObjectMayBeFreedUntouched(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	k := m.NewCache(kern.CacheConfig{Name: "raw", Words: 8, Raw: true})
	k.Free(c, k.Alloc(c))
	k.Free(c, k.Alloc(c))
	quiet(t, m)
}

func TestDoubleFreeOfAnObjectWrittenMeanwhile(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	k := m.NewCache(kern.CacheConfig{Name: "thing", Words: 12})
	obj := k.Alloc(c)
	k.Free(c, obj)
	kern.AtomicAddReturn(c, obj, ^uint32(0)) // a late mmput
	k.Free(c, obj)
	the(t, m, kern.DoubleFree)
}

func TestReportMayAskTheCache(t *testing.T) {
	var k kern.Cache
	m := kern.NewMachine(kern.Config{Report: func(*kern.Violation) { k.Live() }})
	k = m.NewCache(kern.CacheConfig{Name: "thing", Words: 8})
	obj := k.Alloc(m.CPU(0))
	k.Free(m.CPU(0), obj)
	k.Free(m.CPU(0), obj)
}

// CheckFree looks at an object as its last user left it, inside the step that frees it, and what it finds stops nothing.
func TestCheckFree(t *testing.T) {
	for _, base := range []kern.CacheConfig{{Name: "plain", Words: 6}, {Name: "raw", Words: 6, Raw: true}, typesafe} {
		for _, stepped := range []bool{false, true} {
			d := &direct{}
			cfg := kern.Config{}
			if stepped {
				cfg.Scheduler = d
			}
			m := kern.NewMachine(cfg)
			c := m.CPU(0)
			var k kern.Cache
			base.CheckFree = func(by *kern.CPU, obj kern.Addr) {
				assert.Same(t, c, by)
				assert.Equal(t, 1, k.Live(), "%s: not free yet; and the cache can be asked", base.Name)
				if m.Peek(obj+1) == 8 {
					by.Report(&kern.Violation{Kind: testKind, Addr: obj})
				}
			}
			k = m.NewCache(base)
			obj := k.Alloc(c)
			m.Poke(obj+1, 7)
			k.Free(c, obj)
			quiet(t, m)
			assert.Zero(t, k.Live())

			require.Equal(t, obj, k.Alloc(c))
			m.Poke(obj+1, 8)
			d.ops = nil
			k.Free(c, obj)
			v := the(t, m, testKind)
			assert.Equal(t, "kmem_cache_free", v.Func)
			assert.Zero(t, k.Live(), "freed all the same")
			if stepped {
				require.Len(t, d.ops, 1)
				assert.Equal(t, kern.OpSlabFree, d.ops[0].Kind)
			}
		}
	}
}
