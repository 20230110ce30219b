// Package mmctx is what of an mm_struct the page table allocator can see: its two counts, the s390 mm_context with its
// lock, list and flags, and its end. It follows v6.4, and for the list in an object of its own the mail of 22 June 2023
// ("13/12").
//
// # Two counts
//
// mm_users counts those who use the address space; together they hold one mm_count. mm_count counts those who need the
// struct. [Space].Alloc makes both 1.
//
//	users > 0              the address space is there. Get and GetNotZero add a user.
//	  Put: the last        nobody can become a user again; the caller runs exit_mmap, then drops the users' reference
//	users = 0, count > 0   the struct is there, and its tables are gone or waiting for RCU. Grab and Drop
//	  Drop: the last       __mmdrop at once: process context only
//	  DropAsync: the last  __mmdrop by a work item: for callbacks, which run in softirqs
//	count = 0              the struct is freed, poisoned, and sooner or later another mm
//
// A callback is not a reference: what an RCU callback needs of an mm, somebody must have pinned. That nobody did is the
// flaw of the RFC, and this package is where it shows, as a lock or a count in freed memory.
//
// # The list
//
// context.lock protects context.pgtable_list and the A bits of the mm's pages. [PgtableList] is the pair. It lies in the
// struct, or, with [Config].TypesafeList, in an object from a SLAB_TYPESAFE_BY_RCU cache, which is constructed once, may
// serve another mm as soon as its own is gone, and is memory of that type until a grace period after it was last freed.
// MM.List reads where it is; EmbeddedList needs no look at memory.
//
// # Locks
//
//	page_table_lock     the mm's pmds; the page's ptl nests in it
//	context.lock        innermost: nothing nests in it
//
// The Space has one mutex, over the names of its mms, for reports alone: it is taken inside that of
// kern's violation log.
//
// # Words
//
//	mm_users, mm_count             refcounts of kern: each change is one step
//	context.has_pgste, flush_mm    a word each, READ_ONCE and WRITE_ONCE: they change while others look
//	context.alloc_pgste            a word, plain: settled before the first page table, and before other CPUs have the mm
//	where the list is, the number  words, plain: settled by mm_alloc
//
// A flag shares no word with another, so setting one never undoes another. A flush_mm note is taken back by one xchg,
// under context.lock and before the flush, so that one made meanwhile is still there afterwards.
//
// # Checks
//
// kern looks at each change of a count: one of zero, below zero, or poisoned is a use after free. GetNotZero, which may be
// told of a zero, looks for poison itself, and only where checks are on. __mmdrop reports that it runs in a softirq. That
// a list is not empty is found in the step that frees it: the mm itself, or the list's own object. A violation names its
// mm by the number it was made with, even when it has been freed.
//
// # What is not modelled
//
// vmas and mmap_lock, which belong to package s390sim; lazy TLB references, mm_slots and other holders of mm_count, which
// callers add with Grab; the pgd, which an owner frees in OnDestroy; ASCEs, and the gmap list. mmput does not itself run
// exit_mmap, so that a caller can take it apart. Quarantine keeps a freed mm from becoming another one for a while; the
// kernel has that only under KASAN.
//
// # Where to start
//
// The Example of Space is an mm's life; mm.go has the words, space.go the counts.
package mmctx
