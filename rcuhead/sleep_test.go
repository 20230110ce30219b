package rcuhead_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/kern"
	"ptsim/rcuhead"
)

// Who sleeps is in a quiescent state, and its callbacks run meanwhile: a grace period, and rcu_barrier, may be waited for by who
// holds what it sleeps for.
func TestNoGracePeriodWaitsForASleeper(t *testing.T) {
	for name, wait := range map[string]func(c *kern.CPU){"synchronize_rcu": kern.SynchronizeRCU, "rcu_barrier": kern.RCUBarrier} {
		m := kern.NewMachine(kern.Config{CPUs: 2})
		rcu := rcuhead.NewNative(m)
		words := m.NewCache(kern.CacheConfig{Name: "words", Words: 2 + kern.RCUHeadWords}).Alloc(m.CPU(0))
		mutex, held, head := words, words+1, words+2
		fn := m.RegisterFunc("nothing", func(*kern.CPU, kern.Addr) {})
		var wg sync.WaitGroup
		for i, task := range []func(c *kern.CPU){
			func(c *kern.CPU) {
				kern.MutexLock(c, mutex)
				kern.SmpStoreRelease(c, held, 1)
				for kern.ReadOnce(c, held) == 1 {
				}
				wait(c)
				kern.MutexUnlock(c, mutex)
			},
			func(c *kern.CPU) {
				for kern.SmpLoadAcquire(c, held) == 0 {
				}
				kern.CallRCU(c, head, fn)
				kern.WriteOnce(c, held, 2)
				kern.MutexLock(c, mutex)
				kern.MutexUnlock(c, mutex)
			},
		} {
			c := m.CPU(i)
			rcu.Online(c)
			wg.Go(func() { task(c); rcu.Offline(c) })
		}
		within(t, name, wg.Wait)
		within(t, "Barrier", func() { rcu.Barrier(m.CPU(0)) })
		quiet(t, m)
		rcu.Close()
	}
}

// A task that is preempted inside a reader keeps grace periods waiting, whatever the other tasks of its CPU do.
func TestGracePeriodsWaitForAPreemptedReader(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 3})
	rcu := rcuhead.NewNative(m)
	defer rcu.Close()
	words := m.NewCache(kern.CacheConfig{Name: "words", Words: 3}).Alloc(m.CPU(0))
	inside, waits, gone := words, words+1, words+2
	q := m.NewRunQueue(0)
	var wg sync.WaitGroup
	for i, task := range []func(c *kern.CPU){
		func(c *kern.CPU) {
			kern.RCUReadLock(c)
			kern.WriteOnce(c, inside, 1)
			for kern.ReadOnce(c, waits) == 0 {
			}
			for range 200 {
				assert.Zero(t, kern.ReadOnce(c, gone), "the grace period is over, and the reader is not")
			}
			kern.RCUReadUnlock(c)
		},
		func(c *kern.CPU) {
			for kern.ReadOnce(c, inside) == 0 {
			}
			kern.WriteOnce(c, waits, 1)
			kern.SynchronizeRCU(c)
			kern.WriteOnce(c, gone, 1)
		},
	} {
		c := q.Task(i, "task")
		rcu.Online(c)
		wg.Go(func() { q.Run(c, func(c *kern.CPU) { task(c); rcu.Offline(c) }) })
	}
	within(t, "the grace period", wg.Wait)
	quiet(t, m)
}
