package mmctx_test

import (
	"fmt"

	"ptsim/kern"
	"ptsim/mmctx"
)

// The life of an mm: users come and go, and a reference to the struct outlives them.
func ExampleSpace() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	space := mmctx.NewSpace(m, mmctx.Config{OnDestroy: func(_ *kern.CPU, mm mmctx.MM) { fmt.Println("__mmdrop of mm", mm.ID(m)) }})
	mm := space.Alloc(c, 1)
	space.Grab(c, mm)
	if space.Put(c, mm) { // the last user
		fmt.Println("exit_mmap")
		space.Drop(c, mm) // the users' reference
	}
	fmt.Println("still there:", !mm.Freed(m), "but nobody can use it:", !space.GetNotZero(c, mm))
	space.Drop(c, mm)
	fmt.Println("freed:", mm.Freed(m), "live:", space.Live())
	// Output:
	// exit_mmap
	// still there: true but nobody can use it: true
	// __mmdrop of mm 1
	// freed: true live: 0
}

// A callback drops its reference asynchronously: __mmdrop must not run in a softirq.
func ExampleSpace_DropAsync() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	space := mmctx.NewSpace(m, mmctx.Config{})
	mm := space.Alloc(c, 1)
	c.Softirq(func() { space.DropAsync(c, mm) })
	fmt.Println("freed:", mm.Freed(m), "work:", m.PendingWork())
	kern.RunWork(c)
	fmt.Println("freed:", mm.Freed(m))
	// Output:
	// freed: false work: 1
	// freed: true
}

// The list and its lock are in the mm, or in an object of their own that outlives it.
func ExampleMM_List() {
	for _, typesafe := range []bool{false, true} {
		m := kern.NewMachine(kern.Config{})
		c := m.CPU(0)
		mm := mmctx.NewSpace(m, mmctx.Config{TypesafeList: typesafe}).Alloc(c, 1)
		list := mm.List(c)
		kern.SpinLockBH(c, list.Lock())
		fmt.Println("embedded:", list == mm.EmbeddedList(), "empty:", kern.ListEmpty(c, list.Head()))
		kern.SpinUnlockBH(c, list.Lock())
	}
	// Output:
	// embedded: true empty: true
	// embedded: false empty: true
}

func ExampleMM_SetAllocPGSTE() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	mm := mmctx.NewSpace(m, mmctx.Config{}).Alloc(c, 1)
	mm.SetAllocPGSTE(c)
	fmt.Println(mm.AllocPGSTE(c), mm.HasPGSTE(c))
	mm.SetFlushMM(c)
	fmt.Println(mm.TestClearFlushMM(c), mm.TestClearFlushMM(c))
	// Output:
	// true false
	// true false
}
