package chart

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// sevenVariants is what the package is for: seven series of 2,000 points, of which
// four coincide, one differs from them by too little to see, and all end at zero.
func sevenVariants() *Plot {
	load := func(factor float64, lag int64) []Point {
		var pts []Point
		for i := range 2000 {
			x := float64(i) / 2000
			v := 600 * math.Sin(math.Pi*x) * (1 + 0.3*math.Sin(22*x)) * (1 + 0.04*math.Sin(float64(i*i%97)))
			pts = append(pts, Point{int64(i)*2400000 + lag, math.Round(v * factor)})
		}
		return append(pts, Point{4900000000, 0})
	}
	almost := load(1, 0)
	almost[1000].V++
	p := &Plot{Title: "Pages that hold page tables", YLabel: "4K pages in use", End: 5e9,
		Caption: "Pages that wait for a grace period are counted."}
	for _, name := range []string{"classic", "rfc-as-posted", "rfc", "pinned"} {
		p.Series = append(p.Series, Series{Name: name, Points: load(1, 0)})
	}
	p.Series = append(p.Series, Series{Name: "typesafe", Points: almost}, Series{Name: "active", Points: load(1.2, 2e7)}, Series{Name: "fullpage", Points: load(1.9, 0)})
	return p
}

// anyPlot draws plots that are as hostile as the types allow.
func anyPlot() *rapid.Generator[*Plot] {
	value := rapid.OneOf(
		rapid.Float64(),
		rapid.Map(rapid.IntRange(-3, 1000), func(i int) float64 { return float64(i) }),
		rapid.SampledFrom([]float64{0, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64,
			math.SmallestNonzeroFloat64, math.Copysign(0, -1), 1e9, 1e21}),
	)
	at := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-10, 2000), rapid.SampledFrom([]int64{0, math.MaxInt64, math.MinInt64}))
	word := rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`[a-z]{1,9}(-[a-z]{1,9}){0,4}`),
		rapid.SampledFrom([]string{"", "\x1b[2J", "a\nb", "<b>&\"'</b>", "]]>", "\xff\xfe", "ページ表の割り当て", "\u202Egnp", "x\x00y"}),
	)
	return rapid.Custom(func(t *rapid.T) *Plot {
		p := &Plot{
			Title: word.Draw(t, "title"), XLabel: word.Draw(t, "xlabel"), YLabel: word.Draw(t, "ylabel"),
			Caption: word.Draw(t, "caption"), End: at.Draw(t, "end"),
		}
		var pool [][]Point
		for range rapid.IntRange(0, 12).Draw(t, "series") {
			if len(pool) == 0 || rapid.Bool().Draw(t, "new") {
				pool = append(pool, rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Point {
					return Point{at.Draw(t, "t"), value.Draw(t, "v")}
				}), 0, 40).Draw(t, "points"))
			}
			pts := pool[rapid.IntRange(0, len(pool)-1).Draw(t, "which")]
			p.Series = append(p.Series, Series{Name: word.Draw(t, "name"), Points: pts})
		}
		return p
	})
}

// wholePoints draws sorted points with small whole times, dense enough to share them.
func wholePoints(most int) *rapid.Generator[[]Point] {
	return rapid.Custom(func(t *rapid.T) []Point {
		pts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Point {
			return Point{rapid.Int64Range(0, 200).Draw(t, "t"), float64(rapid.IntRange(-10, 40).Draw(t, "v")) / 2}
		}), 1, most).Draw(t, "points")
		slices.SortStableFunc(pts, func(a, b Point) int { return int(a.T - b.T) })
		return pts
	})
}

func prepared(t *testing.T, p *Plot) *figure {
	t.Helper()
	f, err := p.prepare()
	require.NoError(t, err)
	return f
}
