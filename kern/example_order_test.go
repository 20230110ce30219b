package kern_test

import (
	"fmt"

	"ptsim/kern"
)

// Message passing: the flag tells that the data is there. Without the release, or without the acquire, an explorer finds a
// data race.
func ExampleSmpStoreRelease() {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	words := m.NewCache(kern.CacheConfig{Name: "message", Words: 2}).Alloc(m.CPU(0))
	data, flag := words, words+1
	done := make(chan bool)
	go func() {
		c := m.CPU(0)
		kern.Store(c, data, 42)
		kern.SmpStoreRelease(c, flag, 1)
		close(done)
	}()
	c := m.CPU(1)
	<-done
	if kern.SmpLoadAcquire(c, flag) == 1 {
		fmt.Println(kern.Load(c, data))
	}
	// Output: 42
}

// An object is made ready, published, and found.
func ExampleRCUAssignPointer() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	objects := m.NewCache(kern.CacheConfig{Name: "object", Words: 1})
	head, obj := objects.Alloc(c), objects.Alloc(c)
	kern.Store(c, obj, 7)
	kern.RCUAssignPointer(c, head, obj)

	kern.RCUReadLock(c)
	if p := kern.RCUDereference(c, head); p != 0 {
		fmt.Println(kern.Load(c, p))
	}
	kern.RCUReadUnlock(c)
	// Output: 7
}

// A barrier is a primitive that a Scheduler sees, and that touches no word.
func ExampleSmpMB() {
	m := kern.NewMachine(kern.Config{})
	m.Attach(tracer{})
	kern.SmpMB(m.CPU(0))
	kern.SmpWMB(m.CPU(0))
	// Output:
	// CPU 0 smp_mb = 0
	// CPU 0 smp_wmb = 0
}

// What the atomics that return nothing leave behind, and what their relatives return.
func ExampleAtomicAdd() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	a := m.NewCache(kern.CacheConfig{Name: "word", Words: 1}).Alloc(c)
	kern.AtomicAdd(c, a, 5)
	kern.AtomicXor(c, a, 1)
	kern.SetBit(c, a, 3)
	kern.ClearBit(c, a, 2)
	fmt.Println(kern.ReadOnce(c, a))
	fmt.Println(kern.AtomicFetchAddRelaxed(c, a, 2), kern.AtomicAddReturnAcquire(c, a, 1), kern.TestAndClearBit(c, a, 0))
	fmt.Println(kern.CmpXchgRelease(c, a, 9, 1), kern.CmpXchgRelease(c, a, 10, 1), kern.XchgRelaxed(c, a, 0))
	// Output:
	// 8
	// 8 11 true
	// 10 10 1
}

// A count that was got wrong saturates: the object leaks, and is not freed under its users.
func ExampleRefcountDec() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	m.OnReport(func(v *kern.Violation) { fmt.Println(v.Sentence()) })
	m.Describe(func(v *kern.Violation) { v.Object = "object 1" })
	obj := m.NewCache(kern.CacheConfig{Name: "object", Words: 1}).Alloc(c)
	kern.RefcountSet(c, obj, 2)
	kern.RefcountDec(c, obj)
	kern.RefcountDec(c, obj)
	fmt.Println(kern.RefcountRead(c, obj) == kern.RefcountSaturated)
	fmt.Println(kern.RefcountDecAndTest(c, obj))
	// Output:
	// reference leak: refcount_dec drops the last reference to object 1, and nobody frees it
	// true
	// use after free: refcount_dec_and_test drops a reference to object 1, which has none left
	// false
}
