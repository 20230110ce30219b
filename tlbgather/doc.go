// Package tlbgather is the part of mmu_gather that frees page tables: CONFIG_MMU_GATHER_RCU_TABLE_FREE as s390 selects it,
// in v6.1 to v6.6. Tables that no walk from the top reaches any more are collected in a batch, the TLB is flushed, and RCU
// frees them when everybody who may still be walking them has gone.
//
// # The life of a batch
//
//	none     TLBRemoveTable asks for a page, GFP_NOWAIT
//	open     holds up to 509 table pointers (a page of 4096 less a header of 24, by 8); belongs to its [Gather], and only
//	         the task that unmaps touches it
//	queued   by TLBTableFlush, when it is full or the gather finishes: TLB first, then call_rcu. Nobody may touch it
//	gone     TLBRemoveTableRCU, in softirq context, passes each pointer to __tlb_remove_table, in order, and frees the page
//
// Without a page there is no batch and no grace period: the TLB is flushed, every other CPU is interrupted, and
// __tlb_remove_table runs at once, in the context of the caller. That waits for walks with interrupts off, as gup_fast's
// is, and not for readers under rcu_read_lock. It is chosen for each table that finds no batch open; an open one takes
// tables whatever memory does.
//
// A pointer in a batch carries a tag in its low bits: 0 a segment or region table, 1 and 2 a half of a page, 3 a page with
// PGSTEs. To this package it is opaque.
//
// # Locks
//
// The caller holds mmap_lock, or is the last user of the mm; it keeps the mm alive from Gather to Finish. It must not hold
// context.lock: every flush takes it, and it is taken before anything of this package is.
//
//	mmap_lock
//	  TLBRemoveTable, Finish
//	    context.lock, in Ops.FlushMMLazy
//	softirq
//	  TLBRemoveTableRCU
//	    context.lock, in Ops.RemoveTable, in the versions that put a page back on its list
//
// The two meet on one CPU if the flush leaves softirqs on: that is the deadlock that the RFC met on a real machine, which
// the allocator of package pgalloc shows or avoids as its version does. A gather is used by one task; the counts of a CPU
// are that CPU's own.
//
// # What is not modelled
//
// Pages other than tables, the range and the cleared_* flags by which tlb_finish_mmu skips a flush with nothing to do: here
// Finish always flushes, and flushes a second time if it closes a batch. Nested gathers and tlb_flush_pending. Batches come
// from a slab cache and take no frames, so that they fail only when told to, by Machine.FailPages(GFPNowait).
//
// # Where to start
//
// The Example of the package; gather.go is all there is.
package tlbgather
