package bench

import (
	"context"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Result is what one path of one bed came to.
type Result struct {
	Config
	Path        string
	Nanoseconds float64 // processor time for a table; 0 if the threads never ran at the same time
	Chunks      int     // that were measured; fewer than were asked for if the race was interrupted
}

// Race measures every path of every configuration: rounds turns of so many chunks each. It tells progress, from 0 to 1, if
// that is wanted. If ctx ends it returns what it has measured so far, and the context's error.
func Race(ctx context.Context, configs []Config, paths []Path, rounds, chunks int, progress func(float64)) ([]Result, error) {
	type cell struct {
		bed  *Bed
		path Path
	}
	var cells []cell
	var results []Result
	for _, cfg := range configs {
		bed, err := NewBed(cfg)
		if err != nil {
			return nil, err
		}
		for _, p := range paths {
			if p.In(cfg.Allocator.Variant) {
				cells = append(cells, cell{bed, p})
				results = append(results, Result{Config: cfg, Path: p.Name, Nanoseconds: math.Inf(1)})
			}
		}
	}
	for round := range rounds {
		for i, c := range cells {
			if ctx.Err() != nil {
				break
			}
			best, n := c.bed.measure(ctx, c.path, chunks)
			results[i].Nanoseconds = min(results[i].Nanoseconds, best)
			results[i].Chunks += n
			if progress != nil {
				progress(float64(round*len(cells)+i+1) / float64(rounds*len(cells)))
			}
		}
	}
	for i := range results {
		if err := cells[i].bed.Err(); err != nil {
			return nil, err
		}
		if math.IsInf(results[i].Nanoseconds, 1) {
			results[i].Nanoseconds = 0
		}
	}
	return results, ctx.Err()
}

// together is the share of a chunk's time that each of several threads must have had a processor for.
const together = 0.9

// measure returns the processor time for a table in the quickest of so many chunks, in nanoseconds, and how many there were:
// fewer if ctx ended.
func (b *Bed) measure(ctx context.Context, p Path, chunks int) (float64, int) {
	type sample struct{ cpu, wall time.Duration }
	samples := make([]sample, len(b.Loops))
	best, measured := math.Inf(1), 0
	over := false // all loops look at it when they have met
	judge := func() {
		measured++
		over = ctx.Err() != nil
		sum := time.Duration(0)
		for _, s := range samples {
			if len(samples) > 1 && float64(s.cpu) < together*float64(s.wall) {
				return
			}
			sum += s.cpu
		}
		best = min(best, float64(sum)/float64(len(samples)*Chunk))
	}
	all := meeting{n: int32(len(b.Loops))}
	var wg sync.WaitGroup
	for i, l := range b.Loops {
		wg.Go(func() {
			runtime.LockOSThread() // whose processor time is measured
			defer runtime.UnlockOSThread()
			l.Begin(p)
			l.Run(p, Chunk)
			for range chunks {
				all.meet()
				wall, cpu := time.Now(), threadTime()
				l.Run(p, Chunk)
				samples[i] = sample{threadTime() - cpu, time.Since(wall)}
				all.meet()
				if i == 0 {
					judge()
				}
				all.meet()
				if over {
					break
				}
			}
			l.End(p)
		})
	}
	wg.Wait()
	return best, measured
}

// meeting is a barrier of threads that spin, so that they go on at the same moment.
type meeting struct {
	n       int32
	arrived atomic.Int32
	round   atomic.Int32
}

func (m *meeting) meet() {
	if m.n == 1 {
		return
	}
	round := m.round.Load()
	if m.arrived.Add(1) == m.n {
		m.arrived.Store(0)
		m.round.Add(1)
		return
	}
	for spins := 0; m.round.Load() == round; spins++ {
		if spins > 10_000 {
			runtime.Gosched()
		}
	}
}
