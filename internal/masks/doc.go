// Package masks tabulates a version of the allocator: for every mask that the upper byte of _refcount can hold in its six
// bits, what the two halves of such a page are doing, whether any CPU may see it, whether the page is on pgtable_list,
// and what each operation on each half makes of it.
//
// # Where the answers come from
//
// Nothing here knows the rules of a version. Each cell of the table is an experiment (lab.go): a machine of its own, on
// which a page is brought, as far as it goes, by the allocator's own operations to where the operation can start, so that
// pt_mm, the batch and the queued rcu_head are real; then its mask and PageActive are overwritten as a debugger would, and
// it is put on the list or taken off as the version's list rule says. Then the version runs one operation on one half,
// and a kern.Scheduler (watch.go) writes down each primitive that touches the page, the list, its lock or mm_count.
//
// What the experiments must be told is the contract of the callers: only an allocated half can be freed, only a pending
// one comes back out of a batch, and a callback runs only if its rcu_head is queued.
//
// # The operations
//
//	fresh     page_table_alloc with nothing on the list: the birth of a page
//	alloc     page_table_alloc with this page first on the list
//	free      page_table_free
//	free_rcu  page_table_free_rcu, up to putting the half into a batch
//	remove    __tlb_remove_table of the half, called for its batch in softirq context
//	defer     pte_free_defer
//	now       the callback of pte_free_defer: pte_free_now0 or 1, which are about a half, or pte_free_now of v6.6 and
//	          v6.7, which is about the page
//
// # Reached
//
// A mask that is legal need not occur. Explore starts with a fresh page and applies every row that is possible, one
// operation at a time (reach.go); so each state is reached at rest, between operations; in passing, between two steps of
// one operation, where other CPUs can see it; or never. A state at rest from which no sequence of operations leads to the
// release of the page is lost, with the page.
//
// # What is not in the table
//
// Two operations that overlap on one page: that is a question for a search over schedules, not for a table. Tables with
// PGSTEs, which are never listed and whose halves share one fate. Batches: how a half gets from free_rcu to remove.
// Speculative references: the refcount below the mask is 1, which is also all that the misplaced test in rfc-as-posted
// ever looks at here.
//
// # The pictures
//
// As dot and as svg a table is the states that a page is in between operations, and the moves between them. A page and its
// mirror image do the same (graph.go checks that they do), so one node stands for both: which half an operation is about is
// told by what the half is doing. A node's place means something (place.go): from left to right, how many halves are in use
// and how many are pending; from top to bottom, how many are deferred; and what is on the list is in a tray. The ways of
// the lines are found by internal/picture. Everything told by colour is told by shape and word too, and the description in
// the SVG says in words what is drawn.
//
// The second picture is the life of one page (story.go): allocated, used twice, one half freed through the gather and the
// other deferred, then released, with the words of struct page that are in use at each moment. Each version is run and
// looked at; those that cannot be told apart share a panel.
//
// # Where to start
//
// Build makes a Table, Table.Write writes it as text, markdown, json, dot or svg. Stories tells the lives, WriteStories
// writes them.
package masks
