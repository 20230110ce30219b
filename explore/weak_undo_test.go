package explore_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/memory"
)

// TestAViolationIsTakenBack has a primitive that reports a violation and changes its word: a reference count that is dropped below
// zero saturates. A search that goes on must take that back, too. One that does not finds final states behind it that no schedule
// has.
func TestAViolationIsTakenBack(t *testing.T) {
	for _, model := range []memory.Model{memory.SC, memory.TSO, memory.LKMM} {
		finals := map[uint32]bool{}
		opt := explore.Defaults()
		opt.Model, opt.All = model, true
		r, err := explore.Exhaustive(&explore.Model{Name: "drop", Tasks: 2, Build: func(cpus int, sched kern.Scheduler) *explore.Instance {
			m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 16, Scheduler: sched})
			count := m.NewCache(kern.CacheConfig{Name: "counts", Words: 1}).Alloc(m.CPU(0))
			kern.RefcountSet(m.CPU(0), count, 1)
			task := func(name string, do func(c *kern.CPU)) explore.Task {
				return explore.Task{Name: name, Ops: []explore.Operation{{Name: name, Run: func(c *kern.CPU, f explore.Frame) explore.Frame {
					do(c)
					return f
				}}}}
			}
			return &explore.Instance{M: m, Tasks: []explore.Task{
				task("set", func(c *kern.CPU) { kern.RefcountSet(c, count, 0) }),
				task("drop", func(c *kern.CPU) { kern.RefcountDecAndTest(c, count) }),
			}, Final: func() *kern.Violation { finals[m.Peek(count)] = true; return nil }}
		}}, opt)
		require.NoError(t, err)
		assert.Equal(t, explore.Violated, r.Verdict, "%s", model)
		assert.Equal(t, map[uint32]bool{0: true}, finals, "%s", model)
	}
}
