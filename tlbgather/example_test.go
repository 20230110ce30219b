package tlbgather_test

import (
	"fmt"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/rcuhead"
	"ptsim/tlbgather"
)

// A task unmaps two tables: they are collected in a batch, the TLB is flushed, and a grace period later they are freed.
func Example() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	mm := mmctx.NewSpace(m, mmctx.Config{}).Alloc(c, 1)
	rcu := rcuhead.NewStepped(m)
	tables := tlbgather.New(m, 0, tlbgather.Ops{
		RemoveTable: func(c *kern.CPU, table kern.Phys) {
			fmt.Println("__tlb_remove_table", table, "softirq:", c.InSoftirq())
		},
		FlushMMLazy: func(*kern.CPU, mmctx.MM) { fmt.Println("__tlb_flush_mm_lazy") },
		SyncIPI:     func(*kern.CPU) { fmt.Println("IPI") },
	})

	tlb := tables.Gather(mm)
	tlb.TLBRemoveTable(c, kern.PhysOf(7)|kern.TagLower)
	tlb.TLBRemoveTable(c, kern.PhysOf(8)|kern.TagCRST)
	tlb.TLBTableFlush(c)
	rcu.GracePeriod()

	m.FailPages(kern.GFPNowait, true) // no page for a batch
	tlb.TLBRemoveTable(c, kern.PhysOf(9)|kern.TagPGSTE)
	fmt.Printf("%+v\n", tables.Counts().OneByOne)
	// Output:
	// __tlb_flush_mm_lazy
	// __tlb_remove_table 0x7001 softirq: true
	// __tlb_remove_table 0x8000 softirq: true
	// __tlb_flush_mm_lazy
	// IPI
	// __tlb_remove_table 0x9003 softirq: false
	// 1
}

// What a gather has collected can be looked at, before and after it went to call_rcu.
func ExampleGather_Open() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	mm := mmctx.NewSpace(m, mmctx.Config{}).Alloc(c, 1)
	rcu := rcuhead.NewStepped(m)
	tables := tlbgather.New(m, 2, tlbgather.Ops{
		RemoveTable: func(*kern.CPU, kern.Phys) {}, FlushMMLazy: func(*kern.CPU, mmctx.MM) {}, SyncIPI: func(*kern.CPU) {},
	})
	tlb := tables.Gather(mm)
	for p := range kern.PFN(3) {
		tlb.TLBRemoveTable(c, kern.PhysOf(p+1))
	}
	rcu.Each(func(head kern.Addr, fn kern.Func) {
		if fn == tables.Callback() {
			tables.EachInBatch(head, func(table kern.Phys) { fmt.Println("queued", table) })
		}
	})
	tlb.Open(func(table kern.Phys) { fmt.Println("open", table) })
	tlb.Finish(c)
	fmt.Println(tables.Counts().Batches, "batches")
	// Output:
	// queued 0x1000
	// queued 0x2000
	// open 0x3000
	// 2 batches
}
