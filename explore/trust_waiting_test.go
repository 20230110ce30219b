package explore_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// A completion that nobody completes is a deadlock, and one that is freed too early a use after free; else whoever waits sees
// what was done before.
func TestCompletions(t *testing.T) {
	wait := func(g kern.Addr) func(c *kern.CPU) { return func(c *kern.CPU) { kern.WaitForCompletion(c, g) } }
	everyWay(t, "orders", small("orders", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) { kern.Store(c, g+1, 1); kern.Complete(c, g) },
			func(c *kern.CPU) { kern.WaitForCompletion(c, g); kern.Assert(c, kern.Load(c, g+1) == 1, "it is done") })
	}), kern.NoViolation)
	everyWay(t, "for one", small("one", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) { kern.Complete(c, g) }, wait(g), wait(g))
	}), kern.Deadlock)
	everyWay(t, "for all", small("all", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) { kern.CompleteAll(c, g) }, wait(g), wait(g))
	}), kern.NoViolation)
	everyWay(t, "embedded", small("embedded", func(m *kern.Machine, _ kern.Addr) []explore.Task {
		k := m.NewCache(kern.CacheConfig{Name: "obj", Words: 2})
		o := k.Alloc(m.CPU(0))
		return tasks(func(c *kern.CPU) { kern.WaitForCompletion(c, o); k.Free(c, o) }, func(c *kern.CPU) { kern.Complete(c, o); kern.Complete(c, o) })
	}), kern.UseAfterFree)
	everyWay(t, "in a reader", small("reader", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) { kern.RCUReadLock(c); kern.WaitForCompletion(c, g); kern.RCUReadUnlock(c) })
	}), kern.SleepInAtomic)
}

// A task may wait for a callback that waits for a reader that waits for a lock which the task holds. To be a reader is then
// not put off until the lock is free.
func TestAReaderIsOneWhileItWaits(t *testing.T) {
	for name, wait := range map[string]func(c *kern.CPU, g kern.Addr){
		"a completion": kern.WaitForCompletion,
		"an event": func(c *kern.CPU, g kern.Addr) {
			kern.WaitEvent(c, g+1, func() bool { return kern.ReadOnce(c, g) != 0 })
		},
	} {
		everyLaxWay(t, name, small("reader", func(m *kern.Machine, g kern.Addr) []explore.Task {
			fn := m.RegisterFunc("cb", func(c *kern.CPU, _ kern.Addr) { kern.Complete(c, g); kern.WakeUp(c, g+1) })
			return tasks(func(c *kern.CPU) {
				kern.RCUReadLock(c)
				kern.MutexLock(c, g+2)
				kern.MutexUnlock(c, g+2)
				kern.RCUReadUnlock(c)
			}, func(c *kern.CPU) {
				kern.MutexLock(c, g+2)
				kern.CallRCU(c, g+4, fn)
				wait(c, g)
				kern.MutexUnlock(c, g+2)
			})
		}), kern.Deadlock)
	}
}

// A wake-up is lost if the condition is made true behind it, or if the task looks before it is on the queue.
func TestLostWakeUps(t *testing.T) {
	set := func(c *kern.CPU, g kern.Addr) { kern.WriteOnce(c, g, 1); kern.WakeUp(c, g+1) }
	wait := func(c *kern.CPU, g kern.Addr) {
		kern.WaitEvent(c, g+1, func() bool { return kern.ReadOnce(c, g) != 0 })
	}
	for name, way := range map[string]struct {
		set, wait func(c *kern.CPU, g kern.Addr)
		want      kern.Kind
	}{
		"right":           {set, wait, kern.NoViolation},
		"wakes too early": {func(c *kern.CPU, g kern.Addr) { kern.WakeUp(c, g+1); kern.WriteOnce(c, g, 1) }, wait, kern.Deadlock},
		"never wakes":     {func(c *kern.CPU, g kern.Addr) { kern.WriteOnce(c, g, 1) }, wait, kern.Deadlock},
		"looks too early": {set, func(c *kern.CPU, g kern.Addr) {
			if kern.ReadOnce(c, g) == 0 {
				kern.Schedule(c, g+1, kern.PrepareToWait(c, g+1))
				kern.FinishWait(c, g+1)
			}
		}, kern.Deadlock},
	} {
		everyWay(t, name, small(name, func(_ *kern.Machine, g kern.Addr) []explore.Task {
			return tasks(func(c *kern.CPU) { way.set(c, g) }, func(c *kern.CPU) { way.wait(c, g) })
		}), way.want)
	}
}

// Who waits for what is told.
func TestDeadlockNamesWhatIsWaitedFor(t *testing.T) {
	var at kern.Addr
	mo := small("waits", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		at = g
		return tasks(func(c *kern.CPU) { kern.WaitForCompletion(c, g) },
			func(c *kern.CPU) { kern.WaitEvent(c, g+1, func() bool { return kern.ReadOnce(c, g) != 0 }) })
	})
	r, err := explore.Exhaustive(mo, explore.Defaults())
	require.NoError(t, err)
	require.NotNil(t, r.Violation)
	assert.Equal(t, "A waits in wait_for_completion X; B waits to be woken on Y",
		strings.NewReplacer(word(at), "X", word(at+1), "Y").Replace(r.Violation.Detail))
}
