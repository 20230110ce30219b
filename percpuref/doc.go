// Package percpuref is percpu_ref: a reference count that costs no shared cache line as long as the object is in use for certain.
// It follows lib/percpu-refcount.c and include/linux/percpu-refcount.h of v6.6, function by function, over package kern's
// primitives. It is library code: the same runs natively and under an explorer.
//
// # How it counts
//
// A [Ref] is in one of two modes. In per-CPU mode each CPU counts in a word of its own: Get adds one there, Put takes one off,
// perhaps on another CPU, so that one word says nothing and nobody can tell when the sum comes to zero. Nobody needs to: the
// owner holds the initial reference. In atomic mode all count in one word, and the Put that brings it to zero calls release.
//
// The owner gives the initial reference up by Kill. That marks the Ref as dead, has all count in the one word from then on,
// and puts the reference, but not at once: who was in the middle of a Get or a Put may count in a CPU's word yet. Each of those is
// under rcu_read_lock, so a grace period later none is, and a callback adds the words up. Until then the one word holds a bias, half
// of its range, that no Put can use up, and a reference that the switch itself has.
//
//	            percpu_count_ptr            count
//	per-CPU     the per-CPU words           bias + 1
//	switching   + ATOMIC (+ DEAD)           bias + 1 or 0 + what is counted since + 1 for the callback
//	atomic      + ATOMIC (+ DEAD)           the references
//	exited      ATOMIC + DEAD, the count    gone
//
// # Who may call what
//
//	Get                  who has a reference: it cannot fail, dead or not
//	TryGet               who knows that the Ref is there, by RCU for instance: fails once the count was zero
//	TryGetLive           the same: fails once the Ref is dead, at the latest when the grace period after Kill is over
//	Put                  who has a reference, in any context, also from a callback
//	Kill                 the owner, once. It may sleep, for a switch that is under way
//	SwitchToAtomic, SwitchToPerCPU, Reinit, Resurrect    the owner; they may sleep, too
//	IsZero               anybody who knows that the Ref is there
//	Exit                 the owner, when nobody else uses the Ref
//
// release is called once for each time that the count comes to zero, in the context of that Put, under rcu_read_lock: it must not
// sleep.
//
// # Locks
//
//	percpu_ref_switch_lock    one for all Refs: changes of mode
//
// It is taken with BH off where the kernel turns interrupts off: softirqs are the only interrupts of kern. Whoever waits for a
// switch that is under way drops it, and sleeps on percpu_ref_switch_waitq.
//
// # Memory order
//
// Get and Put order nothing by themselves in per-CPU mode. What precedes a Put comes before release all the same: in per-CPU mode
// by the grace period, which the callback waits for, in atomic mode because the last Put is fully ordered. That a Get which
// begins later counts in the one word, and one in a CPU's word sees the zero from before the switch back, is by an address
// dependency on percpu_count_ptr. The kernel reads and writes percpu_count_ptr and confirm_switch by plain accesses
// where it is under the lock, or the only one to write; here they are marked, since others read them meanwhile.
//
// # What is not modelled
//
// Counts are 32 bits. Allocation does not fail. percpu_ref_switch_to_atomic_sync's and percpu_ref_kill_and_confirm's callers
// name their callbacks by functions that are registered with the machine. The count below which the kernel dumps its debugging
// information, percpu_ref_switch_to_atomic_rcu's WARN_ONCE, is a violation of kind imbalance.
//
// # Where to start
//
// The Example, then ref.go, which has what users call, and mode.go for the switches. percpuref_test.go compares both modes with a
// plain counter; explored_test.go shows under every schedule that the last Put releases once, and what happens if a Get is not
// under rcu_read_lock.
package percpuref
