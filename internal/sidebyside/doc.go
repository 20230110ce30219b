// Package sidebyside follows a schedule of one version on another, so that it can be seen where they part.
//
//	c, err := sidebyside.Compare(left, question.Version(pgalloc.Active))
//	c.Rows[c.First].Why // what differs there first, and on which rules that rests
//	c.LeftEnd           // what the left version came to: use after free: ...
//	c.RightEnd          // and the right one: all is quiet ...
//
// # What is followed
//
// Two versions of the allocator take different steps for the same operation, so the same string of moves means nothing to
// the other one. What they share is the scenario: the same tasks do the same operations in the same order, and callbacks
// are queued for the same tables. [Compare] has the right version's threads do, in the order of the left schedule, what the
// left ones do.
//
// For each step of a thread on the left, the right's thread takes its own steps, within the same operation or callback,
// until it has done the matching one: the same kind of primitive on the same thing. Steps on the way there that the left
// has not, such as an mmgrab, are rows of the right alone. Where the right has no such step, the row is the left's alone.
// At the end of an operation or callback of the left, the right is brought to its end, too, before the thread goes on. A
// choice is made as the left makes it: the branch of an either, no page for a batch.
//
// A callback is known by what it frees: the tables in the batch, or the table that the page's rcu_head was queued for. If
// the other version queues none, or queues one for the whole page much later, the left's is passed over and said so. What the
// right cannot do, since a lock is held or a grace period is not over, is said with the reason; it is tried again with each
// later step of the thread.
//
// # What differs
//
// After each row both states are compared: tables and what their halves are doing, masks, lists, reference counts, what
// RCU and the workqueue have, and who is alive. Names do not count: a page is known by the tables in it, a batch by what it
// holds. Against fullpage, which has neither masks nor lists, it is the tables that are compared. Differences that are gone
// when both have done the same do not count for [Comparison.First].
//
// # The end
//
// When the left has ended the right is run on, each thread an operation at a time in turn, until all is quiet or something
// breaks. A left schedule that has not ended leaves the right where it followed to.
//
// # What it does not do
//
// It proves nothing: that the right version survives this schedule is one schedule. See [stepper.Session.Ahead] and the
// explorer. The left session is not changed.
//
// # Where to start
//
// The Example; follow.go for how a step is followed, differ.go for what is compared.
package sidebyside
