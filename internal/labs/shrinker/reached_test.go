package shrinker_test

import (
	"testing"

	"ptsim/internal/labs/labtest"
	"ptsim/internal/labs/shrinker"
	"ptsim/lab"
)

// Some schedule of some row reaches each call of a primitive in the protocol; see labtest.Reached.
func TestLinesAreReached(t *testing.T) {
	labtest.ReachedByRows(t, root, shrinker.Lab(), []string{"shrinker"}, 60, func(r lab.Row) bool { return false })
}
