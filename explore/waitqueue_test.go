package explore_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/memory"
)

// wakesIfActive is a sleeper and a waker that looks first whether anybody waits, with a barrier before the look or without.
func wakesIfActive(barrier bool) *explore.Model {
	return &explore.Model{Name: "waitqueue_active", Tasks: 2, Build: func(cpus int, sched kern.Scheduler) *explore.Instance {
		m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 16, Scheduler: sched})
		words := m.NewCache(kern.CacheConfig{Name: "words", Words: 2}).Alloc(m.CPU(0))
		done, queue := words, words+1
		task := func(name string, do func(c *kern.CPU)) explore.Task {
			return explore.Task{Name: name, Ops: []explore.Operation{{Name: name, Run: func(c *kern.CPU, f explore.Frame) explore.Frame {
				do(c)
				return f
			}}}}
		}
		return &explore.Instance{M: m, Tasks: []explore.Task{
			task("sleeper", func(c *kern.CPU) {
				ticket := kern.PrepareToWait(c, queue)
				if kern.ReadOnce(c, done) == 0 {
					kern.Schedule(c, queue, ticket)
				}
				kern.FinishWait(c, queue)
			}),
			task("waker", func(c *kern.CPU) {
				kern.WriteOnce(c, done, 1)
				if barrier {
					kern.SmpMB(c)
				}
				if kern.WaitqueueActive(c, queue) {
					kern.WakeUp(c, queue)
				}
			}),
		}}
	}}
}

// The comment above waitqueue_active() in the kernel asks for a barrier. Without it the look may come before the store, and the sleeper
// sleeps on, unless memory is sequentially consistent.
func TestWaitqueueActiveWantsABarrier(t *testing.T) {
	for _, c := range []struct {
		model   memory.Model
		barrier bool
		want    explore.Verdict
	}{
		{memory.SC, false, explore.Safe}, {memory.TSO, false, explore.Violated}, {memory.TSO, true, explore.Safe},
		{memory.LKMM, false, explore.Violated}, {memory.LKMM, true, explore.Safe},
	} {
		opt := explore.Defaults()
		opt.Model = c.model
		r, err := explore.Exhaustive(wakesIfActive(c.barrier), opt)
		require.NoError(t, err)
		assert.Equal(t, c.want, r.Verdict, "%v, barrier %v", c.model, c.barrier)
		if r.Violation != nil {
			assert.Equal(t, kern.Deadlock, r.Violation.Kind)
		}
	}
}
