// Package kern is the machine that the allocator runs on: CPUs, the memory they share, and the primitives through which
// kernel code touches it. The floors above are written against these as C is written against <linux/atomic.h>,
// <linux/refcount.h>, <linux/spinlock.h>, <linux/rwsem.h>, <linux/list.h>, <linux/rcupdate.h> and <linux/mm.h>, and every
// function takes the CPU it runs on first, as the kernel has current.
//
// # Memory
//
// A Machine's memory is one array of 32-bit words. An [Addr] names a word; first come the struct pages, 64 bytes each
// and indexed by [PFN], then the objects of slab caches. Pointers are words too, so a freed object can be poisoned, a
// list_head can overlay an rcu_head, and an invariant can be checked from outside with Peek. Values from 0xF0000000 on
// are no places: list poison, the poison of freed memory, and the addresses of functions, by which a queued rcu_head is
// told from a listed lru in the same words. What is in the frames themselves (page table entries) lies apart and is there
// only on request, [Config].Contents.
//
// Memory is taken from the host when it is first used, a chunk of 1 MiB at a time, and in blocks of sixteen that ask for huge
// pages once a machine is large. Free frames are linked through a word of their struct pages that nobody else uses.
//
// A frame is free (PG_buddy set, no reference, its words poisoned) or in use. An object is free, held back by its cache's
// quarantine, or live; one of a type-stable cache is also, while free, still what it was until a grace period has passed.
// Giving something back is one step, checks included: put_page drops the last reference and frees the frame at once, and
// kmem_cache_free asks the cache's CheckFree.
//
// # Accesses
//
//	ReadOnce, WriteOnce   other CPUs may use the word at the same time
//	AtomicAddReturn and so on   they may even change it
//	RefcountInc, ...      it counts references: a count of zero, below zero or of a freed object is a use after free
//	Load, Store           plain: the code claims that nobody writes the word meanwhile, or for Store uses it at all
//
// The claim is checked: natively it is a plain access of Go as well, which the race detector sees, and a Scheduler is
// shown an [Op] of its own kind.
//
// # Two modes
//
// Without a [Scheduler] a primitive is a real sync/atomic operation, unless it is a plain access, and a CPU is whatever
// goroutine acts as it: one at a time for each CPU. With one, each primitive is one indivisible step that the Scheduler
// may hold up; [Op] is that step as data, Footprint the words it is about, and Exec carries it out. Local code between two
// primitives is seen by nobody, so the steps are all that can interleave. A test runs random programs both ways and
// compares every word. Attach moves a machine from one mode to the other while nothing runs on it.
//
// A CPU has one task. Several share it by a [RunQueue] natively: each is a goroutine with a CPU value of its own, and they have the
// CPU in turn. Under an explorer Task.On has it.
//
// Choose leaves a decision to the Scheduler. One that would rather keep the free frames, the callbacks or the work queue
// itself need not call Exec: DropPage and CheckPageFree, ArmHead, ArmWork, Disarm and Call are what those steps do to the
// frame, the rcu_head and the item. SetContext puts a CPU that is between two tasks into the context it is to go on in,
// and Context gives another view of a CPU, for a softirq that interrupts a task in the middle of a step.
//
// # Contexts
//
//	task        RunWork and all that callers do
//	  softirq   only while BH is on: at the end of LocalBHEnable or SpinUnlockBH, in Interrupt, or by Softirq
//
// A task is in any of these besides, each counted by its depth (Depths), and what it may do depends on them:
//
//	                       may sleep   may be preempted   a softirq may come   grace periods wait
//	nothing                yes         yes                yes                  no
//	rcu_read_lock          no          yes                yes                  yes
//	preempt_disable        no          no                 yes                  yes
//	a spin lock held       no          no                 yes                  yes
//	BH off                 no          no                 no                   yes
//	a softirq              no          no                 no                   yes
//
// A spin lock, of any kind, is as good as preempt_disable: callbacks and synchronize_rcu wait for who holds one.
//
// A softirq is an RCU core's handler and the callbacks it invokes; it interrupts only the task of its own CPU and is not
// itself interrupted by another.
//
// # Locks of the model
//
//	spin lock       0, or who holds it: the CPU, and whether in a softirq
//	rwlock          0, the number of its readers and whether a writer waits, or who holds it as a writer
//	bit spin lock   one bit of a word; each CPU remembers which it holds
//	local lock      0, or who holds it: of one CPU, which it keeps from being preempted
//	rw_semaphore    0, the number of its readers, or that a writer has it; tasks only
//	mutex           0, or the task that holds it
//	page lock       one bit of a struct page's flags, as a bit spin lock; who waits for it sleeps
//
// What else is waited for:
//
//	completion      how often it was completed and not waited for yet, or that it is complete for all
//	wait queue      how many tasks are on it, and how often they were woken
//	work item       the function that will be called, while it is pending; flush_work waits for one instance of it,
//	                cancel_work_sync until there is none
//	srcu_struct     the number of grace periods, and two counts of readers
//	grace period    the readers that were inside when it began
//
// The lock order is the modelled code's own. What must be so whatever that is: a lock that sleeps is taken outside those that spin, a
// local lock is for what one CPU alone touches, and flush_work is called with no lock held that the work takes.
//
// A spin lock that softirqs take must be taken with BH off by everybody. A CPU that would spin for itself reports that
// instead of hanging, and goes on without the lock; so does one that takes a lock in freed memory, or one that must not sleep
// and takes a lock that it may have to sleep for. The release that follows is then nothing. A release that does not fit how the
// lock is held is reported, and the lock stays as it is. Readers are counted and not known: a reader that would also be the
// writer waits for itself, natively for ever, and under a Scheduler as a CPU for which Ready never holds.
//
// Who holds a spin lock of any kind, has preemption or BH off, is in rcu_read_lock or in a softirq must not sleep. Each CPU
// counts that, see Depths; what may sleep looks at it, also where it need not wait: every lock that sleeps, every wait, and every
// allocation with GFP_KERNEL. SetLax has such rules broken unseen.
//
// # Violations
//
// What goes wrong is a typed [Violation], reported where it happens; the code that met it goes on, as a kernel would. What
// costs nothing is always looked for: locks, counts, lists, the union of lru and rcu_head, double frees. What needs a
// further look at memory asks CPU.Checks first, and a [Sanitizer] looks at all pointers. WarnOnce is different: a doubt of the modelled code's own.
//
// # Locks of the emulator
//
// The locks of the model are words. Behind the primitives there are a few mutexes, of which code under test knows nothing:
//
//	cache.mu                    a slab cache
//	  slabAllocator.mu          memory for objects
//	  violationLog.mu           the violations
//	    what describers take
//	pageAllocator.mu            free frames that no CPU has taken yet
//	workQueue.mu
//	warnings.mu
//
// # What is not modelled
//
// Memory ordering: atomics are sequentially consistent, WriteOnce and unlock release, and a list operation or call_rcu is
// one step, so a missing barrier, or a list torn by a missing lock, shows under a Scheduler only if that keeps account of
// the orders in the table, as package explore does; run natively, the race detector finds the latter. A plain access is
// never torn or repeated, as a compiler might. Interrupts other than the softirq they end in, ksoftirqd, NMIs, priorities,
// and time. Page allocation has no zones, no reclaim and no buddies: blocks are of order 0 or 2 and are neither split nor
// merged, and a frame in one CPU's stack is not there for another. Semaphores have no queue: a reader gets past a writer
// that waits, so a second down_read that the kernel would let wait behind one goes through; of a rwlock's queue there is
// that a writer at its head keeps readers out. There is no downgrade, no spin_lock_irq, and no PREEMPT_RT. Of the three
// GFPs, GFPKernel may sleep, GFPNowait can be made to fail separately, and GFPAtomic never fails. There is no delayed work.
//
// # Where to start
//
// memory.go, then atomic.go, refcount.go, lock.go and rwsem.go, context.go for what may sleep, completion.go,
// waitqueue.go and flush.go for what waits; op.go for the other mode, runqueue.go for tasks that share a CPU; rcu.go and slab.go for what
// makes lifetimes interesting; violation.go for what can be reported.
package kern
