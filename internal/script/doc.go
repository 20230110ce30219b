// Package script is the language of the conformance corpus: small programs for the page-table allocator, one operation per line,
// with the state of the whole machine after each.
//
// # A script
//
//	# two tables share a page; both are deferred
//	mm 1
//	alloc 1 -> t1
//	alloc 1 -> t2
//	defer t1
//	defer t2
//	gp
//	gp
//
// Blank lines are skipped, and so is everything after a # at the start of a line or after a blank. N is the number of an mm, 0 to
// 1000000. TABLE and CRST are names: letters, digits and _, not digits alone. A name is given once, and a number too.
//
//	mm N               mm_alloc(): a new mm, mm_users 1 and mm_count 1
//	pgste N            its page tables are 4K pages with PGSTEs; before its first alloc
//	haspgste N         it has a KVM guest
//	alloc N -> TABLE   page_table_alloc()
//	look N -> TABLE    page_table_alloc(), in two halves: up to where it has looked at the list, and taken a half or not
//	add TABLE          the rest: if it took none, a fresh page that is put on the list
//	free TABLE         page_table_free()
//	tlbfree TABLE      page_table_free_rcu(), through the gather of the mm, which is always open
//	defer TABLE        pte_free_defer(), where there is one
//	flush N            tlb_table_flush(): the open batch of the mm's gather, if there is one, goes to call_rcu()
//	gp                 a grace period: runs the callbacks that are queued, in order; what they queue waits for the next
//	remove NAME        runs the one queued callback that frees the table or CRST of that name, whatever waits before it
//	batchfail 0/1      1: from now on there is no page for a batch (GFP_NOWAIT)
//	oom 0/1            1: from now on there is no page for a table (GFP_KERNEL); batches are not affected
//	crst N -> CRST     crst_table_alloc(): a segment or region table of 16K
//	crstfree CRST      crst_table_free()
//	crsttlb CRST       through the gather, with tag 0
//	ref TABLE COUNT    others take that many speculative references to the table's page
//	unref TABLE COUNT  they drop them; the last of all references frees the page
//	exit N             exit_mmap() and mmput(): tlbfree of all tables by name, t2 before t10, crsttlb of all segment and
//	                   region tables, flush, mm_users to 0, mmdrop()
//	mmgrab N           mm_count up
//	mmdrop N           mm_count down, as often as it went up
//	work               runs the work items that mmdrop_async() queued
//	hook CMD           runs CMD later, once: see below
//
// An operation on a table whose allocation failed does nothing, and says so ("skip").
//
// defer is what khugepaged does with a table that it took. In classic, which has no pte_free_defer, that is a round of interrupts to
// all CPUs and page_table_free; a scenario and the machine of a workload do just that. A script runs on one CPU, and the corpus wants
// every variant to answer for itself: on classic defer does nothing, says so ("unsupported"), and the table is still there. Write free
// for what khugepaged does behind the interrupts.
//
// After exit, mmgrab, mmdrop and flush may still name the mm, as long as the script holds a reference to it. It does not matter
// whether a variant keeps the mm longer for reasons of its own, so a script is right or wrong for all variants alike. Only unref
// may name a table that was freed. A wrong name ends the run with an *Error. It shows only while the script runs, because it may
// depend on whether a hook has run.
//
// # Two halves, one callback
//
// "look 1 -> t1" and "add t1" together are "alloc 1 -> t1". Other CPUs do the lines between them while page_table_alloc holds no
// lock: another thread's free may put a page on the list that this allocation no longer sees. If look finds a half, it allocates
// that at once, and its add does nothing ("done"). TABLE cannot be named between the two, and at most 8 allocations are under way
// at once.
//
// "remove t1" is for callbacks that run in another order than they were queued, as those of two CPUs do. The grace period of t1
// is then over, and so are those of all callbacks queued before it, but these have yet to run. A batch is one callback: it
// removes its other tables as well. remove does not work inside a hook.
//
// # Hooks
//
// A callback and a task run at the same time on two CPUs, but a script is one sequence. A hook lets a script show a race: the
// operations hooked so far run, in order, just before an RCU callback takes the context.lock of any mm, on another CPU, in task
// context. In that window the RFC has read the mm from the page and not yet locked it. Callbacks that the hooked operations queue
// go to the end of the one queue. Locks that they take run no further hooks. A version whose callbacks take no lock never runs a
// hook. Neither a hook nor gp can be hooked: a grace period cannot end while a callback, which is itself a reader, runs.
//
// # The machine
//
// A Runner has a machine of its own: a CPU for the script and its callbacks, one for hooks, an RCU whose grace periods are the
// script's, contents in the pages, all checks on. The memory of a freed mm is never used again, so a late user of it is found.
// Callbacks that caches queue for themselves do not show.
//
// Pages and CRSTs are called by ids, 0 for the first that was allocated; ids, unlike frames, are never used again.
//
// # States and changes
//
// Next and Each give a Change for each operation: what it answered and what changed, at a cost that does not depend on how large
// the machine is. State, and Run and Step with it, reads the whole machine: the pages with their masks, the lists, the open
// batches, the callback queue, what was freed, the mms and their counts, and what was found wrong. Its AppendJSON writes it as
// the corpus has it. Text shows either to people, Summary the outcome of the run.
//
// A Change in JSON is one object; "i" and "op" are always there, the rest only when there is something to say:
//
//	"ret"         what the operation answered, as in the corpus
//	"pages"       pages that are new or changed, as in the corpus: [id, mask, on a list, PageActive]
//	"freed"       ids of the pages that were freed, in order
//	"lists"       by mm: [operation, id] in order, list_add, list_add_tail and list_del; or all ids, front first
//	"tlb"         by mm: entries added to the open batch; or a string, the whole of a new one; null when it was closed
//	"ran"         [position, count] of the callbacks that left the queue, 0 the oldest
//	"rcu"         callbacks that came behind those that were left
//	"crst", "crstfreed"   ids of segment and region tables that came and went
//	"mm"          by number: [mm_users, mm_count] where they are new; null for one that was freed, with its list
//	"ipi", "gmap", "work"   counts, as they are now
//	"warn"        WARN_ON_ONCE sites that fired
//	"corrupt"     1: from here on a list or an rcu_head is corrupt, and "lists" has all ids
//	"violations"  sentences
//	"err"         the fatal error
//
// # What is found
//
// A use of freed memory, a double free or a deadlock is fatal: the operation runs to its end, its State has Err, and it is the
// last. Other violations are noted, and the script goes on. Besides those that the allocator's own checks find, two are checked
// after every operation, when nothing is under way: that something leads to every page, and that each mm_count is the sum of the
// references, including those of pins.
//
// # What it does not model
//
// Interleavings other than hooks, interrupts between two steps, and several grace periods under way at once.
//
// # Cost
//
// A run costs as much as its operations do: a million take some 3 s and less than 500 MB. Three things cost more. State reads the
// whole machine. So does every Change once something is corrupt. And remove looks through the callbacks that wait.
package script
