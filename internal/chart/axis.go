package chart

import (
	"math"
	"strconv"
)

// tick is one labelled value of an axis.
type tick struct {
	at    float64
	label string
}

// axis is a range of values with its ticks, which lie within it.
type axis struct {
	lo, hi float64 // lo < hi
	ticks  []tick
}

// place maps v to 0 at the low end of the axis and to 1 at its high end.
func (a *axis) place(v float64) float64 {
	return min(max((v-a.lo)/(a.hi-a.lo), 0), 1)
}

// valueAxis covers lo to hi, which contains zero, with about n steps between ticks.
// It ends on a tick or half-way between two, at most half a step beyond the data.
func valueAxis(lo, hi float64, n int, integral bool) axis {
	if lo == 0 && hi == 0 {
		hi = 1
	}
	step := niceStep(hi/float64(n) - lo/float64(n))
	if integral {
		step = max(step, 1)
	}
	half := step / 2
	if integral && step == 1 {
		half = 1
	}
	a := axis{lo: math.Floor(lo/half) * half, hi: math.Ceil(hi/half) * half}
	a.ticks = ticksWithin(a.lo, a.hi, step, valueLabels(max(-a.lo, a.hi), step))
	return a
}

// timeAxis covers 0 to end nanoseconds with about n steps, and names the unit.
func timeAxis(end int64, n int) (axis, string) {
	unit, size := timeUnit(end)
	a := axis{hi: float64(end)}
	step := niceStep(float64(end) / size / float64(n))
	if size == 1 {
		step = max(step, 1) // a nanosecond is not divided
	}
	decimals := decimalsOf(step)
	a.ticks = ticksWithin(0, a.hi, step*size, func(ns float64) string {
		return strconv.FormatFloat(ns/size, 'f', decimals, 64)
	})
	return a, unit
}

// timeUnit picks the largest unit that end is well above: twice, or for minutes and
// hours, where people are slower to change over, more.
func timeUnit(end int64) (name string, size float64) {
	switch {
	case end >= 3*3600e9:
		return "h", 3600e9
	case end >= 10*60e9:
		return "min", 60e9
	case end >= 2e9:
		return "s", 1e9
	case end >= 2e6:
		return "ms", 1e6
	case end >= 2e3:
		return "µs", 1e3
	}
	return "ns", 1
}

// ticksWithin lists the multiples of step from lo to hi.
func ticksWithin(lo, hi, step float64, label func(float64) string) []tick {
	const slack = 1e-9 // a multiple may miss the end of its own axis by rounding
	var out []tick
	for i := math.Ceil(lo/step - slack); i <= hi/step+slack; i++ {
		at := min(max(i*step, lo), hi)
		if i == 0 {
			at = 0
		}
		out = append(out, tick{at, label(at)})
	}
	return out
}

// niceStep rounds raw up to 1, 2 or 5 times a power of ten.
func niceStep(raw float64) float64 {
	exp := int(math.Floor(math.Log10(raw)))
	for _, m := range []string{"1e", "2e", "5e"} {
		// Parsed, because math.Pow10 times 2 or 5 need not be the nearest number.
		if v, err := strconv.ParseFloat(m+strconv.Itoa(exp), 64); err == nil && v >= raw*(1-1e-9) {
			return v
		}
	}
	return math.Pow10(exp + 1)
}

// decimalsOf is how many decimals tell multiples of a nice step apart.
func decimalsOf(step float64) int {
	return int(max(0, -math.Floor(math.Log10(step)+1e-9)))
}

// prefixes are the powers of a thousand that values are counted in.
const prefixes = "kMGTPE"

// scale is the prefix that a value of this size is printed with, as a number to
// divide by and the text to append. Up to five digits are printed as they are.
func scale(size float64) (div float64, suffix string) {
	if size < 99999.5 {
		return 1, ""
	}
	div, i := 1e3, 0
	for size/div >= 999.95 && i < len(prefixes)-1 {
		div, i = div*1e3, i+1
	}
	return div, " " + prefixes[i:i+1]
}

// beyondPrefixes is where numbers are printed with an exponent instead.
const beyondPrefixes = 1e21

// valueLabels formats the ticks of one axis alike: one prefix, as many decimals as
// the step needs.
func valueLabels(size, step float64) func(float64) string {
	div, suffix := scale(size)
	decimals := decimalsOf(step / div)
	if div > 1 {
		decimals = max(decimals, 1) // as formatValue does
	}
	return func(v float64) string {
		switch {
		case v == 0:
			return "0"
		case size >= beyondPrefixes || decimals > 6:
			return strconv.FormatFloat(v, 'g', 4, 64)
		}
		return strconv.FormatFloat(v/div, 'f', decimals, 64) + suffix
	}
}

// formatMean is formatValue, but means below a thousand line up in a column.
func formatMean(v float64) string {
	if v != 0 && v == math.Trunc(v) && math.Abs(v) < 1000 {
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return formatValue(v)
}

// formatValue prints one value for the legend: whole numbers up to five digits
// exactly, others to three digits or so, large ones with a prefix (1e9 is "1.0 G").
func formatValue(v float64) string {
	size := math.Abs(v)
	div, suffix := scale(size)
	switch {
	case size == 0:
		return "0"
	case size >= beyondPrefixes || size < 1e-3:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case div > 1:
		return strconv.FormatFloat(v/div, 'f', 1, 64) + suffix
	case v == math.Trunc(v) || size >= 1000:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case size >= 1:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 3, 64)
}
