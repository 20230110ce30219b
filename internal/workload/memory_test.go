package workload

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// The aim is 64 bytes a 4K frame and 64 a table, all told: processes, what they map, upper tables, and this program's own
// books. It is looked at when a machine of a tenth of the full size is full, and at the end of a run.
func TestMemoryOfALargeMachine(t *testing.T) {
	if underRace {
		t.Skip("the race detector has memory of its own")
	}
	heap := func() int64 {
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return int64(s.HeapAlloc)
	}
	const upper = 3 * 4 // frames: the top table, a region-third table and a segment table of 16 KiB each
	for _, v := range []pgalloc.Variant{pgalloc.Active, pgalloc.FullPage} {
		before, used := heap(), int64(0)
		var m *s390sim.Machine
		var mms, tables, frames int64
		o := Options{Seed: 1, Machine: s390sim.Config{Variant: v, Checks: true, History: 512, Started: func(machine *s390sim.Machine) { m = machine }}}
		o.Progress = func(done, all time.Duration) {
			if used == 0 && done > all*9/10 {
				u := m.Sys.Use()
				mms, tables = int64(m.Sys.MMs.Live()), u.Tables
				frames = u.Pages + upper*mms
				used = heap() - before
			}
		}
		out := run(t, preset(t, "big", 0.1), o)
		assert.Zero(t, out.Total)
		assert.Greater(t, tables, int64(1_000_000))
		assert.InDelta(t, 100, float64(tables)/float64(mms), 0.5)
		bound := 64*frames + 64*tables
		assert.Less(t, used, bound, "%s: %d mms, %d tables, %d frames", v, mms, tables, frames)
		t.Logf("%s: %.1f MiB of heap, %.1f bytes a table; the bound is %.1f MiB", v, float64(used)/(1<<20), float64(used)/float64(tables), float64(bound)/(1<<20))
		grown := heap() - before - used
		assert.Less(t, grown, int64(4<<20), "%s: the end of all processes needs no memory to speak of", v)
	}
}
