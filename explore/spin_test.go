package explore_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// until is an operation that reads a word until it has a value.
func until(c *kern.CPU, a kern.Addr, v uint32) {
	for kern.ReadOnce(c, a) != v {
	}
}

// A loop that reads again what it read waits for a change: it ends when somebody makes the change, and is a livelock if nobody
// is left who could.
func TestSpinLoops(t *testing.T) {
	for name, c := range map[string]struct {
		a, b func(c *kern.CPU, g kern.Addr)
		want kern.Kind
	}{
		"a flag":         {func(c *kern.CPU, g kern.Addr) { until(c, g, 1) }, func(c *kern.CPU, g kern.Addr) { kern.WriteOnce(c, g, 1) }, kern.NoViolation},
		"nobody sets it": {func(c *kern.CPU, g kern.Addr) { until(c, g, 1) }, func(c *kern.CPU, g kern.Addr) { kern.WriteOnce(c, g, 2) }, kern.Livelock},
		"after each other": {func(c *kern.CPU, g kern.Addr) { until(c, g, 1); kern.WriteOnce(c, g, 2); until(c, g, 3) },
			func(c *kern.CPU, g kern.Addr) { kern.WriteOnce(c, g, 1); until(c, g, 2); kern.WriteOnce(c, g, 3) }, kern.NoViolation},
		"for each other": {func(c *kern.CPU, g kern.Addr) { until(c, g, 1); kern.WriteOnce(c, g+1, 1) },
			func(c *kern.CPU, g kern.Addr) { until(c, g+1, 1); kern.WriteOnce(c, g, 1) }, kern.Livelock},
		"either of two words": {func(c *kern.CPU, g kern.Addr) {
			for kern.ReadOnce(c, g) == 0 && kern.ReadOnce(c, g+1) == 0 {
			}
		}, func(c *kern.CPU, g kern.Addr) { kern.WriteOnce(c, g+1, 1) }, kern.NoViolation},
		"with a lock held": {func(c *kern.CPU, g kern.Addr) { kern.SpinLock(c, g+2); until(c, g, 1); kern.SpinUnlock(c, g+2) },
			func(c *kern.CPU, g kern.Addr) {
				kern.SpinLock(c, g+2)
				kern.WriteOnce(c, g, 1)
				kern.SpinUnlock(c, g+2)
			}, kern.Livelock},
		"behind a choice": {func(c *kern.CPU, g kern.Addr) {
			kern.WriteOnce(c, g+1, 1)
			if kern.Choose(c, 2) == 1 {
				until(c, g, 1)
			}
		}, func(c *kern.CPU, g kern.Addr) { kern.WriteOnce(c, g, 2) }, kern.Livelock},
		// A loop that counts its rounds is followed round by round.
		"that gives up": {func(c *kern.CPU, g kern.Addr) {
			for range 5 {
				if kern.ReadOnce(c, g) == 1 {
					return
				}
			}
			kern.WriteOnce(c, g+1, 1)
		}, func(c *kern.CPU, g kern.Addr) { kern.Assert(c, kern.ReadOnce(c, g+1) == 0, "nobody gives up") }, kern.Assertion},
	} {
		everyWay(t, name, small("spin", func(m *kern.Machine, g kern.Addr) []explore.Task {
			return []explore.Task{
				{Name: "A", Ops: []explore.Operation{do("a", func(k *kern.CPU) { c.a(k, g) })}},
				{Name: "B", Ops: []explore.Operation{do("b", func(k *kern.CPU) { c.b(k, g) })}},
			}
		}), c.want)
	}
}

// A loop that writes, and never ends, is no spin loop: the search ends with a clear word.
func TestEndlessLoop(t *testing.T) {
	mo := small("endless", func(m *kern.Machine, g kern.Addr) []explore.Task {
		return []explore.Task{{Name: "A", Ops: []explore.Operation{do("count", func(c *kern.CPU) {
			for kern.CmpXchg(c, g, 1, 2) != 7 {
			}
		})}}}
	})
	_, err := explore.Exhaustive(mo, explore.Defaults())
	var bad *explore.ModelError
	require.ErrorAs(t, err, &bad)
	assert.Contains(t, bad.Error(), "count makes more than 4096 primitives without an end")
}
