package swap_test

import (
	"testing"

	"ptsim/internal/labs/labtest"
	"ptsim/internal/labs/swap"
	"ptsim/lab"
)

// Some schedule of some row reaches each call of a primitive in the protocol, and in the percpu_ref that it stands on; see
// labtest.Reached. A weak model comes to no line that sequential consistency does not come to.
func TestLinesAreReached(t *testing.T) {
	labtest.ReachedByRows(t, root, swap.Lab(), []string{"swap", "percpuref"}, 100, func(r lab.Row) bool { return r.Memory != "" })
}
