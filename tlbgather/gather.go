package tlbgather

import (
	"ptsim/kern"
	"ptsim/mmctx"
)

// MaxTableBatch is MAX_TABLE_BATCH: a batch is one page, less its header, in pointers of 8 bytes.
const MaxTableBatch = (kern.PageSize - 24) / 8

// BatchCache is the name of the slab cache of batches, which stands for the pages that the kernel takes for them.
const BatchCache = "mmu_table_batch"

// Words of a mmu_table_batch.
const (
	batchRCU    = 0 // rcu_head
	batchNr     = 2
	batchTables = 3
)

// Ops are what a gather needs from the layers above it.
type Ops struct {
	// RemoveTable is __tlb_remove_table(): it frees one table, whose pointer may carry a tag.
	RemoveTable func(c *kern.CPU, table kern.Phys)
	// FlushMMLazy is __tlb_flush_mm_lazy(), which flushes the TLBs of an mm if tables went away. It takes context.lock.
	FlushMMLazy func(c *kern.CPU, mm mmctx.MM)
	// SyncIPI is tlb_remove_table_sync_one(): it interrupts every other CPU and waits for them.
	SyncIPI func(c *kern.CPU)
}

// Tables is the RCU-delayed freeing of page tables (CONFIG_MMU_GATHER_RCU_TABLE_FREE) of a machine.
type Tables struct {
	m        *kern.Machine
	ops      Ops
	cache    kern.Cache
	callback kern.Func
	max      uint32
	counts   []Counts // by CPU
}

// Counts is what happened to the gathers of one CPU.
type Counts struct {
	Batches  uint64 // batches handed to call_rcu
	OneByOne uint64 // tables removed at once, for want of a page for the batch
	Entries  uint64 // tables that went through a batch

	_ [40]byte // a cache line each
}

// New gives the machine its table freeing. Batches hold max tables, MaxTableBatch if max is 0.
func New(m *kern.Machine, max int, ops Ops) *Tables {
	if max <= 0 || max > MaxTableBatch {
		max = MaxTableBatch
	}
	t := &Tables{m: m, ops: ops, max: uint32(max), counts: make([]Counts, m.NumCPU())}
	t.cache = m.NewCache(kern.CacheConfig{Name: BatchCache, Words: batchTables + uint32(max), Raw: true})
	t.callback = m.RegisterFunc("batch", t.TLBRemoveTableRCU)
	return t
}

// Gather is a mmu_gather: it lives on the stack of the task that unmaps, and collects the tables that go away.
type Gather struct {
	Tables *Tables
	MM     mmctx.MM
	batch  kern.Addr
	nr     uint32 // tables in the batch; written to it when it is handed over, since nobody else looks before
}

// Gather is tlb_gather_mmu(): it starts to collect the tables of mm. The caller keeps mm alive until Finish.
func (t *Tables) Gather(mm mmctx.MM) Gather { return Gather{Tables: t, MM: mm} }

// TLBRemoveTable is tlb_remove_table(): it takes a table that no walk from the top can reach any more, to be freed after
// a grace period. The caller must not hold context.lock: both ways of flushing take it.
func (g *Gather) TLBRemoveTable(c *kern.CPU, table kern.Phys) {
	t := g.Tables
	if g.batch == 0 {
		g.batch = t.allocBatch(c)
		if g.batch == 0 {
			t.ops.FlushMMLazy(c, g.MM) // tlb_table_invalidate
			t.TLBRemoveTableOne(c, table)
			return
		}
	}
	kern.Store(c, g.batch+batchTables+kern.Addr(g.nr), table.Pack())
	if g.nr++; g.nr == t.max {
		g.TLBTableFlush(c)
	}
}

// allocBatch gets a page for a batch without waiting for one: __get_free_page(GFP_NOWAIT | __GFP_NOWARN).
func (t *Tables) allocBatch(c *kern.CPU) kern.Addr {
	b := t.cache.AllocNowait(c)
	if b == 0 {
		return 0
	}
	kern.Store(c, b+batchRCU+1, 0)
	return b
}

// TLBRemoveTableOne is tlb_remove_table_one(): if it gets no batch, it waits until every CPU has taken an interrupt,
// which no walk with interrupts off survives, and frees the table in the caller's context. It is no grace period: a
// reader under rcu_read_lock may still be in the table.
func (t *Tables) TLBRemoveTableOne(c *kern.CPU, table kern.Phys) {
	t.counts[c.ID()].OneByOne++
	t.ops.SyncIPI(c)
	t.ops.RemoveTable(c, table)
}

// TLBTableFlush is tlb_table_flush(): it flushes the TLB and hands the open batch, if there is one, to call_rcu.
func (g *Gather) TLBTableFlush(c *kern.CPU) {
	if g.batch == 0 {
		return
	}
	t := g.Tables
	t.ops.FlushMMLazy(c, g.MM)
	n := &t.counts[c.ID()]
	n.Batches++
	kern.Store(c, g.batch+batchNr, g.nr)
	kern.CallRCU(c, g.batch+batchRCU, t.callback)
	g.batch, g.nr = 0, 0
}

// Finish is tlb_finish_mmu().
func (g *Gather) Finish(c *kern.CPU) {
	t := g.Tables
	t.ops.FlushMMLazy(c, g.MM)
	g.TLBTableFlush(c)
}

// TLBRemoveTableRCU is tlb_remove_table_rcu(), the callback of a batch: it frees the tables in order, then the batch.
func (t *Tables) TLBRemoveTableRCU(c *kern.CPU, head kern.Addr) {
	batch := head - batchRCU
	nr := kern.Load(c, batch+batchNr)
	for i := range kern.Addr(nr) {
		t.ops.RemoveTable(c, kern.Unpack(kern.Load(c, batch+batchTables+i)))
	}
	t.counts[c.ID()].Entries += uint64(nr)
	t.cache.Free(c, batch)
}

// Counts returns the counts of all CPUs together.
func (t *Tables) Counts() Counts {
	var sum Counts
	for i := range t.counts {
		sum.Batches += t.counts[i].Batches
		sum.OneByOne += t.counts[i].OneByOne
		sum.Entries += t.counts[i].Entries
	}
	return sum
}

// Open calls f for the tables in the gather's open batch and tells whether there is one, as a debugger would.
func (g *Gather) Open(f func(table kern.Phys)) bool {
	if g.batch == 0 {
		return false
	}
	g.Tables.each(g.batch, g.nr, f)
	return true
}

// Batch returns the address of the gather's open batch, 0 if there is none, and how many tables are in it, as a debugger
// would. A batch that is handed over and a new one have different addresses as long as the callback of the first waits.
func (g *Gather) Batch() (batch kern.Addr, tables int) { return g.batch, int(g.nr) }

// Entry returns table i of the open batch, as a debugger would.
func (g *Gather) Entry(i int) kern.Phys {
	return kern.Unpack(g.Tables.m.Peek(g.batch + batchTables + kern.Addr(i)))
}

// Callback returns the function that a queued batch's rcu_head holds.
func (t *Tables) Callback() kern.Func { return t.callback }

// EachInBatch calls f for the tables of the batch whose rcu_head is at head, as a debugger would.
func (t *Tables) EachInBatch(head kern.Addr, f func(table kern.Phys)) {
	batch := head - batchRCU
	t.each(batch, t.m.Peek(batch+batchNr), f)
}

// IsEntry tells whether an address is where the batch whose rcu_head is at head holds one of its nr tables, for a
// scheduler that stops the callback between two of them.
func (t *Tables) IsEntry(head kern.Addr, nr int, a kern.Addr) bool {
	first := head - batchRCU + batchTables
	return a >= first && a < first+kern.Addr(nr)
}

func (t *Tables) each(batch kern.Addr, nr uint32, f func(table kern.Phys)) {
	for i := range kern.Addr(nr) {
		f(kern.Unpack(t.m.Peek(batch + batchTables + i)))
	}
}
