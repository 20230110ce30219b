package explore_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// inParts searches a model in parts, each as it would go to another machine, and returns what they come to together: what the first
// found that found anything, and the kinds of all.
func inParts(t testing.TB, mo *explore.Model, opt explore.Options, depth int) (explore.Result, int) {
	t.Helper()
	all, parts, err := explore.Split(mo, opt, depth)
	require.NoError(t, err)
	for _, p := range parts {
		text := p.Schedule.Text()
		p.Schedule, err = explore.ParseSchedule(text)
		require.NoError(t, err, text)
		r, err := explore.Behind(mo, opt, p)
		require.NoError(t, err, text)
		for k, n := range r.Kinds {
			all.Kinds[k] += n
		}
		if r.Verdict != explore.Safe && all.Verdict == explore.Safe {
			all.Verdict, all.Violation, all.Schedule = r.Verdict, r.Violation, r.Schedule
		}
		all.States += r.States
	}
	return all, len(parts)
}

// adjacentInParts wants of a model the same verdict in one search and in parts, where data races are judged by adjacent accesses.
func adjacentInParts(t testing.TB, what string, mo *explore.Model, opt explore.Options) {
	t.Helper()
	opt.Races = explore.Adjacent
	whole, err := explore.Exhaustive(mo, opt)
	require.NoError(t, err, what)
	for _, depth := range []int{1, 3} {
		parts, _ := inParts(t, mo, opt, depth)
		require.Equal(t, whole.Verdict, parts.Verdict, "%s in parts: softirqs %d, grace %s, plain %t, depth %d", what, opt.Softirqs, opt.Grace, opt.Plain, depth)
		if parts.Verdict == explore.Violated {
			tr, err := explore.Replay(mo, opt, parts.Schedule, nil)
			require.NoError(t, err, what)
			require.Equal(t, parts.Violation.Kind, tr.Violation.Kind, what)
		}
	}
}

// The parts of a search, put together, come to what one search does, wherever it is split: the same verdict and kinds, and the same
// final states.
func TestPartsAreTheWhole(t *testing.T) {
	total := 0
	for _, c := range []struct {
		scenario string
		v        version
		softirqs int
	}{
		{"S1", version{"rfc", ""}, 2},
		{"S1", version{"pinned", "half"}, 2},
		{"S1", version{"active", ""}, explore.SoftirqsOnCPU},
		{"B4", version{"rfc", ""}, explore.SoftirqsOnCPU},
		{"grab", version{"rfc", ""}, 1},
		{"reuse", version{"typesafe", ""}, 2},
		{"munmap", version{"classic", ""}, 2},
	} {
		for _, depth := range []int{1, 4, 9} {
			mo := model(t, c.scenario, c.v)
			opt := explore.Defaults()
			opt.Softirqs, opt.All, opt.Races = c.softirqs, true, explore.Adjacent
			var one, many finals
			whole, err := explore.Exhaustive(one.watching(mo, picture), opt)
			require.NoError(t, err)
			parts, n := inParts(t, many.watching(mo, picture), opt, depth)
			at := func() string { return c.scenario + " on " + c.v.String() }
			assert.Equal(t, whole.Verdict, parts.Verdict, at())
			assert.Equal(t, one.all(), many.all(), at())
			for k := range whole.Kinds {
				assert.Contains(t, parts.Kinds, k, at())
			}
			assert.Len(t, parts.Kinds, len(whole.Kinds), at())
			assert.GreaterOrEqual(t, parts.States, whole.States, at())
			total += n
		}
	}
	assert.Greater(t, total, 200, "hardly anything was split")
}

// A part that meets code by which its transitions are not those of the others has no verdict.
func TestPartsKnowTheRules(t *testing.T) {
	const ways = 200
	mo := small("rare", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) {
			if kern.ReadOnce(c, g+3) == 1 && kern.Choose(c, ways) == 7 && kern.Choose(c, ways) == 7 && kern.SpinTrylock(c, g+2) {
				kern.SpinUnlock(c, g+2)
			}
		}, func(c *kern.CPU) {
			kern.WriteOnce(c, g+3, 1)
			kern.SpinLock(c, g+2)
			kern.SpinUnlock(c, g+2)
		})
	})
	opt := explore.Defaults()
	_, parts, err := explore.Split(mo, opt, 1)
	require.NoError(t, err)
	require.NotEmpty(t, parts)
	met := 0
	for _, p := range parts {
		if _, err := explore.Behind(mo, opt, p); err != nil {
			assert.ErrorIs(t, err, explore.ErrRules)
			met++
		}
	}
	assert.Positive(t, met)
	opt.Plain = true
	whole, n := inParts(t, mo, opt, 1)
	assert.Equal(t, explore.Safe, whole.Verdict)
	assert.Positive(t, n)
	_, _, err = explore.Split(mo, opt, 0)
	assert.EqualError(t, err, "a split at depth 0; expected 1 or more")
}
