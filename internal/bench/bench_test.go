package bench_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/bench"
	"ptsim/pgalloc"
)

func Example() {
	results, err := bench.Race(context.Background(), []bench.Config{{Allocator: pgalloc.Config{Variant: pgalloc.Classic}}}, bench.Paths()[:1], 2, 3, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	r := results[0]
	fmt.Println(r.Allocator.Variant, r.Path, r.Nanoseconds > 0.1, r.Nanoseconds < 1e5)
	// Output: classic list true true
}

// What is measured is what it says: the counts of the allocator tell which way the tables went.
func TestPathsAreWhatTheySay(t *testing.T) {
	for _, info := range pgalloc.Variants() {
		if info.Variant == pgalloc.RFCAsPosted {
			continue // it loses pages
		}
		for _, p := range bench.Paths() {
			if !p.In(info.Variant) {
				continue
			}
			t.Run(string(info.Variant)+"/"+p.Name, func(t *testing.T) {
				bed, err := bench.NewBed(bench.Config{Allocator: pgalloc.Config{Variant: info.Variant}, Contents: true})
				require.NoError(t, err)
				l := bed.Loops[0]
				l.Begin(p)
				before := l.Stats()
				l.Run(p, bench.Chunk)
				after := l.Stats()
				l.End(p)
				n := uint64(bench.Chunk)
				assert.Equal(t, n, after.Allocated()-before.Allocated())
				freed := map[string]uint64{
					"list": after.FreedNow - before.FreedNow, "fresh": after.FreedNow - before.FreedNow,
					"tlb": after.FreedGather - before.FreedGather, "defer": after.FreedDeferred - before.FreedDeferred,
				}
				assert.Equal(t, n, freed[p.Name])
				reused := after.Reused - before.Reused
				switch {
				case info.Variant == pgalloc.FullPage || p.Name == "fresh":
					assert.Zero(t, reused)
				case p.Name == "list":
					assert.Equal(t, n, reused)
				default:
					assert.Equal(t, n/2, reused, "both halves of each page")
				}
				assert.Zero(t, l.Stats().Pages, "all is given back")
				assert.NoError(t, bed.Err())
			})
		}
	}
}

func TestTwoThreads(t *testing.T) {
	for _, shared := range []bool{false, true} {
		cfg := bench.Config{Allocator: pgalloc.Config{Variant: pgalloc.Classic}, Threads: 2, SharedMM: shared}
		results, err := bench.Race(context.Background(), []bench.Config{cfg}, bench.Paths(), 1, 20, nil)
		require.NoError(t, err)
		assert.Len(t, results, 3, "classic has no defer")
	}
}

func TestGivenUp(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := bench.Race(ctx, []bench.Config{{Allocator: pgalloc.Config{Variant: pgalloc.Classic}}}, bench.Paths(), 1, 1, nil)
	assert.ErrorIs(t, err, context.Canceled)
}
