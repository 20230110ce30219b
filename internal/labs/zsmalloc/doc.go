// Package zsmalloc is the lab of zsmalloc: zs_free() frees a zspage while compaction moves one of its pages. The protocol is package
// ptsim/zsmalloc, which knows nothing of labs; this is the table that tells the faces about it.
//
// The question is the one that all labs ask. Migration obtains a pointer, page->private; it observes a fact, that it is not NULL; and it
// takes a lock that lies behind the pointer. What keeps the zspage until it has the lock? v6.8 pins it, by a lock outside it: the page
// lock. The patch of 2024 takes a lock and looks again, and has RCU keep what it looks at. The deferred worker does not touch it: it
// leaves to somebody who may sleep what zs_free() may not do. And who destroys the pool waits.
//
// # What there is
//
// Nouns are the pool, handles (each an object, with a zspage when it needs one), zspages and their pages. Verbs are what a user does
// (malloc, free, store, load, destroy), what compaction does (migrate), and what v5.3 did to wait for isolated pages (drain, putback).
// The deferred worker is a kworker of the explorer's, which comes when zs_free() has queued it, and callbacks come by themselves, too.
// Settings are the kernel's configuration and how large a zspage is.
//
// What must hold when all is quiet is what zsmalloc.System.Audit says: every page in use is one of a zspage that is where it belongs. In
// v6.8, in every state, a movable page has a zspage.
//
// # The rows
//
// A row's ID is that of docs/labs/zsmalloc.md, which tells the story of each. A row of a flawed version has a row beside it, on the same
// scenario, of the version that differs in the flaw alone: a test wants that.
//
// # What it does not do
//
// Pages are always there to be allocated; in a task that may fail a handle or a struct zspage may not be. Weak memory is asked for by four rows: Z11 and Z11a, which are safe under sequential consistency, what
// mends them, and Z12.
//
// # Where to start
//
// The Example, then rows.go.
package zsmalloc
