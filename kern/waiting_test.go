package kern_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/kern"
)

// The value is a plain Go variable: under -race this also shows that completing and waiting order what is before and behind.
func TestCompletionOrders(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 3})
	for range 300 {
		x := words(m.CPU(0), 2)
		value, got := 0, [2]int{}
		var wg sync.WaitGroup
		wg.Go(func() { value = 7; kern.CompleteAll(m.CPU(0), x) })
		for i := range 2 {
			wg.Go(func() { kern.WaitForCompletion(m.CPU(i+1), x); got[i] = value })
		}
		wg.Wait()
		assert.Equal(t, [2]int{7, 7}, got)
	}
	quiet(t, m)
}

// Each complete() lets one through.
func TestCompletionsCount(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	x := words(c, 1)
	wait := kern.Op{Kind: kern.OpWaitForCompletion, Addr: x}
	assert.False(t, m.Ready(c, wait, false))
	kern.Complete(c, x)
	kern.Complete(c, x)
	kern.WaitForCompletion(c, x)
	kern.WaitForCompletion(c, x)
	assert.False(t, m.Ready(c, wait, false), "both were waited for")
	kern.CompleteAll(c, x)
	kern.Complete(c, x)
	for range 3 {
		kern.WaitForCompletion(c, x)
	}
	kern.InitCompletion(c, x)
	assert.False(t, m.Ready(c, wait, false))
	quiet(t, m)
}

func TestWaitEvent(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 3})
	for range 300 {
		a := words(m.CPU(0), 2)
		value, got := 0, [2]int{}
		var wg sync.WaitGroup
		wg.Go(func() {
			value = 7
			kern.WriteOnce(m.CPU(0), a, 1)
			kern.WakeUp(m.CPU(0), a+1)
		})
		for i := range 2 {
			c := m.CPU(i + 1)
			wg.Go(func() {
				kern.WaitEvent(c, a+1, func() bool { return kern.ReadOnce(c, a) != 0 })
				got[i] = value
			})
		}
		wg.Wait()
		assert.Equal(t, [2]int{7, 7}, got)
		assert.Zero(t, m.Peek(a+1), "nobody is on the queue any more")
	}
	quiet(t, m)
}

func TestWaitingMisused(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	m.Describe(func(v *kern.Violation) { v.Object = "thing 1" })
	c := m.CPU(0)
	k := m.NewCache(kern.CacheConfig{Name: "thing", Words: 2, Quarantine: 100})
	for want, do := range map[string]func(a kern.Addr){
		"use after free: complete completes what is freed with thing 1":            func(a kern.Addr) { k.Free(c, a); kern.Complete(c, a) },
		"use after free: complete_all completes what is freed with thing 1":        func(a kern.Addr) { k.Free(c, a); kern.CompleteAll(c, a) },
		"use after free: wait_for_completion waits for what is freed with thing 1": func(a kern.Addr) { k.Free(c, a); kern.WaitForCompletion(c, a) },
		"use after free: wake_up uses a wait queue that is freed with thing 1":     func(a kern.Addr) { k.Free(c, a); kern.WakeUp(c, a) },
		"lock misuse: finish_wait leaves thing 1, on which nobody is":              func(a kern.Addr) { kern.FinishWait(c, a) },
		"sleep in atomic context: wait_for_completion may sleep for thing 1 where it must not: in rcu_read_lock": func(a kern.Addr) {
			kern.RCUReadLock(c)
			kern.WaitForCompletion(c, a)
			kern.RCUReadUnlock(c)
		},
		"sleep in atomic context: wait_event may sleep where it must not: BH off": func(a kern.Addr) {
			kern.LocalBHDisable(c)
			kern.WaitEvent(c, a, func() bool { return true })
			kern.LocalBHEnable(c)
		},
	} {
		_, before := m.Violations()
		do(k.Alloc(c))
		list, total := m.Violations()
		if assert.Equal(t, before+1, total, want) {
			assert.Contains(t, []string{want, "sleep in atomic context: might_sleep may sleep where it must not: BH off"}, list[before].Sentence())
		}
	}
}

// A completion remembers that it was completed.
func ExampleWaitForCompletion() {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	x := m.NewCache(kern.CacheConfig{Name: "completion", Words: 1}).Alloc(m.CPU(0))
	kern.InitCompletion(m.CPU(0), x)
	wait := kern.Op{Kind: kern.OpWaitForCompletion, Addr: x}
	fmt.Println(m.Ready(m.CPU(0), wait, false))
	kern.Complete(m.CPU(1), x)
	fmt.Println(m.Ready(m.CPU(0), wait, false))
	kern.WaitForCompletion(m.CPU(0), x)
	fmt.Println(m.Ready(m.CPU(0), wait, false))
	// Output:
	// false
	// true
	// false
}

// To wake before the task is on the queue wakes nobody: so a task looks at its condition once it is on it.
func ExampleWaitEvent() {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	c, waker := m.CPU(0), m.CPU(1)
	a := m.NewCache(kern.CacheConfig{Name: "event", Words: 2}).Alloc(c)
	kern.WakeUp(waker, a+1)
	ticket := kern.PrepareToWait(c, a+1)
	sleep := kern.Op{Kind: kern.OpSchedule, Addr: a + 1, A: ticket}
	fmt.Println("woken:", m.Ready(c, sleep, false))
	kern.WakeUp(waker, a+1)
	fmt.Println("woken:", m.Ready(c, sleep, false))
	kern.FinishWait(c, a+1)
	// Output:
	// woken: false
	// woken: true
}

// To wake nobody leaves no trace: a queue on which nobody is holds 0, or states would differ that are one.
func TestWakeUpOfNobody(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	wq := words(c, 1)
	kern.WakeUp(c, wq)
	assert.Zero(t, m.Peek(wq))
	kern.PrepareToWait(c, wq)
	kern.WakeUp(c, wq)
	assert.NotZero(t, m.Peek(wq))
	kern.FinishWait(c, wq)
	assert.Zero(t, m.Peek(wq))
	quiet(t, m)
}
