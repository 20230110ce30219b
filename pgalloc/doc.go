// Package pgalloc is arch/s390/mm/pgalloc.c in seven versions behind one interface: the allocator that puts two page tables
// of 2 KiB into one page of 4 KiB, from v5.17 to the version that gave it up. The code of each follows its original
// operation by operation, so that what is found here holds there.
//
//	classic        v5.17 to v6.5   no pte_free_defer
//	rfc-as-posted  12 June 2023    the RFC as it was sent, made to compile
//	rfc            12 June 2023    the RFC as it was meant
//	pinned         -               rfc with a reference on the mm, in five ways: see Pin
//	typesafe       22 June 2023    rfc with the list and its lock in an object that RCU frees
//	active         v6.6            PageActive: a page with a deferred half is not listed again
//	fullpage       v6.7 on         one page per table
//
// # A page and its halves
//
// A half is free, allocated (A), pending (P: freed, and RCU has not let go of it), or in the RFC pending on the page's own
// rcu_head (P and H). The upper byte of the page's _refcount holds these bits for both halves, see [Mask], and every
// change of them is one atomic xor; the rest of the word is a real reference count, to which any CPU may add. A page is
// born with its lower half allocated, and is released by whoever's xor leaves 0. A table with PGSTEs takes the whole page:
// both A bits, and never a list.
//
// Pages with a half to give are on their mm's pgtable_list, by a rule that is the heart of each version:
//
//	classic   one half is allocated, whatever the other is doing
//	rfc       one half is allocated and the other is free
//	active    as classic, unless some half of the page was deferred
//
// lru and rcu_head are the same words. In the RFC a half may be on the head only because its page is not listed then, and
// so __tlb_remove_table has to list it afterwards: in a softirq, under the lock of an mm that may have gone. In v6.6 the
// head is used only when both halves are free.
//
// # Who holds what
//
//	mmap_lock, i_mmap_lock, or the last user     the callers, see Version
//	  context.lock                               spin_lock_bh: the list, and A bits other than a new page's
//	    nothing
//	softirq: __tlb_remove_table
//	  context.lock                               the versions of the RFC, if the other half is allocated
//
// P bits are turned on under the lock and off without it, but where the page is to be listed in the same breath. A fresh
// page is its allocator's own until it is listed. __tlb_flush_mm_lazy takes context.lock plainly in the original, and with
// BH off in pinned and typesafe, which would deadlock otherwise, as the RFC did. tlb_remove_table is called after unlock,
// because it takes the lock to flush.
//
// # Checks
//
// Illegal masks and masks of freed pages are always noticed. With Config.Checks on the machine, so are a list that
// disagrees with the mask and a half handed out that is not free or not all-invalid. [System].Audit finds what is lost
// when all is quiet.
//
// # What is not modelled
//
// Guest mappings: page_table_free_rcu calls gmap_unlink, and there is nothing behind it. Reclaim, accounting and page
// types beyond "holds tables"; ptlock allocation, which cannot fail here; init_mm; the three region levels, which are one
// kind of 16 KiB table (see [CRST]) that is filled with one kind of empty entry;
// TLBs, which a Config hook stands for. Order of memory accesses is that of package kern.
//
// # Where to start
//
// The Example of the package, then classic.go, which is the plain case; rfc.go against it shows what the RFC changed,
// active.go what was merged instead. Picture draws a page. model_test.go says again, in halves and without bits, what
// each version must do.
package pgalloc
