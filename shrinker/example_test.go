package shrinker_test

import (
	"fmt"

	"ptsim/kern"
	"ptsim/shrinker"
)

// A file system is mounted, its cache is shrunk, and it is unmounted.
func Example() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	s, err := shrinker.New(m, shrinker.Config{Variant: shrinker.Merged})
	if err != nil {
		fmt.Println(err)
		return
	}
	sb := s.Mount(c, 3)
	sh := sb.Shrinker(c)
	fmt.Println("references:", s.Refcount(sh), "listed:", s.Listed(sh))
	fmt.Println("freed:", s.ShrinkSlab(c))
	s.DeactivateLockedSuper(c, sb)
	shrinkers, supers := s.Live()
	fmt.Println("super_blocks:", supers, "shrinkers before the grace period:", shrinkers)
	c.Softirq(func() { c.Callbacks().InvokeOne(c) })
	shrinkers, _ = s.Live()
	fmt.Println("after it:", shrinkers)
	// Output:
	// references: 1 listed: true
	// freed: 1
	// super_blocks: 0 shrinkers before the grace period: 1
	// after it: 0
}
