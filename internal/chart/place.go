package chart

import (
	"math"
	"slices"
)

// stack places blocks of the given sizes below each other, in the given order, each
// as near as it can be to where it wants to start, none overlapping, all between lo
// and hi. If they do not fit, they run over hi.
//
// Blocks that would overlap join a run, which stands where its blocks on average
// want it to: the least movement in the sense of least squares.
func stack(want, size []float64, lo, hi float64) []float64 {
	type run struct {
		n    int
		sum  float64 // of what each block wants the start of the run to be
		size float64
	}
	start := func(r run) float64 { return max(lo, min(r.sum/float64(r.n), hi-r.size)) }
	var runs []run
	for i := range want {
		r := run{1, want[i], size[i]}
		for len(runs) > 0 {
			above := runs[len(runs)-1]
			if start(above)+above.size <= start(r) {
				break
			}
			r = run{above.n + r.n, above.sum + r.sum - float64(r.n)*above.size, above.size + r.size}
			runs = runs[:len(runs)-1]
		}
		runs = append(runs, r)
	}
	out := make([]float64, 0, len(want))
	for _, r := range runs {
		at := start(r)
		for range r.n {
			out = append(out, at)
			at += size[len(out)-1]
		}
	}
	return out
}

// box is a rectangle of a picture: columns from..to and the heights lo to hi.
type box struct {
	from, to int
	lo, hi   float64
}

func (b box) overlaps(o box) bool {
	return b.from <= o.to && o.from <= b.to && b.lo < o.hi && o.lo < b.hi
}

// letterShape is what spot has to find room for, in units of the picture.
type letterShape struct {
	reach int     // columns to either side of its middle
	high  float64 // height
	pad   float64 // distance to its own curve
	need  float64 // least distance to any other curve
}

// spot finds where the letter of curve i can stand right above or below it, hiding
// nothing: no curve, no letter in taken, within 0..top. It prefers places far from
// the other curves, and where its own is flat. The outer columns are left to the
// axis and the end marks.
func spot(all [][]span, i int, l letterShape, top float64, taken []box) (b box, ok bool) {
	best := math.Inf(-1)
	margin := max(l.reach, len(all[i])/20)
	for c := margin; c < len(all[i])-margin; c++ {
		lo, hi, whole := extent(all[i][c-l.reach : c+l.reach+1])
		if !whole {
			continue
		}
		for side, at := range [2]float64{hi + l.pad, lo - l.pad - l.high} {
			off := hi - all[i][c].hi // what the columns beside push the letter away
			if side == 1 {
				off = all[i][c].lo - lo
			}
			try := box{c - l.reach, c + l.reach, at, at + l.high}
			if off > l.high/2 || at < 0 || try.hi > top || slices.ContainsFunc(taken, try.overlaps) {
				continue
			}
			gap := min(clearance(all, i, try), 4*l.high) // farther is no clearer
			if score := gap - 2*(hi-lo); gap >= l.need && score > best {
				best, b, ok = score, try, true
			}
		}
	}
	return b, ok
}

// extent is the range of values in some columns; whole says that each has one.
func extent(s []span) (lo, hi float64, whole bool) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, c := range s {
		if !c.ok {
			return 0, 0, false
		}
		lo, hi = min(lo, c.lo), max(hi, c.hi)
	}
	return lo, hi, true
}

// clearance is the distance from b to the nearest curve but i in its columns.
func clearance(all [][]span, i int, b box) float64 {
	gap := math.MaxFloat64
	for j, other := range all {
		if j == i {
			continue
		}
		for _, s := range other[b.from : b.to+1] {
			if s.ok {
				gap = min(gap, max(s.lo-b.hi, b.lo-s.hi, 0))
			}
		}
	}
	return gap
}
