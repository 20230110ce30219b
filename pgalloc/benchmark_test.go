package pgalloc_test

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
	"ptsim/rcuhead"
	"ptsim/tlbgather"
)

// block is how many tables share a flush and a grace period, as a munmap of 256 MiB would make them.
const block = 256

// rcuCore is what a benchmark needs of an RCU.
type rcuCore interface{ wait(c *kern.CPU) }

// stepped ends a grace period on the spot.
type stepped struct{ *rcuhead.Stepped }

func (r stepped) wait(*kern.CPU) { r.GracePeriod() }

// native passes a quiescent state; callbacks run some rounds later.
type native struct{ *rcuhead.Native }

func (r native) wait(c *kern.CPU) { r.Quiescent(c) }

// worker is one CPU at its loop.
type worker struct {
	s    *pgalloc.System
	c    *kern.CPU
	mm   mmctx.MM
	rcu  rcuCore
	held [block]kern.Phys
	tlb  tlbgather.Gather // here and not on a stack: it is passed through an interface
}

// A path does n operations. What one is, its name says; a table is the unit of tlb and defer.
type path struct {
	name    string
	prepare func(w *worker)
	run     func(w *worker, n int)
}

var paths = []path{
	{"list", func(w *worker) { w.held[0] = w.alloc() }, (*worker).list},
	{"fresh", func(*worker) {}, (*worker).fresh},
	{"tlb", func(*worker) {}, (*worker).gathered},
	{"defer", func(*worker) {}, (*worker).deferred},
}

func (w *worker) alloc() kern.Phys {
	table := w.s.PT.PageTableAlloc(w.c, w.mm)
	if table == 0 {
		panic("out of memory")
	}
	return table
}

// list: while one half of a page stays allocated, an allocation and a free find it on the list.
func (w *worker) list(n int) {
	for i := range n {
		w.s.PT.PageTableFree(w.c, w.mm, w.alloc())
		if i%block == 0 {
			w.rcu.wait(w.c)
		}
	}
}

// fresh: an allocation that takes a page, and the free that gives it back.
func (w *worker) fresh(n int) {
	w.list(n)
}

// gathered: a table is allocated, freed through the gather, and removed after a grace period.
func (w *worker) gathered(n int) {
	for ; n > 0; n -= block {
		for i := range min(n, block) {
			w.held[i] = w.alloc()
		}
		w.tlb = w.s.TLB.Gather(w.mm)
		for i := range min(n, block) {
			w.s.PT.PageTableFreeRCU(w.c, &w.tlb, w.held[i], uint64(i)<<20)
		}
		w.tlb.Finish(w.c)
		w.rcu.wait(w.c)
	}
}

// deferred: the same with pte_free_defer.
func (w *worker) deferred(n int) {
	for ; n > 0; n -= block {
		for i := range min(n, block) {
			w.held[i] = w.alloc()
		}
		for i := range min(n, block) {
			w.s.PT.PTEFreeDefer(w.c, w.mm, w.held[i])
		}
		w.rcu.wait(w.c)
	}
}

// yardstick measures what the ratios are relative to: two uncontended lock and unlock pairs and two atomic
// read-modify-writes, in nanoseconds. Ratios can be compared between machines where times cannot.
func yardstick() float64 {
	const n = 200_000
	best := math.Inf(1)
	var mu sync.Mutex
	var word uint32
	for range 5 {
		start := time.Now()
		for range n {
			mu.Lock()
			atomic.AddUint32(&word, 1)
			mu.Unlock()
			mu.Lock()
			atomic.AddUint32(&word, 1)
			mu.Unlock()
		}
		best = min(best, float64(time.Since(start).Nanoseconds())/n)
	}
	return best
}

// setting is who runs: how many CPUs on how many mms.
type setting struct {
	name      string
	cpus, mms int
}

var settings = []setting{{"1", 1, 1}, {"2x1mm", 2, 1}, {"2x2mms", 2, 2}}

// bed builds an allocator and a worker for each CPU. The returned function ends it.
func bed(t testing.TB, cfg pgalloc.Config, contents bool, set setting, p path) ([]*worker, func()) {
	m := kern.NewMachine(kern.Config{CPUs: set.cpus, Contents: contents})
	s, err := pgalloc.New(m, cfg)
	require.NoError(t, err)
	ws := make([]*worker, set.cpus)
	var mms []mmctx.MM
	for i := range set.mms {
		mms = append(mms, s.MMs.Alloc(m.CPU(0), i+1))
	}
	for i := range ws {
		ws[i] = &worker{s: s, c: m.CPU(i), mm: mms[i%set.mms]}
	}
	end := func() {}
	if set.cpus == 1 {
		ws[0].rcu = stepped{rcuhead.NewStepped(m)}
	} else {
		rcu := rcuhead.NewNative(m)
		for _, w := range ws {
			w.rcu = native{rcu}
			rcu.Online(w.c)
		}
		end = func() {
			for _, w := range ws {
				rcu.Offline(w.c)
			}
			rcu.Close()
		}
	}
	for _, w := range ws {
		p.prepare(w)
		p.run(w, 4*block) // warm up: batches, frames, free lists
	}
	return ws, end
}

// has tells whether the version has the path at all.
func (p path) has(cfg pgalloc.Config) bool {
	return p.name != "defer" || cfg.Variant != pgalloc.Classic
}

// BenchmarkAllocator measures every version on its four paths. "ratio" is the time of one operation over the yardstick
// measured in the same run; with two CPUs it is the time until both are done over the operations of one.
func BenchmarkAllocator(b *testing.B) {
	systems(b, func(_ testing.TB, cfg pgalloc.Config) {
		if cfg.Variant == pgalloc.RFCAsPosted {
			return // it loses pages
		}
		name := string(cfg.Variant)
		if cfg.Pin != "" {
			name += "-" + string(cfg.Pin)
		}
		for _, p := range paths {
			if !p.has(cfg) {
				continue
			}
			for _, contents := range []bool{true, false} {
				for _, set := range settings {
					fill := map[bool]string{true: "fill", false: "nofill"}[contents]
					b.Run(fmt.Sprintf("%s/%s/%s/%s", name, p.name, fill, set.name), func(b *testing.B) {
						measure(b, cfg, contents, set, p)
					})
				}
			}
		}
	})
}

func measure(b *testing.B, cfg pgalloc.Config, contents bool, set setting, p path) {
	ws, end := bed(b, cfg, contents, set, p)
	defer end()
	before := yardstick()
	b.ReportAllocs()
	b.ResetTimer()
	if len(ws) == 1 {
		p.run(ws[0], b.N)
	} else {
		var wg sync.WaitGroup
		for _, w := range ws {
			wg.Go(func() { p.run(w, b.N) })
		}
		wg.Wait()
	}
	b.StopTimer()
	perOp := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
	b.ReportMetric(perOp/min(before, yardstick()), "ratio")
}

// The paths themselves do not allocate: an emulator that made garbage would measure its collector.
func TestHotPathsDoNotAllocate(t *testing.T) {
	systems(t, func(_ testing.TB, cfg pgalloc.Config) {
		for _, p := range paths {
			if cfg.Variant == pgalloc.RFCAsPosted || !p.has(cfg) {
				continue
			}
			for _, contents := range []bool{true, false} {
				ws, end := bed(t, cfg, contents, settings[0], p)
				allocs := testing.AllocsPerRun(10, func() { p.run(ws[0], 2*block) })
				assert.Zero(t, allocs, "%s/%s %s", cfg.Variant, cfg.Pin, p.name)
				end()
			}
		}
	})
}
