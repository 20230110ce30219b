package kern_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/kern"
)

// The value is a plain Go variable: under -race this also shows that flush_work orders what the item did before what follows.
func TestFlushWorkOrders(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 3})
	c := m.CPU(0)
	item := words(c, kern.WorkWords)
	value := 0
	fn := m.RegisterFunc("fn", func(*kern.CPU, kern.Addr) { value++ })
	for n := range 300 {
		var queued, done sync.WaitGroup
		queued.Add(1)
		done.Go(func() { queued.Wait(); kern.RunWork(m.CPU(1)) })
		kern.QueueWork(c, item, fn)
		queued.Done()
		kern.FlushWork(c, item)
		assert.Equal(t, n+1, value)
		done.Wait()
		assert.False(t, kern.FlushWork(c, item), "it is idle")
	}
	quiet(t, m)
}

// What is waited for is the instance that is pending; if there is none, the one that runs. One that is queued later is none of
// these.
func TestFlushWorkWaitsForAnInstance(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	c := m.CPU(0)
	items := words(c, 2*kern.WorkWords)
	first, second := items, items+kern.WorkWords
	flush := func(item kern.Addr) kern.Op {
		return kern.Op{Kind: kern.OpFlushWorkEnd, Addr: item, A: c.Exec(kern.Op{Kind: kern.OpFlushWork, Addr: item})}
	}
	ready := func(op kern.Op) bool { return m.Ready(c, op, false) }
	other := m.RegisterFunc("other", func(*kern.CPU, kern.Addr) {})
	var running, pending kern.Op
	var fn kern.Func
	begins := func(*kern.CPU, kern.Addr) {}
	fn = m.RegisterFunc("fn", func(k *kern.CPU, item kern.Addr) { begins(k, item) })
	begins = func(k *kern.CPU, item kern.Addr) {
		begins = func(*kern.CPU, kern.Addr) {
			assert.True(t, ready(running), "the instance that ran is over")
			assert.False(t, ready(pending), "the one that was pending runs")
		}
		running = flush(item)
		assert.True(t, kern.QueueWork(k, item, fn))
		pending = flush(item)
		assert.NotEqual(t, running.A, pending.A)
		assert.False(t, ready(running))
	}
	kern.QueueWork(c, second, other)
	kern.QueueWork(c, first, fn)
	before := flush(first)
	assert.False(t, ready(before))
	assert.Equal(t, 3, kern.RunWork(m.CPU(1)))
	for _, op := range []kern.Op{before, running, pending} {
		assert.NotZero(t, op.A)
		assert.True(t, ready(op))
	}
	assert.Zero(t, flush(first).A, "it is idle")
	quiet(t, m)
}

func TestFlushWorkMisused(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	m.Describe(func(v *kern.Violation) { v.Object = "thing 1" })
	c := m.CPU(0)
	k := m.NewCache(kern.CacheConfig{Name: "thing", Words: kern.WorkWords, Quarantine: 100})
	inside := m.RegisterFunc("inside", func(c *kern.CPU, item kern.Addr) { assert.False(t, kern.FlushWork(c, item)) })
	for want, do := range map[string]func(a kern.Addr){
		"self-deadlock: flush_work flushes the work item of thing 1 that it runs itself":      func(a kern.Addr) { kern.QueueWork(c, a, inside); kern.RunWork(c) },
		"use after free: flush_work flushes the work item of thing 1, which was freed":        func(a kern.Addr) { k.Free(c, a); kern.FlushWork(c, a) },
		"sleep in atomic context: flush_work may sleep where it must not: 1 spin lock held":   func(a kern.Addr) { kern.SpinLock(c, a); kern.FlushWork(c, a); kern.SpinUnlock(c, a) },
		"sleep in atomic context: flush_work may sleep where it must not: in a softirq":       func(a kern.Addr) { c.Softirq(func() { kern.FlushWork(c, a) }) },
		"use after free: process_one_work runs a work item of thing 1, which was freed while": func(a kern.Addr) { kern.QueueWork(c, a, inside); k.Free(c, a); kern.RunWork(c) },
	} {
		_, before := m.Violations()
		do(k.Alloc(c))
		list, total := m.Violations()
		if assert.Equal(t, before+1, total, want) {
			assert.Contains(t, list[before].Sentence(), want)
		}
	}
}

// It waits for what is pending, and not for what is queued later.
func ExampleFlushWork() {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	c, kworker := m.CPU(0), m.CPU(1)
	item := m.NewCache(kern.CacheConfig{Name: "work", Words: kern.WorkWords}).Alloc(c)
	fmt.Println("waited:", kern.FlushWork(c, item))
	kern.QueueWork(c, item, m.RegisterFunc("fn", func(*kern.CPU, kern.Addr) { fmt.Println("the item runs") }))
	go kern.RunWork(kworker)
	kern.FlushWork(c, item)
	fmt.Println("it has run")
	// Output:
	// waited: false
	// the item runs
	// it has run
}
