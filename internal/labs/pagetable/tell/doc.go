// Package tell has the sentences of the page tables: it says of each step what happened, on which rule that rests, and where the rule is
// from.
//
//	exit turns the upper half of page1 (t1) from allocated to pending, for a walk may still be in it; the lower half is
//	allocated, and the page stays off the list while this one is pending; page1's mask is now P-|--|-A.
//
// [Step] is the Tell of the lab. It makes a sentence from lab.Facts: the primitive with what it returned and the kernel functions
// around it, the page before and after, what the same thread did before in the same operation, who waits for whom. The text is
// one sentence and says who, what, which half, and what follows for a student who sees this code for the first time. The
// words are those that every face has: a half is free, allocated, pending or pending on rcu_head, a mask is PP|HH|AA.
//
// # What a sentence depends on
//
// On the version first: the same xor is a mark for the gather in classic and takes a page off the list for good in the RFC.
// Then on where in the kernel the step is, and on what was found: whether an allocation took a page from the list or a fresh
// one, whether a deferred half is the first of its page or has to be chained, what the unlocked look in __tlb_remove_table
// saw, what a pin is held for. A step at which something is found wrong says what, and the rule is the one that was broken.
// What plain steps did before it stands in parentheses, if a story cannot do without: the batch that a table went into, the
// round of interrupts.
//
// A step on nothing of the allocator's, such as a lock of a scenario's own, is told by the table of primitives: what the
// primitive did, and what the kernel promises of it.
//
// # The catalogue
//
// [Rules] are named. A rule holds in the versions that it lists; where these differ, each has its own. Its sources are
// functions of the kernel by version ([Functions]), mails, which docs/thread.md sums up, and sections of docs. The function
// that the step is in is cited first. docs/reference/rules.md is the catalogue as a page.
//
// # What is tested
//
// Every citation is resolved: functions must be in the table and stand for functions of this project's packages, headings
// must be there. Schedules of every scenario on every version are walked, and each sentence is tried against the views by
// code that knows nothing but views: masks, halves, lists, holders of locks, readers, counts. Each rule must be used in
// every version that it names, by some step. The goldens in testdata are schedules told from end to end, to be read.
//
// # What it does not do
//
// It decides nothing: what is wrong, the checks of kern and the scenario found. It does not explain what is about to happen,
// and it speaks of one step, not of a story; the sentences of a schedule in a row are meant to be one.
//
// # Where to start
//
// The Example and testdata/S1-rfc.txt; then rules.go, and mask.go for the sentences about halves.
package tell
