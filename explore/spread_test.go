package explore

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// A table that doubles where it is holds what it held, however full it was and wherever its keys lie.
func TestSpreadKeepsAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := 1 << rapid.IntRange(0, 10).Draw(t, "lines, as a power of 2")
		share := rapid.IntRange(1, 100).Draw(t, "percent full")
		crowd := rapid.IntRange(0, 10).Draw(t, "bits that all keys begin with")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		v := newVisited(1, rapid.Bool().Draw(t, "sets"))
		lines := make([]line, 2*n)
		want := map[uint64]uint32{}
		for range n * v.keys * share / 100 {
			key := rng.Uint64()<<shardBits>>crowd>>shardBits | 1
			if _, ok := want[key]; ok {
				continue
			}
			from := line{key}
			if v.keys == withSets {
				want[key] = rng.Uint32() & everyBit
				from.addSet(0, want[key])
			} else {
				want[key] = 0
			}
			v.drop(lines[:n], &from, 0)
		}
		v.spread(lines, n)
		for key, made := range want {
			isNew, had, ok := v.insert(lines, key, 0)
			assert.True(t, ok)
			assert.False(t, isNew, "a key is found again")
			assert.Equal(t, made, had)
		}
		held := 0
		for i := range lines {
			for _, key := range lines[i][:v.keys] {
				if key != 0 {
					held++
				}
			}
		}
		assert.Equal(t, len(want), held)
	})
}

// A region grows where it is, and what was in it stays.
func TestRegionGrows(t *testing.T) {
	r := newRegion()
	if r == nil {
		t.Skip("no regions here")
	}
	defer r.close()
	lines := r.grow(1 << 10)
	lines[1][2] = 3
	more := r.grow(1 << 16)
	assert.Len(t, more, 1<<16)
	assert.Same(t, &lines[0], &more[0])
	assert.EqualValues(t, 3, more[1][2])
	assert.Zero(t, more[1<<16-1])
	assert.Nil(t, r.grow(math.MaxInt/lineBytes))
}
