package zsmalloc_test

import (
	"testing"

	"ptsim/internal/labs/labtest"
	zs "ptsim/internal/labs/zsmalloc"
)

// TestLinesAreReached wants some schedule of some row to reach each call of a primitive in the protocol; see labtest.Reached.
func TestLinesAreReached(t *testing.T) {
	labtest.ReachedByRows(t, root, zs.Lab(), []string{"zsmalloc"}, 150, large)
}
