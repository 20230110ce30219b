package replay_test

import (
	"bytes"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/internal/ftrace"
	"ptsim/internal/replay"
	"ptsim/s390sim"
)

// BenchmarkReplay is the main job on one core: unpacking, parsing and replaying a recorded trace on one machine, with
// checks and table contents on. The aim is 300,000 events a second. B/event is what was allocated, the machine included.
func BenchmarkReplay(b *testing.B) {
	for _, name := range traces {
		data, err := os.ReadFile(tracePath(name))
		require.NoError(b, err)
		for _, cfg := range machines()[:7] {
			b.Run(name+"/"+string(cfg.Variant), func(b *testing.B) {
				var before, after runtime.MemStats
				events := int64(0)
				runtime.ReadMemStats(&before)
				for b.Loop() {
					in, err := ftrace.NewReader(bytes.NewReader(data), ftrace.Options{Name: name})
					require.NoError(b, err)
					res, err := replay.Run(b.Context(), in, replay.Options{Machines: []s390sim.Config{cfg}, Sequential: true})
					require.NoError(b, err)
					events += res.Events
				}
				runtime.ReadMemStats(&after)
				b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
				b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(events), "B/event")
			})
		}
	}
}
