package conform_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/mutants"
)

// TestMutants changes one line of pgalloc/classic.go at a time: what a live kernel did must tell. The order of the list is
// nothing that the explorer can object to; here it is what is compared.
func TestMutants(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the allocator anew for each")
	}
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	all, err := mutants.All()
	require.NoError(t, err)
	lab := mutants.NewLab(root, t.TempDir())
	for _, name := range []string{
		"classic/rcu-at-head",         // list_add in place of list_add_tail in page_table_free_rcu
		"classic/free-at-tail",        // the other way round in page_table_free: lost races alone show it
		"classic/fresh-at-tail",       // and for a fresh page
		"classic/alloc-takes-pending", // the pending bits are not looked at
		"classic/fresh-upper",         // the upper half of a fresh page is handed out first
	} {
		i := slices.IndexFunc(all, func(m *mutants.Mutant) bool { return m.Name == name })
		if !assert.GreaterOrEqual(t, i, 0, name) {
			continue
		}
		m := *all[i]
		m.Test = mutants.Test{Package: "./internal/conform", Name: "TestRealKernel"}
		caught, err := lab.Test(t.Context(), &m)
		require.NoError(t, err, name)
		assert.True(t, caught, "%s: the kernel's decisions agree with it", name)
	}
}
