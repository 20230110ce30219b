package sidebyside_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
		m, err := sidebyside.CompareModels(s, []memory.Spec{{}, {Model: memory.TSO}, {Model: memory.LKMM}})
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
