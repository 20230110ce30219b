package zsmalloc

import (
	_ "embed"

	"ptsim/lab"
)

//go:embed lesson.md
var lesson string

func lessons() []lab.Lesson { return []lab.Lesson{{Slug: "zsmalloc", Text: lesson}} }

func levels() []lab.Level {
	return []lab.Level{
		{
			Name: "two-reads", Title: "It was there a moment ago", Scenario: "free-migrate", Version: "rcu-as-posted", Kind: "null-deref",
			Goal: "make isolate_movable_page() call through NULL",
			Hint: "PageMovable() reads the operations. Who reads them next, and who may clear them in between?",
			Story: `
The patch of February 2024, without its assertions. zs_free() resets the page, and takes no page lock to do so. Compaction holds the
page lock, and thinks that this keeps the movable operations.

Stop compaction between two reads of one word.`,
		},
		{
			Name: "rcu-is-not-enough", Title: "The struct is there", Scenario: "free-migrate", Version: "rcu-no-list-check", Kind: "null-deref",
			Goal: "make migration walk a zspage that was freed",
			Hint: "Let compaction read page->private, and then wait for pool->lock while zs_free() holds it.",
			Story: `
Here migration is in rcu_read_lock() when it finds the zspage, and stays there until it has pool->lock. The struct cannot go.

Its contents can.`,
		},
		{
			Name: "wrong-page", Title: "Waiting for the wrong page", Scenario: "free-migrate", Version: "v5.16-worker", Kind: "null-deref",
			Goal: "make the worker follow a page that has left the zspage",
			Hint: "zs_free() must fail to get the page lock, so that the worker comes. What does the worker wait for then?",
			Story: `
zs_free() tried the page lock, but compaction held it. The worker comes later, reads which page is the first, and waits for its
lock. In v5.16 it holds nothing while it waits.`,
		},
		{
			Name: "second-look", Title: "Isolated, then freed", Scenario: "free-migrate", Version: "no-isolate-check", Kind: "null-deref",
			Goal: "make the migration core call through NULL",
			Hint: "Compaction drops the page lock once. What can zs_free() do there that it cannot do before or after?",
			Story: `
v6.8, under a migration core that believes what isolation saw. That was some time ago.`,
		},
		{
			Name: "late-reference", Title: "Whose page is it now?", Scenario: "free-migrate", Version: "rcu-late-get", Kind: "use-after-free",
			Goal: "make zs_free() free the page that migration has just made",
			Hint: "What does migration do after it has released pool->lock?",
			Story: `
The repaired patch, with one line put back where v6.8 has it: the zspage takes its reference to the new page after the locks are
released. In v6.8 that is fine.`,
		},
		{
			Name: "grace-is-over", Title: "The grace period is over", Scenario: "free-destroy", Version: "rcu-grace-destroy", Kind: "cache-busy",
			Goal: "destroy a slab cache with an object in it",
			Hint: "synchronize_rcu() waits for readers. Who frees the object?",
			Story: `
The owner frees its last object, and destroys the pool. The zspage waits for RCU. So destroy_cache() waits for RCU, too, and then
destroys the cache.

One task is enough.`,
		},
	}
}
