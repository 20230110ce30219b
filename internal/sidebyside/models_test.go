package sidebyside_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/sidebyside"
	"ptsim/internal/stepper"
	"ptsim/memory"
)

// One schedule under three models: store buffering is possible with queues, and stale loads only under the kernel's model.
func TestModels(t *testing.T) {
	for _, q := range []struct {
		schedule string
		steps    [3]int // that sc, tso and lkmm allow
		whole    [3]bool
	}{
		{"zsmalloc/drain/drain-no-barrier@2,precise,tso:s:05d77a34:Ax2-Bx3-A!q", [3]int{4, 6, 6}, [3]bool{false, true, true}},
		{"swap/on/valid-unlocked@2,precise,lkmm-6.1:s:89e9801c:Bx12-Ax5-A?1-A", [3]int{17, 17, 19}, [3]bool{false, false, true}},
	} {
		s, err := stepper.Open(q.schedule, scenario.Load)
		require.NoError(t, err)
		m, err := sidebyside.CompareModels(t.Context(), s, threeModels)
		s.Close()
		require.NoError(t, err)
		for i, u := range m.Under {
			assert.Equal(t, q.steps[i], u.Steps, "%s under %s", q.schedule, u.Memory)
			assert.Equal(t, q.whole[i], u.Whole, "%s under %s", q.schedule, u.Memory)
			assert.False(t, u.Cut)
			assert.Equal(t, u.Whole, u.Violation != "", "%s under %s", q.schedule, u.Memory)
			assert.Equal(t, !u.Whole, len(u.Instead) > 0)
		}
		var b strings.Builder
		require.NoError(t, m.Write(&b, 80))
		assert.Contains(t, b.String(), "under sc instead:")
		assert.Contains(t, b.String(), "lkmm-6.1: all of it is possible: ")
	}
}

var threeModels = []memory.Spec{{}, {Model: memory.TSO}, {Model: memory.LKMM}}

// What sequential consistency allows, the weaker models allow: the shortest schedules with all that the kernel does, and random ones. Their
// steps are not the same: a plain access, an allocation, and the barriers of an atomic are steps of their own there. Each model's own link
// leads to what its views show.
func TestStrongerIsWithinWeaker(t *testing.T) {
	for _, q := range []struct{ scenario, version string }{
		{"S1", "rfc"}, {"defer2", "rfc-as-posted"}, {"munmap", "rfc"}, {"S1", "active"}, {"shrinker/walk", "v2"}, {"swap/off", "no-wait"}, {"zswap/load", "v5.14"},
	} {
		sc, err := scenario.Load(q.scenario)
		require.NoError(t, err)
		v, err := question.VersionOf(sc.Lab, q.version)
		require.NoError(t, err)
		s, err := stepper.New(stepper.Question{Scenario: sc, Version: v, Setting: question.Setting{Softirqs: 2}})
		require.NoError(t, err)
		defer s.Close()
		a, err := s.Run(t.Context(), 20_000)
		require.NoError(t, err)
		if a.Verdict != string(explore.Violated) {
			around(t, s)
		}
		m, err := sidebyside.CompareModels(t.Context(), s, threeModels)
		require.NoError(t, err)
		for _, u := range m.Under {
			require.True(t, u.Whole, "%s on %s under %s: not step %d, %s instead", q.scenario, q.version, u.Memory, u.Steps+1, u.Instead)
			assert.Equal(t, s.View().Violation != nil, u.Violation != "")
			require.Len(t, u.Views, len(m.Steps)+1)
			own, err := stepper.Open(u.Link, scenario.Load)
			require.NoError(t, err)
			at := 0
			for _, v := range u.Views {
				if v == nil {
					continue
				}
				require.GreaterOrEqual(t, v.Step, at)
				at = v.Step
				assert.Equal(t, v.Path, own.Line()[at].View.Path)
			}
			own.Close()
		}
		itself := m.Under[0]
		for i, v := range itself.Views {
			require.NotNil(t, v)
			assert.Equal(t, i, v.Step)
		}
	}
}

// A search under the kernel's model finds a way that can be taken, callbacks and all.
func TestTheWayUnderAWeakModel(t *testing.T) {
	for _, q := range []struct{ scenario, version string }{{"defer2", "rfc-as-posted"}, {"munmap", "rfc"}} {
		for _, spec := range threeModels[1:] {
			sc, err := scenario.Load(q.scenario)
			require.NoError(t, err)
			s, err := stepper.New(stepper.Question{Scenario: sc, Version: question.Version(q.version), Setting: question.Setting{Softirqs: 2, Memory: spec}})
			require.NoError(t, err)
			a, err := s.Run(t.Context(), 100_000)
			require.NoError(t, err, "%s on %s under %s", q.scenario, q.version, spec)
			assert.Equal(t, string(explore.Violated), a.Verdict)
			assert.NotNil(t, s.View().Violation)
			s.Close()
		}
	}
}
