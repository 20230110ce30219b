// Package barriers asks what each barrier and each order in the code of a protocol is for. It explores the code without it: a schedule
// that breaks what was safe shows that the barrier is needed; if there is none the barrier is redundant, in the scenarios that were asked.
// Where code is broken under a weak memory model it looks for the barriers that mend it: the weakest one, or the smallest set.
//
// # A site
//
// A [Site] is a line of the source that orders: smp_rmb() in line 38 of swap/percpu.go. Two primitives in one line are one site. Locks,
// grace periods and what waits are no sites: they do more than order.
//
// # How it answers
//
// All answers are searches of the whole state space by package explore, with [explore.Options].Edits: the code that is explored is the
// protocol's own, and no copy of it. A search that a limit ended is no answer, and says so. A schedule says how the code was changed, so
// explore and step replay it.
//
// What mends is found by trying, weakest first: smp_rmb and smp_wmb, then smp_mb; then pairs. Only lines that the shortest wrong
// schedule comes to are tried: a barrier that is nowhere on that schedule leaves it as it is.
//
// # What it does not do
//
// It takes out one line at a time: of two barriers that stand in for each other each is redundant, and both are not. It puts barriers
// in, and strengthens no access: what an acquire mends, smp_rmb() behind it mends as well.
//
// The package keeps nothing between two calls. A Finder is for one goroutine.
//
// # Where to start
//
// The Example, then needed.go.
package barriers
