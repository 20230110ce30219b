package explore

import (
	"math/bits"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
)

// However many threads add the same keys in whatever order, while tables grow under them, each key is new once.
func TestVisitedIsOneSet(t *testing.T) {
	const keys, threads = 60_000, 8
	v := newVisited(8, true)
	var fresh atomic.Int64
	var wg sync.WaitGroup
	for th := range threads {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for _, k := range rand.New(rand.NewPCG(uint64(th), 1)).Perm(keys) {
				if v.add(mix(uint64(k + 1))) {
					fresh.Add(1)
				}
			}
		}()
	}
	wg.Wait()
	assert.EqualValues(t, keys, fresh.Load())
	assert.Equal(t, keys, v.len())
	for k := range keys {
		assert.False(t, v.add(mix(uint64(k+1))))
	}
	assert.LessOrEqual(t, v.bytes.Load(), int64(keys*8*4), "a table is at least three eighths full")
}

// The two keys that mean something else to a table are taken for a third.
func TestVisitedReservedKeys(t *testing.T) {
	v := newVisited(8, true)
	assert.True(t, v.add(0))
	assert.False(t, v.add(shut))
	assert.False(t, v.add(1))
	assert.Equal(t, 1, v.len())
}

func BenchmarkVisited(b *testing.B) {
	v := newVisited(8, true)
	for i := range b.N {
		v.add(mix(uint64(i)))
	}
}

// A set of transitions belongs to its key, is only added to, and is kept while the table grows.
func TestVisitedKeepsSets(t *testing.T) {
	for threads := range 2 {
		v := newVisited(threads+1, true)
		rng := rand.New(rand.NewPCG(5, 1))
		want := map[uint64]uint32{}
		for range 200_000 {
			key, made := mix(uint64(rng.IntN(50_000)+1)), rng.Uint32()&rng.Uint32()&everyBit
			had, old := want[key]
			isNew, got := v.visit(key, made)
			assert.Equal(t, !old, isNew)
			assert.Equal(t, had, got)
			want[key] = had | made
		}
		assert.Equal(t, len(want), v.len())
	}
}

// Without sets a line holds more keys.
func TestVisitedWithoutSets(t *testing.T) {
	for threads := range 2 {
		v, w := newVisited(threads+1, false), newVisited(threads+1, true)
		for i := range 100_000 {
			assert.True(t, v.add(mix(uint64(i+1))))
			w.add(mix(uint64(i + 1)))
		}
		for i := range 100_000 {
			assert.False(t, v.add(mix(uint64(i+1))))
		}
		assert.Equal(t, 100_000, v.len())
		assert.Less(t, v.bytes.Load(), w.bytes.Load())
	}
}

// However many threads add to the sets of the same keys, each transition is one thread's to make, and each thread sees what
// those made that came before: two that add the same two transitions the other way round do not both miss the other's.
func TestVisitedSetsAreSeen(t *testing.T) {
	const keys, threads = 20_000, 6
	v := newVisited(threads, true)
	seen := make([][]uint32, threads) // by thread and key: what had been made
	news := make([]atomic.Int32, keys)
	var wg sync.WaitGroup
	for th := range threads {
		seen[th] = make([]uint32, keys)
		wg.Go(func() {
			for i := range keys {
				isNew, had := v.visit(mix(uint64(i+1)), 1<<th)
				if seen[th][i] = had; isNew {
					news[i].Add(1)
				}
			}
		})
	}
	wg.Wait()
	for i := range keys {
		assert.EqualValues(t, 1, news[i].Load())
		sizes := uint32(0)
		for th := range threads { // the one who came nth saw n others
			assert.Zero(t, seen[th][i]&(1<<th))
			sizes |= 1 << bits.OnesCount32(seen[th][i])
		}
		assert.EqualValues(t, 1<<threads-1, sizes, "key %d", i)
	}
}
