package translate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/script"
	"ptsim/pgalloc"
)

// "defer" means one thing: what khugepaged does with a table that it took. In classic a scenario does ipi and free, to the state; a
// script, which has one CPU, says that classic has no pte_free_defer and leaves the table where it is. Elsewhere both defer.
func TestDeferMeansOneThing(t *testing.T) {
	states := func(ops string, v question.Version) uint64 {
		s, err := scenario.Parse("x.scn", fmt.Sprintf("title x\nmm 1\npage 1 t0 t1\ntask khugepaged\n%stask walker\n  rcu_read_lock\n  rcu_read_unlock\nfinally\n  alive 1\n  kept t1\n", ops))
		require.NoError(t, err)
		m, err := question.Model(s, v)
		require.NoError(t, err)
		r, err := explore.Exhaustive(m, explore.Defaults())
		require.NoError(t, err)
		return r.States
	}
	spelt := states("  ipi\n  free t0\n", "classic")
	assert.Equal(t, spelt, states("  defer t0\n", "classic"))
	assert.NotEqual(t, states("  ipi\n  free t0\n", "rfc"), states("  defer t0\n", "rfc"))

	for _, i := range pgalloc.Variants() {
		s, err := script.Parse("x", strings.NewReader("mm 1\nalloc 1 -> t1\ndefer t1\n"))
		require.NoError(t, err)
		r, err := script.New(s, script.Options{Variant: i.Variant})
		require.NoError(t, err)
		var last script.Ret
		for range s.Ops {
			st, err := r.Step()
			require.NoError(t, err)
			last = st.Ret
		}
		assert.Equal(t, i.Variant == pgalloc.Classic, last.Kind == script.RetUnsupported, i.Variant)
	}
}
