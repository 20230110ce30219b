package pgalloc_test

import (
	"fmt"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
	"ptsim/rcuhead"
)

// build makes a machine with an allocator on it, and one mm.
func build(v pgalloc.Variant) (*kern.Machine, *kern.CPU, *pgalloc.System, *rcuhead.Stepped, mmctx.MM) {
	m := kern.NewMachine(kern.Config{Checks: true, Contents: true})
	s, err := pgalloc.New(m, pgalloc.Config{Variant: v})
	if err != nil {
		panic(err)
	}
	return m, m.CPU(0), s, rcuhead.NewStepped(m), s.MMs.Alloc(m.CPU(0), 1)
}

// Two tables share a page. Freed by the two ways that wait, each half is pending until its grace period is over.
func Example() {
	m, c, s, rcu, mm := build(pgalloc.Pinned)
	lower := s.PT.PageTableAlloc(c, mm)
	upper := s.PT.PageTableAlloc(c, mm)
	page := pgalloc.PageOf(lower)
	fmt.Println(pgalloc.Picture(m, page))

	tlb := s.TLB.Gather(mm)
	s.PT.PageTableFreeRCU(c, &tlb, lower, 0)
	tlb.Finish(c)
	fmt.Println(pgalloc.Picture(m, page))
	rcu.GracePeriod()
	fmt.Println(pgalloc.Picture(m, page))

	s.PT.PTEFreeDefer(c, mm, upper)
	fmt.Println(pgalloc.Picture(m, page))
	rcu.GracePeriod()
	fmt.Println("pages:", s.Stats().Pages)
	// Output:
	// [upper: allocated | lower: allocated] --|--|AA  off the list
	// [upper: allocated | lower: pending] -P|--|A-  off the list
	// [upper: allocated | lower: free] --|--|A-  on the list
	// [upper: pending on rcu_head | lower: free] P-|H-|--  rcu_head queued
	// pages: 0
}

// The same operation in four versions: what becomes of the page when one of its tables goes through the gather.
func ExampleNew() {
	for _, v := range []pgalloc.Variant{pgalloc.Classic, pgalloc.RFC, pgalloc.Active, pgalloc.FullPage} {
		m, c, s, _, mm := build(v)
		table := s.PT.PageTableAlloc(c, mm)
		s.PT.PageTableAlloc(c, mm)
		tlb := s.TLB.Gather(mm)
		s.PT.PageTableFreeRCU(c, &tlb, table, 0)
		page := pgalloc.PageOf(table)
		fmt.Printf("%-8s %s listed: %v\n", s.Name(), page.PeekMask(m), page.Listed(m))
	}
	_, err := pgalloc.New(kern.NewMachine(kern.Config{}), pgalloc.Config{Variant: "v7.0"})
	fmt.Println(err)
	// Output:
	// classic  -P|--|A- listed: true
	// rfc      -P|--|A- listed: false
	// active   -P|--|A- listed: true
	// fullpage --|--|-- listed: false
	// unknown variant "v7.0"
}

func ExampleVariants() {
	for _, i := range pgalloc.Variants() {
		fmt.Printf("%-13s %-20s sound: %v\n", i.Variant, i.Kernel, i.Flawed == "")
	}
	// Output:
	// classic       v5.17 to v6.5        sound: true
	// rfc-as-posted mail of 12 June 2023 sound: false
	// rfc           mail of 12 June 2023 sound: false
	// pinned        not published        sound: true
	// typesafe      mail of 22 June 2023 sound: true
	// active        v6.6                 sound: true
	// fullpage      v6.7 on              sound: true
}

func ExampleParseVariant() {
	v, _ := pgalloc.ParseVariant("active")
	fmt.Println(v, v.Info().Kernel)
	_, err := pgalloc.ParseVariant("v6.6")
	fmt.Println(err)
	// Output:
	// active v6.6
	// unknown variant "v6.6"; expected one of classic, rfc-as-posted, rfc, pinned, typesafe, active, fullpage
}

func ExampleParsePin() {
	for _, p := range pgalloc.Pins() {
		parsed, err := pgalloc.ParsePin(string(p))
		fmt.Println(parsed, err)
	}
	_, err := pgalloc.ParsePin("vma")
	fmt.Println(err)
	// Output:
	// half <nil>
	// table <nil>
	// page <nil>
	// page-locked <nil>
	// page-life <nil>
	// unknown pin "vma"; expected one of half, table, page, page-locked, page-life
}

// The seed's flaw in slow motion: an mm goes while a callback still needs its lock. Here a Scheduler would find the
// schedule; the sequence below forces it by freeing the mm with a table left.
func ExampleVersion() {
	m, c, s, rcu, mm := build(pgalloc.RFC)
	lower := s.PT.PageTableAlloc(c, mm)
	s.PT.PageTableAlloc(c, mm)
	s.PT.PTEFreeDefer(c, mm, lower)
	if s.MMs.Put(c, mm) {
		s.MMs.Drop(c, mm)
	}
	rcu.GracePeriod()
	list, _ := m.Violations()
	fmt.Println(list[0].Sentence())
	// Output: use after free: __tlb_remove_table takes context.lock of freed mm1
}

func ExamplePage() {
	m, c, s, _, mm := build(pgalloc.RFC)
	upper := s.PT.PageTableAlloc(c, mm) + kern.HalfSize
	page := pgalloc.PageOf(upper | kern.TagUpper)
	fmt.Println(page.Table(1) == upper, page.IsTable(m), page.Listed(m), page.PeekReferences(m))
	fmt.Println(page.Mask(c).Half(0), "and", page.Mask(c).Half(1))
	// Output:
	// true true true 1
	// allocated and free
}

// Segment and region tables are blocks of four pages of their own.
func ExampleCRST() {
	m, c, s, rcu, mm := build(pgalloc.Classic)
	table := s.CRSTAlloc(c)
	fmt.Println(pgalloc.IsCRST(m, table.PFN()), c.ReadEntry(table.PFN(), 0) == pgalloc.SegmentEmpty)
	tlb := s.TLB.Gather(mm)
	s.CRSTFreeTLB(c, &tlb, table)
	tlb.Finish(c)
	rcu.GracePeriod()
	fmt.Println(pgalloc.IsCRST(m, table.PFN()))
	// Output:
	// true true
	// false
}

// A speculative reference keeps a page that the allocator has released.
func ExampleSystem_PutPage() {
	_, c, s, _, mm := build(pgalloc.FullPage)
	table := s.PT.PageTableAlloc(c, mm)
	page := pgalloc.PageOf(table)
	kern.GetPageUnlessZero(c, page.PFN())
	s.PT.PageTableFree(c, mm, table)
	fmt.Println("pages:", s.Stats().Pages, "references:", page.PeekReferences(s.M))
	s.PutPage(c, page)
	fmt.Println("references:", page.PeekReferences(s.M))
	// Output:
	// pages: 0 references: 1
	// references: 0
}

func ExampleSystem_Stats() {
	_, c, s, _, mm := build(pgalloc.RFC)
	for range 3 {
		s.PT.PageTableAlloc(c, mm)
	}
	st := s.Stats()
	fmt.Println("tables:", st.Tables, "of", st.Allocated(), "pages:", st.Pages, "reused:", st.Reused, "wasted halves:", st.WastedHalves())
	// Output: tables: 3 of 3 pages: 2 reused: 1 wasted halves: 1
}

// The lazy flush takes the mm's lock; with BH off in the versions that also take it in a softirq.
func ExampleSystem_FlushMMLazy() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	s, err := pgalloc.New(m, pgalloc.Config{Variant: pgalloc.Pinned, FlushTLB: func(c *kern.CPU, mm mmctx.MM) {
		fmt.Println("flush, lock held by CPU", m.LockOwner(mm.List(c).Lock()), "BH off:", c.BHDisabled())
	}})
	if err != nil {
		panic(err)
	}
	mm := s.MMs.Alloc(c, 1)
	s.FlushMMLazy(c, mm) // nothing to flush
	mm.SetFlushMM(c)
	s.FlushMMLazy(c, mm)
	// Output: flush, lock held by CPU 0 BH off: true
}

// What khugepaged does with a table that it took: in classic every CPU is interrupted, and the table is free at once; in the RFC it
// waits for a grace period.
func ExampleSystem_FreeRetracted() {
	for _, v := range []pgalloc.Variant{pgalloc.Classic, pgalloc.RFC} {
		m := kern.NewMachine(kern.Config{CPUs: 2})
		c := m.CPU(0)
		s, err := pgalloc.New(m, pgalloc.Config{Variant: v, SyncIPI: func(*kern.CPU) { fmt.Print("IPI, ") }})
		if err != nil {
			panic(err)
		}
		mm := s.MMs.Alloc(c, 1)
		table := s.PT.PageTableAlloc(c, mm)
		s.FreeRetracted(c, mm, table)
		fmt.Println(v, "at once:", s.Stats().FreedNow, "deferred:", s.Stats().FreedDeferred)
	}
	// Output:
	// IPI, classic at once: 1 deferred: 0
	// rfc at once: 0 deferred: 1
}

// When all is quiet, what is lost can be told from what is in use: here the page whose second half the RFC as posted
// forgets.
func ExampleSystem_Audit() {
	m, c, s, rcu, mm := build(pgalloc.RFCAsPosted)
	lower, upper := s.PT.PageTableAlloc(c, mm), s.PT.PageTableAlloc(c, mm)
	s.PT.PTEFreeDefer(c, mm, lower)
	s.PT.PTEFreeDefer(c, mm, upper)
	rcu.Barrier()
	fmt.Println(s.Audit([]mmctx.MM{mm}, nil))
	list, _ := m.Violations()
	fmt.Println(list[0].Sentence())
	// Output:
	// 1
	// page lost: page 1 is not free, and nothing leads to it any more: mask P-|H-|--
}
