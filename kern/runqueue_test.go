package kern_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"ptsim/kern"
)

// together runs tasks on one CPU of a machine, each on a goroutine of its own, and returns the machine.
func together(t *testing.T, m *kern.Machine, tick func() bool, tasks ...func(c *kern.CPU)) {
	t.Helper()
	q := m.NewRunQueue(0)
	q.Tick = tick
	var wg sync.WaitGroup
	for i, task := range tasks {
		c := q.Task(i, string(rune('A'+i)))
		wg.Go(func() { q.Run(c, task) })
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("a task hangs")
	}
}

// Two plain accesses with preemption off are as one to the other tasks of the CPU, by each of the ways to have it off; with
// preemption on another task may come in between.
func TestTasksKeepTheOthersOff(t *testing.T) {
	const rounds = 300
	for name, how := range map[string]struct {
		off, on func(c *kern.CPU, l kern.Addr)
		lost    bool
	}{
		"preempt_disable": {func(c *kern.CPU, _ kern.Addr) { kern.PreemptDisable(c) }, func(c *kern.CPU, _ kern.Addr) { kern.PreemptEnable(c) }, false},
		"BH off":          {func(c *kern.CPU, _ kern.Addr) { kern.LocalBHDisable(c) }, func(c *kern.CPU, _ kern.Addr) { kern.LocalBHEnable(c) }, false},
		"spin_lock":       {kern.SpinLock, kern.SpinUnlock, false},
		"spin_lock_bh":    {kern.SpinLockBH, kern.SpinUnlockBH, false},
		"local_lock":      {kern.LocalLock, kern.LocalUnlock, false},
		"mutex":           {kern.MutexLock, kern.MutexUnlock, false}, // one that sleeps lets the others run, and they wait
		"rcu_read_lock":   {func(c *kern.CPU, _ kern.Addr) { kern.RCUReadLock(c) }, func(c *kern.CPU, _ kern.Addr) { kern.RCUReadUnlock(c) }, true},
		"nothing":         {func(*kern.CPU, kern.Addr) {}, func(*kern.CPU, kern.Addr) {}, true},
	} {
		add := func() uint32 {
			m := kern.NewMachine(kern.Config{CPUs: 3})
			count := m.DefinePerCPU("count")
			l := m.NewCache(kern.CacheConfig{Name: "lock", Words: 2}).Alloc(m.CPU(0))
			task := func(c *kern.CPU) {
				for kern.AtomicAdd(c, l+1, 1); kern.ReadOnce(c, l+1) < 3; { // all have come
				}
				for range rounds {
					how.off(c, l)
					kern.RawCPUAdd(c, count, 1)
					how.on(c, l)
				}
			}
			together(t, m, nil, task, task, task)
			defer quiet(t, m)
			return m.Peek(kern.PerCPUPtr(count, 0))
		}
		left := add()
		for n := 1; how.lost && left == 3*rounds && n < 100; n++ { // by chance nobody came in between
			left = add()
		}
		assert.Equal(t, how.lost, left != 3*rounds, "%s: %d", name, left)
	}
}

// A task that sleeps gives the CPU up, and gets it again when it is woken; so none of these hangs.
func TestTasksThatSleepLetTheOthersRun(t *testing.T) {
	const rounds = 50
	m := kern.NewMachine(kern.Config{CPUs: 3})
	word := m.NewCache(kern.CacheConfig{Name: "words", Words: 8 + kern.SRCUWords}).Alloc(m.CPU(0))
	done, back, wq, flag, sem, srcu := word, word+1, word+2, word+3, word+4, word+8
	rng := rand.New(rand.NewPCG(1, 1)) // who has the CPU draws
	together(t, m, func() bool { return rng.IntN(3) == 0 }, func(c *kern.CPU) {
		for i := range uint32(rounds) {
			kern.Complete(c, done)
			kern.WaitForCompletion(c, back)
			kern.DownWrite(c, sem)
			kern.WriteOnce(c, flag, i+1)
			kern.UpWrite(c, sem)
			kern.WakeUp(c, wq)
			kern.SynchronizeSRCU(c, srcu)
		}
	}, func(c *kern.CPU) {
		for range rounds {
			kern.WaitForCompletion(c, done)
			kern.Complete(c, back)
		}
	}, func(c *kern.CPU) {
		for i := range uint32(rounds) {
			kern.WaitEvent(c, wq, func() bool { return kern.ReadOnce(c, flag) > i })
			idx := kern.SRCUReadLock(c, srcu)
			kern.DownRead(c, sem)
			kern.ReadOnce(c, flag)
			kern.UpRead(c, sem)
			kern.SRCUReadUnlock(c, srcu, idx)
		}
	})
	quiet(t, m)
}

// Tasks are told apart: each has its own mutexes and depths, and what one leaves behind is its own.
func TestTasksOfACPUAreTheirOwn(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	l := m.NewCache(kern.CacheConfig{Name: "lock", Words: 1}).Alloc(m.CPU(0))
	together(t, m, nil, func(c *kern.CPU) {
		kern.MutexLock(c, l)
		kern.PreemptDisable(c)
	}, func(c *kern.CPU) {
		for kern.ReadOnce(c, l) == 0 {
		}
		kern.MutexUnlock(c, l)
	})
	list, n := m.Violations()
	assert.Equal(t, 2, n)
	assert.Equal(t, kern.ContextImbalance, list[0].Kind)
	assert.Equal(t, "A", list[0].Task)
	assert.Equal(t, kern.LockMisuse, list[1].Kind)
	assert.Equal(t, "B", list[1].Task)
}
