package zsmalloc

import (
	"ptsim/kern"
	"ptsim/lab"
	"ptsim/zsmalloc"
)

// stored is what the verb store writes.
const stored = 7

func verbs() []lab.Verb {
	handle := func(c *lab.Call) zsmalloc.Handle { return zsmalloc.Handle(c.Value("HANDLE")) }
	return []lab.Verb{
		{Form: "free HANDLE", About: "zs_free(): frees an object, and its zspage with the last", Do: func(c *lab.Call) {
			if h := handle(c); h != 0 {
				sys(c.World).ZsFree(c.CPU, h)
			}
		}},
		{Form: "malloc POOL -> HANDLE", About: "zs_malloc(): allocates an object, from a new zspage if none has room", Do: func(c *lab.Call) {
			c.Give(uint32(sys(c.World).ZsMalloc(c.CPU)))
		}},
		{Form: "migrate PAGE", About: "compaction of a page: isolate_movable_page() and migrate_pages(), whoever owns the page by then", Do: func(c *lab.Call) {
			sys(c.World).MigratePages(c.CPU, zsmalloc.Page(c.Value("PAGE")))
		}},
		{Form: "store HANDLE", About: "zs_map_object(), a write to the object, zs_unmap_object()", Do: func(c *lab.Call) {
			s, h := sys(c.World), handle(c)
			if h == 0 {
				return
			}
			kern.Store(c.CPU, s.ZsMapObject(c.CPU, h), stored)
			s.ZsUnmapObject(c.CPU, h)
		}},
		{Form: "load HANDLE", About: "the same with a read, which must find what was stored last", Do: func(c *lab.Call) {
			s, h := sys(c.World), handle(c)
			if h == 0 {
				return
			}
			v := kern.Load(c.CPU, s.ZsMapObject(c.CPU, h))
			kern.Assert(c.CPU, v == uint32(h) || v == stored, "an object holds what was stored in it")
			s.ZsUnmapObject(c.CPU, h)
		}},
		{Form: "flush POOL", About: "zs_flush_migration(): waits for the worker that frees what zs_free() could not", Do: func(c *lab.Call) {
			sys(c.World).ZsFlushMigration(c.CPU)
		}},
		{Form: "destroy POOL", About: "zs_destroy_pool(): all objects must be free", Do: func(c *lab.Call) {
			sys(c.World).ZsDestroyPool(c.CPU)
		}},
		{Form: "drain POOL", About: "zs_unregister_migration() of v5.3: waits for the isolated pages", Do: func(c *lab.Call) {
			sys(c.World).Drain(drainKind(c.World)).ZsUnregisterMigration(c.CPU)
		}},
		{Form: "kfree POOL", About: "the end of zs_destroy_pool() of v5.3: frees the struct", Do: func(c *lab.Call) {
			sys(c.World).Drain(drainKind(c.World)).KfreePool(c.CPU)
		}},
		{Form: "putback POOL", About: "zs_pool_dec_isolated() of v5.3: a page is no longer isolated", Do: func(c *lab.Call) {
			sys(c.World).Drain(drainKind(c.World)).ZsPoolDecIsolated(c.CPU)
		}},
	}
}
