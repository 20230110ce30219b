package explore_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// checked is a model of two tasks that each write 1, and then 2. Its Check does not hold where both words are as these say.
func checked(a, b uint32) *explore.Model {
	return &explore.Model{Name: "checked", Tasks: 2, Build: func(cpus int, s kern.Scheduler) *explore.Instance {
		m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 16, Scheduler: s})
		g := m.NewCache(kern.CacheConfig{Name: "global", Words: 2}).Alloc(m.CPU(0))
		in := &explore.Instance{M: m, Check: func() *kern.Violation {
			if m.Peek(g) == a && m.Peek(g+1) == b {
				return &kern.Violation{Kind: kern.Assertion, Addr: g}
			}
			return nil
		}}
		for i, name := range []string{"A", "B"} {
			at := g + kern.Addr(i)
			in.Tasks = append(in.Tasks, explore.Task{Name: name, Ops: []explore.Operation{
				do("twice", func(c *kern.CPU) { kern.WriteOnce(c, at, 1); kern.WriteOnce(c, at, 2) }),
			}})
		}
		return in
	}}
}

// Every state is asked whether it is sound, in every mode, and the shortest way to one that is not is found.
func TestInvariantsAreChecked(t *testing.T) {
	everyWay(t, "half-way", checked(1, 1), kern.Assertion)
	everyWay(t, "at the end", checked(2, 2), kern.Assertion)
	everyWay(t, "never", checked(3, 1), kern.NoViolation)
	opt := explore.Defaults()
	r, err := explore.Shortest(checked(1, 1), opt, kern.NoViolation)
	require.NoError(t, err)
	tr, err := explore.Replay(checked(1, 1), opt, r.Schedule, nil)
	require.NoError(t, err)
	assert.Equal(t, [2]int{1, 2}, [2]int{tr.Switches, tr.Count})
	assert.Equal(t, kern.Assertion, tr.Violation.Kind)
}
