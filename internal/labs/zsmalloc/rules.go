package zsmalloc

import "ptsim/lab"

const patch = "mail of 26 February 2024, mm/zsmalloc: simplify synchronization between zs_page_migrate() and free_zspage()"

// The versions of the patch and its repairs.
var rcu = []string{
	"rcu-as-posted", "rcu-keep-ops", "rcu-repaired", "rcu-ordered", "rcu-no-read-lock", "rcu-early-unlock", "rcu-no-list-check", "rcu-nested",
	"rcu-late-get", "rcu-grace-destroy", "rcu-hasty-destroy",
}

// The versions in which the page lock keeps the zspage.
var locked = []string{"v6.8", "v6.17", "no-isolate-check", "open-destination", "v6.17-no-check", "v5.16-worker", "lock-page"}

var rules = []lab.Rule{
	{ID: "speculative", Text: "Code that finds a page by its number may ask for a reference. It gets none if the page is free.",
		Source: "isolate_movable_page(), mm/migrate.c, v6.8", Verbs: []string{"migrate"}},
	{ID: "page-lock", Text: "The lock of a page keeps its zspage alive: whoever frees a zspage holds the locks of all its pages.",
		Source: "free_zspage() and zs_page_migrate(), mm/zsmalloc.c, v6.8", Verbs: []string{"free", "migrate", "flush"}, Versions: locked},
	{ID: "trylock", Text: "zs_free() must not sleep, so it tries the page locks and leaves the pages that it cannot lock to a worker.",
		Source: "trylock_zspage() and kick_deferred_free(), mm/zsmalloc.c, v6.8", Verbs: []string{"free"}, Versions: []string{"v6.8", "v6.17"}},
	{ID: "walk-locked", Text: "A page that is not locked may be migrated away, so the chain is walked under the zspage's lock.",
		Source: "commit 2505a981114d, v5.19", Verbs: []string{"free", "flush"}, Versions: []string{"v6.8", "v6.17", "v5.16-worker"}},
	{ID: "second-look", Text: "Between isolation and migration the page is not locked: its owner may free it, so migration checks again.",
		Source: "move_to_new_folio(), mm/migrate.c, v6.8", Verbs: []string{"migrate"}, Versions: []string{"v6.8", "no-isolate-check"}},
	{ID: "zspage-null", Text: "A page stays movable until it is free, so zs_page_migrate() checks whether it still has a zspage.",
		Source: "zs_page_migrate(), mm/zsmalloc.c, v6.17", Verbs: []string{"migrate"}, Versions: []string{"v6.17", "v6.17-no-check"}},
	{ID: "destination", Text: "The migration core locks the destination page before the new owner sees it.",
		Source: "migrate_folio_unmap(), mm/migrate.c, v6.8", Verbs: []string{"migrate"}},
	{ID: "rcu-struct", Text: "A reader that found the zspage in page->private within rcu_read_lock() keeps the struct alive, but not its contents valid.",
		Source: patch, Verbs: []string{"free", "migrate"}, Versions: rcu},
	{ID: "recheck", Text: "Whoever holds pool->lock and finds the zspage on a list knows that it is still in use, and that nobody is freeing it.",
		Source: patch, Verbs: []string{"migrate"}, Versions: rcu},
	{ID: "clear-locked", Text: "The movable operations of a page are cleared under its lock, because isolation reads them twice under it.",
		Source: "__ClearPageMovable(), mm/migrate.c, v6.8", Verbs: []string{"free", "migrate"}},
	{ID: "barrier", Text: "synchronize_rcu() waits for readers, rcu_barrier() for callbacks. An object that a callback will free needs the second.",
		Source: "Documentation/RCU/rcubarrier.rst", Verbs: []string{"destroy"}, Versions: rcu},
	{ID: "chain-first", Text: "init_zspage() walks the chain of pages, so create_page_chain() comes before it.",
		Source: "alloc_zspage(), mm/zsmalloc.c, v6.8; review of the patch, 28 February 2024", Verbs: []string{"malloc"}},
	{ID: "drain", Text: "The destroyer writes the flag and reads the count. Whoever puts a page back writes the count and reads the flag. One of them must see the other's write.",
		Source: "commit 701d678599d0, v5.3", Verbs: []string{"drain", "putback"}},
}
