package s390sim

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/pgalloc"
)

// drawn returns n lengths of a distribution, in rising order.
func drawn(t *testing.T, text string, n int) []time.Duration {
	var g GraceLengths
	require.NoError(t, g.Set(text))
	draw := g.draw()
	require.NotNil(t, draw)
	out := make([]time.Duration, n)
	for i := range out {
		out[i] = time.Duration(draw(0))
	}
	slices.Sort(out)
	return out
}

func TestGraceLengths(t *testing.T) {
	const n = 20_001
	within := func(want, have time.Duration) { assert.InEpsilon(t, float64(want), float64(have), 0.03) }
	u := drawn(t, "uniform:10ms-40ms", n)
	within(25*time.Millisecond, u[n/2])
	within(13*time.Millisecond, u[n/10])
	assert.GreaterOrEqual(t, u[0], 10*time.Millisecond)
	assert.LessOrEqual(t, u[n-1], 40*time.Millisecond)

	l := drawn(t, "lognormal:19ms,0.5", n)
	within(19*time.Millisecond, l[n/2])
	within(31326*time.Microsecond, l[n*8413/10000]) // one standard deviation above: 19 ms * e^0.5

	q := drawn(t, "quantiles:0=6ms,10=15ms,50=19ms,90=22ms,100=40ms", n)
	within(15*time.Millisecond, q[n/10])
	within(19*time.Millisecond, q[n/2])
	within(20500*time.Microsecond, q[n*7/10])
	within(22*time.Millisecond, q[n*9/10])

	assert.Equal(t, u, drawn(t, "uniform:10ms-40ms,seed=1", n), "the seed is 1 unless given")
	assert.NotEqual(t, u, drawn(t, "uniform:10ms-40ms,seed=2", n))

	var g GraceLengths
	assert.EqualValues(t, DefaultGracePeriod, g.Median())
	assert.Equal(t, "10ms", g.String())
	require.NoError(t, g.Set("20ms"))
	assert.Nil(t, g.draw())
	assert.Equal(t, 20*time.Millisecond, g.Median())
	require.NoError(t, g.Set("quantiles:0=10ms,100=30ms"))
	assert.Equal(t, 20*time.Millisecond, g.Median())
	for _, bad := range []string{
		"", "0s", "-1s", "10", "2h", "normal:10ms", "uniform:10ms", "uniform:40ms-10ms", "uniform:0s-1ms", "lognormal:10ms", "lognormal:10ms,-1",
		"lognormal:10ms,NaN", "lognormal:x,1", "quantiles:", "quantiles:50=10ms", "quantiles:0=10ms,50=20ms", "quantiles:0=10ms,100=5ms",
		"quantiles:0=1ms,0=2ms,100=3ms", "quantiles:0=1ms,100=2ms,seed=x", "quantiles:a=1ms,100=2ms",
	} {
		assert.Error(t, g.Set(bad), bad)
		assert.Equal(t, "quantiles:0=10ms,100=30ms", g.String(), "%s: a text that is refused changes nothing", bad)
	}
}

// Callbacks wait for one to two lengths, whichever lengths are drawn.
func TestGraceLengthsOfAMachine(t *testing.T) {
	var g GraceLengths
	require.NoError(t, g.Set("uniform:20ms-30ms"))
	var ends []int64
	m := newMachine(t, Config{Variant: pgalloc.Active, Grace: g, Trace: func(e *Event) {
		if e.Kind == EventGracePeriod {
			ends = append(ends, e.Time)
		}
	}})
	m.Advance(0)
	for i := range int64(50) {
		began := i * 200 * ms
		m.Advance(began)
		m.Flood(m.CPU(0), 1)
		m.Advance(began + 150*ms)
		require.Len(t, ends, int(i)+1)
		require.GreaterOrEqual(t, ends[i]-began, int64(20*ms))
		require.LessOrEqual(t, ends[i]-began, int64(60*ms))
	}
}
