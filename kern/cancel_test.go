package kern_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/kern"
)

// The value is a plain Go variable, which the item changes and queues itself for: under -race this also shows that when
// cancel_work_sync has returned nobody runs it any more.
func TestCancelWorkSyncStopsAnItem(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 4})
	item := words(m.CPU(0), kern.WorkWords)
	value := 0
	var fn kern.Func
	fn = m.RegisterFunc("fn", func(c *kern.CPU, item kern.Addr) {
		value++
		if value%5 != 0 {
			kern.QueueWork(c, item, fn)
		}
	})
	canceled := 0
	for range 300 {
		var kworkers sync.WaitGroup
		kern.QueueWork(m.CPU(0), item, fn)
		kworkers.Go(func() { kern.RunWork(m.CPU(1)) })
		if kern.CancelWorkSync(m.CPU(0), item) {
			canceled++
		}
		value++
		kworkers.Wait()
		assert.Zero(t, m.PendingWork())
	}
	t.Logf("%d of 300 were pending", canceled)
	quiet(t, m)
}

// An item in the middle of the queue, at its end, or alone: the others run.
func TestCancelWorkSyncTakesAnItemOffTheQueue(t *testing.T) {
	for n := range 3 {
		m := kern.NewMachine(kern.Config{CPUs: 2})
		c := m.CPU(0)
		items := words(c, 4*kern.WorkWords)
		var ran []kern.Addr
		fn := m.RegisterFunc("fn", func(_ *kern.CPU, item kern.Addr) { ran = append(ran, (item-items)/kern.WorkWords) })
		queue := func(i int) { kern.QueueWork(c, items+kern.Addr(i)*kern.WorkWords, fn) }
		for i := range 3 {
			queue(i)
		}
		assert.True(t, kern.CancelWorkSync(c, items+kern.Addr(n)*kern.WorkWords))
		assert.False(t, kern.CancelWorkSync(c, items+kern.Addr(n)*kern.WorkWords), "it is not pending any more")
		queue(3)
		kern.RunWork(m.CPU(1))
		want := [][]kern.Addr{{1, 2, 3}, {0, 2, 3}, {0, 1, 3}}
		assert.Equal(t, want[n], ran)
		queue(n)
		assert.True(t, kern.CancelWorkSync(c, items+kern.Addr(n)*kern.WorkWords))
		assert.Zero(t, m.PendingWork())
		quiet(t, m)
	}
}

// Between its two steps the item counts as pending, and a second one waits for the first.
func TestCancelWorkSyncInTwoSteps(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	c := m.CPU(0)
	item := words(c, kern.WorkWords)
	fn := m.RegisterFunc("fn", func(*kern.CPU, kern.Addr) {})
	begin, end := kern.Op{Kind: kern.OpCancelWork, Addr: item}, kern.Op{Kind: kern.OpCancelWorkEnd, Addr: item}
	kern.QueueWork(c, item, fn)
	flush := kern.Op{Kind: kern.OpFlushWorkEnd, Addr: item, A: c.Exec(kern.Op{Kind: kern.OpFlushWork, Addr: item})}
	assert.False(t, m.Ready(c, flush, false))
	assert.True(t, m.Ready(c, begin, false))
	assert.EqualValues(t, 2, c.Exec(begin))
	assert.True(t, m.Ready(c, flush, false), "there is nothing left to wait for")
	assert.True(t, m.Canceling(item))
	assert.False(t, kern.QueueWork(c, item, fn))
	assert.False(t, m.Ready(m.CPU(1), begin, false), "the first one is not through")
	assert.True(t, m.Ready(c, end, false))
	c.Exec(end)
	assert.True(t, m.Ready(m.CPU(1), begin, false))
	assert.True(t, kern.QueueWork(c, item, fn))
	quiet(t, m)
}

func TestCancelWorkSyncMisused(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	m.Describe(func(v *kern.Violation) { v.Object = "thing 1" })
	c := m.CPU(0)
	k := m.NewCache(kern.CacheConfig{Name: "thing", Words: kern.WorkWords, Quarantine: 100})
	inside := m.RegisterFunc("inside", func(c *kern.CPU, item kern.Addr) { assert.False(t, kern.CancelWorkSync(c, item)) })
	for want, do := range map[string]func(a kern.Addr){
		"self-deadlock: cancel_work_sync waits for the work item of thing 1, which it runs itself": func(a kern.Addr) { kern.QueueWork(c, a, inside); kern.RunWork(c) },
		"use after free: cancel_work_sync cancels the work item of thing 1, which was freed":       func(a kern.Addr) { k.Free(c, a); kern.CancelWorkSync(c, a) },
		"sleep in atomic context: cancel_work_sync may sleep where it must not: BH off":            func(a kern.Addr) { kern.LocalBHDisable(c); kern.CancelWorkSync(c, a); kern.LocalBHEnable(c) },
	} {
		_, before := m.Violations()
		do(k.Alloc(c))
		list, total := m.Violations()
		if assert.Equal(t, before+1, total, want) {
			assert.Contains(t, list[before].Sentence(), want)
		}
	}
}

// Whoever frees what a work item uses cancels it first, and then nobody can run it.
func ExampleCancelWorkSync() {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	c, kworker := m.CPU(0), m.CPU(1)
	item := m.NewCache(kern.CacheConfig{Name: "work", Words: kern.WorkWords}).Alloc(c)
	fn := m.RegisterFunc("fn", func(*kern.CPU, kern.Addr) { fmt.Println("the item runs") })
	kern.QueueWork(c, item, fn)
	fmt.Println("it was pending:", kern.CancelWorkSync(c, item))
	fmt.Println("items run:", kern.RunWork(kworker))
	// Output:
	// it was pending: true
	// items run: 0
}
