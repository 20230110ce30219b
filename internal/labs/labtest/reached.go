package labtest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/lab"
)

// ReachedByRows explores the rows of a lab that are not left out, and wants them to reach what [Reached] wants to be reached.
func ReachedByRows(t *testing.T, root string, l *lab.Lab, pkgs []string, atLeast int, leaveOut func(r lab.Row) bool) {
	t.Helper()
	at := Lines{}
	for _, r := range l.Rows {
		if leaveOut(r) {
			continue
		}
		m, err := lab.Build(Scenario(t, root, l, r.Scenario), r.Version)
		require.NoError(t, err)
		opt := Options(&r)
		opt.NoMerge = true // a line is reached by itself, not by another one with the same future
		opt.All = true     // the search goes on after a violation
		opt.Races = explore.Adjacent
		got, err := explore.Exhaustive(m, opt)
		require.NoError(t, err)
		at.Add(got.Reached)
	}
	Reached(t, pkgs, at, atLeast)
}
