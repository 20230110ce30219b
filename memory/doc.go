// Package memory holds the memory models as machines: what loads may return, and where stores may go.
//
// A machine has words and CPUs. A CPU runs its operations in program order. A machine says, for an operation that a CPU
// is about to do, which ways it may go (Ways), and does it in one of them (Do): a load chooses the store that it reads,
// a store its place in the coherence order of its word. A search tries them all. There are three machines:
//
//	SC    sequential consistency: one way for each operation
//	TSO   a FIFO queue of stores for each CPU, as on x86 and z/Architecture
//	LKMM  the Linux kernel memory model, tools/memory-model, of 6.1 or of 6.12
//
// # The LKMM machine
//
// Each word has a history: its stores in coherence order. A view says, for each word, how far into its history somebody
// must look. A load reads a store at or after what its CPU's views say; a store goes behind what they say, also into the
// middle of the history. What the axioms of linux-kernel.cat call an edge is, in the machine, a view that is joined to
// another one:
//
//   - a store carries mv, the stores that are before it by cumul-fence, and fv, what strong fences that happen before it
//     have made known;
//   - a load from another CPU's store brings both. They bound the CPU's later stores at once. They bound its later loads
//     only when an acquire, smp_rmb, a dependency or a strong fence orders them. Until then the load is open.
//   - a strong fence joins the CPU's cumulative view to one global view, in the order in which such fences run.
//
// The open loads of a CPU are kept with what they know, because the happens-before order among them may still grow: by
// an address dependency; by prop within one CPU, when one load reads an older store than another load knows of; and by
// a way through other CPUs and back. A store carries the number of open loads of each CPU that happen before it.
//
// One thing the machine forbids that LKMM allows: a store cannot overtake an earlier load of its own CPU. So it is
// linux-kernel.cat with the line
//
//	let rwdep = [R] ; po ; [W]
//
// and load buffering without a dependency is never seen. Mixed sizes and what compilers do are not modelled. A plain
// access that races is reported (Raced), not simulated.
//
// # Canonical states
//
// Key writes a state so that two machines with the same key have the same future. Stores are named by their places, and
// Settle forgets each store that no CPU can read or go behind any more: when all CPUs have been through fences or locks,
// nothing but the newest values is left, and the state is that of SC. Who knows what the CPUs may still do says so by Prune, which
// forgets more: a store stays only while some CPU can still tell it apart. See Future.
//
// Start with Op, then lkmm.go for the state and lkmm_access.go for loads and stores.
package memory
