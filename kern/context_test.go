package kern_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/kern"
)

// might_sleep says why a task must not sleep: everything that it is in.
func ExampleMightSleep() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	lock := m.NewCache(kern.CacheConfig{Name: "lock", Words: 1}).Alloc(c)
	kern.MightSleep(c)
	kern.SpinLock(c, lock)
	kern.RCUReadLock(c)
	kern.MightSleep(c)
	kern.RCUReadUnlock(c)
	kern.SpinUnlock(c, lock)
	kern.MightSleep(c)
	list, _ := m.Violations()
	for _, v := range list {
		fmt.Println(v.Sentence())
	}
	// Output:
	// sleep in atomic context: might_sleep may sleep where it must not: 1 spin lock held, in rcu_read_lock
}

// What a task has not left at its end is reported.
func ExampleTaskExit() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	kern.PreemptDisable(c)
	kern.TaskExit(c)
	kern.TaskExit(c) // it has begun anew
	list, _ := m.Violations()
	for _, v := range list {
		fmt.Println(v.Sentence())
	}
	// Output:
	// context imbalance: do_exit ends with preemption off
}

func TestDepths(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	l := words(c, 2)
	kern.SpinLock(c, l)
	kern.SpinLockBH(c, l+1)
	kern.PreemptDisable(c)
	kern.PreemptDisable(c)
	kern.LocalBHDisable(c)
	kern.RCUReadLock(c)
	assert.Equal(t, kern.Depths{Spins: 2, Preempt: 2, BH: 2, RCU: 1}, c.Depths())
	assert.Equal(t, "2 spin locks held, preemption off 2 times, BH off 2 times, in rcu_read_lock", c.Depths().String())
	assert.Equal(t, "in a softirq, in rcu_read_lock", kern.Depths{RCU: 1}.Atomic(true))
	assert.Equal(t, "in a softirq", kern.Depths{}.Atomic(true))
	assert.Empty(t, kern.Depths{}.Atomic(false))
	assert.False(t, kern.SpinTrylock(c, l), "it holds it, so this takes nothing")
	kern.SpinUnlockBH(c, l+1)
	assert.Equal(t, kern.Depths{Spins: 1, Preempt: 2, BH: 1, RCU: 1}, c.Depths())
	assert.True(t, kern.SpinTrylock(c, l+1))
	assert.EqualValues(t, 2, c.Depths().Spins)
	for _, d := range []kern.Depths{{Spins: 1}, {Preempt: 1}, {BH: 1}} {
		assert.False(t, d.Preemptible(), "%+v", d)
	}
	assert.True(t, kern.Depths{RCU: 1}.Preemptible(), "a reader may be preempted")
	quiet(t, m)
	c = kern.NewMachine(kern.Config{}).CPU(0)
	kern.SpinLock(c, words(c, 1))
	kern.MightSleep(c)
	the(t, c.Machine(), kern.SleepInAtomic)
}

// A work item and a softirq must leave what they entered, and nothing else. What goes on does so in the context that there was.
func TestFunctionsLeaveTheContextAlone(t *testing.T) {
	for name, do := range map[string]func(c *kern.CPU){
		"lock":    func(c *kern.CPU) { kern.RCUReadLock(c) },
		"preempt": func(c *kern.CPU) { kern.PreemptDisable(c) },
		"enable":  func(c *kern.CPU) { kern.PreemptEnable(c) },
	} {
		for _, softirq := range []bool{false, true} {
			m := kern.NewMachine(kern.Config{})
			c := m.CPU(0)
			item := words(c, kern.WorkWords)
			kern.PreemptDisable(c)
			before := c.Depths()
			if softirq {
				c.Softirq(func() { do(c) })
			} else {
				kern.QueueWork(c, item, m.RegisterFunc("fn", func(c *kern.CPU, _ kern.Addr) { do(c) }))
				kern.RunWork(c)
			}
			v := the(t, m, kern.ContextImbalance)
			assert.Contains(t, v.Sentence(), "was entered with preemption off and left with ", name)
			assert.Equal(t, before, c.Depths(), name)
		}
	}
}

// A lax CPU sleeps and ends as it likes.
func TestLax(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	s := words(c, 2)
	c.SetLax(true)
	kern.SpinLock(c, s)
	kern.DownWrite(c, s+1)
	assert.False(t, m.SemFree(s+1, false), "it got it")
	c.Softirq(func() { kern.PreemptDisable(c) })
	kern.TaskExit(c)
	assert.Equal(t, kern.Depths{}, c.Depths())
	quiet(t, m)
}

// What may reclaim may sleep: GFP_KERNEL is for tasks that may, GFP_NOWAIT and GFP_ATOMIC for those that must not.
func TestAllocationsMaySleep(t *testing.T) {
	for _, sched := range []kern.Scheduler{nil, &direct{}} {
		m := kern.NewMachine(kern.Config{Frames: 64, Scheduler: sched})
		c := m.CPU(0)
		k := m.NewCache(kern.CacheConfig{Name: "thing", Words: 2})
		l := k.Alloc(c)
		kern.SpinLock(c, l)
		assert.NotZero(t, k.AllocNowait(c))
		assert.NotZero(t, k.AllocAtomic(c))
		assert.NotZero(t, kern.AllocPages(c, 0, kern.GFPNowait))
		assert.NotZero(t, kern.AllocPages(c, 0, kern.GFPAtomic))
		quiet(t, m)
		for n, alloc := range []func() bool{
			func() bool { return k.Alloc(c) != 0 },
			func() bool { return k.Kmalloc(c) != 0 },
			func() bool { return kern.AllocPages(c, 0, kern.GFPKernel) != 0 },
		} {
			assert.True(t, alloc(), "what it gets is good all the same")
			list, total := m.Violations()
			if assert.Equal(t, n+1, total) {
				assert.Equal(t, kern.SleepInAtomic, list[n].Kind)
				assert.Contains(t, list[n].Detail, "1 spin lock held")
			}
		}
		kern.SpinUnlock(c, l)
		k.Alloc(c)
		_, total := m.Violations()
		assert.Equal(t, 3, total)
	}
}
