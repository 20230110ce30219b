package explore_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/scenario"
	"ptsim/kern"
	"ptsim/pgalloc"
)

func minimizeModel(t *testing.T, name string, v pgalloc.Variant, pin pgalloc.Pin) *explore.Model {
	t.Helper()
	s, err := scenario.Load(name)
	require.NoError(t, err)
	m, err := pagetable.Build(s, v, pin)
	require.NoError(t, err)
	return m
}

// TestMinimize shrinks what random schedules find and compares with the shortest there is: never shorter than that, never
// longer than what it began with, the same kind of violation, and a schedule that can be run again as text.
func TestMinimize(t *testing.T) {
	for _, tt := range []struct {
		name    string
		variant pgalloc.Variant
		pin     pgalloc.Pin
		change  func(*explore.Options)
	}{
		{"S1", pgalloc.RFC, "", nil},
		{"S1", pgalloc.Pinned, pgalloc.PinPage, func(o *explore.Options) { o.Grace = explore.GraceAny }},
		{"defer2", pgalloc.RFCAsPosted, "", nil},
		{"B4", pgalloc.RFC, "", func(o *explore.Options) { o.Softirqs = explore.SoftirqsOnCPU }},
		{"S1", pgalloc.RFC, "", func(o *explore.Options) { o.Plain = true }},
	} {
		t.Run(fmt.Sprintf("%s-%s", tt.name, tt.variant), func(t *testing.T) {
			m := minimizeModel(t, tt.name, tt.variant, tt.pin)
			opt := explore.Defaults()
			if tt.change != nil {
				tt.change(&opt)
			}
			found, reached, before, after := 0, 0, 0, 0
			for seed := range uint64(20) {
				r, err := explore.Random(m, opt, explore.Sampling{Runs: 2000, Seed: seed})
				require.NoError(t, err)
				if r.Verdict != explore.Violated {
					continue
				}
				found++
				long, err := explore.Replay(m, opt, r.Schedule, nil)
				require.NoError(t, err)
				sched, err := explore.Minimize(m, opt, r.Schedule, 2000)
				require.NoError(t, err)
				tr, err := explore.Replay(m, opt, sched, nil)
				require.NoError(t, err)
				require.NotNil(t, tr.Violation)
				assert.Equal(t, long.Violation.Kind, tr.Violation.Kind)
				assert.LessOrEqual(t, tr.Switches, long.Switches)
				before, after = before+long.Switches, after+tr.Switches

				exact, err := explore.Shortest(m, opt, tr.Violation.Kind)
				require.NoError(t, err)
				best, err := explore.Replay(m, opt, exact.Schedule, nil)
				require.NoError(t, err)
				assert.GreaterOrEqual(t, tr.Switches, best.Switches)
				if tr.Switches == best.Switches {
					reached++
				}
				parsed, err := explore.ParseSchedule(sched.Text())
				require.NoError(t, err)
				plain := opt
				plain.Plain = false // the text says all
				again, err := explore.Replay(m, plain, parsed, nil)
				require.NoError(t, err)
				assert.Equal(t, tr.Violation.Sentence(), again.Violation.Sentence())
			}
			t.Logf("%d found, %d as short as can be, %d switches before and %d after", found, reached, before, after)
			require.Positive(t, found)
			assert.GreaterOrEqual(t, reached*4, found*3, "most come down to as few switches as there can be")
		})
	}
}

// TestMinimizeKeepsARace shrinks a schedule that ends in a data race: the two accesses stay at its end.
func TestMinimizeKeepsARace(t *testing.T) {
	m := racy()
	opt := explore.Defaults()
	r, err := explore.Exhaustive(m, opt)
	require.NoError(t, err)
	require.Equal(t, explore.Violated, r.Verdict)
	require.Equal(t, kern.DataRace, r.Violation.Kind)
	long, err := explore.Replay(m, opt, r.Schedule, nil)
	require.NoError(t, err)
	sched, err := explore.Minimize(m, opt, r.Schedule, 1000)
	require.NoError(t, err)
	tr, err := explore.Replay(m, opt, sched, nil)
	require.NoError(t, err)
	assert.Equal(t, kern.DataRace, tr.Violation.Kind)
	assert.LessOrEqual(t, tr.Count, long.Count)
	last := tr.Steps[len(tr.Steps)-1]
	assert.Equal(t, tr.Violation.Addr, last.Op.Addr)
}

// racy is two tasks that count in a word of their own, and then in one that they share, without anything in between.
func racy() *explore.Model {
	return &explore.Model{Name: "racy", Tasks: 2, Build: func(cpus int, sched kern.Scheduler) *explore.Instance {
		m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 8, Scheduler: sched})
		words := m.NewCache(kern.CacheConfig{Name: "words", Words: 4}).Alloc(m.CPU(0))
		in := &explore.Instance{M: m}
		for i := range 2 {
			in.Tasks = append(in.Tasks, explore.Task{Name: "task" + string(rune('0'+i)), Start: 0, Ops: []explore.Operation{
				{Name: "own", Run: func(c *kern.CPU, f explore.Frame) explore.Frame {
					kern.AtomicAddReturn(c, words+1+kern.Addr(i), 1)
					return f
				}},
				{Name: "shared", Run: func(c *kern.CPU, f explore.Frame) explore.Frame {
					kern.Store(c, words, kern.Load(c, words)+1)
					kern.AtomicAddReturn(c, words+1+kern.Addr(i), 1)
					return f
				}},
			}})
		}
		return in
	}}
}

// TestMinimizeOfNothing leaves a schedule alone that breaks nothing, and refuses one that does not fit.
func TestMinimizeOfNothing(t *testing.T) {
	m := minimizeModel(t, "page", pgalloc.Active, "")
	opt := explore.Defaults()
	sched, err := explore.ParseSchedule("page@2,precise:f:00000000:Ax2")
	require.NoError(t, err)
	short, err := explore.Minimize(m, opt, sched, 100)
	require.NoError(t, err)
	assert.Same(t, sched, short)

	sched, err = explore.ParseSchedule("page@2,precise:f:00000000:Ax200")
	require.NoError(t, err)
	_, err = explore.Minimize(m, opt, sched, 100)
	var stale *explore.StaleError
	assert.ErrorAs(t, err, &stale)
}

// TestReplayRefusesAChoiceThatIsNone: a schedule may come from anywhere.
func TestReplayRefusesAChoiceThatIsNone(t *testing.T) {
	m := minimizeModel(t, "S1", pgalloc.RFC, "")
	for _, text := range []string{"S1@2,precise:f:00000000:B?9", "S1@2,precise:s:00000000:B?2", "S1@2,precise:f:00000000:A?1"} {
		sched, err := explore.ParseSchedule(text)
		require.NoError(t, err)
		_, err = explore.Replay(m, explore.Defaults(), sched, nil)
		var stale *explore.StaleError
		assert.ErrorAs(t, err, &stale, text)
	}
}

// TestBoundedGivesUpWithoutAVerdict: a search that is stopped in the middle has found nothing, whatever state it was in.
func TestBoundedGivesUpWithoutAVerdict(t *testing.T) {
	m := minimizeModel(t, "S3r", pgalloc.Active, "")
	ctx, cancel := context.WithCancel(t.Context())
	opt := explore.Defaults()
	opt.Context, opt.Progress = ctx, func(explore.Progress) { cancel() }
	r, err := explore.Bounded(m, opt, 100)
	require.NoError(t, err)
	assert.Equal(t, explore.Incomplete, r.Verdict)
	assert.Contains(t, r.Why, "interrupted")
}
