package explore_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// In the order of the tree a long schedule may be found first, and paths that are longer than it stand before the one that leads to
// the shortest. A goes first, B finds that out by many steps; A goes on for long. If B goes first, A sees it soon.
func TestTreeOrderFindsTheFewestSteps(t *testing.T) {
	const detour, long = 8, 30
	mo := small("detour", func(m *kern.Machine, g kern.Addr) []explore.Task {
		seen, first, busy := g, g+1, g+2
		task := func(name string, do func(c *kern.CPU)) explore.Task {
			return explore.Task{Name: name, Ops: []explore.Operation{{Name: name, Run: func(c *kern.CPU, f explore.Frame) explore.Frame {
				do(c)
				return f
			}}}}
		}
		return []explore.Task{
			task("A", func(c *kern.CPU) {
				if kern.ReadOnce(c, seen) == 1 {
					kern.WriteOnce(c, busy, 99)
					kern.Assert(c, false, "B came first")
				}
				kern.WriteOnce(c, first, 1)
				for i := range uint32(long) {
					kern.WriteOnce(c, busy, i)
				}
			}),
			task("B", func(c *kern.CPU) {
				kern.WriteOnce(c, seen, 1)
				if kern.ReadOnce(c, first) == 1 {
					for i := range uint32(detour) {
						kern.WriteOnce(c, busy, 100+i)
					}
					kern.Assert(c, false, "A came first")
				}
			}),
		}
	})
	_, switches, steps, err := explore.FoldedShortest(mo, explore.Defaults())
	require.NoError(t, err)
	assert.Equal(t, 1, switches)
	assert.Equal(t, 3, steps, "B's store, A's load, and A's store")
}
