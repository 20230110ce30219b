// Package conform holds the allocator of package pgalloc against what the allocator of a live s390 kernel did, decision by
// decision. Probes inside the kernel's locked sections report each decision, a log has one a line, and the model does the
// same things in the same order: what it decides must be what the kernel decided.
//
// # A log
//
// Pages and mms are numbered by birth. MASK is the upper byte of _refcount, two hex digits; H is 0 for the lower half of a
// page and 1 for the upper one.
//
//	mm N              an mm is seen for the first time; its list is empty
//	look N pP MASK    page_table_alloc, under the lock: the first page of pgtable_list and its mask
//	look N -          the same, and the list is empty
//	hit N pP.H MASK   the half that was taken, and the mask after it
//	add N pP          a fresh page, its lower half handed out, is put on the list, under the second lock
//	free N pP.H MASK  page_table_free, the mask after its first step
//	rcu N pP.H MASK   page_table_free_rcu, the mask after its step
//	flush N           a gather of the mm is finished, with tables in it
//	batch NR          an RCU callback runs, with a batch of NR tables
//	remove pP.H MASK  __tlb_remove_table, the mask after its step; 00: the page is released
//	drop N            __mmdrop: the list is empty
//
// That is a log of v5.17 to v6.5. One of v6.7 on, where a table has a page to itself, has no look, hit and add, and no
// masks: "alloc N pP", with the first words of the page's two halves in hex behind it if they were read; "free N pP",
// "rcu N pP" and "remove pP". Blank lines and comments, which begin with #, are skipped.
//
// # What is compared
//
// At look, the first page of the model's list and its mask, and whether it is passed over; at hit, the half and the mask
// after it; at add, that the page is fresh, its lower half is handed out and it is the first of the list; at free, rcu
// and remove, the page, the half and the mask, and whether the page is released; when a batch begins, that the kernel ran
// a callback of that size; at drop, that the list is empty. Pages are compared by renaming: the model's page stands for the
// kernel's from an add on. A table keeps its name when the two disagree, so that a replay can go on and count. It ends
// early only where the model itself meets something fatal.
//
// # Who comes between
//
// Operations of several CPUs interleave in a log. The allocator's code is no second copy and knows nothing of it: the
// machine is its Scheduler, and lets an operation stop in the middle, on a CPU of its own. page_table_alloc stops between
// its two locks, page_table_free between its two steps, a batch's callback between two tables. There is no RCU core, since
// the log says which callback runs.
//
// Two steps take no lock, and their records can be late; masks tell the right order, and settle in order.go puts it
// right. A removal whose mark is gone is done before its record comes, or without one; a removal that was recorded before
// the change that came before it waits. Both are counted.
//
// # What is an error, and what a disagreement
//
// A log that cannot be read, or contradicts itself in what it names, is an *[Error] with a line: an mm that is not there,
// a page that was never born, a hit without a look. What the allocator decided is never an error.
//
// # What it does not compare
//
// Tables with PGSTEs, gmap, init_mm, batches for which no page was found, pte_free_defer, which the kernels of these logs
// do not call. Segment and region tables go through the same batches and have no records, so a batch of the kernel's may
// be larger than the model's.
//
// # Where to start
//
// The Example; replay.go, one function a record; then order.go.
package conform
