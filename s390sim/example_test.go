package s390sim_test

import (
	"fmt"

	"ptsim/pgalloc"
	"ptsim/s390sim"
)

const mib = 1 << 20

// Two processes map two segments of a file, and khugepaged collapses the first.
func ExampleNew() {
	m, err := s390sim.New(s390sim.Config{Variant: pgalloc.Pinned, CPUs: 2, Checks: true, Contents: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, file := m.CPU(0), m.NewFile()
	a, b := m.NewMM(c), m.NewMM(c)
	for _, as := range []*s390sim.AddressSpace{a, b} {
		as.Mmap(c, s390sim.Mapping{Start: 16 * mib, Len: 2 * mib, File: file, Shared: true})
		as.Fault(c, 16*mib, true)
		as.Fault(c, 17*mib, true)
	}
	use := m.Sys.Use()
	fmt.Println(use.Tables, "tables in", use.Pages, "pages")
	fmt.Println("taken:", m.RetractPageTables(m.CPU(1), file, 0))
	fmt.Println("pending halves:", m.Sys.Use().PendingHalves)
	m.Quiesce()
	fmt.Println("after a grace period:", m.Sys.Use().PendingHalves)
	fmt.Println("violations:", m.Check())
	// Output:
	// 4 tables in 2 pages
	// taken: 2
	// pending halves: 2
	// after a grace period: 0
	// violations: 0
}

// What a fault comes to.
func ExampleAddressSpace_Fault() {
	m, _ := s390sim.New(s390sim.Config{Variant: pgalloc.Active})
	c := m.CPU(0)
	as := m.NewMM(c)
	as.Mmap(c, s390sim.Mapping{Start: 16 * mib, Len: mib, File: m.NewFile(), Shared: true})
	fmt.Println(as.Fault(c, 16*mib, true) == s390sim.FaultTable)
	fmt.Println(as.Fault(c, 16*mib+4096, true) == s390sim.FaultMinor)
	fmt.Println(as.Fault(c, 17*mib, true) == s390sim.FaultNoVMA)
	v, _ := as.FindVMA(16 * mib)
	m.Collapse(c, v.File, 0, mib)
	fmt.Println(as.Fault(c, 16*mib, true) == s390sim.FaultHuge)
	// Output:
	// true
	// true
	// true
	// true
}

// fork copies the tables of mappings with anonymous memory. Each of the two has its own from then on.
func ExampleAddressSpace_Fork() {
	m, _ := s390sim.New(s390sim.Config{Variant: pgalloc.FullPage})
	c := m.CPU(0)
	parent := m.NewMM(c)
	parent.Mmap(c, s390sim.Mapping{Start: 16 * mib, Len: 4 * mib})
	parent.Fault(c, 16*mib, true)
	child := parent.Fork(c)
	child.Munmap(c, 16*mib, mib)
	fmt.Println(parent.Populated(), child.Populated())
	// Output: 1 0
}

// A callback runs at the end of the first grace period that begins after it was queued.
func ExampleMachine_Advance() {
	m, _ := s390sim.New(s390sim.Config{Variant: pgalloc.Classic, GracePeriod: 100})
	c := m.CPU(0)
	m.Advance(1000)
	as := m.NewMM(c)
	as.Mmap(c, s390sim.Mapping{Start: 16 * mib, Len: mib})
	as.Fault(c, 16*mib, true)
	as.Put(c)
	for _, t := range []int64{1099, 1199, 1200} {
		m.Advance(t)
		fmt.Println(m.Now(), "pages:", m.Sys.Use().Pages)
	}
	f := m.Figures()
	fmt.Printf("peak %d, mean %.1f\n", f.PeakPages, f.MeanPages)
	// Output:
	// 1099 pages: 1
	// 1199 pages: 1
	// 1200 pages: 0
	// peak 1, mean 1.0
}
