package script_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/script"
	"ptsim/pgalloc"
)

// grow is the script that costs most when the cost of an operation depends on what there is: n tables.
func grow(n int) string {
	var b strings.Builder
	b.WriteString("mm 1\n")
	for i := range n - 1 {
		fmt.Fprintf(&b, "alloc 1 -> t%d\n", i)
	}
	return b.String()
}

// BenchmarkRun shows that the cost of a run is linear: ns/operation is the same whatever the length, and within a run an
// operation of the last third costs what one of the first does (late/early, the medians of many short stretches).
func BenchmarkRun(b *testing.B) {
	const stretches = 300
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		for _, v := range []pgalloc.Variant{pgalloc.Pinned, pgalloc.FullPage} {
			b.Run(fmt.Sprintf("%s/%d", v, n), func(b *testing.B) {
				s, err := script.Parse("grow", strings.NewReader(grow(n)))
				require.NoError(b, err)
				var times []time.Duration
				for b.Loop() {
					r, err := script.New(s, script.Options{Variant: v})
					require.NoError(b, err)
					times = times[:0]
					begin := time.Now()
					require.NoError(b, r.Each(func(ch *script.Change) error {
						if ch.I%(n/stretches) == 0 {
							times = append(times, time.Since(begin))
							begin = time.Now()
						}
						return nil
					}))
				}
				median := func(t []time.Duration) float64 { return float64(slices.Sorted(slices.Values(t))[len(t)/2]) }
				third := len(times) / 3
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/operation")
				b.ReportMetric(median(times[2*third:])/median(times[:third]), "late/early")
			})
		}
	}
}

// TestChangesDoNotGrow: what is written of an operation depends on the operation, not on how much came before it.
func TestChangesDoNotGrow(t *testing.T) {
	const n = 20_000
	for _, sys := range allSystems() {
		r, err := script.New(parse(t, strings.Split(grow(n), "\n")), sys.options())
		require.NoError(t, err)
		var lines, text counter
		view := script.NewText(&text, script.TextOptions{})
		early, late := [2]int{}, [2]int{}
		var line []byte
		require.NoError(t, r.Each(func(ch *script.Change) error {
			line = ch.AppendJSON(line[:0])
			lines += counter(len(line))
			require.NoError(t, view.Change(ch))
			switch now := [2]int{int(lines), int(text)}; ch.I {
			case n / 10:
				early = now
			case n - 1 - n/10:
				late = now
			case n - 1:
				for i := range now {
					assert.Less(t, now[i]-late[i], 2*early[i], sys)
				}
			}
			return nil
		}))
	}
}

type counter int

func (c *counter) Write(b []byte) (int, error) { *c += counter(len(b)); return len(b), nil }

// What the text view leaves to the collector is the same for each operation, however long the script, and not much. That decides what a
// script of a million operations costs: near its memory limit the collector goes through all pages for every few thousand of them.
func TestTextLeavesLittle(t *testing.T) {
	const n = 20_000
	r, err := script.New(parse(t, strings.Split(grow(n), "\n")), script.Options{Variant: pgalloc.Pinned})
	require.NoError(t, err)
	view := script.NewText(io.Discard, script.TextOptions{Box: true})
	objects := map[int]float64{}
	require.NoError(t, r.Each(func(ch *script.Change) error {
		if at := ch.I; at == n/10 || at == n-10 {
			objects[at] = testing.AllocsPerRun(20, func() { _ = view.Change(ch) })
		}
		return view.Change(ch)
	}))
	assert.InDelta(t, objects[n/10], objects[n-10], 2)
	assert.Less(t, objects[n-10], 20.0, "it was 61 when each line was put together before it was written")
}
