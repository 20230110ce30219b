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
		{ID: "pin-is-a-spin-lock", Text: "Mapping an object of zsmalloc takes a spin lock, so the task must not sleep until it unmaps.", Source: "v5.11, mm/zsmalloc.c, pin_tag(); " + thread, Verbs: []string{"load", "store", "writeback"}, Versions: pinned},
		{ID: "rwlock", Text: "Mapping an object takes a rwlock as a reader, so the task must not sleep until it unmaps.", Source: "v5.17, mm/zsmalloc.c, migrate_read_lock()", Verbs: []string{"load", "store", "writeback"}, Versions: []string{"v5.17", "v6.13", "cpus-read-lock"}},
		{ID: "sleep-unpreemptible", Text: "A task that spins with preemption off must not wait for a sleeping task that needs the same CPU.", Source: "Mike Galbraith and Sebastian Andrzej Siewior, in " + thread, Verbs: []string{"load", "compact"}, Versions: []string{"bit-flag", "blocking-writer"}},
		{ID: "copy-then-sleep", Text: "Nothing may sleep before the object is copied and unmapped.", Source: "fc6697a89f56, mm/zswap: add the flag can_sleep_mapped", Verbs: []string{"load"}, Versions: []string{"v5.12", "v5.14", "v5.17", "v6.13"}},
		{ID: "allocate-first", Text: "The buffer is allocated before the object is mapped, or without sleeping.", Source: "fc6697a89f56", Verbs: []string{"load", "writeback"}, Versions: []string{"v5.12", "v5.14", "late-buffer"}},
		{ID: "every-path-unmaps", Text: "An error path unmaps what it mapped.", Source: "46b76f2e09dc, mm/zswap.c: fix two bugs in zswap_writeback_entry()", Verbs: []string{"writeback"}, Versions: []string{"v5.12", "v5.14"}},
		{ID: "writer-tries", Text: "Readers of zspage->lock may sleep, so a writer only tries, and leaves the object where it is.", Source: "v6.15, mm/zsmalloc.c, zspage_write_trylock()", Verbs: []string{"compact", "load"}, Versions: []string{"v6.15"}},
		{ID: "moves-under-the-pin", Text: "An object is moved with pool->lock and its pin held, so an object stays in place while it is mapped.", Source: "v5.11, mm/zsmalloc.c, migrate_zspage()", Verbs: []string{"compact"}},
		{ID: "reference", Text: "A load takes a reference to the entry under tree->lock, and the entry keeps its handle.", Source: "v5.11, mm/zswap.c, zswap_entry_find_get()", Verbs: []string{"load", "writeback"}},
		{ID: "tree-reference", Text: "Whoever takes an entry out of the tree drops the tree's reference, and nobody else does.", Source: "v5.11, mm/zswap.c, zswap_writeback_entry()", Verbs: []string{"invalidate", "writeback"}},
		{ID: "lock-then-look", Text: "The mutex of a context lies in memory that is never freed. So the mutex is taken first, and the request is read after that.", Source: "12dcb0ef5406, mm: zswap: properly synchronize freeing resources during CPU hotunplug", Verbs: []string{"load", "store", "unplug"}, Versions: []string{"v6.13", "v6.15", "blocking-writer"}},
		{ID: "raw-cpu", Text: "raw_cpu_ptr() gives the context of a CPU that the task may have left by now, and that may be offline.", Source: "1ec3b5fe6eec; 12dcb0ef5406", Verbs: []string{"load", "store", "writeback"}},
		{ID: "hotplug-reclaims", Text: "A task that brings a CPU up holds cpu_hotplug_lock as a writer and allocates memory, and reclaim then calls zswap.", Source: "the text of 12dcb0ef5406, of cpus_read_lock()", Verbs: []string{"plug"}},
		{ID: "read-before-written", Text: "A local variable is assigned before it is read, on every path.", Source: "Tian Tao, 23 December 2020, in " + thread, Verbs: []string{"load"}, Versions: []string{"draft", "draft-one-lock"}},
		{ID: "device", Text: "The decompressor is a device: it completes the request some time later, and the task sleeps until then.", Source: "include/linux/crypto.h, crypto_wait_req()", Verbs: []string{"load", "store", "writeback"}},
	}
}
