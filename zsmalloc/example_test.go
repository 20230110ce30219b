package zsmalloc_test

import (
	"fmt"

	"ptsim/kern"
	"ptsim/zsmalloc"
)

// An object stays the same while compaction moves its page.
func Example() {
	m := kern.NewMachine(kern.Config{Frames: 64})
	s, err := zsmalloc.New(m, zsmalloc.Config{Variant: zsmalloc.V68, PagesPerZspage: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	c := m.CPU(0)
	h := s.ZsMalloc(c)
	kern.Store(c, s.ZsMapObject(c, h), 42)
	s.ZsUnmapObject(c, h)

	pages := func() (pfns []kern.PFN) {
		for _, p := range s.PagesOf(s.ZspageOf(h)) {
			pfns = append(pfns, p.PFN())
		}
		return pfns
	}
	fmt.Println("pages", pages())
	s.MigratePages(c, s.PagesOf(s.ZspageOf(h))[0])
	fmt.Println("pages", pages())

	fmt.Println("object", kern.Load(c, s.ZsMapObject(c, h)))
	s.ZsUnmapObject(c, h)
	s.ZsFree(c, h)
	_, violations := m.Violations()
	fmt.Println("violations", violations)
	// Output:
	// pages [1 2]
	// pages [3 2]
	// object 42
	// violations 0
}
