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

// TestAWaitPassesOnAnOldValue has wait_on_page_locked() go on although the page is locked: it looked at an older store. Who waits must
// be told of the lock by barriers on both sides.
func TestAWaitPassesOnAnOldValue(t *testing.T) {
	model := func(barriers bool) *explore.Model {
		return &explore.Model{Name: "wait", Tasks: 2, Build: func(cpus int, sched kern.Scheduler) *explore.Instance {
			m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 16, Scheduler: sched})
			words := m.NewCache(kern.CacheConfig{Name: "words", Words: 2}).Alloc(m.CPU(0))
			begun, done := words, words+1
			page := kern.AllocPages(m.CPU(0), 0, kern.GFPKernel)
			task := func(name string, do func(c *kern.CPU)) explore.Task {
				return explore.Task{Name: name, Ops: []explore.Operation{{Name: name, Run: func(c *kern.CPU, f explore.Frame) explore.Frame {
					do(c)
					return f
				}}}}
			}
			return &explore.Instance{M: m, Tasks: []explore.Task{
				task("writer", func(c *kern.CPU) {
					kern.LockPage(c, page)
					if barriers {
						kern.SmpWMB(c)
					}
					kern.WriteOnce(c, begun, 1)
					kern.Assert(c, kern.ReadOnce(c, done) == 0, "nobody is done while the page is locked")
					kern.UnlockPage(c, page)
				}),
				task("waiter", func(c *kern.CPU) {
					if kern.ReadOnce(c, begun) == 1 {
						if barriers {
							kern.SmpRMB(c)
						}
						kern.WaitOnPageLocked(c, page)
						kern.WriteOnce(c, done, 1)
					}
				}),
			}}
		}}
	}
	for _, c := range []struct {
		model    memory.Model
		barriers bool
		want     explore.Verdict
	}{
		{memory.SC, false, explore.Safe}, {memory.LKMM, false, explore.Violated}, {memory.LKMM, true, explore.Safe},
	} {
		opt := explore.Defaults()
		opt.Model = c.model
		r, err := explore.Exhaustive(model(c.barriers), opt)
		require.NoError(t, err)
		assert.Equal(t, c.want, r.Verdict, "%s, barriers %t", c.model, c.barriers)
		if r.Schedule != nil {
			tr, err := explore.Replay(model(c.barriers), explore.Defaults(), r.Schedule, nil)
			require.NoError(t, err)
			assert.Equal(t, kern.Assertion, tr.Violation.Kind)
		}
	}
}
