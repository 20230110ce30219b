// Package kerntest calls a primitive that is given as data.
//
// Protocols call primitives by name, kern.AtomicXorBits(c, a, bits). Tests that draw programs at random, or that walk through all
// primitives there are, have a [kern.Op] instead: a kind, an address, two arguments, a memory order. [Perform] calls the function
// that such an Op stands for, natively or as a step of the scheduler that the CPU has. kern's own tests run each primitive so in
// two ways and compare, and explore's brute force runs its programs so.
//
// Perform knows the primitives that need no more than an address and two numbers: accesses and atomics in each of their orders,
// barriers, reference counts, per-CPU words, spin locks and semaphores, lists, readers. Those that need an object besides, such as
// a slab cache or a callback, are the test's own business, and so are those that a test has to bracket, such as a lock that would
// wait for ever on the only CPU there is.
//
// It is a package of its own, and not a file of a test, since two packages' tests use it. No protocol and no face imports it. It
// keeps no state and has no locks.
//
// Start with the Example.
package kerntest
