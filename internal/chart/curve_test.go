package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestCoincidingSeriesBecomeOneCurve(t *testing.T) {
	f := prepared(t, sevenVariants())
	var got []string
	for _, c := range f.curves {
		got = append(got, fmt.Sprintf("%c %v", c.mark, c.names))
	}
	assert.Equal(t, []string{"a [classic rfc-as-posted rfc pinned]", "b [typesafe]", "c [active]", "d [fullpage]"}, got)
}

func TestPointsThatChangeNothingDoNotTellSeriesApart(t *testing.T) {
	f := prepared(t, &Plot{End: 10, Series: []Series{
		{Name: "plain", Points: []Point{{0, 1}, {5, 2}}},
		{Name: "repeated", Points: []Point{{0, 1}, {2, 1}, {5, 2}, {9, 2}}},
		{Name: "before zero", Points: []Point{{-7, 8}, {-3, 1}, {5, 2}}},
		{Name: "beyond the end", Points: []Point{{0, 1}, {5, 2}, {11, 99}}},
		{Name: "unsorted", Points: []Point{{5, 2}, {0, 1}}},
		{Name: "not finite", Points: []Point{{0, 1}, {1, math.NaN()}, {5, 2}, {6, math.Inf(1)}}},
		{Name: "later", Points: []Point{{1, 1}, {5, 2}}},
	}})
	require.Len(t, f.curves, 2)
	assert.Equal(t, []string{"plain", "repeated", "before zero", "beyond the end", "unsorted", "not finite"}, f.curves[0].names)
	assert.Equal(t, []string{"later"}, f.curves[1].names)
	assert.Equal(t, 2.0, f.hi, "values outside the picture do not stretch it")
}

func TestPeakOfNoDurationCounts(t *testing.T) {
	f := prepared(t, &Plot{End: 10, Series: []Series{{Name: "s", Points: []Point{{0, 1}, {5, 9}, {5, 2}}}}})
	assert.Equal(t, 9.0, f.curves[0].peak)
	assert.InDelta(t, 1.5, f.curves[0].mean, 1e-12)
}

func TestValueReachedAtTheEndCounts(t *testing.T) {
	c := prepared(t, &Plot{End: 10, Series: []Series{{Name: "s", Points: []Point{{0, 1}, {10, 9}}}}}).curves[0]
	assert.Equal(t, 9.0, c.peak)
	assert.Equal(t, 9.0, c.last(), "where its end mark stands")
	assert.Equal(t, 1.0, c.mean)
}

func TestEndMayBeLeftOpen(t *testing.T) {
	assert.EqualValues(t, 7, prepared(t, &Plot{Series: []Series{{Name: "s", Points: []Point{{0, 1}, {7, 2}}}, {Name: "u", Points: []Point{{3, 2}}}}}).end)
	assert.EqualValues(t, 1, prepared(t, &Plot{}).end, "an axis has some length")
	assert.EqualValues(t, 1, prepared(t, &Plot{End: -5, Series: []Series{{Name: "s", Points: []Point{{-9, 1}}}}}).end)
}

func TestTooManyCurvesIsAnError(t *testing.T) {
	p := &Plot{}
	for i := range 53 {
		p.Series = append(p.Series, Series{Name: "s", Points: []Point{{0, float64(i)}}})
	}
	_, err := p.prepare()
	assert.EqualError(t, err, "chart: 53 distinct curves: expected at most 52")
	p.Series = append(p.Series[:52], p.Series[:52]...)
	assert.Len(t, prepared(t, p).curves, 52, "coinciding series do not count")
}

// The mean is computed again by looking at every nanosecond.
func TestMeanAndPeakBySteppingThroughTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pts := wholePoints(60).Draw(t, "pts")
		end := pts[len(pts)-1].T + rapid.Int64Range(1, 50).Draw(t, "rest")
		f, err := (&Plot{End: end, Series: []Series{{Name: "s", Points: pts}}}).prepare()
		require.NoError(t, err)
		sum, n := 0.0, 0
		for at := pts[0].T; at < end; at++ {
			i := len(pts) - 1
			for pts[i].T > at {
				i--
			}
			sum, n = sum+pts[i].V, n+1
		}
		assert.InDelta(t, sum/float64(n), f.curves[0].mean, 1e-9)
		peak := slices.MaxFunc(pts, func(a, b Point) int { return cmp.Compare(a.V, b.V) }).V
		assert.Equal(t, peak, f.curves[0].peak)
	})
}

func TestPreparingLeavesTheCallersPointsAlone(t *testing.T) {
	pts := []Point{{5, math.Copysign(0, -1)}, {-3, 1e305}, {0, 4}}
	before := slices.Clone(pts)
	prepared(t, &Plot{Series: []Series{{Name: "s", Points: pts}}})
	assert.Equal(t, before, pts)
}

// A mean that is given is printed instead of that of the points.
func TestGivenMean(t *testing.T) {
	mean := 12.25
	p := &Plot{End: 10, Series: []Series{{Name: "thinned", Points: []Point{{0, 1}, {5, 2}}, Mean: &mean}}}
	var b strings.Builder
	require.NoError(t, p.Terminal(&b, TermOptions{}))
	assert.Contains(t, b.String(), "mean 12.2")
	b.Reset()
	require.NoError(t, p.SVG(&b))
	assert.Contains(t, b.String(), "mean 12.2")
}
