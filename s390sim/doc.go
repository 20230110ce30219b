// Package s390sim is the machine around the allocator: CPUs, address spaces and files, and the kernel paths on which page
// tables come and go. It is what a recorded trace is replayed on (internal/replay), in virtual time, with every variant
// of package pgalloc.
//
// # The machine
//
// A [Machine] has the CPUs and the shared memory of a kern.Machine, one allocator, a stepped RCU, and a TLB for each CPU.
// One goroutine drives it, unless it is native. The caller says on which CPU an operation happens; operations follow each other and are not
// interleaved, so that a run is the same every time. The order of locks is kept nevertheless, as the comments and tests
// rely on it; races are the business of the native stress tests of package pgalloc.
//
// # Address spaces
//
// An [AddressSpace] is an mm_struct (mmctx.MM, with mm_users and mm_count) and
//
//   - its VMAs, in address order: file and offset, shared or private, and whether there is an anon_vma. A mapping gets one
//     when a fault makes anonymous memory in it. fork copies the page tables of such mappings, and khugepaged leaves them
//     alone. Neighbours are not merged.
//   - its page tables: for each 1 MiB segment that was ever used a pmd, a word of shared memory that holds a packed table
//     address or 0. Above them stand segment tables (2 GiB), region-third tables (4 TiB) and the top table, all of them
//     CRSTs of 16 KiB, which are allocated and freed like the kernel's.
//
// Page tables have real contents if the configuration says so: faults set entries, fork copies them, and whoever frees
// a table leaves all of its entries invalid.
//
// A [File] is an address_space as far as mappings go: the VMAs that map it. That a VMA is in there is all that keeps its
// mm alive for khugepaged, which takes no reference.
//
// # Locks
//
// Each is taken only under those that it is indented below:
//
//	mmap_lock                  AddressSpace.mmapLock: the VMAs
//	  i_mmap_rwsem             File.iMmap: the file's VMAs, their bounds and anon_vma
//	    page_table_lock        mmctx.MM.PageTableLock: the pmds and what is above them; also the pmd_lock
//	      ptl                  pgalloc.Page.PTL: the entries of both tables of a page
//	        context.lock       mmctx.PgtableList.Lock: pgtable_list and the A bits
//
// khugepaged begins at i_mmap_rwsem. Tables are allocated before page_table_lock is taken, and freed after it is
// dropped, with no lock below mmap_lock or i_mmap_rwsem held. One lock does for all pmds of an mm and for what is above
// them; the kernel has one more for each segment table (pmd_lock).
//
// # What mirrors what, in v6.6
//
//	(*AddressSpace).Fault       handle_mm_fault, as far as tables go: __pte_alloc, or a huge pmd where there was a retract
//	(*AddressSpace).Fork        dup_mmap, copy_page_range
//	(*AddressSpace).Munmap      do_vmi_align_munmap, unmap_region, free_pgtables
//	(*AddressSpace).Mremap      mremap(2), move_page_tables; s390 moves entries, never whole tables
//	(*AddressSpace).Extend      do_brk_flags
//	(*AddressSpace).ArgStack, ShiftArgPages  execve: copy_strings, shift_arg_pages
//	(*AddressSpace).Put         mmput, exit_mmap, free_pgtables, mmdrop
//	(*Machine).RetractPageTables  retract_page_tables
//	(*Khugepaged).DoScan        khugepaged_do_scan, khugepaged_scan_mm_slot, hpage_collapse_scan_file, collapse_file
//	ReadPTE                     what a lockless walker reads: gup_fast, page_vma_mapped_walk
//
// In Put the order is the kernel's: all VMAs leave their files, which waits for a retract that is under way; then the
// tables go through one gather, in address order, a segment table after its page tables and a region table after those;
// then the reference that the users held is dropped. The top table goes with the struct, in __mmdrop. A pinned mm's
// __mmdrop may so come a grace period later, on the kworker.
//
// # khugepaged's checks
//
// RetractPageTables holds the file's i_mmap lock for reading, no mmap_lock, and no reference on any mm. Of the mappings of
// the offset it passes over those that have an anon_vma; that are not aligned to a segment or do not cover it; that have
// no table there; whose mm has no user any more (hpage_collapse_test_exit, without a lock: mm_users may reach 0 right
// after, and then pte_free_defer works for an mm that is exiting); that userfaultfd write-protects. Then, under
// page_table_lock and the ptl, it looks for an anon_vma again, clears the pmd, flushes the segment from all TLBs, drops
// the locks and frees the table (pgalloc's FreeRetracted): by pte_free_defer, or in classic by an IPI round and page_table_free.
// What the segment is from now on is a huge page: a fault in it needs no table while one VMA covers it whole.
//
// # The daemon
//
// With [Config].Khugepaged there is a [Khugepaged], which works as the kernel's of v6.6 does. A mapping that could hold a
// huge page enters its mm into the line of mm_slots, each of which holds an mm_count; fork hands that on, and exit takes it
// back, unless the daemon stands at that very mm. At each wakeup it goes on where it stood, for pages_to_scan of progress,
// and leaves an mm after each file segment, for which it gives up mmap_lock. A segment qualifies if at most max_ptes_none
// of its pages are not in memory; a [File] then keeps which are. One that is huge already has this mm's table taken
// (collapse_pte_mapped_thp). AddressSpace.MadviseCollapse is MADV_COLLAPSE. What became huge is mapped as such by every
// fault that can, also of mms that came later, until File.SplitHuge. On such a machine files are as on a tmpfs mounted
// with huge=always; anonymous memory is left alone. A wakeup takes no virtual time.
//
//	khugepaged_mm_lock         Khugepaged.mu: the slots and the cursor; innermost but for what mmgrab touches
//
// # Virtual time and grace periods
//
// [Machine.Advance] moves the time. Grace periods of equal length follow each other without a gap from the first moment
// on. Each serves the callbacks that were queued when it began and runs them when it ends, each on the CPU that queued
// it, in softirq context; then a kworker does what they left to it. So a callback waits for one to two lengths. Time in
// which nothing is queued costs nothing, however long it is.
//
// Use is metered on the way: peaks exactly, the mean weighted by time, and a curve of bounded length.
//
// # Watching, and making trouble
//
// [Steps] is a scheduler that lets every step through: it counts locks and atomics (Config.Count), and makes allocations
// fail or CPUs stall ([Disturb]). Each CPU can remember its last events (Config.History), from which a violation is told
// what led to it. Whenever time moves on a machine with checks, the books must balance: tables allocated and not freed are
// those mapped, callbacks queued those that ran or wait, mms made those destroyed or there. What does not is an Imbalance.
//
// # Native machines
//
// With Config.Native the CPUs are goroutines, the grace periods those of rcuhead.Native, and there is no virtual time: no
// meter, no Advance. All locks above are real, and khugepaged is a goroutine that calls DoScan. [Machine.Native] tells
// what a goroutine owes RCU.
//
// # What is checked
//
// A TLB keeps the table that each segment was last reached through. An access through an entry whose table was freed is
// a StaleTLB violation, and a [ReadPTE] of such a table a ReaderUseAfterFree. [Machine.Check] lets the machine come to
// rest and looks for tables that are mapped but free, allocated but mapped nowhere, pages that are lost and mm_counts
// that do not add up. All else is found where it happens, by the packages below.
//
// # What is not modelled
//
// Physical pages and the page cache: a page is present or not, and a fault always succeeds. Protection bits, swap,
// migration, copy on write beyond the copying of tables, KSM, hugetlbfs, anonymous huge pages and the tables that are
// deposited for them. Fault-around: a fault sets one entry. Munmap of a part of a segment leaves the entries of that part
// in the table until the table goes. MADV_DONTNEED, which frees no table either. Guests: gmaps and their shadow tables,
// though an mm may use tables with PGSTEs. Schedulers: a CPU has no current mm, so there are no lazy-TLB references. The
// kernel's own page tables. Interrupts arrive only between operations.
//
// # Where to start
//
// The example of [New], then addrspace.go and fault.go for how tables come, pagetable.go for how they go, khugepaged.go
// and retract.go for what all of this is about.
package s390sim
