package zsmalloc

import (
	"ptsim/kern"
)

// version is what the versions differ in. A method of base calls the others through base.self, so that a version need only have
// what it does in its own way.
type version interface {
	ZsMalloc(c *kern.CPU) Handle
	ZsFree(c *kern.CPU, h Handle)
	ZsMapObject(c *kern.CPU, h Handle) kern.Addr
	ZsUnmapObject(c *kern.CPU, h Handle)
	ZsDestroyPool(c *kern.CPU)
	DestroyCache(c *kern.CPU)

	AllocZspage(c *kern.CPU) Zspage
	FreeZspage(c *kern.CPU, zspage Zspage)
	FreeZspagePages(c *kern.CPU, zspage Zspage)
	SetZspage(c *kern.CPU, page Page, zspage Zspage)
	ResetPage(c *kern.CPU, page Page)
	LockZspage(c *kern.CPU, zspage Zspage)
	AsyncFreeZspage(c *kern.CPU, work kern.Addr)

	SetMovable(c *kern.CPU, page Page)
	IsolateMovablePage(c *kern.CPU, page Page) bool
	ZsPageIsolate(c *kern.CPU, page Page) bool
	LockDestination(c *kern.CPU, dst Page)
	UnlockDestination(c *kern.CPU, dst Page)
	MoveToNewFolio(c *kern.CPU, dst, src Page) Errno
	ZsPageMigrate(c *kern.CPU, newpage, page Page) Errno
	PutbackMovablePage(c *kern.CPU, page Page)
}

// base is what all versions share.
type base struct {
	m    *kern.Machine
	cfg  Config
	self version

	pools, zspages, handles kern.Cache
	pool                    Pool
	perPage                 uint32    // objects
	mops                    kern.Addr // zsmalloc_mops

	asyncFree kern.Func // async_free_zspage
	rcuFree   kern.Func // rcu_free_zspage
	names     *names
}

const maxPagesPerZspage = 4 // CONFIG_ZSMALLOC_CHAIN_SIZE

func newBase(m *kern.Machine, cfg Config) *base {
	b := &base{m: m, cfg: cfg, perPage: uint32(cfg.ObjectsPerPage), names: newNames(m)}
	m.SetPageFields(pageFields)
	b.pools = m.NewCache(kern.CacheConfig{Name: PoolCache, Fields: poolFields})
	b.zspages = m.NewCache(kern.CacheConfig{Name: ZspageCache, Fields: zspageFields, Destroyable: cfg.Destroys})
	b.handles = m.NewCache(kern.CacheConfig{Name: HandleCache, Words: handleWords, Fields: handleFields, Destroyable: cfg.Destroys})
	b.asyncFree = m.RegisterFunc("async_free_zspage", func(c *kern.CPU, work kern.Addr) { b.self.AsyncFreeZspage(c, work) })
	b.rcuFree = m.RegisterFunc("rcu_free_zspage", b.RCUFreeZspage)
	c := m.CPU(0)
	b.mops = m.NewCache(kern.CacheConfig{Name: mopsCache, Words: mopsWords, Fields: mopsFields}).Alloc(c)
	b.names.add(b.mops, "zsmalloc_mops", mopsFields)
	for i, name := range [...]string{"zs_page_isolate", "zs_page_migrate", "zs_page_putback"} {
		kern.Store(c, b.mops+kern.Addr(i), uint32(m.RegisterFunc(name, func(*kern.CPU, kern.Addr) {})))
	}
	b.pool = b.zsCreatePool(c)
	return b
}

// zsCreatePool is zs_create_pool(): a pool with one size class, and no zspage.
func (b *base) zsCreatePool(c *kern.CPU) Pool {
	pool := Pool(b.pools.Alloc(c))
	b.names.add(kern.Addr(pool), PoolCache, poolFields)
	for f := range fullnessGroups {
		kern.InitListHead(c, pool.list(f))
	}
	kern.Store(c, pool.cachep(), 1)
	return pool
}

// object is the address of an object: what kmap_atomic() of its page and its offset there give.
func (b *base) object(page Page, idx uint32) kern.Addr {
	return page.memory() + kern.Addr(idx%b.perPage*objWords)
}

// objsPerZspage is class->objs_per_zspage.
func (b *base) objsPerZspage() uint32 { return b.perPage * uint32(b.cfg.PagesPerZspage) }

// MigrateReadLock is migrate_read_lock() of v6.8: while it is held the pages of the zspage stay where they are.
func (b *base) MigrateReadLock(c *kern.CPU, zspage Zspage) { kern.ReadLock(c, zspage.lock()) }

// MigrateReadUnlock is migrate_read_unlock() of v6.8.
func (b *base) MigrateReadUnlock(c *kern.CPU, zspage Zspage) { kern.ReadUnlock(c, zspage.lock()) }

// MigrateWriteLock is migrate_write_lock() of v6.8. Who holds it has preemption off, and keeps grace periods waiting, which one
// version needs: see repaired.
func (b *base) MigrateWriteLock(c *kern.CPU, zspage Zspage) { kern.WriteLock(c, zspage.lock()) }

// MigrateWriteUnlock is migrate_write_unlock() of v6.8.
func (b *base) MigrateWriteUnlock(c *kern.CPU, zspage Zspage) { kern.WriteUnlock(c, zspage.lock()) }

// ZsFlushMigration is zs_flush_migration() of v6.8.
func (b *base) ZsFlushMigration(c *kern.CPU) { kern.FlushWork(c, b.pool.freeWork()) }

// RCUFreeZspage is rcu_free_zspage() of the patch of 26 February 2024: the callback that frees a zspage. It reads the pool, which
// must be there yet.
func (b *base) RCUFreeZspage(c *kern.CPU, head kern.Addr) {
	zspage := zspageOfHead(head)
	pool := Pool(kern.Load(c, zspage.pool()))
	kern.Load(c, pool.cachep())
	b.zspages.Free(c, kern.Addr(zspage))
}
