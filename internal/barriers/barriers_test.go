package barriers_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/barriers"
	"ptsim/internal/scenario"
	"ptsim/lab"
	"ptsim/memory"
)

// finder asks about one scenario.
func finder(t *testing.T, name, version string, m memory.Model) *barriers.Finder {
	t.Helper()
	s, err := scenario.Load(name)
	require.NoError(t, err)
	mo, err := lab.Build(s, version)
	require.NoError(t, err)
	opt := explore.Defaults()
	opt.Model = m
	return &barriers.Finder{Questions: []barriers.Question{{Name: name, Model: mo, Opt: opt}}}
}

// needed returns the primitives that are needed, and those that are not.
func needed(t *testing.T, f *barriers.Finder) (yes, no []string) {
	t.Helper()
	_, sites, err := f.AsIs(0)
	require.NoError(t, err)
	for _, s := range sites {
		a, err := f.Without(s, []int{0})
		require.NoError(t, err)
		require.False(t, a.Cut)
		text := strings.Join(s.Names, " ") + " " + s.File
		if a.Needed == nil {
			no = append(no, text)
			continue
		}
		yes = append(yes, text)
		mo, opt := f.Questions[0].Model, f.Questions[0].Opt
		sched, err := explore.ParseSchedule(a.Needed.Text)
		require.NoError(t, err)
		tr, err := explore.Replay(mo, opt, sched, nil)
		require.NoError(t, err)
		assert.Equal(t, a.Needed.Trace.Violation.Kind, tr.Violation.Kind, "%s: the schedule replays by itself", text)
	}
	return yes, no
}

// TestNeeded asks of the drain of zsmalloc and of swapon what their orders are for.
func TestNeeded(t *testing.T) {
	yes, no := needed(t, finder(t, "zsmalloc/drain", "drain-both", memory.LKMM))
	assert.Equal(t, []string{"smp_mb__after_atomic zsmalloc/drain.go", "smp_mb zsmalloc/drain.go"}, yes)
	assert.Empty(t, no)
	yes, no = needed(t, finder(t, "swap/on", "v5.14", memory.LKMM))
	assert.Contains(t, yes, "smp_rmb swap/percpu.go")
	assert.Contains(t, yes, "smp_store_release percpuref/mode.go")
	assert.Contains(t, yes, "smp_store_release swap/swapon.go")
	assert.Contains(t, no, "smp_load_acquire percpuref/mode.go")
	assert.NotContains(t, strings.Join(append(yes, no...), " "), "rcu_dereference")
}

// TestMend wants the weakest barrier, and a pair where no single one will do: store buffering needs a full one on each side, seed 002 a
// read barrier on the user's.
func TestMend(t *testing.T) {
	for _, tt := range []struct {
		name, version string
		want          []string // of one set
		pairs         bool
	}{
		{"swap/on", "no-rmb", []string{"smp_rmb"}, false},
		{"swap/on", "valid-unlocked", []string{"smp_wmb"}, false},
		{"zsmalloc/drain", "drain-v5.3", []string{"smp_mb"}, false},
		{"zsmalloc/drain", "drain-no-barrier", []string{"smp_mb", "smp_mb"}, true},
	} {
		f := finder(t, tt.name, tt.version, memory.LKMM)
		r, _, err := f.AsIs(0)
		require.NoError(t, err)
		require.Equal(t, explore.Violated, r.Verdict)
		m, err := f.Mend(0, r, 500)
		require.NoError(t, err)
		require.NotEmpty(t, m.Sets, "%s on %s", tt.name, tt.version)
		assert.False(t, m.Cut)
		for _, set := range m.Sets {
			var names []string
			for _, b := range set {
				names = append(names, b.Name())
			}
			assert.Equal(t, tt.want, names, "%s on %s", tt.name, tt.version)
		}
		assert.Equal(t, tt.pairs, m.Pairs > 0)
	}
}

// TestNothingMends wants what is broken under any model to stay so, and the limit on tries to be told.
func TestNothingMends(t *testing.T) {
	f := finder(t, "swap/on", "late-init", memory.LKMM)
	r, _, err := f.AsIs(0)
	require.NoError(t, err)
	m, err := f.Mend(0, r, 30)
	require.NoError(t, err)
	assert.Empty(t, m.Sets)
	assert.LessOrEqual(t, m.Singles+m.Pairs, 30)
}

// TestLimit wants a search that meets too many states to be no answer, also on a machine so quick that the search ends before
// its limit is noticed.
func TestLimit(t *testing.T) {
	f := finder(t, "swap/offon-fault", "v5.14", memory.LKMM)
	f.Questions[0].Limit = 1
	r, _, err := f.AsIs(0)
	require.NoError(t, err)
	assert.Equal(t, explore.Incomplete, r.Verdict)
	f = finder(t, "swap/on", "v5.14", memory.LKMM)
	f.Questions[0].Limit = 100
	r, _, err = f.AsIs(0)
	require.NoError(t, err)
	assert.Equal(t, explore.Incomplete, r.Verdict)
	assert.Equal(t, "it met 100 states, the limit", r.Why)
}

// A set whose search was ended has no answer, though it comes to no schedule.
func TestUnknown(t *testing.T) {
	f := finder(t, "zsmalloc/drain", "drain-v5.3", memory.LKMM)
	r, _, err := f.AsIs(0)
	require.NoError(t, err)
	ctx, end := context.WithCancel(t.Context())
	f.Questions[0].Opt.Context, f.Progress = ctx, func(string) { end() }
	m, err := f.Mend(0, r, 30)
	require.NoError(t, err)
	assert.NotZero(t, m.Unknown)
}
