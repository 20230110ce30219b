package coverage_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/coverage"
	"ptsim/internal/scenario"
	"ptsim/lab"
	"ptsim/memory"
)

// What a search covers is said of the memory that it ran under.
func TestMemoryModel(t *testing.T) {
	s, err := scenario.Load("swap/alone")
	require.NoError(t, err)
	m, err := lab.Build(s, "v5.14")
	require.NoError(t, err)
	for _, spec := range memory.Specs() {
		opt := explore.Defaults()
		opt.Model, opt.LKMM = spec.Model, spec.Release
		r, err := explore.Exhaustive(m, opt)
		require.NoError(t, err)
		want := map[string]string{
			"sc": "sequential consistency", "tso": "total store order", "lkmm-6.1": "the Linux kernel memory model of 6.1 without load buffering",
			"lkmm-6.12": "the Linux kernel memory model of 6.12 without load buffering",
		}[spec.String()]
		assert.Equal(t, want, coverage.Of(s, &r).Model)
	}
}
