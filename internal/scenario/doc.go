// Package scenario is the language of what the explorer explores: a few tasks, the page tables they have at the start, what
// they do with them, and what must be left. A scenario says what happens and not in which order; the order is the
// explorer's.
//
//	title Both halves of a page are deferred
//	about A page has one rcu_head and two halves.
//
//	mm 1 users 2
//	page 1 t0 t1
//
//	task khugepaged0
//	  defer t0
//	  mmput 1
//
//	task khugepaged1
//	  defer t1
//	  mmput 1
//
//	finally
//	  freed 1
//
// # The start
//
// One thing a line; blank lines and what follows a # are skipped, and so is the space a line begins with. N is the number
// of an mm, other names are letters, digits and _, not digits alone.
//
//	title TEXT               what it is about, once
//	about TEXT               and some prose, any number of lines; an empty one parts paragraphs
//	without lazy-flush       __tlb_flush_mm_lazy does nothing, where it would only make the model larger
//	batch N                  tables in a batch of a gather, 4 unless said
//	mm N [users COUNT] [pgste]
//	                         an mm, with one user unless said; with users 0 the last one is in exit_mmap, and its reference
//	                         is there for some task to mmdrop
//	page N TABLE|- [TABLE|-]
//	                         a page of an mm, and what is in its lower and its upper half; - is free, so the page is on the
//	                         list. In an mm with PGSTEs, and in fullpage, each table has a page to itself
//	file NAME                a file: an i_mmap_rwsem
//	vma NAME FILE N TABLE|-  a mapping of it, in its i_mmap tree, whose one pmd points to TABLE; for an mm that a task will
//	                         fork, not in the tree yet
//
// # Tasks
//
// "task NAME" begins one, "task NAME may fail" one that may find no page for a batch. "task NAME on cpu0" puts it on a CPU, where
// others may be put, too: a task that has preemption or BH off, or a spin lock, keeps the others of its CPU off, and one that has
// not may lose the CPU at any step. A task that is not put anywhere has a CPU of its own. It does these one after the other:
//
//	alloc N -> TABLE         page_table_alloc()
//	free TABLE               page_table_free(): at once
//	tlbfree TABLE            page_table_free_rcu(), through the task's gather, which is opened if need be
//	flush                    tlb_finish_mmu() of that gather
//	defer TABLE              pte_free_defer(); in classic, which has none, a round of interrupts and page_table_free()
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
//	either ... or ... end    one of these, and which is for the explorer to choose; not nested
//
// TABLE is one of the start or a name that the task gives. A name may come to stand for no table, because the pmd was
// empty: what releases it then does nothing, and flush finds less in its gather.
//
// # The end
//
// When the tasks have ended and no callback and no work item is left, nothing may be there any more: no page in use, no
// mm, no lock held. The finally section says what may: "alive N" an mm, whose counts must be what the tasks leave, and
// "kept TABLE" a table of it. "freed N" says what holds anyway.
//
// While the tasks run, [explore.Instance].Check looks at every page of an mm whose context.lock is free: its mask is legal,
// it is on its list or off it as the variant's rule wants, and the lists hold together.
//
// # What is checked when
//
// Parse looks at what can be told without running: every table is released once on each way through, every reference
// dropped, a vma is linked under the semaphore, a gather flushed. Wrong is told by an *[Error], one line with what was
// expected, never later. So whatever the explorer finds is the allocator's doing. For an editor, Check reports every line that
// makes no sense, and Complete what may be written at a place.
//
// # A schedule in a file
//
// A file may also say how it is to be explored, which the explorer writes when it saves what it found: variant, pin,
// softirqs N or cpu, grace precise or any, schedule STRING, and expect with "safe" or "violated" and the kind. This
// package only keeps these words, in [Run].
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
// Faults and what is in tables. mmap_lock: two tasks of one mm unmap only what is their own. Page table locks: taking a pmd
// is one step. Page allocation that fails; only batches may. Readers with interrupts off, which the round of interrupts
// is for.
//
// # Where to start
//
// testdata/scenarios/page.scn and gather.scn, then S1.scn; the Examples; parts.go for the grammar, task.go for what the
// operations do.
package scenario
