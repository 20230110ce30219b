package replay_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/replay"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// story is a small trace and what it comes to. Process 10 is there before it begins, which is one more of
// Assumptions.UnknownProcess than the story says.
type story struct {
	name    string
	lines   []string
	want    ends
	assumed replay.Assumptions
}

// ends are the figures at the end of a story. Tables that were allocated are freed by the gather, taken or still there.
//
// The tables of execs' argument stacks come on top: one for each, freed through the gather with the next table of the mm or
// at its end. Parked says how many of them were still there.
type ends struct{ MMs, Alloc, Gather, Taken, Huge, Live, Parked int }

// withExecs adds those tables.
func (e ends) withExecs(lines []string) ends {
	execs := strings.Count(strings.Join(lines, "\n"), " sched_process_exec: ")
	e.Alloc, e.Gather, e.Live, e.Parked = e.Alloc+execs, e.Gather+execs-e.Parked, e.Live+e.Parked, 0
	return e
}

func lines(s ...string) []string { return s }

func allStories() []story {
	return slices.Concat(processStories(), mappingStories(), descriptorStories(), collapseStories(), kernelStories(), sharingStories(),
		gapStories())
}

func TestStories(t *testing.T) {
	for _, s := range allStories() {
		s.assumed.UnknownProcess++
		s.want = s.want.withExecs(s.lines)
		t.Run(s.name, func(t *testing.T) {
			for _, v := range pgalloc.Variants() {
				cfg := s390sim.Config{Variant: v.Variant, CPUs: 2, Checks: true, Contents: true}
				_, o := replayText(t, cfg, trace(s.lines...))
				f := o.Figures
				got := ends{
					MMs: f.MMs, Alloc: int(f.Alloc.Allocated()), Gather: int(f.Alloc.FreedGather), Taken: int(f.Retracts),
					Huge: int(f.HugeFaults), Live: int(f.Alloc.Tables),
				}
				assert.Equal(t, s.want, got, o.Name)
				assert.Equal(t, s.want.Alloc, s.want.Gather+s.want.Taken+s.want.Live, "the story itself does not add up")
				assert.Equal(t, s.assumed, o.Assumptions, o.Name)
				if v.Flawed == "" {
					assert.Zero(t, o.Total, "%s: %v", o.Name, o.Violations)
				}
				o.Machine.Close()
				assert.Zero(t, o.Machine.Sys.Use().Tables, "%s: tables are left after everything ended", o.Name)
			}
		})
	}
}

func TestLostEventsAreCounted(t *testing.T) {
	a := pid(10)
	res, o := replayText(t, s390sim.Config{Variant: pgalloc.Pinned, Checks: true, Contents: true}, trace(
		a.write(1<<40), "CPU:1 [LOST 7 EVENTS]", a.mmap(base, mib, private), a.write(base), "CPU:0 [LOST EVENTS]", a.write(base),
	))
	assert.EqualValues(t, 7, res.Lost)
	assert.EqualValues(t, 1, res.LostGaps)
	assert.EqualValues(t, 5, res.Events)
	assert.EqualValues(t, 2, o.Figures.Alloc.Allocated())
	assert.Zero(t, o.Total)
}

// One trace, twice on one goroutine and once on several: the same figures, violations and curve.
func TestReplayIsDeterministic(t *testing.T) {
	for _, name := range []string{"shm", "pool"} {
		if testing.Short() && name == "pool" {
			continue
		}
		var first, second []replay.Outcome
		for _, out := range []*[]replay.Outcome{&first, &second} {
			for _, cfg := range machines() {
				*out = append(*out, runTrace(t, name, cfg).Outcomes...)
			}
		}
		parallel := runTrace(t, name, machines()...).Outcomes
		for i := range first {
			for _, other := range []replay.Outcome{second[i], parallel[i]} {
				require.Equal(t, first[i].Figures, other.Figures, first[i].Name)
				require.Equal(t, first[i].Assumptions, other.Assumptions)
				require.Equal(t, first[i].Machine.Curve(), other.Machine.Curve())
				require.Equal(t, first[i].Total, other.Total)
				require.Equal(t, first[i].Violations, other.Violations)
			}
		}
	}
}
