// Package perfetto writes what happened on a machine of package s390sim as a trace in Chrome's JSON format, which
// ui.perfetto.dev and chrome://tracing open.
//
// # What is on the tracks
//
//	CPUs
//	  CPU 0, 1, ...   a slice for each table allocated or freed, each page that begins or ceases to hold tables, each mm made
//	                  and unmade, each call_rcu and each callback
//	kernel threads
//	  khugepaged      its wakeups, and each retract
//	  RCU             the grace periods that ran a callback
//	  pages, halves   counters: pages in use; halves allocated, pending and wasted
//
// An arrow leads from each call_rcu to its callback. Slices carry the mm, the page, the half, the mask and the address that
// they are about.
//
// Times are those of the machine, counted from its first event, in microseconds with three decimals. What happens takes no
// virtual time; a slice is a nanosecond long all the same, so that it can be seen and an arrow has an end to hold on to.
// Those of one moment follow each other, a nanosecond apart over all tracks, in the order in which things happened: a
// viewer would nest slices that lie on each other, and drop those nested too deep.
// A grace period's slice ends where its callbacks ran, and begins where the last one that ran any ended: those between
// that ran none are part of it. Callbacks still queued at the end of a run are run at once, outside of any.
//
// # What it does not do
//
// It keeps in memory only the callbacks that are queued, so a trace may be as long as the disk allows; a viewer may not.
// Callbacks of type-stable objects and of floods are shown without an arrow where their call_rcu is no step of its own.
// Native runs have no order of events, and no trace.
//
// Start with the Example of [Writer].
package perfetto
