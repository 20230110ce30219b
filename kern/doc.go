// Package kern is the machine that the allocator runs on: CPUs, the memory they share, and the primitives through which
// kernel code touches it. The floors above are written against these as C is written against <linux/atomic.h>,
// <linux/spinlock.h>, <linux/list.h>, <linux/rcupdate.h> and <linux/mm.h>, and every function takes the CPU it runs on
// first, as the kernel has current.
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
// A frame is free (PG_buddy set, no reference, its words poisoned) or in use. An object is free, held back by its cache's
// quarantine, or live; one of a type-stable cache is also, while free, still what it was until a grace period has passed.
//
// # Two modes
//
// Without a [Scheduler] a primitive is a real sync/atomic operation, and a CPU is whatever goroutine acts as it: one at a
// time for each CPU. With one, each primitive is one indivisible step that the Scheduler may hold up; [Op] is that step as
// data, and Exec carries it out. Local code between two primitives is seen by nobody, so the steps are all that can
// interleave. A test runs random programs both ways and compares every word.
//
// # Contexts
//
//	task        RunWork and all that callers do
//	  softirq   only while BH is on: at the end of LocalBHEnable or SpinUnlockBH, in Interrupt, or by Softirq
//
// A softirq is an RCU core's handler and the callbacks it invokes; it interrupts only the task of its own CPU and is not
// itself interrupted by another. A lock that softirqs take must be taken with BH off by everybody. A CPU that would wait
// for itself reports that instead of hanging, and goes on without the lock.
//
// # Violations
//
// What goes wrong is a typed [Violation], reported where it happens; the code that met it goes on, as a kernel would. What
// costs nothing is always looked for: locks, lists, the union of lru and rcu_head, double frees. What needs a further look
// at memory asks CPU.Checks first. WarnOnce is different: a doubt of the modelled code's own.
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
// one step, so a missing barrier, or a list torn by a missing lock, cannot be seen under a Scheduler; run natively, the
// race detector finds the latter. Preemption inside a task, interrupts other than the softirq they end in, ksoftirqd,
// NMIs, priorities, and time. Page allocation has no zones, no reclaim and no buddies: blocks are of order 0 or 2 and are
// neither split nor merged, and a frame in one CPU's stack is not there for another. A semaphore, a mutex and a sleep are
// matters of the callers. GFPNowait differs from GFPKernel only in that it can be made to fail separately.
//
// # Where to start
//
// memory.go, then atomic.go and lock.go; op.go for the other mode; rcu.go and slab.go for what makes lifetimes
// interesting; violation.go for what can be reported.
package kern
