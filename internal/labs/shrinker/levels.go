package shrinker

import "ptsim/lab"

// levels are what can be played: what to break, what to claim, and what to repair.
func levels() []lab.Level {
	return []lab.Level{
		{
			Name: "registered", Title: "It was registered when I looked", Scenario: "walk", Version: "v2", Kind: "use-after-free",
			Goal: "make a callback use a super_block that is freed",
			Hint: "shrinker_try_get() looks at registered. When is it looked at, and when is the super_block used?",
			Story: `
kswapd walks the list. A file system is unmounted. In this version shrinker_unregister() marks the shrinker as no longer registered,
drops a reference, and returns.

The walker has a reference to the shrinker, but none to what its callback uses. Let the owner be faster.`,
		},
		{
			Name: "standing-on-it", Title: "Nobody has a reference", Scenario: "walk", Version: "plain-kfree", Kind: "use-after-free",
			Goal: "make a walker read the count of a freed shrinker",
			Hint: "A walker that gets no reference has already found the shrinker.",
			Story: `
shrinker_free() waits until the last reference is put, unlinks the shrinker, and frees it at once. Nobody has a reference, and
nobody can get one. Yet somebody may still read it.`,
		},
		{
			Name: "two-leave", Title: "The natural order", Scenario: "owners-marked", Version: "unlink-first", Kind: "use-after-free",
			Goal: "make the walker follow a next pointer to freed memory",
			Hint: "Let the walker sleep in the callback of the first. Both owners unlink. Whose next pointer is not kept up to date?",
			Story: `
shrinker_free() unlinks first, and then waits for those who have a reference. With one file system nothing goes wrong, in any
schedule. Here there are two.`,
		},
		{
			Name: "nokmem", Title: "continue", Scenario: "nokmem", Version: "v6.7", Kind: "deadlock",
			Goal: "make umount wait for ever",
			Hint: "What does shrink_slab_memcg() do with its reference when kmem is off?",
			Story: `
The version that was merged, on a machine booted with cgroup.memory=nokmem. One task reclaims from a memcg, another unmounts a file
system. One line of the walk leaves the loop too early.`,
		},
		{
			Name: "one-leaves", Title: "The natural order, once", Scenario: "walk-marked", Version: "unlink-first", Kind: "use-after-free", Claim: true,
			Goal: "make the walker use anything that is freed",
			Hint: "The walker keeps the shrinker that it is at. Where does its next pointer lead, if it is the only one on the list?",
			Story: `
shrinker_free() unlinks the shrinker, and then waits for those who have a reference. Here there is one file system, and it is
unmounted while kswapd walks the list.

Make the walker use anything that is freed, or say that it is impossible.`,
		},
		{
			Name: "barrier", Title: "Should there not be an rcu_barrier?", Scenario: "walk", Version: "rcu-barrier", Claim: true,
			Kind: "use-after-free", Goal: "make the walker use anything that is freed",
			Hint: "What does rcu_barrier() wait for? Is there any such thing here?",
			Story: `
shrinker_free() waits until the last reference is put, unlinks the shrinker, calls rcu_barrier(), and frees it. A reviewer of an
earlier patch asked for the rcu_barrier().

Make the walker use anything that is freed, or say that it is impossible.`,
		},
		{
			Name: "merged", Title: "A put outside any reader", Scenario: "both", Version: "v6.7", Claim: true,
			Goal: "break anything",
			Hint: "The walk of the memcg drops its reference outside rcu_read_lock, and it may be the last. What does the other walk hold while it reads the shrinker?",
			Story: `
What was merged. One task walks the list, another the map of a memcg, and a third unmounts the file system. The walk of the list
drops its reference inside rcu_read_lock, the other walk outside.

Break anything, or say that it is impossible.`,
		},
		{
			Name: "count-last", Title: "A write barrier, and what for?", Scenario: "early", Version: "wmb", Memory: "lkmm", Kind: "null-deref",
			Goal: "call a callback that is NULL",
			Hint: "The walker branches on the count. Which of its later accesses does a branch hold back: stores, or loads too?",
			Story: `
shrinker_alloc() puts the shrinker into the idr before its callbacks are set. The count is set last, behind a write barrier: "the only
thing I think we may need is a write barrier before refcount_set()". The walker takes a reference first, if the count is not zero.

Memory is the Linux kernel's here: a load may return an older store. Find the one that hurts.`,
		},
		{
			Name: "repair", Title: "Whose super_block is it?", Scenario: "walk", Also: []string{"owners", "register"}, Version: "no-wait",
			Kind: "use-after-free", Goal: "repair the walk, or shrinker_free()",
			Hint: "There are two things to keep: the shrinker, and what its callback uses. Which of them does each answer keep, and for how long?",
			Story: `
The walker has a reference to the shrinker while it is in the callback, and the callback uses the super_block. shrinker_free() drops
the first reference and returns, and its caller frees the super_block.

There are four repairs. Choose, and the explorer tries every schedule: with one file system, with two, and with one that is being
mounted.`,
			Answers: []lab.Answer{
				{Way: lab.Pin, Version: "v2", About: "The reference, and a flag: a walker gets a reference if the shrinker is registered, and whoever puts the last one frees the shrinker."},
				{Way: lab.Recheck, Version: "look-again", About: "With its reference the walker takes shrinker_mutex, checks whether the shrinker is still registered, and calls the callback if it is."},
				{Way: lab.Wait, Version: "v6.7", About: "The last put signals a completion, and shrinker_free() waits for it before it unlinks anything."},
				{Way: lab.Leave, Version: "owner-leaves", About: "umount leaves the super_block alone. Whoever puts the last reference frees it, with the shrinker."},
			},
		},
	}
}
