package kerntest_test

import (
	"fmt"

	"ptsim/kern"
	"ptsim/kern/kerntest"
)

// Of an atomic in its four orders the result is the same.
func ExamplePerform() {
	m := kern.NewMachine(kern.Config{})
	cell := m.NewCache(kern.CacheConfig{Name: "word", Words: 1}).Alloc(m.CPU(0))
	for _, order := range []kern.Order{kern.Unordered, kern.Relaxed, kern.Acquire, kern.Release} {
		v, ok := kerntest.Perform(m.CPU(0), kern.Op{Kind: kern.OpAdd, Addr: cell, A: 2, Order: order})
		fmt.Println(v, ok)
	}
	_, ok := kerntest.Perform(m.CPU(0), kern.Op{Kind: kern.OpSlabAlloc})
	fmt.Println(ok, "of what needs a slab cache")
	// Output:
	// 2 true
	// 4 true
	// 6 true
	// 8 true
	// false of what needs a slab cache
}
