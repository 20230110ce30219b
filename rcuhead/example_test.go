package rcuhead_test

import (
	"fmt"

	"ptsim/kern"
	"ptsim/rcuhead"
)

// A grace period on request: it runs what was queued when it began, and waits for who was reading then.
func ExampleStepped() {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	rcu := rcuhead.NewStepped(m)
	free := m.RegisterFunc("free", func(*kern.CPU, kern.Addr) { fmt.Println("callback") })
	head := rcuhead.Head(m.NewCache(kern.CacheConfig{Name: "rcu_head", Words: kern.RCUHeadWords}).Alloc(m.CPU(0)))

	kern.RCUReadLock(m.CPU(1))
	head.Call(m.CPU(0), free)
	rcu.Begin()
	fmt.Println("ran", rcu.End(), "pending", rcu.Pending(), "waits for CPU", rcu.Blocker())
	kern.RCUReadUnlock(m.CPU(1))
	fmt.Println("ran", rcu.End(), "pending", rcu.Pending())
	// Output:
	// ran 0 pending 1 waits for CPU 1
	// callback
	// ran 1 pending 0
}

// Barrier is for the end of a script: nothing is left.
func ExampleStepped_Barrier() {
	m := kern.NewMachine(kern.Config{})
	rcu := rcuhead.NewStepped(m)
	var again kern.Func
	left := 2
	again = m.RegisterFunc("again", func(c *kern.CPU, head kern.Addr) {
		if left--; left > 0 {
			rcuhead.Head(head).Call(c, again)
		}
	})
	rcuhead.UnionOf(kern.AllocPages(m.CPU(0), 0, kern.GFPKernel)).Head().Call(m.CPU(0), again)
	rcu.Each(func(_ kern.Addr, fn kern.Func) { fmt.Println("waits:", m.FuncName(fn)) })
	fmt.Println(rcu.Barrier())
	fmt.Println(rcu.Counts())
	// Output:
	// waits: again
	// true
	// 2 2
}

// CPUs that are goroutines come online, pass quiescent states and go offline; callbacks run as grace periods end.
func ExampleNative() {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	rcu := rcuhead.NewNative(m)
	defer rcu.Close()
	free := m.RegisterFunc("free", func(c *kern.CPU, _ kern.Addr) { fmt.Println("callback on CPU", c.ID(), "in softirq:", c.InSoftirq()) })
	heads := m.NewCache(kern.CacheConfig{Name: "rcu_head", Words: kern.RCUHeadWords})

	c := m.CPU(1)
	rcu.Online(c)
	rcuhead.Head(heads.Alloc(c)).Call(c, free)
	rcu.Quiescent(c) // between any two operations
	rcu.Barrier(c)   // at the end, with no other CPU online
	rcu.Offline(c)
	// Output: callback on CPU 1 in softirq: true
}

// One pair of words is on a list or queued, never both.
func ExampleUnion() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	rcuhead.NewStepped(m)
	fn := m.RegisterFunc("pte_free_now", func(*kern.CPU, kern.Addr) {})
	list := m.NewCache(kern.CacheConfig{Name: "list", Words: kern.ListHeadWords}).Alloc(c)
	kern.InitListHead(c, list)

	u := rcuhead.UnionOf(kern.AllocPages(c, 0, kern.GFPKernel))
	kern.ListAdd(c, u.LRU(), list)
	fmt.Println("page", u.PFN(), "listed:", u.State(m) == kern.Listed)
	u.Head().Call(c, fn) // a bug
	fmt.Println("queued:", u.Head().Queued(m))
	violations, _ := m.Violations()
	fmt.Println(violations[0].Kind)
	// Output:
	// page 1 listed: true
	// queued: true
	// union-overlap
}
