package chart

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// slowBucket is bucket in exact arithmetic of any size.
func slowBucket(at, end int64, n int) int {
	q := new(big.Int).Mul(big.NewInt(at), big.NewInt(int64(n)))
	q.Div(q, big.NewInt(end)) // rounds down, below zero too
	switch {
	case q.Sign() < 0:
		return 0
	case q.Cmp(big.NewInt(int64(n-1))) > 0:
		return n - 1
	}
	return int(q.Int64())
}

func TestBucketIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at, end := rapid.Int64().Draw(t, "at"), rapid.Int64Range(1, math.MaxInt64).Draw(t, "end")
		n := rapid.IntRange(1, 5000).Draw(t, "n")
		assert.Equal(t, slowBucket(at, end, n), bucket(at, end, n))
	})
}

func TestDownsampleKeepsEveryExtreme(t *testing.T) {
	type summary struct{ lo, hi, last float64 }
	summarise := func(pts []Point, end int64, n int) map[int]summary {
		m := map[int]summary{}
		for _, p := range pts {
			b := slowBucket(p.T, end, n)
			s, ok := m[b]
			if !ok {
				s = summary{p.V, p.V, p.V}
			}
			m[b] = summary{min(s.lo, p.V), max(s.hi, p.V), p.V}
		}
		return m
	}
	rapid.Check(t, func(t *rapid.T) {
		pts := wholePoints(300).Draw(t, "pts")
		end, n := rapid.Int64Range(1, 250).Draw(t, "end"), rapid.IntRange(1, 40).Draw(t, "n")
		got := Downsample(pts, end, n)
		assert.Equal(t, summarise(pts, end, n), summarise(got, end, n))
		assert.LessOrEqual(t, len(got), 3*n)
		rest := pts
		for _, p := range got { // a subsequence of the points given
			for len(rest) > 0 && rest[0] != p {
				rest = rest[1:]
			}
			require.NotEmpty(t, rest, "%v is not of the points, or not in order", p)
			rest = rest[1:]
		}
	})
}

func TestDownsampleAtItsLimits(t *testing.T) {
	assert.Empty(t, Downsample(nil, 10, 5))
	assert.Equal(t, []Point{{3, 1}}, Downsample([]Point{{3, 1}}, 0, 0))
	nan := math.NaN()
	assert.Equal(t, []Point{{1, 2}}, Downsample([]Point{{0, nan}, {1, 2}, {2, nan}, {9, nan}}, 10, 2))
	assert.Equal(t, []Point{{0, 1}, {9, 3}}, Downsample([]Point{{0, 1}, {9, 3}}, 0, 1000), "an open end is the last point's T")
}

// spans is computed again for every column by looking at every point.
func TestSpansCoverWhatAColumnSees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pts := wholePoints(80).Draw(t, "pts")
		end, n := pts[len(pts)-1].T+rapid.Int64Range(0, 9).Draw(t, "rest")+1, rapid.IntRange(1, 60).Draw(t, "n")
		for col, s := range spans(pts, end, n) {
			want := span{lo: math.Inf(1), hi: math.Inf(-1)}
			for i, p := range pts {
				b := slowBucket(p.T, end, n)
				held := b < col && (i+1 == len(pts) || slowBucket(pts[i+1].T, end, n) >= col)
				if b == col || held {
					want = span{min(want.lo, p.V), max(want.hi, p.V), true}
				}
			}
			if !want.ok {
				want = span{}
			}
			assert.Equal(t, want, s, "column %d", col)
		}
	})
}
