// Package rcuhead is call_rcu seen from both sides: the rcu_head inside an object, and two RCU cores that decide when its
// callback runs. It follows v6.4: consolidated flavours, callbacks in softirq context on the CPU that queued them.
//
// # The head
//
// An rcu_head is two words, next and func. [Head].Call queues it, needs no lock and no memory, and the head is at rest
// again before its callback starts, so that the callback may queue it anew. struct page has no words for one of its own:
// its rcu_head overlays its lru, and [Union] is that pair. It is in one of three states, told by the second word:
//
//	Unlisted   zero, poison, or a node that points at itself
//	Listed     lru.prev is the address of another node
//	Queued     rcu_head.func is the address of a function
//
// List_add of a queued page and call_rcu of a listed one are reported as union overlap, a second call_rcu as such. Who may
// move a page from Listed to Unlisted or back is the allocator's affair: there the list's lock decides. From Unlisted to
// Queued it takes no lock, but the right to the head, which the version's bits hand out.
//
// # Two cores
//
// [Stepped] is for a machine that one goroutine drives. Begin starts a grace period for exactly the callbacks that are
// queued by then, End runs them if no CPU is still in the section under rcu_read_lock that it was in at Begin, and what
// callbacks queue waits for the next. It knows only those explicit readers: that a CPU has BH off holds nothing up, since
// whoever drives the machine chooses when End comes. The nesting depth and a count of outermost exits say whether a
// section is still the same.
//
// [Native] is for CPUs that are goroutines. A reader costs nothing, as in a kernel without preemption: all that a CPU does
// between two calls of Quiescent is one reader, sections with BH off and softirqs included. A thread of its own numbers
// grace periods, and one is over when every CPU that is online has been quiescent since it began. A CPU gives its
// callbacks the number of a period that has not begun yet, and runs them when that one is over, on several CPUs at once. Who sleeps, for a lock
// or in any other wait of kern, is quiescent as well, and its callbacks run meanwhile. A task that shares its CPU
// (kern.RunQueue) is a reader of its own, and runs its own callbacks.
//
// # Who calls what
//
//	rcu_read_lock, call_rcu        any CPU, in any context
//	Stepped: Begin, End, Barrier   who drives the machine, outside any callback
//	Native: Online ... Offline     the goroutine that acts as the CPU
//	  Quiescent                    the same, in between, holding no lock and no pointer found under RCU
//	Native: Barrier                one CPU, when no other is online
//	Native: Close                  when none is online
//	kern.SynchronizeRCU, RCUBarrier    any CPU that is online, in a task
//
// Both cores are what kern.SynchronizeRCU and kern.RCUBarrier wait for: see wait.go.
//
// Quiescent also runs work items, as a kworker that finds its CPU idle. Native holds one mutex, over the callbacks of CPUs
// that went offline, and nothing inside it.
//
// # What is not modelled
//
// The tree, quiescent states by context tracking, expedited and lazy grace periods, callback offloading, kfree_rcu,
// and the limit on callbacks that one softirq runs. A CPU that never comes to
// Quiescent stalls Native silently. Stepped has one grace period at a time for all CPUs, with no overlap.
//
// # Where to start
//
// head.go, then the Example of Stepped; stepped.go is short enough to be the definition of a grace period.
package rcuhead
