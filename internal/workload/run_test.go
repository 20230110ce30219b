package workload

import (
	"context"
	"crypto/sha256"
	"fmt"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/pgalloc"
	"ptsim/s390sim"
)

func preset(t testing.TB, name string, scale float64) *Spec {
	s, err := Load(name)
	require.NoError(t, err)
	s.Scale(scale)
	return s
}

func run(t testing.TB, s *Spec, o Options) *Outcome {
	out, err := Run(context.Background(), s, o)
	require.NoError(t, err)
	for _, v := range out.Violations[:min(2, len(out.Violations))] {
		if o.Machine.Variant.Info().Flawed == "" {
			t.Log(v.Splat())
		}
	}
	return out
}

// small are the presets at a size that a test can afford. The ends fall on no wakeup and no grace period.
var small = map[string]Options{
	"fork-server": {Duration: 500_001 * time.Microsecond},
	"database":    {Duration: 2_000_001 * time.Microsecond},
	"build-farm":  {Duration: 500_001 * time.Microsecond},
	"jvm":         {Duration: 2_000_001 * time.Microsecond},
	"containers":  {Duration: 4_000_001 * time.Microsecond},
	"kvm":         {Duration: 1_000_001 * time.Microsecond},
	"mixed":       {Duration: 1_000_001 * time.Microsecond},
	"big":         {Duration: 1_000_001 * time.Microsecond},
}

func smallPreset(t testing.TB, name string) (*Spec, Options) {
	scale := 0.1
	if name == "big" {
		scale = 0.0005
	}
	o := small[name]
	require.NotZero(t, o, name)
	o.Seed = 7
	return preset(t, name, scale), o
}

// Every preset does what it is for, and nothing is lost in any version that is not known to be flawed: with page and batch
// failures, floods, exits in the middle of a retract and speculative references.
func TestPresetsUnderFaults(t *testing.T) {
	for _, name := range Presets() {
		t.Run(name, func(t *testing.T) {
			for _, i := range pgalloc.Variants() {
				if i.Flawed != "" {
					continue
				}
				s, o := smallPreset(t, name)
				assert.NotEmpty(t, s.About)
				s.Faults = Faults{PageFail: 0.01, BatchFail: 0.1, Flood: 500, FloodEvery: 100 * time.Millisecond, ExitInRetract: 0.02, Refs: 200}
				o.Machine = s390sim.Config{Variant: i.Variant, Checks: true, Count: true, History: 50}
				out := run(t, s, o)
				assert.Zero(t, out.Total, string(i.Variant))
				assert.Positive(t, out.Processes)
				f := &out.Figures
				assert.Positive(t, f.Steps.PageFailures)
				assert.Positive(t, out.Refs)
				if f.Steps.BatchFailures > 0 {
					assert.Positive(t, f.Alloc.IPIs)
				}
				assert.GreaterOrEqual(t, f.LongestQueue, 500)
				assert.Equal(t, s.Khugepaged != nil, f.Khugepaged.Wakeups > 0)
				assert.GreaterOrEqual(t, f.MeanPages*2+1e-6, f.MeanLive, "half a page per table is the least")
			}
		})
	}
}

// digest runs a preset and hashes all that happened, without what tells the versions apart.
func digest(t *testing.T, name string, seed uint64, v pgalloc.Variant) (all, asked string) {
	s, o := smallPreset(t, name)
	full, some := sha256.New(), sha256.New()
	o.Seed = seed
	o.Machine = s390sim.Config{Variant: v, Checks: true, TraceSteps: true, Trace: func(e *s390sim.Event) {
		fmt.Fprintln(full, *e)
		switch e.Kind {
		case s390sim.EventTableAlloc, s390sim.EventTableFree, s390sim.EventRetract, s390sim.EventMMExit, s390sim.EventScan:
			fmt.Fprintln(some, e.Kind, e.Time, e.CPU, e.MM, e.Addr)
		}
	}}
	out := run(t, s, o)
	out.Seconds = 0
	fmt.Fprintln(full, out.Figures, out.Curve, out.Events, out.Processes)
	return fmt.Sprintf("%x", full.Sum(nil)), fmt.Sprintf("%x", some.Sum(nil))
}

// The same seed gives the same run to the last event, another seed another; and what is asked of the allocator does not
// depend on which it is.
func TestSeedDecidesEverything(t *testing.T) {
	for _, name := range []string{"containers", "jvm", "fork-server"} {
		all, asked := digest(t, name, 1, pgalloc.Active)
		again, _ := digest(t, name, 1, pgalloc.Active)
		assert.Equal(t, all, again, name)
		other, _ := digest(t, name, 2, pgalloc.Active)
		assert.NotEqual(t, all, other, name)
		for _, v := range []pgalloc.Variant{pgalloc.Classic, pgalloc.Pinned, pgalloc.FullPage} {
			_, same := digest(t, name, 1, v)
			assert.Equal(t, asked, same, "%s on %s", name, v)
		}
	}
}

// Fork, exec, inheritance, lifetimes: counted on a story without chance.
func TestStory(t *testing.T) {
	s, err := Parse("story", strings.NewReader(`
		duration 10s
		grace-period 10ms
		file lib 4M filled
		process parent
		count 2
		map lib shared touch 100%
		anon 3M
		process child
		count 1
		lifetime 5s
		fork parent
		anon 2M
		process fresh
		count 1
		fork parent
		exec
		anon 1M
	`))
	require.NoError(t, err)
	out := run(t, s, Options{Seed: 3, Machine: s390sim.Config{Variant: pgalloc.FullPage, Checks: true}})
	f := &out.Figures
	assert.EqualValues(t, 4, out.Processes)
	assert.Equal(t, 5, f.MMs, "exec had a fork's mm first")
	// parents 2*(4+3); child: 3 inherited, 2 own; fresh: 3 inherited for a moment, then 1
	assert.EqualValues(t, 2*7+5+3+1, f.Alloc.Allocated())
	assert.EqualValues(t, 5+3, f.Alloc.FreedGather)
	assert.EqualValues(t, 2*7+1, f.Alloc.Tables)
	assert.EqualValues(t, 2*7+5+3, f.PeakTables)
	assert.InDelta(t, float64(2*7+1)+5*0.5, f.MeanLive, 1e-6)
	assert.Zero(t, out.Total)
}

// Growth and its end, churn, PGSTEs.
func TestGrowAndChurn(t *testing.T) {
	s, err := Parse("grower", strings.NewReader(`
		duration 60s
		process g
		count 1
		anon 2M
		grow 10/s by 1M to 8M
		process guest
		count 1
		pgste
		anon 4M
		churn 5/s of 50%
	`))
	require.NoError(t, err)
	out := run(t, s, Options{Seed: 3, Machine: s390sim.Config{Variant: pgalloc.Active, Checks: true}})
	assert.Zero(t, out.Total)
	a := &out.Figures.Alloc
	assert.EqualValues(t, 8+4, out.Figures.PeakTables)
	assert.Equal(t, int64(4), a.LiveHalves-a.Tables, "the guest's tables take a second half")
	assert.Greater(t, a.FreedGather, uint64(60*5), "churn of two segments at a time, and the grower's falls")
}

// An interrupted run tells what it came to so far.
func TestInterrupted(t *testing.T) {
	s, o := smallPreset(t, "build-farm")
	ctx, cancel := context.WithCancel(context.Background())
	o.Machine.Variant = pgalloc.Active
	o.Progress = func(done, all time.Duration) {
		if done > 100*time.Millisecond {
			cancel()
		}
	}
	out, err := Run(ctx, s, o)
	require.NoError(t, err)
	assert.True(t, out.Stopped)
	assert.Positive(t, out.Figures.Alloc.Tables)
	assert.Less(t, out.Figures.End, int64(o.Duration)*3/4)
}

// Uneven grace periods have a stream of chance of their own: what processes do stays what it is.
func TestGraceJitter(t *testing.T) {
	figures := func(jitter float64) s390sim.Figures {
		s, o := smallPreset(t, "build-farm")
		s.GraceJitter = jitter
		o.Machine = s390sim.Config{Variant: pgalloc.Classic, Checks: true}
		out := run(t, s, o)
		require.Zero(t, out.Total)
		return out.Figures
	}
	even, uneven, again := figures(0), figures(0.5), figures(0.5)
	assert.Equal(t, uneven, again)
	assert.Equal(t, even.Alloc.Allocated(), uneven.Alloc.Allocated())
	assert.NotEqual(t, even.MeanPages, uneven.MeanPages)
}

func TestScale(t *testing.T) {
	s := preset(t, "big", 0.001)
	assert.Equal(t, 100, s.Classes[0].Count)
	assert.InDelta(t, 2, s.Classes[1].Arrive, 1e-9)
	s.Scale(1e-9)
	assert.Equal(t, 1, s.Classes[0].Count)
}

// BenchmarkBig is a machine of 100,000 mms and ten million tables, a tenth of it and a hundredth: what a table costs, and
// how that grows. Its end, at which everything exits and every frame is looked at, is part of it.
func BenchmarkBig(b *testing.B) {
	for _, scale := range []float64{0.01, 0.1, 1} {
		for _, checks := range []bool{true, false} {
			b.Run(fmt.Sprintf("scale=%g/checks=%v", scale, checks), func(b *testing.B) {
				defer debug.SetGCPercent(debug.SetGCPercent(50))
				ops := uint64(0)
				for b.Loop() {
					a := &run(b, preset(b, "big", scale), Options{Seed: 1, Machine: s390sim.Config{Variant: pgalloc.Active, Checks: checks}}).Figures.Alloc
					ops += a.TableOps() + uint64(a.Tables) // those that are left are freed at the end
				}
				b.ReportMetric(float64(ops)/b.Elapsed().Seconds()/1e6, "Mops/s")
			})
		}
	}
}
