package zswap

import "ptsim/lab"

// rows is the table of docs/labs/zswap.md.
func rows() []lab.Row {
	const (
		atomic   = "violated sleep-in-atomic"
		deadlock = "violated deadlock"
		livelock = "violated livelock" // the waiter spins
		uaf      = "violated use-after-free"
	)
	return []lab.Row{
		{ID: "W1", Scenario: "load", Version: "v5.11", Expect: atomic, Note: "the mutex is taken with a bit spin lock held"},
		{ID: "W1-lax", Scenario: "store", Version: "v5.11", Lax: true, Expect: "safe", Note: "two CPUs: the owner of the mutex goes on"},
		{ID: "W1-lax-cpu", Scenario: "store-cpu", Version: "v5.11", Lax: true, Expect: "safe", Note: "one CPU: schedule() complains but still switches, so the owner goes on here too"},
		{ID: "W1-lax-loads", Scenario: "loads", Version: "v5.11", Lax: true, Expect: "safe", Note: "two loads of one page, two CPUs"},
		{ID: "W1-lax-loads-cpu", Scenario: "loads-cpu", Version: "v5.11", Lax: true, Expect: deadlock, Note: "one CPU: the second spins for the pin of the first, which sleeps and cannot wake up"},
		{ID: "W1-lax-3", Scenario: "three", Version: "v5.11", Lax: true, Expect: deadlock, Note: "a circle, on any CPUs: pin, mutex, pool->lock, and the pin again"},
		{ID: "W1-lax-3-cpu", Scenario: "three-cpu", Version: "v5.11", Lax: true, Expect: deadlock, Note: "on one CPU compaction keeps both off the CPU"},
		{ID: "W1-first", Scenario: "load", Version: "mutex-first", Expect: atomic, Note: "the mutex first, then the object: the decompressor sleeps all the same"},
		{ID: "W1-zbud", Scenario: "zbud", Version: "v5.11", Expect: "safe", Note: "with zbud it may sleep while the object is mapped"},

		{ID: "W2", Scenario: "compact", Version: "bit-flag", Expect: "safe", Note: "two CPUs: the owner of the bit wakes up and clears it"},
		{ID: "W2-cpu", Scenario: "compact-cpu", Version: "bit-flag", Expect: livelock, Note: "one CPU: the waiter spins and keeps the owner from waking up"},
		{ID: "W2-loads", Scenario: "loads", Version: "bit-flag", Expect: "safe", Note: "two loads, two CPUs"},
		{ID: "W2-loads-cpu", Scenario: "loads-cpu", Version: "bit-flag", Expect: livelock, Note: "the same without compaction"},

		{ID: "W3-draft", Scenario: "load", Version: "draft", Expect: "violated uninitialised-read", Note: "acomp_ctx is read before it is assigned"},
		{ID: "W3", Scenario: "load", Version: "draft-assigned", Expect: atomic, Note: "after a successful trylock it takes the mutex again, with the object mapped"},
		{ID: "W3-lax", Scenario: "load", Version: "draft-assigned", Lax: true, Expect: "violated self-deadlock", Note: "it waits for itself"},
		{ID: "W3b", Scenario: "load", Version: "draft-one-lock", Expect: "violated uninitialised-read", Note: "it reads a tmp that was never set"},
		{ID: "W3c", Scenario: "load", Version: "draft-src", Expect: atomic, Note: "the decompressor sleeps with the object mapped"},
		{ID: "W3c-lax", Scenario: "compact", Version: "draft-src", Lax: true, Expect: deadlock, Note: "it is never unmapped: compaction waits for ever"},

		{ID: "W3c-two", Scenario: "loads-two", Version: "draft-src", Lax: true, Expect: "violated imbalance", Note: "a load that finds the mutex taken copies, and is right; the other never unmaps"},
		{ID: "W4", Scenario: "compact", Version: "unmap-first", Expect: "violated assertion", Note: "another object is there by now: wrong data"},
		{ID: "W5", Scenario: "load", Version: "late-buffer", Expect: atomic, Note: "GFP_KERNEL with the object mapped"},

		{ID: "W5-lax", Scenario: "compact", Version: "late-buffer", Lax: true, Expect: "safe", Note: "against compaction alone it only breaks the rule"},

		{ID: "W6-11", Scenario: "writeback", Version: "v5.11", Expect: atomic, Note: "v5.11 has the object mapped from the first look to the end"},
		{ID: "W6-11-lax", Scenario: "writeback", Version: "v5.11", Lax: true, Expect: "violated self-deadlock", Note: "its last put frees the object that it has mapped, and waits for its own pin"},
		{ID: "W6-11-bit", Scenario: "writeback", Version: "bit-flag", Expect: livelock, Note: "the same with a bit that is not a spin lock"},
		{ID: "W6-11-zbud", Scenario: "zbud-writeback", Version: "v5.11", Expect: "safe", Note: "with zbud, the only backend of the two that writes back, it is right"},
		{ID: "W6", Scenario: "writeback", Version: "v5.12", Expect: atomic, Note: "the page of the swap cache is allocated with the object mapped"},
		{ID: "W6b", Scenario: "writeback-exist", Version: "v5.12", Expect: "violated context-imbalance", Note: "its error path never unmaps: the task ends with a spin lock held"},
		{ID: "W6b-lax", Scenario: "writeback-exist-compact", Version: "v5.12", Lax: true, Expect: deadlock, Note: "so compaction waits for ever"},
		{ID: "W6-lax", Scenario: "writeback-invalidate", Version: "v5.12", Lax: true, Expect: "safe", Note: "if the page was not there, the object is unmapped in the end"},
		{ID: "W6-fix", Scenario: "writeback", Version: "v5.14", Expect: "safe", Note: "copied and unmapped first"},
		{ID: "W6b-fix", Scenario: "writeback-exist-compact", Version: "v5.14", Expect: "safe", Note: "the same"},
		{ID: "W6-zbud", Scenario: "zbud-writeback", Version: "v5.12", Expect: "safe", Note: "the only case in v5.12: a backend that can write back allows sleeping while mapped"},
		{ID: "W6-race", Scenario: "writeback-invalidate", Version: "v5.14", Expect: "safe", Note: "whoever takes it out of the tree drops the tree's reference"},
		{ID: "W6-compact", Scenario: "writeback-compact", Version: "v5.14", Expect: "safe", Note: "the object may move once it is copied"},
		{ID: "W6-load", Scenario: "writeback-load", Version: "v5.14", Expect: "safe", Note: "a writeback and a load share the context, which its mutex protects"},
		{ID: "W6-13", Scenario: "writeback-exist-compact", Version: "v6.13", Expect: "safe", Note: "writeback of v6.13: the page first"},
		{ID: "W6-13-race", Scenario: "writeback-invalidate", Version: "v6.13", Expect: "safe", Note: "the same against an invalidate"},
		{ID: "W6-13-compact", Scenario: "writeback-compact", Version: "v6.13", Expect: "safe", Note: "the same against compaction"},
		{ID: "W6-13-load", Scenario: "writeback-load", Version: "v6.13", Expect: "safe", Note: "they share the buffer as well"},

		{ID: "W7", Scenario: "invalidate", Version: "no-ref", Expect: uaf, Note: "nothing keeps the entry alive"},
		{ID: "W7-fix", Scenario: "invalidate", Version: "v5.12", Expect: "safe", Note: "a reference does"},
		{ID: "W7-compact", Scenario: "invalidate-compact", Version: "v5.12", Expect: "safe", Note: "and keeps its handle as well"},

		{ID: "W8", Scenario: "unplug", Version: "v5.12", Expect: uaf, Note: "the request is freed with its CPU"},
		{ID: "W8-store", Scenario: "unplug-store", Version: "v5.12", Expect: uaf, Note: "the compressor's as well"},
		{ID: "W8-fix", Scenario: "unplug", Version: "v6.13", Expect: "safe", Note: "locked, then checked again"},
		{ID: "W8-fix-store", Scenario: "unplug-store", Version: "v6.13", Expect: "safe", Note: "the same"},
		{ID: "W8-waits", Scenario: "unplug", Version: "dead-waits", Expect: "violated null-deref", Note: "the task that frees waits for the user, but not for a task that waits for the user"},
		{ID: "W8-keep", Scenario: "unplug", Version: "keep-contexts", Expect: "safe", Note: "nothing is freed when a CPU goes offline"},
		{ID: "W8-keep-store", Scenario: "unplug-store", Version: "keep-contexts", Expect: "safe", Note: "the same"},
		{ID: "W8-keep-plug", Scenario: "plug", Version: "keep-contexts", Expect: "safe", Note: "nobody waits for hotplug"},
		{ID: "W8-keep-loads", Scenario: "loads-two", Version: "keep-contexts", Expect: "safe", Note: "two loads of one CPU share its context, which the mutex protects"},
		{ID: "W8-cpus", Scenario: "unplug", Version: "cpus-read-lock", Expect: "safe", Note: "no CPU goes offline while it is held"},
		{ID: "W8-cpus-plug", Scenario: "plug", Version: "cpus-read-lock", Expect: deadlock, Note: "but a task that brings a CPU up holds it, and reclaims"},
		{ID: "W8-fix-plug", Scenario: "plug", Version: "v6.13", Expect: "safe", Note: "the mutex belongs to another CPU"},

		{ID: "W9", Scenario: "compact", Version: "blocking-writer", Expect: "safe", Note: "two CPUs: the reader wakes up"},
		{ID: "W9-cpu", Scenario: "compact-cpu", Version: "blocking-writer", Expect: livelock, Note: "one CPU: the writer spins for a reader that sleeps"},
		{ID: "W9-fix", Scenario: "compact", Version: "v6.15", Expect: "safe", Note: "a writer that only tries"},
		{ID: "W9-fix-cpu", Scenario: "compact-cpu", Version: "v6.15", Expect: "safe", Note: "on one CPU as well"},
		{ID: "W9-fix-unplug", Scenario: "unplug", Version: "v6.15", Expect: "safe", Note: "with the context of v6.13"},
		{ID: "W9-fix-free", Scenario: "load-invalidate-another", Version: "v6.15", Expect: "safe", Note: "who frees an object does not wait for the reader of another"},
		{ID: "W9-fix-free-cpu", Scenario: "load-invalidate-another-cpu", Version: "v6.15", Expect: "safe", Note: "nor on one CPU, where it would wait for ever"},
		{ID: "W9-fix-loads", Scenario: "loads-two", Version: "v6.15", Expect: "safe", Note: "two readers of one zspage are counted"},
		{ID: "W9-fix-3", Scenario: "three", Version: "v6.15", Expect: "safe", Note: "with a store"},
		{ID: "W9-fix-writeback", Scenario: "writeback-invalidate", Version: "v6.15", Expect: "safe", Note: "writeback of v6.15"},
		{ID: "W9-fix-writeback-exist", Scenario: "writeback-exist-compact", Version: "v6.15", Expect: "safe", Note: "which finds the page in the swap cache"},
		{ID: "W9-fix-writeback-compact", Scenario: "writeback-compact", Version: "v6.15", Expect: "safe", Note: "and reads while compaction only tries"},
		{ID: "W9-fix-writeback-load", Scenario: "writeback-load", Version: "v6.15", Expect: "safe", Note: "a writeback and a load, two readers"},

		{ID: "W-final", Scenario: "compact", Version: "v5.12", Expect: "safe", Note: "copied and unmapped before anything sleeps"},
		{ID: "W-final-cpu", Scenario: "compact-cpu", Version: "v5.12", Expect: "safe", Note: "on one CPU as well"},
		{ID: "W-final-loads", Scenario: "loads", Version: "v5.12", Expect: "safe", Note: "two loads at once"},
		{ID: "W-final-loads-cpu", Scenario: "loads-cpu", Version: "v5.12", Expect: "safe", Note: "on one CPU"},
		{ID: "W-final-two", Scenario: "loads-two", Version: "v5.12", Expect: "safe", Note: "of two pages"},
		{ID: "W-final-3", Scenario: "three", Version: "v5.12", Expect: "safe", Note: "with a store"},
		{ID: "W-final-3-cpu", Scenario: "three-cpu", Version: "v5.12", Expect: "safe", Note: "on one CPU"},
		{ID: "W-final-17", Scenario: "compact", Version: "v5.17", Expect: "safe", Note: "with zspage->lock as the pin"},
		{ID: "W-final-13", Scenario: "compact", Version: "v6.13", Expect: "safe", Note: "with the context's buffer for the copy"},
		{ID: "W-final-13-cpu", Scenario: "compact-cpu", Version: "v6.13", Expect: "safe", Note: "the same on one CPU"},
		{ID: "W-final-13-loads", Scenario: "loads-two", Version: "v6.13", Expect: "safe", Note: "two loads share the buffer, and the mutex protects it"},
		{ID: "W-final-cycle", Scenario: "cycle", Version: "v5.17", Expect: "safe", Note: "a page is stored, moved, loaded and freed"},
		{ID: "W-final-fail", Scenario: "store-fail", Version: "v5.12", Expect: "safe", Note: "a store that finds no memory leaves nothing over"},
		{ID: "W-final-13-fail", Scenario: "store-fail", Version: "v6.13", Expect: "safe", Note: "the same for v6.13, which has its context then"},
		{ID: "W-final-full", Scenario: "full", Version: "v5.12", Expect: "safe", Note: "a full pool does no harm"},
	}
}
