// Package tolitmus writes a scenario as a C litmus test, so that another tool can be asked: herd7 reads it, and ptsim litmus does.
//
// # How
//
// The code of a scenario is Go, with loops, calls and values of its own. What a litmus test needs is what each task does between its
// first primitive and its last. An exhaustive search under the kernel's memory model learns that: for each task a tree, of primitives and
// of how it goes on after each result ([explore.Program]). Write prints each tree as a process: a primitive becomes a macro of
// linux-kernel.def, a result that makes a difference becomes an if. Parts that are alike are written once.
//
// # What the test asks
//
// A register bad of a process is 1 where the code of the task found a violation, and stray is 1 where a load returned what it returned
// in no schedule of the search. The condition is that one of them is 1, or that the final values are such that the scenario's own checks
// fail. So Never is the explorer's safe, and anything else its violated. Loads that stray check the search itself: a tool that reaches
// one has found a behaviour that the explorer lacks.
//
// # How things are said
//
//   - All words are ints. Addresses are numbers; a comment says which.
//   - An address dependency is written r ^ r: what a task reaches through a pointer comes after the load of that pointer.
//   - Where a grace period waits for more than rcu_read_lock, as for a spin lock that is held, an rcu_read_lock stands there.
//   - refcount_inc_not_zero is a load and a cmpxchg, a mutex is a cmpxchg_acquire. Who would try again sets retry, and a filter leaves
//     such runs out.
//   - An object that a task allocates is there from the start: nobody else knows it before its address is stored.
//
// # What it does not do
//
// Callbacks, work items, frees, loops that wait, lists, completions, other locks than those, choices, and allocations that may fail have
// no counterpart in herd7's C. A [Refusal] says which step it was, and why. Violations that no register can tell, such as a deadlock, are
// refused as well.
//
// Nothing is kept between two calls. Write explores; it takes no locks of its own.
//
// # Where to start
//
// The Example, then primitive.go.
package tolitmus
