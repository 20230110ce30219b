package chart

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestStackKeepsBlocksApartAndInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SliceOfN(rapid.Float64Range(1, 40), 0, 14).Draw(t, "size")
		want := rapid.SliceOfN(rapid.Float64Range(-50, 500), len(size), len(size)).Draw(t, "want")
		total := 0.0
		for _, s := range size {
			total += s
		}
		hi := total + rapid.Float64Range(0, 300).Draw(t, "spare")
		edge := 0.0
		for i, at := range stack(want, size, 0, hi) {
			assert.GreaterOrEqual(t, at, edge-1e-9, "block %d", i)
			edge = at + size[i]
		}
		assert.LessOrEqual(t, edge, hi+1e-9)
	})
}

func TestStackMovesNoMoreThanItMust(t *testing.T) {
	assert.Equal(t, []float64{10, 40, 80}, stack([]float64{10, 40, 80}, []float64{20, 20, 20}, 0, 100), "nothing to do")
	assert.Equal(t, []float64{35, 55}, stack([]float64{45, 45}, []float64{20, 20}, 0, 100), "both give way")
	assert.Equal(t, []float64{60, 80}, stack([]float64{95, 95}, []float64{20, 20}, 0, 100), "held inside")
	assert.Empty(t, stack(nil, nil, 0, 100))
}

func flat(n int, lo, hi float64) []span {
	out := make([]span, n)
	for i := range out {
		out[i] = span{lo, hi, true}
	}
	return out
}

func TestSpotHidesNothing(t *testing.T) {
	shape := letterShape{reach: 1, high: 2, pad: 1, need: 2}
	low, high := flat(40, 5, 5), flat(40, 20, 20)
	b, ok := spot([][]span{low, high}, 0, shape, 30, nil)
	require.True(t, ok)
	assert.Equal(t, 6.0, b.lo, "right above its curve")
	taken := []box{{from: 0, to: 39, lo: 6, hi: 8}}
	b, ok = spot([][]span{low, high}, 0, shape, 30, taken)
	require.True(t, ok)
	assert.Equal(t, 2.0, b.lo, "below it if the room above is taken")

	_, ok = spot([][]span{flat(40, 5, 5), flat(40, 6, 6), flat(40, 4, 4)}, 0, shape, 30, nil)
	assert.False(t, ok, "no room between neighbours")
	_, ok = spot([][]span{make([]span, 40), high}, 0, shape, 30, nil)
	assert.False(t, ok, "no letter for a curve that is not there")

	// Beside a riser the letter would float far above its own curve.
	stairs := append(flat(20, 5, 5), flat(20, 16, 16)...)
	narrow := flat(40, 0, 40)
	for i := 18; i <= 20; i++ {
		narrow[i].hi = 3 // leaves room at the riser only, and only above
	}
	_, ok = spot([][]span{stairs, narrow}, 0, shape, 30, nil)
	assert.False(t, ok, "not over the foot of a riser")

	gap := flat(40, 6, 6)
	for i := 20; i < 30; i++ {
		gap[i] = span{15, 15, true}
	}
	b, ok = spot([][]span{low, gap}, 0, letterShape{reach: 1, high: 2, pad: 1, need: 6}, 30, nil)
	require.True(t, ok)
	assert.True(t, b.from >= 20 && b.to < 30, "where the other curve is away, not at %v", b)
}
