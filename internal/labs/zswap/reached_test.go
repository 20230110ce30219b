package zswap_test

import (
	"testing"

	"ptsim/internal/labs/labtest"
	"ptsim/internal/labs/zswap"
	"ptsim/lab"
)

// Some schedule of some row reaches each call of a primitive in the protocol; see labtest.Reached.
func TestLinesAreReached(t *testing.T) {
	labtest.ReachedByRows(t, root, zswap.Lab(), []string{"zswap"}, 60, func(r lab.Row) bool { return false })
}
