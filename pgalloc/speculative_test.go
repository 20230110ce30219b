package pgalloc_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/pgalloc"
)

// A CPU drops its speculative reference while the owner releases the page. What put_page looks at must not be what the
// owner writes plainly: that is for the race detector to find.
func TestSpeculativeReferenceBesideTheOwner(t *testing.T) {
	systems(t, func(t testing.TB, cfg pgalloc.Config) {
		m := kern.NewMachine(kern.Config{CPUs: 2, Checks: true})
		s, err := pgalloc.New(m, cfg)
		require.NoError(t, err)
		owner, other := m.CPU(0), m.CPU(1)
		mm := s.MMs.Alloc(owner, 1)
		for range 200 {
			table := s.PT.PageTableAlloc(owner, mm)
			page := pgalloc.PageOf(table)
			require.True(t, kern.GetPageUnlessZero(other, page.PFN()))
			var both sync.WaitGroup
			both.Go(func() { s.PT.PageTableFree(owner, mm, table) })
			both.Go(func() { s.PutPage(other, page) })
			both.Wait()
			require.Zero(t, page.PeekReferences(m))
		}
		quiet(t, m)
	})
}
