// Package zswap is the path of a page through zswap, with what of zsmalloc below it can be seen from there: an object that is mapped must
// stay where it is, and who maps it wants to sleep. It has v5.11, which does both at once, the drafts of December 2020 with their slips,
// what was merged from v5.12 to v6.15, and variants that are broken by one thing each. It knows package kern alone: the same code runs
// natively and under an explorer.
//
// # What there is
//
//	tree -> zswap_entry -> handle -> object, one of those of a zspage
//	acomp_ctx of each CPU: a mutex, and a request for the (de)compressor
//
// A load looks the entry up and takes a reference (PIN). It maps the object, takes the mutex of its CPU's context, and waits for the
// decompressor, which sleeps. Meanwhile compaction may want to move the object, the entry may be invalidated, and the CPU may go.
//
//	question                        answer of the right versions
//	what keeps the entry            a reference, under tree->lock (see below of v6.9)
//	what keeps the object in place  v5.12: nothing; it is copied and not touched again (DON'T)
//	                                v6.15: a lock whose readers may sleep, and whose writers only try (PIN)
//	what keeps the context          v6.13: its mutex lies in memory that stays; take it and look again (LOCK-THEN-RECHECK)
//
// # A version
//
// What versions do about each is a type of its own: what pins an object, who keeps a context, how a page is loaded, and how it is
// written back. Each type is in the file of the version that brought it: v511.go to v615.go, and a file for each draft and each
// variant that is broken on purpose. version.go puts them together.
//
// # Locks
//
//	cpu_hotplug_lock      who brings CPUs up or down; sleeps
//	  acomp_ctx->mutex    one context; sleeps
//	    tree->lock        the tree, and the counts of its entries
//	      pool->lock      which objects are free, and what handles say
//	        the pin       HANDLE_PIN_BIT or zspage->lock: where an object is
//
// v5.11 and bit-flag take the pin before the mutex, which is what is wrong with them.
//
// # The decompressor
//
// crypto_wait_req() sleeps until a device is done. That is a work item here, which completes what the task waits for: so a task that
// sleeps is waited for by nobody but the device, and whether its CPU is free when it wakes up is a matter of who spins there.
//
// # What is not modelled
//
// Of a pool there is one zspage with three objects; a page is a word, and compressed it is the same word. Tasks have no CPU of their own
// in the code: raw_cpu_ptr() gives the context of the CPU that a word of memory names, and who unplugs it changes the word. zs_free()
// and compaction of v5.11 take pool->lock and then the pin, and wait for it. The kernel's zs_free() of v5.11 pins first, and its
// compaction only tries; who else waits for a pin is another mapping, which the scenarios with two loads have. pool->lock stands for
// class->lock as well, and is a spin lock where v6.15 has a rwlock. Writeback takes its reference
// before it maps the object, since there is no pool that keeps it. No allocation fails, but for the object and the handle of a store.
//
// Entries have the reference count of v5.11 in every version. The kernel dropped it in v6.9 (a230c20e63ef, "mm/zswap: zswap entry doesn't
// need refcount anymore"): whoever loads an entry into the swap cache takes it out of the tree, and the locked page there keeps others from
// the swap entry meanwhile. So of v6.13 and v6.15 this has the pin of the object and the context as they are, and the life of an entry as it
// was until v6.8.
//
// # Where to start
//
// The Example, then v512.go. docs/labs/zswap.md has the thread, and the table of verdicts.
package zswap
