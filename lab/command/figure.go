package command

import (
	"math"
	"strconv"

	"ptsim/internal/prose"
)

// figure is a number in a report: a count or a value. NaN is one that was not reached, since the run was interrupted before,
// or that makes no sense, such as a mean of nothing: "-" in text and CSV, null in JSON. Zero is a figure like any other.
type figure float64

var notReached = figure(math.NaN())

func (f figure) known() bool { return !math.IsNaN(float64(f)) }

// whole is a figure that counts.
func whole[T int | int64 | uint64](n T) figure { return figure(n) }

// ratio is a by b, of nothing if b is 0.
func ratio(a, b float64) figure {
	if b == 0 {
		return notReached
	}
	return round(a / b)
}

// round keeps three digits behind the point.
func round(v float64) figure { return figure(math.Round(v*1000) / 1000) }

// String writes all digits there are.
func (f figure) String() string {
	return f.text(func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) })
}

// grouped writes a count with a separator between thousands.
func (f figure) grouped() string { return f.text(func(v float64) string { return prose.Group(int64(v)) }) }

// decimals writes a value with so many digits behind the point.
func (f figure) decimals(n int) string {
	return f.text(func(v float64) string { return strconv.FormatFloat(v, 'f', n, 64) })
}

// percent writes a share, of which 1 is all.
func (f figure) percent() string {
	return f.text(func(v float64) string { return strconv.FormatFloat(100*v, 'f', 1, 64) + "%" })
}

func (f figure) text(write func(float64) string) string {
	if !f.known() {
		return "-"
	}
	return write(float64(f))
}

// MarshalJSON writes null for what was not reached.
func (f figure) MarshalJSON() ([]byte, error) {
	if !f.known() {
		return []byte("null"), nil
	}
	return []byte(f.String()), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (f *figure) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*f = notReached
		return nil
	}
	v, err := strconv.ParseFloat(string(b), 64)
	*f = figure(v)
	return err
}
