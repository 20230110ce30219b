package rcuhead_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/kern"
	"ptsim/rcuhead"
)

// Writers take an object away, wait, and spoil it. No reader that found it before may meet it spoilt: by RCU, and by SRCU, where
// readers pass quiescent states meanwhile.
func TestSynchronizeWaitsForReaders(t *testing.T) {
	const cpus, rounds, spoilt = 4, 200, 99
	for name, how := range map[string]struct {
		lock, unlock func(c *kern.CPU, srcu kern.Addr, idx uint32) uint32
		wait         func(c *kern.CPU, srcu kern.Addr)
		sleeps       bool
	}{
		"rcu": {func(c *kern.CPU, _ kern.Addr, _ uint32) uint32 { kern.RCUReadLock(c); return 0 },
			func(c *kern.CPU, _ kern.Addr, _ uint32) uint32 { kern.RCUReadUnlock(c); return 0 },
			func(c *kern.CPU, _ kern.Addr) { kern.SynchronizeRCU(c) }, false},
		"srcu": {func(c *kern.CPU, s kern.Addr, _ uint32) uint32 { return kern.SRCUReadLock(c, s) },
			func(c *kern.CPU, s kern.Addr, idx uint32) uint32 { kern.SRCUReadUnlock(c, s, idx); return 0 },
			func(c *kern.CPU, s kern.Addr) { kern.SynchronizeSRCU(c, s) }, true},
	} {
		m := kern.NewMachine(kern.Config{CPUs: cpus})
		rcu := rcuhead.NewNative(m)
		objects := m.NewCache(kern.CacheConfig{Name: "object", Words: 1})
		root := objects.Alloc(m.CPU(0))
		srcu := m.NewCache(kern.CacheConfig{Name: "srcu", Words: kern.SRCUWords}).Alloc(m.CPU(0))
		m.Poke(root, uint32(objects.Alloc(m.CPU(0))))
		var late atomic.Int64
		var wg sync.WaitGroup
		for i := range cpus {
			c := m.CPU(i)
			rcu.Online(c)
			wg.Go(func() {
				defer rcu.Offline(c)
				for n := range rounds {
					if i < 2 && n%8 == 0 {
						old := kern.Addr(kern.Xchg(c, root, uint32(objects.Alloc(c))))
						how.wait(c, srcu)
						kern.WriteOnce(c, old, spoilt)
					}
					idx := how.lock(c, srcu, 0)
					obj := kern.RCUDereference(c, root)
					for range n % 32 {
						if kern.ReadOnce(c, obj) == spoilt {
							late.Add(1)
						}
						if how.sleeps {
							rcu.Quiescent(c)
						}
					}
					how.unlock(c, srcu, idx)
					rcu.Quiescent(c)
				}
			})
		}
		within(t, name, wg.Wait)
		assert.Zero(t, late.Load(), name)
		quiet(t, m)
		rcu.Close()
	}
}

// What rcu_barrier waits for has run when it returns, on whichever CPU it was queued.
func TestBarrierWaitsForCallbacks(t *testing.T) {
	const cpus, rounds = 3, 60
	m := kern.NewMachine(kern.Config{CPUs: cpus})
	rcu := rcuhead.NewNative(m)
	defer rcu.Close()
	heads := m.NewCache(kern.CacheConfig{Name: "head", Words: kern.RCUHeadWords})
	var ran, queued atomic.Int64
	fn := m.RegisterFunc("count", func(*kern.CPU, kern.Addr) { ran.Add(1) })
	var wg sync.WaitGroup
	for i := range cpus {
		c := m.CPU(i)
		rcu.Online(c)
		wg.Go(func() {
			defer rcu.Offline(c)
			for n := range rounds {
				kern.CallRCU(c, heads.Alloc(c), fn)
				queued.Add(1)
				if n%20 == 7*i {
					want := queued.Load()
					kern.RCUBarrier(c)
					assert.GreaterOrEqual(t, ran.Load(), want-cpus) // who had not called call_rcu yet had counted already
				}
				rcu.Quiescent(c)
			}
		})
	}
	within(t, "the run", wg.Wait)
	within(t, "Barrier", func() { rcu.Barrier(m.CPU(0)) })
	assert.EqualValues(t, queued.Load(), ran.Load())
	quiet(t, m)
}

// On a machine that one goroutine drives, both are done at once, unless a reader would never leave.
func TestSteppedWaits(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	rcuhead.NewStepped(m)
	ran := 0
	fn := m.RegisterFunc("count", func(*kern.CPU, kern.Addr) { ran++ })
	head := m.NewCache(kern.CacheConfig{Name: "head", Words: kern.RCUHeadWords}).Alloc(m.CPU(0))
	kern.CallRCU(m.CPU(0), head, fn)
	kern.SynchronizeRCU(m.CPU(1))
	assert.Equal(t, 1, ran)
	kern.CallRCU(m.CPU(0), head, fn)
	kern.RCUBarrier(m.CPU(1))
	assert.Equal(t, 2, ran)
	quiet(t, m)
	kern.RCUReadLock(m.CPU(0))
	kern.SynchronizeRCU(m.CPU(1))
	list, n := m.Violations()
	assert.Equal(t, 1, n)
	assert.Equal(t, kern.Deadlock, list[0].Kind)
}
