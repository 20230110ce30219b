package zsmalloc

import "ptsim/kern"

// Drain is how a pool waited, from v5.3 to v5.16, for pages that compaction had isolated: commit 701d678599d0. Isolation was counted
// then; the last page that is put back wakes the destroyer. It is a protocol of its own, for order: the destroyer writes
// pool->destroying and reads pool->isolated_pages, who puts back writes the count and reads the flag, and one of them must see the
// other's write.
type Drain struct {
	b    *base
	Kind DrainKind
}

// DrainKind says which barriers there are.
type DrainKind int

// The kinds.
const (
	NoBarrier        DrainKind = iota // none
	DestroyerBarrier                  // smp_mb() in zs_unregister_migration(), as merged
	BothBarriers                      // and smp_mb__after_atomic() in zs_pool_dec_isolated()
)

// ZsPoolDecIsolated is zs_pool_dec_isolated() of v5.3: a page is put back. The kernel holds class->lock here, which orders nothing of
// this with the destroyer, who takes none.
func (d *Drain) ZsPoolDecIsolated(c *kern.CPU) {
	pool := d.b.pool
	kern.AtomicDec(c, pool.isolated())
	if d.Kind == BothBarriers {
		kern.SmpMBAfterAtomic(c)
	}
	if kern.AtomicRead(c, pool.isolated()) == 0 && kern.ReadOnce(c, pool.destroying()) != 0 {
		kern.Complete(c, pool.wait())
	}
}

// ZsUnregisterMigration is zs_unregister_migration() of v5.3, with wait_for_isolated_drain(). Where the kernel has wait_event(), which
// has a barrier of its own between going on the queue and looking again, this looks once and waits: so the barrier under test is the
// only one.
func (d *Drain) ZsUnregisterMigration(c *kern.CPU) {
	pool := d.b.pool
	kern.WriteOnce(c, pool.destroying(), 1)
	if d.Kind != NoBarrier {
		kern.SmpMB(c)
	}
	if kern.AtomicRead(c, pool.isolated()) != 0 {
		kern.WaitForCompletion(c, pool.wait())
	}
}

// KfreePool is the end of zs_destroy_pool() of v5.3: kfree(pool).
func (d *Drain) KfreePool(c *kern.CPU) { d.b.pools.Free(c, kern.Addr(d.b.pool)) }

// Isolate counts pages as isolated: it is called while the machine is put together.
func (d *Drain) Isolate(c *kern.CPU, pages uint32) { kern.AtomicSet(c, d.b.pool.isolated(), pages) }

func (p Pool) destroying() kern.Addr { return kern.Addr(p) + poolDestroying }
func (p Pool) isolated() kern.Addr   { return kern.Addr(p) + poolIsolated }
func (p Pool) wait() kern.Addr       { return kern.Addr(p) + poolWait }
