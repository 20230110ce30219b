package kern_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/kern"
)

func TestAllocPagesGivesACleanStructPage(t *testing.T) {
	m := kern.NewMachine(kern.Config{Checks: true})
	c := m.CPU(0)
	p := kern.AllocPages(c, 0, kern.GFPKernel)
	assert.Equal(t, kern.PFN(1), p, "the lowest frame first")
	for i := range kern.Addr(kern.PageRefcount) {
		assert.Zero(t, m.Peek(p.Page()+i))
	}
	assert.EqualValues(t, 1, m.Peek(p.Page()+kern.PageRefcount))
	for i := range kern.Addr(kern.FrameWords) {
		m.Poke(p.Page()+i, 77)
	}
	m.Poke(p.Page()+kern.PageLRU+1, 0)
	kern.FreePages(c, p, 0)
	assert.EqualValues(t, kern.PGBuddy, m.Peek(p.Page()+kern.PageFlags))
	assert.Zero(t, m.Peek(p.Page()+kern.PageRefcount))
	assert.EqualValues(t, kern.FreePoison, m.Peek(p.Page()+kern.PageIndex))
	assert.Equal(t, p, kern.AllocPages(c, 0, kern.GFPKernel))
	assert.Zero(t, m.Peek(p.Page()+kern.PageIndex))
	quiet(t, m)
}

func TestExhaustion(t *testing.T) {
	const frames = 70
	m := kern.NewMachine(kern.Config{Frames: frames})
	c := m.CPU(0)
	seen := map[kern.PFN]bool{}
	for range frames {
		p := kern.AllocPages(c, 0, kern.GFPKernel)
		require.NotZero(t, p)
		require.LessOrEqual(t, p, kern.PFN(frames))
		require.False(t, seen[p])
		seen[p] = true
	}
	assert.Zero(t, kern.AllocPages(c, 0, kern.GFPKernel))
	assert.Zero(t, kern.AllocPages(c, 2, kern.GFPKernel))
	kern.FreePages(c, 33, 0)
	assert.EqualValues(t, 33, kern.AllocPages(c, 0, kern.GFPKernel))
	quiet(t, m)
}

func TestFailPages(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	m.FailPages(kern.GFPNowait, true)
	assert.True(t, m.Failing(kern.GFPNowait))
	assert.Zero(t, kern.AllocPages(c, 0, kern.GFPNowait))
	assert.NotZero(t, kern.AllocPages(c, 0, kern.GFPKernel), "the other kind may sleep")
	m.FailPages(kern.GFPNowait, false)
	assert.NotZero(t, kern.AllocPages(c, 0, kern.GFPNowait))
}

func TestOrder2BlocksAreAligned(t *testing.T) {
	m := kern.NewMachine(kern.Config{Contents: true})
	c := m.CPU(0)
	p := kern.AllocPages(c, 2, kern.GFPKernel)
	assert.Zero(t, p%4)
	assert.EqualValues(t, 2, c.PageOrder(p))
	q := kern.AllocPages(c, 2, kern.GFPKernel)
	assert.Equal(t, p+4, q)
	single := kern.AllocPages(c, 0, kern.GFPKernel)
	assert.Less(t, single, p, "the frames skipped for alignment are not lost")
	assert.Zero(t, c.PageOrder(single))
	for i := range kern.PFN(4) {
		c.FillContents(p+i, 0, kern.EntriesPerFrame, 1)
	}
	kern.FreePages(c, p, 2)
	for i := range kern.PFN(4) {
		assert.True(t, c.ContentsAre(p+i, 0, kern.EntriesPerFrame, kern.ContentPoison))
	}
	assert.Equal(t, p, kern.AllocPages(c, 2, kern.GFPKernel))
	quiet(t, m)
}

func TestReferences(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	p := kern.AllocPages(c, 0, kern.GFPKernel)
	assert.True(t, kern.GetPageUnlessZero(c, p))
	assert.False(t, kern.PutPage(c, p, 0))
	assert.True(t, kern.PutPage(c, p, 0), "the last reference frees")
	assert.False(t, kern.GetPageUnlessZero(c, p), "a free frame has none to add to")
	quiet(t, m)
	assert.False(t, kern.PutPage(c, p, 0))
	the(t, m, kern.DoubleFree)
}

// The upper byte of a refcount is its user's. While it is not zero the count never gets to zero.
func TestUpperByteOfTheRefcount(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	p := kern.AllocPages(c, 0, kern.GFPKernel)
	ref := p.Page() + kern.PageRefcount
	kern.AtomicXorBits(c, ref, 3<<24)
	assert.False(t, kern.PutPage(c, p, 0))
	assert.True(t, kern.GetPageUnlessZero(c, p))
	kern.AtomicXorBits(c, ref, 3<<24)
	assert.True(t, kern.PutPage(c, p, 0))
	quiet(t, m)
}

func TestBadFrees(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(c *kern.CPU, p kern.PFN)
		kind kern.Kind
	}{
		{"twice", func(c *kern.CPU, p kern.PFN) { kern.FreePages(c, p, 0); kern.FreePages(c, p, 0) }, kern.DoubleFree},
		{"while on a list", func(c *kern.CPU, p kern.PFN) {
			kern.ListAdd(c, p.Page()+kern.PageLRU, lists(c, 1)[0])
			kern.FreePages(c, p, 0)
		}, kern.ListCorruption},
		{"while queued", func(c *kern.CPU, p kern.PFN) {
			fn, _ := recorder(c.Machine())
			kern.CallRCU(c, p.Page()+kern.PageLRU, fn)
			kern.FreePages(c, p, 0)
		}, kern.UseAfterFree},
		{"handed out while in use", func(c *kern.CPU, p kern.PFN) {
			kern.FreePages(c, p, 0)
			c.Machine().Poke(p.Page()+kern.PageFlags, 0) // somebody writes through a stale pointer
			kern.AllocPages(c, 0, kern.GFPKernel)
		}, kern.DoubleFree},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := kern.NewMachine(kern.Config{})
			c := m.CPU(0)
			p := kern.AllocPages(c, 0, kern.GFPKernel)
			tt.do(c, p)
			the(t, m, tt.kind)
		})
	}
}

func TestContents(t *testing.T) {
	m := kern.NewMachine(kern.Config{Contents: true})
	c := m.CPU(0)
	p := kern.AllocPages(c, 0, kern.GFPKernel)
	c.FillContents(p, 0, 256, 0x400)
	c.FillContents(p, 256, 256, 0)
	assert.True(t, c.ContentsAre(p, 0, 256, 0x400))
	assert.False(t, c.ContentsAre(p, 0, 257, 0x400))
	c.WriteEntry(p, 255, 9)
	assert.EqualValues(t, 9, c.ReadEntry(p, 255))
	assert.False(t, c.ContentsAre(p, 0, 256, 0x400))
	kern.FreePages(c, p, 0)
	assert.True(t, c.ContentsAre(p, 0, kern.EntriesPerFrame, kern.ContentPoison))
	q := kern.AllocPages(c, 0, kern.GFPKernel)
	require.Equal(t, p, q)
	assert.EqualValues(t, uint64(kern.ContentPoison), c.ReadEntry(q, 0), "contents are what they were")
}

// Without contents everything about them is a no-op, and every question has the answer that complains of nothing.
func TestNoContents(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	p := kern.AllocPages(c, 0, kern.GFPKernel)
	c.FillContents(p, 0, 512, 1)
	c.WriteEntry(p, 0, 1)
	assert.Zero(t, c.ReadEntry(p, 0))
	assert.True(t, c.ContentsAre(p, 0, 512, 7))
}

// Single frames and blocks of four, on several CPUs by turns, against a set: no frame is ever in two hands.
func TestFramesAgainstSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const frames = 300
		m := kern.NewMachine(kern.Config{CPUs: 3, Frames: frames})
		taken := map[kern.PFN]bool{}
		var blocks []kern.PFN
		order := map[kern.PFN]uint32{}
		t.Repeat(map[string]func(*rapid.T){
			"alloc": func(t *rapid.T) {
				c := m.CPU(rapid.IntRange(0, 2).Draw(t, "cpu"))
				o := rapid.SampledFrom([]uint32{0, 0, 2}).Draw(t, "order")
				for range rapid.IntRange(1, 40).Draw(t, "n") {
					p := kern.AllocPages(c, o, kern.GFPKernel)
					if p == 0 {
						break
					}
					require.LessOrEqual(t, p+1<<o-1, kern.PFN(frames))
					for i := range kern.PFN(1) << o {
						require.False(t, taken[p+i])
						taken[p+i] = true
					}
					blocks, order[p] = append(blocks, p), o
				}
			},
			"free": func(t *rapid.T) {
				c := m.CPU(rapid.IntRange(0, 2).Draw(t, "cpu"))
				for range min(len(blocks), rapid.IntRange(1, 120).Draw(t, "n")) {
					i := rapid.IntRange(0, len(blocks)-1).Draw(t, "which")
					p := blocks[i]
					blocks[i] = blocks[len(blocks)-1]
					blocks = blocks[:len(blocks)-1]
					for i := range kern.PFN(1) << order[p] {
						delete(taken, p+i)
					}
					kern.FreePages(c, p, order[p])
				}
			},
			"": func(t *rapid.T) { quiet(t, m) },
		})
		free := map[kern.PFN]bool{}
		m.Frames(func(p kern.PFN, isFree bool) { free[p] = isFree })
		for _, p := range blocks {
			require.False(t, free[p])
		}
	})
}

// CPUs take frames from each other through the machine's lists.
func TestFramesBetweenCPUs(t *testing.T) {
	const cpus = 4
	m := kern.NewMachine(kern.Config{CPUs: cpus, Checks: true, Contents: true})
	pass := make(chan kern.PFN, 1000)
	var wg sync.WaitGroup
	for i := range cpus {
		c := m.CPU(i)
		wg.Go(func() {
			for range 1500 {
				p := kern.AllocPages(c, 0, kern.GFPKernel)
				m.Poke(p.Page()+kern.PageIndex, uint32(p))
				c.FillContents(p, 0, 4, uint64(p))
				select {
				case pass <- p:
				default:
				}
				select {
				case q := <-pass: // mostly a frame of another CPU
					if m.Peek(q.Page()+kern.PageIndex) != uint32(q) || !c.ContentsAre(q, 0, 4, uint64(q)) {
						t.Errorf("frame %d is not what it was", q)
					}
					kern.FreePages(c, q, 0)
				default:
				}
			}
		})
	}
	wg.Wait()
	quiet(t, m)
}

func TestTailsOfABlockInUse(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	p := kern.AllocPages(m.CPU(0), 2, kern.GFPKernel)
	m.Frames(func(q kern.PFN, free bool) { assert.Equal(t, q < p, free, "frame %d", q) })
}

// freeIffUnreferenced lets every step happen at once, and looks at a frame after each.
type freeIffUnreferenced struct {
	t     *testing.T
	p     kern.PFN
	steps []string
}

func (s *freeIffUnreferenced) Step(c *kern.CPU, op kern.Op) uint32 {
	r := c.Exec(op)
	m := c.Machine()
	free, refs := m.Peek(s.p.Page()+kern.PageFlags)&kern.PGBuddy != 0, m.Peek(s.p.Page()+kern.PageRefcount)
	assert.Equal(s.t, free, refs == 0, "after %v", op)
	s.steps = append(s.steps, op.Kind.String())
	return r
}

// The last reference and the frame go in one step: no step of anybody finds a frame that is neither.
func TestPutPageIsOneStep(t *testing.T) {
	s := &freeIffUnreferenced{t: t}
	m := kern.NewMachine(kern.Config{CPUs: 2})
	s.p = kern.AllocPages(m.CPU(0), 0, kern.GFPKernel)
	m.Attach(s)
	assert.True(t, kern.GetPageUnlessZero(m.CPU(1), s.p))
	assert.False(t, kern.PutPage(m.CPU(0), s.p, 0))
	assert.True(t, kern.PutPage(m.CPU(1), s.p, 0))
	assert.Equal(t, []string{"add_unless", "put_page", "put_page"}, s.steps)
	quiet(t, m)

	freed := 0
	n := explore(t, func(m *kern.Machine) []func(*kern.CPU) {
		p := kern.AllocPages(m.CPU(0), 0, kern.GFPKernel)
		freed = 0
		put := func(c *kern.CPU) {
			if kern.PutPage(c, p, 0) {
				freed++
			}
		}
		return []func(*kern.CPU){put, func(c *kern.CPU) {
			if kern.GetPageUnlessZero(c, p) {
				put(c)
			}
		}}
	}, func(m *kern.Machine, _ []int) {
		require.Equal(t, 1, freed)
		quiet(t, m)
	})
	assert.Equal(t, 3, n, "put first and nothing to get, or before or after the other's put")
}

// A block goes whole, with the order it is put with.
func TestPutPageOfABlock(t *testing.T) {
	for _, s := range []kern.Scheduler{nil, &direct{}} {
		m := kern.NewMachine(kern.Config{Scheduler: s})
		c := m.CPU(0)
		p := kern.AllocPages(c, 2, kern.GFPKernel)
		assert.True(t, kern.PutPage(c, p, 2))
		m.Frames(func(q kern.PFN, free bool) { assert.True(t, free, "frame %d", q) })
		assert.Equal(t, p, kern.AllocPages(c, 2, kern.GFPKernel))
		quiet(t, m)
	}
}

// Contents are what arrays of entries would hold, whatever is written.
func TestContentsAreEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := kern.NewMachine(kern.Config{Contents: true}).CPU(0)
		model := map[kern.PFN]*[kern.EntriesPerFrame]uint64{}
		var frames []kern.PFN
		for range 3 {
			p := kern.AllocPages(c, 0, kern.GFPKernel)
			model[p] = new([kern.EntriesPerFrame]uint64)
			frames = append(frames, p)
		}
		values := rapid.SampledFrom([]uint64{0, 1, 2, kern.ContentPoison, 0x6d69786564_000001}) // the last stands for something inside
		edge := rapid.SampledFrom([]int{0, 1, 100, 255, 256, 257, 511, 512})
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			p := rapid.SampledFrom(frames).Draw(t, "frame")
			from, to := edge.Draw(t, "from"), edge.Draw(t, "to")
			from, to = min(from, to), max(from, to)
			v := values.Draw(t, "value")
			switch rapid.IntRange(0, 3).Draw(t, "do") {
			case 0, 1:
				c.FillContents(p, from, to-from, v)
				for i := from; i < to; i++ {
					model[p][i] = v
				}
			case 2:
				c.WriteEntry(p, from%512, v)
				model[p][from%512] = v
			default:
				kern.FreePages(c, p, 0)
				require.Equal(t, p, kern.AllocPages(c, 0, kern.GFPKernel))
				for i := range model[p] {
					model[p][i] = kern.ContentPoison
				}
			}
			for _, p := range frames {
				same := true
				for i, want := range model[p] {
					require.Equal(t, want, c.ReadEntry(p, i))
					same = same && (i < from || i >= to || want == v)
				}
				require.Equal(t, same, c.ContentsAre(p, from, to-from, v))
			}
		}
	})
}
