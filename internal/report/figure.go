package report

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"

	"ptsim/internal/prose"
)

// Figure is a number in a report: a count or a value. NaN is one that was not reached, since the run was interrupted before,
// or that makes no sense, such as a mean of nothing: "-" in text and CSV, null in JSON. Zero is a figure like any other.
type Figure float64

// NotReached is the figure that nothing came to.
var NotReached = Figure(math.NaN())

// SoFar is what an interrupted command says of the figures that it prints.
const SoFar = "the figures so far, - where there are none"

// Known tells whether there is a value.
func (f Figure) Known() bool { return !math.IsNaN(float64(f)) }

// Whole is a figure that counts.
func Whole[T int | int64 | uint64](n T) Figure { return Figure(n) }

// Ratio is a by b, of nothing if b is 0.
func Ratio(a, b float64) Figure {
	if b == 0 {
		return NotReached
	}
	return Round(a / b)
}

// Round keeps three digits behind the point.
func Round(v float64) Figure { return Figure(math.Round(v*1000) / 1000) }

// String writes all digits there are.
func (f Figure) String() string {
	return f.text(func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) })
}

// Grouped writes a count with a separator between thousands.
func (f Figure) Grouped() string {
	return f.text(func(v float64) string { return prose.Group(int64(v)) })
}

// Decimals writes a value with so many digits behind the point.
func (f Figure) Decimals(n int) string {
	return f.text(func(v float64) string { return strconv.FormatFloat(v, 'f', n, 64) })
}

// Percent writes a share: 1 is 100%.
func (f Figure) Percent() string {
	return f.text(func(v float64) string { return strconv.FormatFloat(100*v, 'f', 1, 64) + "%" })
}

func (f Figure) text(write func(float64) string) string {
	if !f.Known() {
		return "-"
	}
	return write(float64(f))
}

// MarshalJSON writes null for what was not reached.
func (f Figure) MarshalJSON() ([]byte, error) {
	if !f.Known() {
		return []byte("null"), nil
	}
	return []byte(f.String()), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (f *Figure) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*f = NotReached
		return nil
	}
	v, err := strconv.ParseFloat(string(b), 64)
	*f = Figure(v)
	return err
}

// Forget makes every figure of a row one that was not reached.
func Forget(row any) {
	v := reflect.ValueOf(row).Elem()
	for i := range v.NumField() {
		if f, ok := v.Field(i).Addr().Interface().(*Figure); ok {
			*f = NotReached
		}
	}
}

// WriteCSV writes a row a line, with the columns that the row has in JSON, in the same order, under the names of the tag csv where
// a field has one. A list, a map and a pointer have no column, and neither has a field whose tag is "-".
func WriteCSV[T any](w io.Writer, rows []T) error {
	c := csv.NewWriter(w)
	for i := range rows {
		var names, values []string
		v := reflect.ValueOf(&rows[i]).Elem()
		for j := range v.NumField() {
			tag := v.Type().Field(j).Tag
			name := cmp.Or(tag.Get("csv"), tag.Get("json"))
			if k := v.Field(j).Kind(); k == reflect.Slice || k == reflect.Map || k == reflect.Pointer || name == "-" {
				continue
			}
			names = append(names, name)
			values = append(values, fmt.Sprint(v.Field(j).Interface()))
		}
		if i == 0 {
			c.Write(names)
		}
		c.Write(values)
	}
	c.Flush()
	return c.Error()
}
