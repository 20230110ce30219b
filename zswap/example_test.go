package zswap_test

import (
	"fmt"

	"ptsim/kern"
	"ptsim/zswap"
)

// A page is in zswap, its object is moved, and it is invalidated.
func Example() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	z, err := zswap.New(m, zswap.Config{Variant: zswap.Rechecked})
	if err != nil {
		fmt.Println(err)
		return
	}
	z.Stored(c, 1)
	fmt.Println("stored:", z.In(1), z.Audit() == "")
	z.Compact(c)
	fmt.Println("after compaction:", z.Audit() == "")
	z.Invalidate(c, 1)
	entries, handles, _, _ := z.Live()
	fmt.Println("stored:", z.In(1), "entries:", entries, "handles:", handles)
	// Output:
	// stored: true true
	// after compaction: true
	// stored: false entries: 0 handles: 0
}
