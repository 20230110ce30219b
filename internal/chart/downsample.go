package chart

import (
	"math"
	"math/bits"
)

// Downsample divides the time from 0 to end into n equal buckets and keeps of the
// points in each the first smallest, the first largest and the last: at most 3n
// points, in their order. So no peak or trough is lost, and each bucket hands the
// right value on to the next. Points before 0 count to the first bucket, those at
// or after end to the last. Points must be sorted by T; those whose V is not a
// number are left out. An end of 0 or less means the T of the last point, an n
// below 1 means 1.
func Downsample(points []Point, end int64, n int) []Point {
	if len(points) == 0 {
		return nil
	}
	if end <= 0 {
		end = max(points[len(points)-1].T, 1)
	}
	n = max(n, 1)
	out := make([]Point, 0, min(len(points), 3*min(n, len(points))))
	for i := 0; i < len(points); {
		b := bucket(points[i].T, end, n)
		lo, hi, last := -1, -1, -1
		for ; i < len(points) && bucket(points[i].T, end, n) == b; i++ {
			v := points[i].V
			if math.IsNaN(v) {
				continue
			}
			if lo < 0 || v < points[lo].V {
				lo = i
			}
			if hi < 0 || v > points[hi].V {
				hi = i
			}
			last = i
		}
		if last < 0 {
			continue
		}
		first, second := min(lo, hi), max(lo, hi)
		out = append(out, points[first])
		if second != first {
			out = append(out, points[second])
		}
		if last != second {
			out = append(out, points[last])
		}
	}
	return out
}

// bucket is the one of n equal parts of [0, end] that t falls in.
func bucket(t, end int64, n int) int {
	switch {
	case t <= 0:
		return 0
	case t >= end:
		return n - 1
	}
	hi, lo := bits.Mul64(uint64(t), uint64(n)) // hi < end, because t is
	q, _ := bits.Div64(hi, lo, uint64(end))
	return int(q)
}

// span is the range of values that a curve takes during one column of a picture.
// The value that the column starts with is one of them, so neighbours touch.
type span struct {
	lo, hi float64
	ok     bool // the curve has a value in this column
}

// spans gives the range of values in each of n columns of [0, end].
func spans(pts []Point, end int64, n int) []span {
	out := make([]span, n)
	var held span
	i := 0
	for col := range out {
		s := held
		for ; i < len(pts) && bucket(pts[i].T, end, n) == col; i++ {
			v := pts[i].V
			if !s.ok {
				s = span{v, v, true}
			}
			s.lo, s.hi = min(s.lo, v), max(s.hi, v)
			held = span{v, v, true}
		}
		out[col] = s
	}
	return out
}
