package explore_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// on puts tasks on CPUs, counted from 1.
func on(ts []explore.Task, cpus ...int) []explore.Task {
	for i, cpu := range cpus {
		ts[i].On = cpu
	}
	return ts
}

// said finds the violation of a model, and says it with the words of the global object as g0, g1 and so on.
func said(t *testing.T, mo *explore.Model, opt explore.Options, g kern.Addr) string {
	t.Helper()
	r, err := explore.Exhaustive(mo, opt)
	require.NoError(t, err)
	require.NotNil(t, r.Violation)
	var names []string
	for i := range kern.Addr(8) {
		names = append(names, word(g+i), "g"+string(rune('0'+i)))
	}
	return strings.NewReplacer(names...).Replace(r.Violation.Detail)
}

// What is per CPU needs nothing but preemption off, as long as all who use it are on that CPU.
func TestPreemptionOffProtectsWhatIsPerCPU(t *testing.T) {
	count := func(g kern.Addr, off, on func(c *kern.CPU)) func(c *kern.CPU) {
		return func(c *kern.CPU) {
			off(c)
			kern.WriteOnce(c, g, kern.ReadOnce(c, g)+1)
			on(c)
			if kern.AtomicAddReturn(c, g+1, 1) == 2 {
				kern.Assert(c, kern.ReadOnce(c, g) == 2, "both were counted")
			}
		}
	}
	nothing := func(*kern.CPU) {}
	for name, how := range map[string]struct {
		off, on func(c *kern.CPU)
		cpus    []int
		want    kern.Kind
	}{
		"preemption off":              {kern.PreemptDisable, kern.PreemptEnable, []int{2, 2}, kern.NoViolation},
		"BH off":                      {kern.LocalBHDisable, kern.LocalBHEnable, []int{1, 1}, kern.NoViolation},
		"preemption on":               {nothing, nothing, []int{1, 1}, kern.Assertion},
		"rcu_read_lock is preempted":  {kern.RCUReadLock, kern.RCUReadUnlock, []int{1, 1}, kern.Assertion},
		"each on a CPU of its own":    {kern.PreemptDisable, kern.PreemptEnable, []int{0, 0}, kern.Assertion},
		"they are put on two of them": {kern.PreemptDisable, kern.PreemptEnable, []int{2, 1}, kern.Assertion},
	} {
		everyWay(t, name, small(name, func(_ *kern.Machine, g kern.Addr) []explore.Task {
			return on(tasks(count(g, how.off, how.on), count(g, how.off, how.on)), how.cpus...)
		}), how.want)
	}
}

// Why a task must not sleep with a spin lock held: who wants the lock on the same CPU spins, and keeps off the one that has it.
// On another CPU it would spin until that is woken.
func TestToSleepWithASpinLockIsADeadlockOnOneCPU(t *testing.T) {
	var g kern.Addr
	model := func(cpus ...int) *explore.Model {
		return small("sleeper", func(_ *kern.Machine, at kern.Addr) []explore.Task {
			g = at
			return on(tasks(func(c *kern.CPU) {
				kern.SpinLock(c, g)
				kern.MutexLock(c, g+1)
				kern.MutexUnlock(c, g+1)
				kern.SpinUnlock(c, g)
			}, func(c *kern.CPU) { kern.SpinLock(c, g); kern.SpinUnlock(c, g) },
				func(c *kern.CPU) { kern.MutexLock(c, g+1); kern.MutexUnlock(c, g+1) }), cpus...)
		})
	}
	everyLaxWay(t, "on one CPU", model(1, 1, 0), kern.Deadlock)
	everyLaxWay(t, "on two", model(1, 2, 3), kern.NoViolation)
	everyWay(t, "the rule", model(1, 2, 3), kern.SleepInAtomic)
	opt := explore.Defaults()
	opt.Lax = true
	assert.Equal(t, "A cannot go on, B keeps it off CPU0: it spins; B waits to spin_lock g0, which A holds", said(t, model(1, 1, 0), opt, g))
}

// A task that spins keeps off the one that its lock's holder, on another CPU, waits for. No rule of the context is broken.
func TestASpinnerKeepsTheCPUFromTheTaskThatTheHolderNeeds(t *testing.T) {
	var g kern.Addr
	model := func(cpus ...int) *explore.Model {
		return small("spinner", func(_ *kern.Machine, at kern.Addr) []explore.Task {
			g = at
			return on(tasks(func(c *kern.CPU) { kern.SpinLock(c, g); kern.SpinUnlock(c, g) },
				func(c *kern.CPU) { kern.WriteOnce(c, g+1, 1) },
				func(c *kern.CPU) {
					kern.SpinLock(c, g)
					for kern.ReadOnce(c, g+1) == 0 {
					}
					kern.SpinUnlock(c, g)
				}), cpus...)
		})
	}
	everyWay(t, "one CPU", model(1, 1, 0), kern.Livelock)
	everyWay(t, "two", model(1, 2, 0), kern.NoViolation)
	assert.Equal(t, "A waits to spin_lock g0, which C holds; B cannot go on, A keeps it off CPU0: it spins; C reads g1 again and again",
		said(t, model(1, 1, 0), explore.Defaults(), g))
}

// A stepper says who has the CPU of a task that cannot go on, and a task that begins to spin takes a step to do so.
func TestStepperSaysWhoHasTheCPU(t *testing.T) {
	var g kern.Addr
	p, err := explore.NewStepper(small("stepper", func(_ *kern.Machine, at kern.Addr) []explore.Task {
		g = at
		return on(tasks(func(c *kern.CPU) { kern.SpinLock(c, g); kern.WriteOnce(c, g+1, 1); kern.SpinUnlock(c, g) },
			func(c *kern.CPU) { kern.WriteOnce(c, g+2, 1) },
			func(c *kern.CPU) { kern.SpinLock(c, g); kern.WriteOnce(c, g+1, 2); kern.SpinUnlock(c, g) }), 1, 1, 0)
	}), explore.Defaults())
	require.NoError(t, err)
	defer p.Close()
	take := func(t int) []explore.Step {
		did, err := p.Take(explore.Move{Thread: t})
		if err != nil {
			panic(err)
		}
		return did
	}
	take(2)
	assert.True(t, p.Thread(0).Moves[0].Waits, "the lock is held")
	assert.False(t, p.Thread(1).Moves[0].Waits)
	did := take(0)
	require.Len(t, did, 1)
	assert.True(t, did[0].Waits)
	assert.Equal(t, kern.OpSpinLock, did[0].Op.Kind)
	b := p.Thread(1)
	assert.Equal(t, explore.KeptOff, b.Wait)
	assert.Equal(t, []int{0}, b.Holders)
	_, err = p.Take(explore.Move{Thread: 1})
	assert.EqualError(t, err, "B cannot go on: A keeps it off CPU0: it spins")
	_, err = p.Take(explore.Move{Thread: 0})
	assert.EqualError(t, err, "A cannot take its step: it waits for a lock")
	take(2)
	take(2)
	assert.False(t, take(0)[0].Waits, "it has the lock")
	_, err = p.Take(explore.Move{Thread: 1})
	assert.EqualError(t, err, "B cannot go on: A keeps it off CPU0: 1 spin lock held")
}

func TestTasksOnCPUsThatAreNone(t *testing.T) {
	mo := small("cpus", func(*kern.Machine, kern.Addr) []explore.Task {
		return on(tasks(func(*kern.CPU) {}, func(*kern.CPU) {}), 0, 3)
	})
	_, err := explore.Exhaustive(mo, explore.Defaults())
	assert.EqualError(t, err, "the model cannot be explored: task B is on CPU 3; expected 1 to 2, or 0 for a CPU of its own")
}
