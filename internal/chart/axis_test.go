package chart

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	_ "ptsim/internal/nofiles"
)

func labelsOf(a axis) string {
	var out []string
	for _, t := range a.ticks {
		out = append(out, t.label)
	}
	return strings.Join(out, " | ")
}

func TestValueAxisLabels(t *testing.T) {
	for _, c := range []struct {
		lo, hi   float64
		integral bool
		want     string
	}{
		{0, 0, true, "0 | 1"},
		{0, 1, true, "0 | 1"},
		{0, 1, false, "0 | 0.5 | 1.0"},
		{0, 7, true, "0 | 2 | 4 | 6"},
		{0, 1391, true, "0 | 500 | 1000 | 1500"},
		{0, 80000, true, "0 | 20000 | 40000 | 60000 | 80000"},
		{0, 1e9, true, "0 | 0.5 G | 1.0 G"},
		{0, 123456, true, "0 | 50.0 k | 100.0 k"},
		{-3, 5, true, "-2 | 0 | 2 | 4"},
		{0, 0.004, false, "0 | 0.001 | 0.002 | 0.003 | 0.004"},
		{0, 1e300, true, "0 | 5e+299 | 1e+300"},
		{-1e-300, 0, false, "-1e-300 | -5e-301 | 0"},
	} {
		assert.Equal(t, c.want, labelsOf(valueAxis(c.lo, c.hi, 4, c.integral)), "%g to %g", c.lo, c.hi)
	}
}

func TestTimeAxisChoosesItsUnit(t *testing.T) {
	for _, c := range []struct {
		end        int64
		unit, want string
	}{
		{1, "ns", "0 | 1"},
		{1500, "ns", "0 | 500 | 1000 | 1500"},
		{40e3, "µs", "0 | 10 | 20 | 30 | 40"},
		{40e6, "ms", "0 | 10 | 20 | 30 | 40"},
		{1.9e9, "ms", "0 | 500 | 1000 | 1500"},
		{2e9, "s", "0.0 | 0.5 | 1.0 | 1.5 | 2.0"},
		{300e9, "s", "0 | 100 | 200 | 300"},
		{1200e9, "min", "0 | 5 | 10 | 15 | 20"},
		{86400e9, "h", "0 | 10 | 20"},
	} {
		a, unit := timeAxis(c.end, 4)
		assert.Equal(t, c.unit, unit)
		assert.Equal(t, c.want, labelsOf(a), "%d ns", c.end)
	}
}

func TestValueAxisHoldsTheData(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lo := -rapid.Float64Range(0, largest).Draw(t, "-lo")
		hi := rapid.Float64Range(0, largest).Draw(t, "hi")
		if -lo < smallest {
			lo = 0
		}
		if hi < smallest {
			hi = 0
		}
		n := rapid.IntRange(1, 8).Draw(t, "n")
		a := valueAxis(lo, hi, n, false)
		slack := 1e-9 * (a.hi - a.lo)
		assert.LessOrEqual(t, a.lo, lo+slack)
		assert.GreaterOrEqual(t, a.hi, hi-slack)
		assert.LessOrEqual(t, len(a.ticks), n+3)
		assert.NotEmpty(t, a.ticks)
		seen := map[string]bool{}
		for _, k := range a.ticks {
			assert.False(t, seen[k.label], "%s twice", k.label)
			seen[k.label] = true
			assert.True(t, a.lo <= k.at && k.at <= a.hi, "%g in %g to %g", k.at, a.lo, a.hi)
			if v, err := strconv.ParseFloat(k.label, 64); err == nil {
				assert.InDelta(t, 0, v-k.at, 1e-3*math.Abs(k.at), "label %q", k.label)
			}
		}
		assert.True(t, seen["0"], "zero is always marked")
	})
}

func TestFormatValue(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 1: "1", 732: "732", 99999: "99999", 0.25: "0.250", 382.34: "382.3", 1204.4: "1204",
		1e5: "100.0 k", 999949: "999.9 k", 999960: "1.0 M", 1e9: "1.0 G", -2e8: "-200.0 M", 2.5e12: "2.5 T",
		1e20: "100.0 E", 1e21: "1e+21", 1e-5: "1e-05", -0.5: "-0.500",
	} {
		assert.Equal(t, want, formatValue(v))
	}
	assert.Equal(t, "36.0", formatMean(36))
	assert.Equal(t, "0", formatMean(0))
	assert.Equal(t, "1.0 G", formatMean(1e9))
}
