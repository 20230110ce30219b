// Package pagetable is the lab of the page-table allocator, package pgalloc: what its scenarios can say, what they mean on every
// variant, and what must hold. It is the first lab. A scenario that names no lab belongs to it.
//
// Its words need more than a form. A table is released once, by the task that has it; a reference is dropped by the task that
// took it; vmas are linked under a semaphore. So the lab checks a whole scenario itself (sense), and makes the first state itself
// (Build).
//
// # The start
//
// N is the number of an mm, other names are letters, digits and _.
//
//	without lazy-flush       __tlb_flush_mm_lazy does nothing; it would only make the model larger
//	batch N                  how many tables a batch of a gather holds; the default is 4
//	mm N [users COUNT] [pgste]
//	                         an mm, with one user by default; with users 0 the last one is in exit_mmap, and some task must
//	                         mmdrop its reference
//	page N TABLE|- [TABLE|-]
//	                         a page of an mm. The first word is the table in its lower half, the second the one in its
//	                         upper half, and - is a free half, with which the page is on the list. In an mm with PGSTEs,
//	                         and in fullpage, each table has a page to itself
//	file NAME                a file: an i_mmap_rwsem
//	vma NAME FILE N TABLE|-  a mapping of it, in its i_mmap tree, whose one pmd points to TABLE; for an mm that a task will
//	                         fork, not in the tree yet
//
// # Tasks
//
// A task that may fail may find no page for a batch. A task can do these:
//
//	alloc N -> TABLE         page_table_alloc()
//	free TABLE               page_table_free(): at once
//	tlbfree TABLE            page_table_free_rcu(), through the task's gather, which it opens if necessary
//	flush                    tlb_finish_mmu() of that gather
//	defer TABLE              what khugepaged does with a table that it took: pte_free_defer(); in classic, which has none, ipi and free
//	down_read FILE           and up_read, down_write, up_write: the i_mmap_rwsem. A task may hold those of several files, and
//	                         release them in any order; that of one file it takes once at a time
//	retract VMA -> TABLE     retract_page_tables(): if the vma is in the tree, takes what its pmd points to, in one atomic step
//	take VMA -> TABLE        free_pgtables(): takes what its pmd points to
//	link VMA, unlink VMA     into the i_mmap tree and out of it
//	install VMA TABLE        pmd_install(): puts TABLE under the pmd, unless there is one; then the task still has it to free
//	rcu_read_lock            and rcu_read_unlock
//	look VMA -> TABLE        reads the pmd, as a walk does
//	read TABLE               reads in the table that look found, which must not have been freed
//	mmget N, mmput N         a user of the address space; the last mmput drops the users' reference, too
//	mmgrab N, mmdrop N       a reference to the struct
//	fork N -> N              mm_alloc() of a child that only this task knows
//	lazyflush N              __tlb_flush_mm_lazy(), as when the task is switched to the mm
//	ipi                      a round of interrupts
//	synchronize_rcu          it waits for all readers that there are; not inside rcu_read_lock
//
// TABLE is a table from the start, or a name that the task gives. A name may stand for no table, because the pmd was empty:
// releasing it then does nothing, and flush finds less in its gather.
//
// # The end
//
// When the tasks have ended and no callback and no work item is left, nothing may be left over: no page in use, no mm, no lock
// held. The finally section says what may be:
//
//	alive N                  an mm, whose counts must be what the tasks leave
//	kept TABLE               a table of an mm that is alive
//	freed N                  an mm that must be gone; this is the default, and says so
//
// While the tasks run, [explore.Instance].Check checks every page of an mm whose context.lock is free: its mask is legal, it is
// on its list or off it as the variant's rule says, and the lists are intact.
//
// # What is checked when
//
// Sense checks what can be checked without running: on each way through, every table is released once, every reference is
// dropped, every gather is flushed, and vmas are linked under the semaphore. So whatever the explorer finds is a fault of the
// allocator.
//
// # How it runs
//
// Build puts a machine together whose first state the version itself makes, by allocating and freeing: the mask, list and
// counts of a page at the start are its own. Each line of a task is an operation of the model and one call of the
// allocator, or of a primitive, so that a task's history ends with each line. What a task keeps is a small value: the
// tables it gave names to, as long as a later line speaks of them, its open gather, the branch under way.
//
// # What it does not model
//
// Faults, and the contents of tables. mmap_lock: two tasks of one mm unmap only what is their own. Page table locks: taking a pmd
// is one step. Page allocations that fail; only those of batches may. Readers with interrupts off, for which the round of
// interrupts waits.
//
// # Where to start
//
// lab.go for the table, program.go for what a scenario means, task.go for what the operations do, invariant.go for what must hold.
package pagetable
