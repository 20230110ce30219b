package zsmalloc_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/labs/labtest"
	zs "ptsim/internal/labs/zsmalloc"
	"ptsim/lab"
)

// TestLinesAreReached wants some schedule of some row to reach each call of a primitive in the protocol; see labtest.Reached.
func TestLinesAreReached(t *testing.T) {
	at := labtest.Lines{}
	for _, r := range zs.Lab().Rows {
		if large(r) {
			continue
		}
		m, err := lab.Build(labtest.Scenario(t, root, zs.Lab(), r.Scenario), r.Version)
		require.NoError(t, err)
		opt := labtest.Options(&r)
		opt.NoMerge = true // a line is reached by itself, not by another one with the same future
		opt.All = true     // the search goes on after a violation
		opt.Races = explore.Adjacent
		got, err := explore.Exhaustive(m, opt)
		require.NoError(t, err)
		at.Add(got.Reached)
	}
	labtest.Reached(t, "zsmalloc", at, 150)
}
