package zsmalloc

import "ptsim/lab"

// levels are what can be played: what to break, what to claim, and what to repair.
func levels() []lab.Level {
	return []lab.Level{
		{
			Name: "two-reads", Title: "It was there a moment ago", Scenario: "free-migrate", Version: "rcu-as-posted", Kind: "null-deref",
			Goal: "make isolate_movable_page() call through NULL",
			Hint: "PageMovable() reads the operations. Who reads them next, and who may clear them in between?",
			Story: `
The patch of February 2024, without its assertions. zs_free() resets the page, and takes no page lock to do so. Compaction holds the
page lock, and relies on it to keep the movable operations.

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
		{
			Name: "page-locks", Title: "Everybody asks the page", Scenario: "free-migrate-second", Version: "v6.8", Claim: true,
			Goal: "break anything",
			Hint: "Say which task holds which page lock when zs_free() unlinks the zspage, and when migration reads page->private.",
			Story: `
v6.8, as it was released. A zspage has two pages, and compaction has the second one. zs_free() frees the last object.

Break anything, or say that it is impossible.`,
		},
		{
			Name: "none-to-miss", Title: "A page to miss", Scenario: "free-migrate-debug", Version: "v5.16-worker", Kind: "page-lock-not-held", Claim: true,
			Goal: "make the worker free a page that it has not locked",
			Hint: "The worker misses a page if it reads a next that is NULL for a moment. Count the pages.",
			Story: `
The worker of v5.16 walks the chain without a lock. While migration replaces a page, the chain is in pieces for a moment. Other
things may break; they do not count.

Here a zspage has one page. Make the worker miss a page, or say that it is impossible.`,
		},
		{
			Name: "by-accident", Title: "A reader by accident", Scenario: "free-migrate", Version: "rcu-repaired", Grace: "any", Claim: true,
			Kind: "use-after-free", Goal: "use the zspage after it was freed",
			Hint: "Which lock does migration release last, and where does that lock lie?",
			Story: `
The repaired patch: it takes the lock and looks again, and RCU keeps what it looks at. Here grace periods wait for rcu_read_lock
alone, as they did before v4.20 in a preemptible kernel. A spin lock that is held does not hold them up.

Use the zspage after it was freed, or say that it is impossible.`,
		},
		{
			Name: "store-buffering", Title: "Both look, and neither sees", Scenario: "drain", Version: "drain-no-barrier", Memory: "tso", Kind: "deadlock",
			Goal: "make the destroyer wait for ever",
			Hint: "Each writes one word and reads the other's. Where is a store that has left its CPU's registers, and has not come to memory?",
			Story: `
zs_destroy_pool() says that it is destroying, and then counts the isolated pages. Who puts a page back counts down, and then checks whether
somebody is destroying. Each writes, and then reads what the other writes.

This machine is an x86, or an s390: each CPU has a queue of stores. A store waits there until a move of its own, q, writes it to memory.`,
		},
		{
			Name: "repair", Title: "What keeps the zspage?", Scenario: "free-migrate", Version: "no-page-lock", Kind: "null-deref",
			Goal: "repair zs_page_migrate() and zs_free()",
			Hint: "Ask two things of each answer: where does the lock lie, and may zs_free() sleep?",
			Story: `
Here nobody holds a page lock. Compaction reads page->private and goes on with what it finds, and zs_free() resets the page and
frees the zspage under it.

There are four repairs. One of them holds, or more than one. Choose, and the explorer tries every schedule.`,
			Answers: []lab.Answer{
				{Way: lab.Pin, Version: "v6.8", About: "The page lock keeps the zspage. zs_free() tries the lock of each page, and leaves the pages that it cannot lock to a worker."},
				{Way: lab.Recheck, Version: "rcu-no-read-lock", About: "Migration takes pool->lock, and checks whether the zspage is still on a list. It finds pool->lock through zspage->pool."},
				{Way: lab.Wait, Version: "lock-page", About: "zs_free() waits for the lock of each page before it frees the zspage."},
				{Way: lab.Leave, Version: "v5.16-worker", About: "zs_free() frees nothing that it cannot lock at once. A worker frees it: it walks the chain and waits for each page's lock."},
			},
		},
	}
}
