// Package zsmalloc is the part of mm/zsmalloc.c that meets compaction: zs_free() frees a zspage while zs_page_migrate() moves one of
// its pages. It has the kernel's versions, the patch of February 2024 that wanted to replace page locks by RCU, that patch repaired,
// and versions that leave one thing out. Each function names the kernel function and the version that it follows; what all versions
// share follows v6.8.
//
// # The question
//
// Compaction goes through page frames by number. It takes a reference to a page, asks the page's owner to let it be isolated, and later
// asks the owner to move it. zsmalloc then follows page->private to the zspage, and zspage->pool to a lock:
//
//	page ----private---> zspage ----pool---> zs_pool
//	  lock                 lock                lock
//
// What keeps the zspage, from when page->private is read until pool->lock is held? In v6.8 the page lock does: who frees a zspage
// holds the locks of all its pages. zs_free() must not sleep, so it only tries to get them, and leaves the rest to a worker. The patch
// has RCU keep the struct, and looks under pool->lock whether the zspage is on a list yet.
//
// # What there is
//
//	Pool     zs_pool and its one size class: the lists of zspages, empty, in between and full
//	Zspage   some pages, chained by page->index from zspage->first_page, which hold objects of one size
//	Page     a struct page: private leads to the zspage; its memory holds objects, each with a header
//	Handle   a word that says where the object is: migration rewrites it
//
// A zspage is on a list of its pool, or on the worker's, or being freed. A free object's header is the number of the next free one; a
// used object's is its handle with a flag, by which migration finds the handle. A page is movable from SetZsPageMovable until its owner
// clears the movable operations, from v6.17 on until it is free. Isolated says that compaction is at it.
//
// # Versions
//
//	v6.8, v6.17           the kernels'
//	rcu-as-posted         the mail of 26 February 2024, with its assertions and its order of initialisation
//	rcu-keep-ops          the same with what its reviewers found put right, and the operations kept
//	rcu-repaired          with all that it lacked
//	rcu-ordered           and no need for a spin lock to be an RCU reader
//	the others            one of these with one thing left out
//
// [Variants] tells of each what is wrong with it, and which is right and differs in that alone. [Drain] is a protocol of its own: how
// v5.3 waited for isolated pages.
//
// # Lock order
//
//	page lock of the source, then of the destination (sleeps; zs_free() tries it under pool->lock)
//	  pool->lock (v6.17: pool->lock, class->lock)
//	    zspage->lock: readers map objects, the writer moves a page
//
// The handle is pool->lock's, and so are the lists, zspage->inuse and the free objects; from v6.15 on class->lock's. first_page and the
// next pointers change under pool->lock and zspage->lock as a writer, so that either keeps them. page->private is written again, with the
// same value, when another page of the zspage moves, so that it is read by READ_ONCE; so is page->mapping, which compaction reads
// before it has the page lock.
//
// # What is not modelled
//
// Size classes: there is one, part of the pool, and no huge class. An object lies within one page. zs_compact(), which moves objects
// between zspages, and statistics. Compaction is of one page at a time, and synchronous: it waits for page locks.
// zs_map_object() has no per-CPU area. The code of v6.17 has one lock for its one class.
//
// # Where to start
//
// The Example. Then v68.go from FreeZspage and ZsPageMigrate, migrate.go for what compaction does, seed.go against v68.go for what the
// patch changed, and repaired.go for what it lacked. Audit and Pinned say what must hold.
package zsmalloc
