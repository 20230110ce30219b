package kern_test

import (
	"fmt"

	"ptsim/kern"
)

// A node that was deleted for readers leads on to the rest of the list.
func ExampleListDelRCU() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	nodes := m.NewCache(kern.CacheConfig{Name: "node", Words: kern.ListHeadWords})
	head, a, b := nodes.Alloc(c), nodes.Alloc(c), nodes.Alloc(c)
	kern.InitListHead(c, head)
	kern.ListAddTailRCU(c, a, head)
	kern.ListAddTailRCU(c, b, head)

	kern.RCUReadLock(c)
	kern.ListForEachRCU(c, head, func(node kern.Addr) bool {
		if node == a {
			kern.ListDelRCU(c, a) // as a writer on another CPU would
		}
		fmt.Println(node == a, node == b)
		return true
	})
	kern.RCUReadUnlock(c)
	// Output:
	// true false
	// false true
}

// Readers of SRCU give back the index that they got. A grace period turns the index, and waits for who has the old one.
func ExampleSRCUReadLock() {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	s := m.NewCache(kern.CacheConfig{Name: "srcu_struct", Words: kern.SRCUWords}).Alloc(m.CPU(0))
	first := kern.SRCUReadLock(m.CPU(0), s)
	kern.SRCUReadUnlock(m.CPU(0), s, first)
	kern.SynchronizeSRCU(m.CPU(1), s)
	second := kern.SRCUReadLock(m.CPU(0), s)
	fmt.Println(first, second)
	kern.SRCUReadUnlock(m.CPU(0), s, second)
	kern.SRCUReadUnlock(m.CPU(0), s, second)
	list, _ := m.Violations()
	fmt.Println(list[0].Kind)
	// Output:
	// 0 1
	// lock-misuse
}

// Without an RCU core there is nobody to wait for; that a task must not wait is found all the same.
func ExampleSynchronizeRCU() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	kern.SynchronizeRCU(c)
	kern.RCUReadLock(c)
	kern.SynchronizeRCU(c)
	kern.RCUReadUnlock(c)
	list, _ := m.Violations()
	fmt.Println(list[0].Sentence())
	// Output:
	// sleep in atomic context: synchronize_rcu may sleep where it must not: in rcu_read_lock
}
