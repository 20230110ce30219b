package pgalloc_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/bench"
	"ptsim/pgalloc"
)

// BenchmarkAllocator runs every version on its paths, for profiles: ptsim bench and docs/perf/against-c measure. With two
// CPUs the time is that until both are done, for one table of each.
func BenchmarkAllocator(b *testing.B) {
	settings := []struct {
		name    string
		threads int
		shared  bool
	}{{"1", 1, false}, {"2x1mm", 2, true}, {"2x2mms", 2, false}}
	systems(b, func(_ testing.TB, cfg pgalloc.Config) {
		if cfg.Variant == pgalloc.RFCAsPosted {
			return // it loses pages
		}
		name := string(cfg.Variant)
		if cfg.Pin != "" {
			name += "-" + string(cfg.Pin)
		}
		for _, p := range bench.Paths() {
			if !p.In(cfg.Variant) {
				continue
			}
			for _, contents := range []bool{true, false} {
				for _, set := range settings {
					fill := map[bool]string{true: "fill", false: "nofill"}[contents]
					b.Run(fmt.Sprintf("%s/%s/%s/%s", name, p.Name, fill, set.name), func(b *testing.B) {
						run(b, bench.Config{Allocator: cfg, Contents: contents, Threads: set.threads, SharedMM: set.shared}, p)
					})
				}
			}
		}
	})
}

func run(b *testing.B, cfg bench.Config, p bench.Path) {
	bed, err := bench.NewBed(cfg)
	require.NoError(b, err)
	for _, l := range bed.Loops {
		l.Begin(p)
		l.Run(p, bench.Chunk) // warm up: batches, frames, free lists
	}
	b.ReportAllocs()
	b.ResetTimer()
	if len(bed.Loops) == 1 {
		bed.Loops[0].Run(p, b.N)
		return
	}
	var wg sync.WaitGroup
	for _, l := range bed.Loops {
		wg.Go(func() { l.Run(p, b.N) })
	}
	wg.Wait()
}

// The paths themselves do not allocate: an emulator that made garbage would measure its collector.
func TestHotPathsDoNotAllocate(t *testing.T) {
	systems(t, func(_ testing.TB, cfg pgalloc.Config) {
		for _, p := range bench.Paths() {
			if cfg.Variant == pgalloc.RFCAsPosted || !p.In(cfg.Variant) {
				continue
			}
			for _, contents := range []bool{true, false} {
				bed, err := bench.NewBed(bench.Config{Allocator: cfg, Contents: contents})
				require.NoError(t, err)
				l := bed.Loops[0]
				l.Begin(p)
				l.Run(p, bench.Chunk)
				allocs := testing.AllocsPerRun(10, func() { l.Run(p, 2*bench.Block) })
				assert.Zero(t, allocs, "%s/%s %s", cfg.Variant, cfg.Pin, p.Name)
			}
		}
	})
}
