package workload

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// native runs a preset natively for a moment, with everything that may go wrong.
func native(t *testing.T, name string, v pgalloc.Variant, pin pgalloc.Pin, o NativeOptions) *NativeOutcome {
	s := preset(t, name, 1)
	s.Faults = Faults{PageFail: 0.002, BatchFail: 0.1, Flood: 100, FloodEvery: time.Second, Refs: 1}
	o.Seed, o.CPUs = 1, 4
	o.Machine = s390sim.Config{Variant: v, Pin: pin, Checks: true, History: 4096, Contents: o.Machine.Contents}
	out, err := Native(context.Background(), s, o)
	require.NoError(t, err)
	return out
}

// On real goroutines nothing goes wrong in the versions that are sound, and nothing is left. Made for -race.
func TestNativeIsClean(t *testing.T) {
	for _, i := range pgalloc.Variants() {
		if i.Flawed != "" {
			continue
		}
		for _, name := range []string{"containers", "jvm"} {
			t.Run(string(i.Variant)+"/"+name, func(t *testing.T) {
				out := native(t, name, i.Variant, "", NativeOptions{For: time.Minute, Each: 500, Stall: 200 * time.Microsecond, Machine: s390sim.Config{Contents: name == "containers"}})
				require.False(t, out.Stuck)
				if assert.Zero(t, out.Total) {
					assert.Positive(t, out.Figures.Alloc.TableOps())
					assert.Positive(t, out.Figures.Alloc.FreedGather)
				} else {
					t.Log(out.Violations[0].Splat())
				}
			})
		}
	}
}

// A CPU that is held up in a callback shows the flaw of the RFC: what it needs of the mm is gone. It takes as long as it
// takes, a moment as a rule, but it comes.
func TestNativeStallShowsTheFlaw(t *testing.T) {
	if underRace {
		t.Skip("the flaw is a race")
	}
	out := native(t, "containers", pgalloc.RFC, "", NativeOptions{For: time.Hour, Stall: 2 * time.Millisecond})
	require.NotZero(t, out.Total, "not caught")
	v := out.Violations[0]
	t.Log(v.Splat())
	require.Regexp(t, `^mm\d+$`, v.Object)
	assert.Contains(t, strings.Join(v.History, "\n"), "mm_destroy  "+v.Object)
}

func TestNativeStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	out, err := Native(ctx, preset(t, "kvm", 1), NativeOptions{Seed: 1, CPUs: 2, For: time.Hour, Machine: s390sim.Config{Variant: pgalloc.Active, Checks: true}})
	require.NoError(t, err)
	assert.True(t, out.Stopped)
	assert.Zero(t, out.Total)
	assert.Positive(t, out.Seconds)
}
