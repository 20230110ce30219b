package rcuhead_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/rcuhead"
)

// within fails the test if f takes unreasonably long.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { f(); close(done) }()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatal(what + " hangs")
	}
}

// Writers replace an object that everybody can reach and free the old one by call_rcu; readers look at it between two
// quiescent states. Nobody may meet an object whose callback has run, however long it holds on to it.
func TestNativeReadersNeverMeetAFreedObject(t *testing.T) {
	const cpus = 4
	rounds := 4000
	if testing.Short() {
		rounds = 500
	}
	m := kern.NewMachine(kern.Config{CPUs: cpus})
	rcu := rcuhead.NewNative(m)
	defer rcu.Close()
	const freed = kern.RCUHeadWords
	k := m.NewCache(kern.CacheConfig{Name: "object", Words: kern.RCUHeadWords + 1, Raw: true})
	var frees, queued [cpus]int
	free := m.RegisterFunc("free", func(c *kern.CPU, obj kern.Addr) {
		kern.WriteOnce(c, obj+freed, 1)
		frees[c.ID()]++
		if !c.InSoftirq() {
			t.Error("a callback runs in softirq context")
		}
	})
	fresh := func(c *kern.CPU) kern.Addr {
		obj := k.Alloc(c)
		kern.WriteOnce(c, obj+freed, 0)
		return obj
	}
	root := m.NewCache(kern.CacheConfig{Name: "root", Words: 1}).Alloc(m.CPU(0))
	m.Poke(root, uint32(fresh(m.CPU(0))))
	var late atomic.Int64
	var wg sync.WaitGroup
	for i := range cpus {
		c := m.CPU(i)
		wg.Go(func() {
			rcu.Online(c)
			defer rcu.Offline(c)
			for n := 0; n < rounds || i < 2 && frees[i] < 3; n++ { // a writer stays until it has run some callbacks itself
				if i < 2 && n%4 == 0 {
					old := kern.Xchg(c, root, uint32(fresh(c)))
					rcuhead.Head(old).Call(c, free)
					queued[i]++
				}
				kern.RCUReadLock(c)
				obj := kern.Addr(kern.ReadOnce(c, root))
				for range n % 64 {
					if kern.ReadOnce(c, obj+freed) != 0 {
						late.Add(1)
					}
				}
				kern.RCUReadUnlock(c)
				rcu.Quiescent(c)
				if n%512 == 0 {
					time.Sleep(50 * time.Microsecond) // let a grace period end
				}
			}
		})
	}
	within(t, "the run", wg.Wait)
	assert.Zero(t, late.Load(), "readers met an object that had been freed")
	within(t, "Barrier", func() { rcu.Barrier(m.CPU(0)) })
	wantRan, ran := 0, 0
	for i := range cpus {
		wantRan += queued[i]
		ran += frees[i]
	}
	assert.Equal(t, wantRan, ran, "every callback ran, once")
	graces, callbacks := rcu.Counts()
	assert.Positive(t, graces)
	assert.EqualValues(t, ran, callbacks)
	quiet(t, m)
}

// A CPU between two quiescent states is a reader, whether it says so or not: no callback runs before it has come to one.
func TestNativeWaitsForASilentCPU(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	rcu := rcuhead.NewNative(m)
	defer rcu.Close()
	k := m.NewCache(kern.CacheConfig{Name: "head", Words: kern.RCUHeadWords})
	busy, writer := m.CPU(0), m.CPU(1)
	ran := 0
	fn := m.RegisterFunc("fn", func(*kern.CPU, kern.Addr) { ran++ })
	rcu.Online(busy)
	rcu.Online(writer)
	rcuhead.Head(k.Alloc(writer)).Call(writer, fn)
	for range 40 {
		rcu.Quiescent(writer)
		time.Sleep(50 * time.Microsecond)
	}
	assert.Zero(t, ran, "CPU 0 may still hold what it found")
	within(t, "the grace period", func() {
		for ran == 0 {
			rcu.Quiescent(busy)
			rcu.Quiescent(writer)
		}
	})
	rcu.Offline(busy)
	rcuhead.Head(k.Alloc(writer)).Call(writer, fn)
	within(t, "a grace period with a CPU offline", func() {
		for ran == 1 {
			rcu.Quiescent(writer)
		}
	})
	rcu.Offline(writer)
}

// Barrier also runs what callbacks queue, the callbacks of CPUs that have gone, and work.
func TestNativeBarrierLeavesNothing(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 3})
	rcu := rcuhead.NewNative(m)
	defer rcu.Close()
	k := m.NewCache(kern.CacheConfig{Name: "object", Words: kern.RCUHeadWords + kern.WorkWords})
	var chained, worked int
	work := m.RegisterFunc("work", func(*kern.CPU, kern.Addr) { worked++ })
	second := m.RegisterFunc("second", func(c *kern.CPU, head kern.Addr) {
		chained++
		kern.QueueWork(c, head+kern.RCUHeadWords, work)
	})
	first := m.RegisterFunc("first", func(c *kern.CPU, head kern.Addr) { rcuhead.Head(head).Call(c, second) })
	for i := range 3 {
		c := m.CPU(i)
		rcu.Online(c)
		for range 5 {
			rcuhead.Head(k.Alloc(c)).Call(c, first)
		}
		if i == 1 {
			rcu.Quiescent(c) // some wait for a grace period already
		}
		rcu.Offline(c)
	}
	rcu.Online(m.CPU(2))
	within(t, "Barrier", func() { rcu.Barrier(m.CPU(2)) })
	rcu.Offline(m.CPU(2))
	assert.Equal(t, 15, chained)
	assert.Equal(t, 15, worked)
	_, callbacks := rcu.Counts()
	assert.EqualValues(t, 30, callbacks)
	assert.Zero(t, m.PendingWork())
}

func TestNativeCloses(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	rcu := rcuhead.NewNative(m)
	within(t, "Close of an idle RCU", rcu.Close)

	rcu = rcuhead.NewNative(m)
	c, other := m.CPU(0), m.CPU(1)
	rcu.Online(c)
	rcu.Online(other)
	rcuhead.Head(m.NewCache(kern.CacheConfig{Name: "head", Words: 2}).Alloc(c)).Call(c, m.RegisterFunc("fn", func(*kern.CPU, kern.Addr) {}))
	rcu.Quiescent(c) // asks for a grace period that the other CPU holds up
	time.Sleep(time.Millisecond)
	require.Zero(t, first(rcu.Counts()))
	within(t, "Close with a grace period under way", rcu.Close)
}

func first(a, _ uint64) uint64 { return a }

// "its callbacks go to whichever CPU calls Quiescent next"
func TestOrphansAreAdopted(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	rcu := rcuhead.NewNative(m)
	defer rcu.Close()
	ran := false
	fn := m.RegisterFunc("fn", func(*kern.CPU, kern.Addr) { ran = true })
	h := rcuhead.Head(m.NewCache(kern.CacheConfig{Name: "head", Words: 2}).Alloc(m.CPU(0)))
	rcu.Online(m.CPU(0))
	rcu.Online(m.CPU(1))
	h.Call(m.CPU(0), fn)
	rcu.Offline(m.CPU(0))
	for tries := 0; !ran && tries < 10_000; tries++ {
		rcu.Quiescent(m.CPU(1))
		time.Sleep(10 * time.Microsecond)
	}
	rcu.Offline(m.CPU(1))
	assert.True(t, ran)
}
