package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// letters mark the curves, in order. Their number bounds that of distinct curves.
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// Magnitudes outside these are drawn as the limit and as zero, so that no
// arithmetic on an axis overflows or underflows.
const (
	largest  = 1e300
	smallest = 1e-300
)

// curve is one distinct step function: that of one series, or of several that
// coincide.
type curve struct {
	mark  rune
	names []string
	pts   []Point // 0 <= T <= end, sorted, no value repeated; not empty
	peak  float64
	mean  float64 // weighted by time
}

func (c *curve) last() float64 { return c.pts[len(c.pts)-1].V }

// figure is a Plot made ready to be drawn.
type figure struct {
	end      int64 // > 0
	curves   []curve
	empty    []string // series without any point in [0, end]
	lo, hi   float64  // range of values, containing zero
	integral bool     // all values are whole numbers
}

// prepare clips, checks and merges the series of p.
func (p *Plot) prepare() (*figure, error) {
	f := &figure{end: p.End, integral: true}
	sorted := make([][]Point, len(p.Series))
	for i, s := range p.Series {
		sorted[i] = finite(s.Points)
		if n := len(sorted[i]); p.End <= 0 && n > 0 {
			f.end = max(f.end, sorted[i][n-1].T)
		}
	}
	f.end = max(f.end, 1)
	for i, s := range p.Series {
		pts := canonical(sorted[i], f.end)
		if len(pts) == 0 {
			f.empty = append(f.empty, s.Name)
			continue
		}
		f.add(s, pts)
	}
	if len(f.curves) > len(letters) {
		return nil, fmt.Errorf("chart: %d distinct curves: expected at most %d", len(f.curves), len(letters))
	}
	for i := range f.curves {
		f.curves[i].mark = rune(letters[i])
	}
	return f, nil
}

// add makes the series a curve of its own, or adds its name to the curve that it coincides with.
func (f *figure) add(s Series, pts []Point) {
	for i := range f.curves {
		if slices.Equal(f.curves[i].pts, pts) {
			f.curves[i].names = append(f.curves[i].names, s.Name)
			return
		}
	}
	c := curve{names: []string{s.Name}, pts: pts, peak: pts[0].V, mean: mean(pts, f.end)}
	if s.Mean != nil {
		c.mean = *s.Mean
	}
	for _, p := range pts {
		c.peak = max(c.peak, p.V)
		f.lo, f.hi = min(f.lo, p.V), max(f.hi, p.V)
		f.integral = f.integral && p.V == math.Trunc(p.V)
	}
	f.curves = append(f.curves, c)
}

// finite returns a sorted copy of points with finite values of drawable size.
func finite(points []Point) []Point {
	out := make([]Point, 0, len(points))
	for _, p := range points {
		switch a := math.Abs(p.V); {
		case math.IsNaN(a) || math.IsInf(a, 0):
			continue
		case a < smallest:
			p.V = 0 // -0 included, which would print as "-0"
		case a > largest:
			p.V = math.Copysign(largest, p.V)
		}
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b Point) int { return cmp.Compare(a.T, b.T) })
	return out
}

// canonical clips sorted points to [0, end] and drops those that change nothing, so
// that two series coincide if and only if their canonical points are equal.
func canonical(points []Point, end int64) []Point {
	var out []Point
	for i, p := range points {
		if p.T > end {
			break
		}
		if p.T < 0 {
			// Only the value still held at zero is seen.
			if i+1 < len(points) && points[i+1].T <= 0 {
				continue
			}
			p.T = 0
		}
		if n := len(out); n > 0 && out[n-1].V == p.V {
			continue
		}
		out = append(out, p)
	}
	return out
}

// mean is the average of the step function from its first point to end, weighted by
// time; if that is no time at all, the last value.
func mean(pts []Point, end int64) float64 {
	total := float64(end - pts[0].T)
	if total == 0 {
		return pts[len(pts)-1].V
	}
	var m float64
	for i, p := range pts {
		until := end
		if i+1 < len(pts) {
			until = pts[i+1].T
		}
		m += p.V * (float64(until-p.T) / total)
	}
	return m
}

// byEnd orders the curves from the one that ends highest to the lowest, those that
// end alike by their mean.
func (f *figure) byEnd() []int {
	order := make([]int, len(f.curves))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := &f.curves[i], &f.curves[j]
		return cmp.Or(cmp.Compare(b.last(), a.last()), cmp.Compare(b.mean, a.mean))
	})
	return order
}
