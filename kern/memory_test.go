package kern_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/kern"
)

func TestAddrKinds(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	fn := kern.Addr(m.RegisterFunc("f", func(*kern.CPU, kern.Addr) {}))
	for _, tt := range []struct {
		name        string
		addr        kern.Addr
		place, text bool
	}{
		{"NULL", 0, false, false},
		{"first word", 1, true, false},
		{"struct page", kern.PFN(7).Page(), true, false},
		{"slab object", words(m.CPU(0), 4), true, false},
		{"LIST_POISON1", kern.ListPoison1, false, false},
		{"LIST_POISON2", kern.ListPoison2, false, false},
		{"freed memory", kern.FreePoison, false, false},
		{"function", fn, false, true},
	} {
		assert.Equal(t, tt.place, tt.addr.IsPlace(), tt.name)
		assert.Equal(t, tt.text, tt.addr.IsFunc(), tt.name)
	}
}

func TestZeroConfig(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	assert.Equal(t, 1, m.NumCPU())
	assert.Equal(t, 0, m.CPU(0).ID())
	assert.Same(t, m, m.CPU(0).Machine())
	assert.False(t, m.Checks())
	assert.False(t, m.CPU(0).Checks())
	assert.False(t, m.HasContents())
	assert.NotZero(t, kern.AllocPages(m.CPU(0), 0, kern.GFPKernel))
}

func TestPeekReadsUntouchedMemoryAsZero(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	assert.Zero(t, m.Peek(kern.PFN(kern.MaxFrames-1).Page()))
	a := words(m.CPU(0), 1)
	m.Poke(a, 42)
	assert.EqualValues(t, 42, m.Peek(a))
	assert.EqualValues(t, 42, kern.ReadOnce(m.CPU(0), a))
}

// Code that follows a special value must stay inside the machine, whichever it is.
func TestSpecialValuesCanBeFollowed(t *testing.T) {
	m := kern.NewMachine(kern.Config{Frames: 4})
	c := m.CPU(0)
	fn := kern.Addr(m.RegisterFunc("f", func(*kern.CPU, kern.Addr) {}))
	for _, a := range []kern.Addr{0, kern.ListPoison1, kern.ListPoison2, kern.FreePoison, fn} {
		assert.NotPanics(t, func() { kern.ReadOnce(c, a+11) }, "%#x", uint32(a))
	}
}

func TestStructPagesAndFrames(t *testing.T) {
	m := kern.NewMachine(kern.Config{Frames: 100})
	rapid.Check(t, func(t *rapid.T) {
		p := kern.PFN(rapid.IntRange(1, 100).Draw(t, "pfn"))
		word := kern.Addr(rapid.IntRange(0, kern.FrameWords-1).Draw(t, "word"))
		require.Equal(t, p, m.PageOf(p.Page()+word))
	})
	assert.Zero(t, m.PageOf(0))
	assert.Zero(t, m.PageOf(kern.PFN(101).Page()), "beyond the last frame")
	assert.Zero(t, m.PageOf(words(m.CPU(0), 4)), "a slab object is no part of a struct page")
	assert.Zero(t, m.PageOf(kern.FreePoison))
}

// A table pointer keeps frame, half and tag when it is folded into a word and back; what else it might hold is no part
// of a table's address.
func TestPhysPacksLosslessly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := kern.PFN(rapid.Uint32Range(1, kern.MaxFrames-1).Draw(t, "pfn"))
		half := rapid.Uint32Range(0, 1).Draw(t, "half")
		tag := rapid.Uint32Range(0, 3).Draw(t, "tag")
		table := kern.PhysOf(p) + kern.Phys(half)*kern.HalfSize + kern.Phys(tag)
		require.Equal(t, p, table.PFN())
		require.Equal(t, half, table.Half())
		require.Equal(t, tag, table.Tag())
		require.Zero(t, table.Untag().Tag())
		require.Equal(t, table, table.Untag()|kern.Phys(tag))
		require.Equal(t, table, kern.Unpack(table.Pack()))
	})
}

func TestAtomics(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	a := words(c, 1)
	kern.WriteOnce(c, a, 5)
	assert.EqualValues(t, 3, kern.AtomicAddReturn(c, a, ^uint32(1)), "add returns the new value")
	assert.EqualValues(t, 6, kern.AtomicXorBits(c, a, 5), "xor returns the new value")
	assert.EqualValues(t, 6, kern.AtomicFetchOr(c, a, 9), "or returns the old value")
	assert.EqualValues(t, 15, kern.AtomicFetchAndNot(c, a, 5), "andnot returns the old value")
	assert.EqualValues(t, 10, kern.Xchg(c, a, 1))
	assert.EqualValues(t, 1, kern.CmpXchg(c, a, 2, 7), "no match: nothing stored")
	assert.EqualValues(t, 1, kern.CmpXchg(c, a, 1, 0))
	assert.False(t, kern.AtomicAddUnless(c, a, 1, 0), "inc_not_zero of zero")
	kern.WriteOnce(c, a, ^uint32(0))
	assert.True(t, kern.AtomicAddUnless(c, a, 1, 0))
	assert.Zero(t, kern.ReadOnce(c, a))
}

// Every read-modify-write is atomic between CPUs: nothing is lost, whichever primitive it is made of.
func TestAtomicsBetweenCPUs(t *testing.T) {
	const cpus, rounds = 4, 2000
	m := kern.NewMachine(kern.Config{CPUs: cpus})
	a := words(m.CPU(0), 4)
	var wg sync.WaitGroup
	for i := range cpus {
		c := m.CPU(i)
		wg.Go(func() {
			for range rounds {
				kern.AtomicAddReturn(c, a, 1)
				kern.AtomicXorBits(c, a+1, 1<<i)
				for {
					old := kern.ReadOnce(c, a+2)
					if kern.CmpXchg(c, a+2, old, old+1) == old {
						break
					}
				}
				kern.AtomicAddUnless(c, a+3, 1, cpus*rounds/2)
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, cpus*rounds, m.Peek(a))
	assert.EqualValues(t, 0, m.Peek(a+1), "each CPU flipped its bit an even number of times")
	assert.EqualValues(t, cpus*rounds, m.Peek(a+2))
	assert.EqualValues(t, cpus*rounds/2, m.Peek(a+3))
}

// The last chunk of struct pages is the first of slab objects; both allocators may be the first to touch it.
func TestPagesAndObjectsShareAChunk(t *testing.T) {
	for range 5 {
		const frames = 40_000
		m := kern.NewMachine(kern.Config{CPUs: 2, Frames: frames})
		k := m.NewCache(kern.CacheConfig{Name: "thing", Words: 64})
		var wg sync.WaitGroup
		wg.Go(func() {
			for range frames {
				kern.AllocPages(m.CPU(0), 0, kern.GFPKernel)
			}
		})
		wg.Go(func() {
			k.Alloc(m.CPU(1))
		})
		wg.Wait()
	}
}

// A large machine's memory comes in blocks, those of struct pages and those of objects each from their own end: no word is
// another's, wherever the two meet, and two CPUs may make them grow at once.
func TestLargeMachineGrowsInBlocks(t *testing.T) {
	const frames, objectWords = 16384 * 37, 1 << 14
	m := kern.NewMachine(kern.Config{CPUs: 2, Frames: frames})
	k := m.NewCache(kern.CacheConfig{Name: "object", Words: objectWords, Raw: true})
	pages := make([]kern.PFN, 0, frames/4)
	objects := make([]kern.Addr, 0, 1000)
	var wg sync.WaitGroup
	wg.Go(func() {
		for range cap(pages) {
			p := kern.AllocPages(m.CPU(0), 2, kern.GFPKernel)
			if p == 0 {
				break // the first block is not whole: frame 0 does not exist
			}
			m.Poke(p.Page()+kern.PageIndex, uint32(p))
			pages = append(pages, p)
		}
	})
	wg.Go(func() {
		for i := range cap(objects) {
			a := k.Alloc(m.CPU(1))
			m.Poke(a, uint32(i)+1)
			m.Poke(a+objectWords-1, uint32(i)+1)
			objects = append(objects, a)
		}
	})
	wg.Wait()
	require.Greater(t, len(pages), frames/4-2)
	for _, p := range pages {
		if m.Peek(p.Page()+kern.PageIndex) != uint32(p) {
			t.Fatalf("page %d holds %d", p, m.Peek(p.Page()+kern.PageIndex))
		}
	}
	for i, a := range objects {
		require.EqualValues(t, i+1, m.Peek(a))
		require.EqualValues(t, i+1, m.Peek(a+objectWords-1))
		require.Zero(t, m.Peek(a+objectWords/2), "memory never used is zero")
	}
	assert.EqualValues(t, kern.FreePoison, m.Peek(kern.FreePoison), "the special words are what they were")
}

// What follows the poison must not end up in a page that is somebody's.
func TestPoisonLeadsToNobodysWords(t *testing.T) {
	m := kern.NewMachine(kern.Config{Frames: 1000})
	c := m.CPU(0)
	for range 1000 {
		kern.AllocPages(c, 0, kern.GFPKernel)
	}
	for i := range kern.Addr(16) {
		kern.WriteOnce(c, kern.FreePoison+i, 0x77)
	}
	for a := range kern.PFN(1001).Page() {
		assert.NotEqualValues(t, 0x77, m.Peek(a), "page %d", m.PageOf(a))
	}
}

func TestPlainAccesses(t *testing.T) {
	for _, s := range []kern.Scheduler{nil, &direct{}} {
		m := kern.NewMachine(kern.Config{Scheduler: s})
		c := m.CPU(0)
		a := words(c, 2)
		kern.Store(c, a, 5)
		kern.WriteOnce(c, a+1, 6)
		assert.EqualValues(t, 5, m.Peek(a))
		assert.EqualValues(t, 5, kern.ReadOnce(c, a))
		assert.EqualValues(t, 6, kern.Load(c, a+1))
	}
}
