package zswap

import (
	_ "embed"

	"ptsim/lab"
)

//go:embed lesson.md
var lesson string

func lessons() []lab.Lesson { return []lab.Lesson{{Slug: "zswap", Text: lesson}} }

const thread = "[PATCH] zsmalloc: do not use bit_spin_lock, December 2020"

func rules() []lab.Rule {
	pinned := []string{"v5.11", "draft", "draft-assigned", "draft-one-lock", "draft-src", "unmap-first", "late-buffer", "v5.12", "v5.14", "no-ref"}
	return []lab.Rule{
		{ID: "pin-is-a-spin-lock", Text: "A mapped object of zsmalloc is a spin lock held, so its task must not sleep.", Source: "v5.11, mm/zsmalloc.c, pin_tag(); " + thread, Verbs: []string{"load", "store", "writeback"}, Versions: pinned},
		{ID: "rwlock", Text: "A mapped object is a rwlock read, so its task must not sleep.", Source: "v5.17, mm/zsmalloc.c, migrate_read_lock()", Verbs: []string{"load", "store", "writeback"}, Versions: []string{"v5.17", "v6.13", "cpus-read-lock"}},
		{ID: "sleep-unpreemptible", Text: "Whoever spins with preemption off must not wait for somebody who sleeps and needs the CPU.", Source: "Mike Galbraith and Sebastian Andrzej Siewior, in " + thread, Verbs: []string{"load", "compact"}, Versions: []string{"bit-flag", "blocking-writer"}},
		{ID: "copy-then-sleep", Text: "What may sleep comes after the object was copied and unmapped.", Source: "fc6697a89f56, mm/zswap: add the flag can_sleep_mapped", Verbs: []string{"load"}, Versions: []string{"v5.12", "v5.14", "v5.17", "v6.13"}},
		{ID: "allocate-first", Text: "The buffer is allocated before the object is mapped, or without sleeping.", Source: "fc6697a89f56", Verbs: []string{"load", "writeback"}, Versions: []string{"v5.12", "v5.14", "late-buffer"}},
		{ID: "every-path-unmaps", Text: "An error path unmaps what it mapped.", Source: "46b76f2e09dc, mm/zswap.c: fix two bugs in zswap_writeback_entry()", Verbs: []string{"writeback"}, Versions: []string{"v5.12", "v5.14"}},
		{ID: "writer-tries", Text: "Readers of zspage->lock may sleep, so a writer only tries, and leaves the object where it is.", Source: "v6.15, mm/zsmalloc.c, zspage_write_trylock()", Verbs: []string{"compact", "load"}, Versions: []string{"v6.15"}},
		{ID: "moves-under-the-pin", Text: "An object is moved with pool->lock and its pin held: who has it mapped finds it where it was.", Source: "v5.11, mm/zsmalloc.c, migrate_zspage()", Verbs: []string{"compact"}},
		{ID: "reference", Text: "A load takes a reference to the entry under tree->lock, and the entry keeps its handle.", Source: "v5.11, mm/zswap.c, zswap_entry_find_get()", Verbs: []string{"load", "writeback"}},
		{ID: "tree-reference", Text: "Who takes an entry out of the tree puts the tree's reference, and nobody else does.", Source: "v5.11, mm/zswap.c, zswap_writeback_entry()", Verbs: []string{"invalidate", "writeback"}},
		{ID: "lock-then-look", Text: "The mutex of a context lies in memory that stays: it is taken first, and then the request is looked at.", Source: "12dcb0ef5406, mm: zswap: properly synchronize freeing resources during CPU hotunplug", Verbs: []string{"load", "store", "unplug"}, Versions: []string{"v6.13", "v6.15", "blocking-writer"}},
		{ID: "raw-cpu", Text: "raw_cpu_ptr() is the context of a CPU that the task may have left, and that may be gone.", Source: "1ec3b5fe6eec; 12dcb0ef5406", Verbs: []string{"load", "store", "writeback"}},
		{ID: "hotplug-reclaims", Text: "Who brings a CPU up holds cpu_hotplug_lock as a writer and allocates memory, and reclaim comes to zswap.", Source: "the text of 12dcb0ef5406, of cpus_read_lock()", Verbs: []string{"plug"}},
		{ID: "read-before-written", Text: "A local variable is assigned before it is read, on every path.", Source: "Tian Tao, 23 December 2020, in " + thread, Verbs: []string{"load"}, Versions: []string{"draft", "draft-one-lock"}},
		{ID: "device", Text: "The decompressor is a device: it completes the request some time later, and the task sleeps until then.", Source: "include/linux/crypto.h, crypto_wait_req()", Verbs: []string{"load", "store", "writeback"}},
	}
}

func levels() []lab.Level {
	return []lab.Level{
		{
			Name: "one-cpu", Title: "Nobody holds a spin lock", Scenario: "compact-cpu", Version: "bit-flag", Kind: "livelock",
			Goal: "have one task spin for ever",
			Hint: "The owner of the bit may sleep. Who has the CPU then, and with preemption off?",
			Story: `
zsmalloc's pin was a bit spin lock, which forbids sleeping. This patch makes it a flag: who waits for it spins with preemption off, and
who has it may sleep.

Both tasks are on one CPU.`,
		},
		{
			Name: "recycled", Title: "The page stays", Scenario: "compact", Version: "unmap-first", Kind: "assertion",
			Goal: "decompress bytes that are another's",
			Hint: "The object is read after the decompressor was waited for. What may happen while it is?",
			Story: `
The load unmaps the object before it sleeps, and goes on with the pointer: the page is there anyway, somebody said, and one could take a
reference to it.

The page stays. Who lives at that address?`,
		},
		{
			Name: "cpu-goes", Title: "Whose context is it?", Scenario: "unplug", Version: "v5.12", Kind: "use-after-free",
			Goal: "use the request of a CPU that is gone",
			Hint: "The task looks for its CPU's context, and is moved. Nobody waits for it.",
			Story: `
Each CPU has a context with a mutex and a request. A load takes that of the CPU it is on. Then it may be moved to another one, and its
CPU may go.`,
		},
	}
}
