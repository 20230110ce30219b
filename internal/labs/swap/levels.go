package swap

import "ptsim/lab"

// levels are what can be played: what to break, what to claim, and what to repair.
func levels() []lab.Level {
	return []lab.Level{
		{
			Name: "while-it-reads", Title: "While it waits for the page", Scenario: "fault", Version: "v5.3", Kind: "use-after-free",
			Goal: "make do_swap_page() read a map that is freed",
			Hint: "The pointer and the entry behind it are two loads.",
			Story: `
do_swap_page() of v5.3 checks whether the device is on, and then waits for the page. Nobody knows that it uses the device. Find the moment.`,
		},
		{
			Name: "zeros", Title: "A zeroed reference", Scenario: "on", Version: "late-init", Kind: "null-deref",
			Goal: "get a reference to a percpu_ref that is not initialised",
			Hint: "What does a percpu_ref whose words are all zero look like?",
			Story: `
kvzalloc() gives zeros. The swap_info_struct is published, and its percpu_ref is initialised right after that.

It takes one step to be too early.`,
		},
		{
			Name: "too-late-exit", Title: "After complete()", Scenario: "again", Version: "late-exit", Kind: "use-after-free",
			Goal: "make release free what the next swapon uses",
			Hint: "complete() lets swapoff go on. The callback has one more thing to do.",
			Story: `
The last reference is dropped. The function that is then called completes what swapoff waits for, and frees the memory of the percpu_ref.

Nobody uses the device. One task turns it off, on, and off again.`,
		},
		{
			Name: "nobody-waits", Title: "A grace period is not a reference", Scenario: "fault", Version: "no-wait", Kind: "use-after-free",
			Goal: "free the map under a user that has a reference",
			Hint: "Let the user sleep. What does synchronize_rcu() wait for?",
			Story: `
swapoff kills the percpu_ref: nobody gets a reference any more. It waits for a grace period. Then it frees the map.

But somebody got a reference before.`,
		},
		{
			Name: "grace-by-the-way", Title: "Somebody waits anyway", Scenario: "lookup", Version: "no-sync", Claim: true,
			Goal: "break anything",
			Hint: "swapoff kills the reference. How does a percpu_ref come from per-CPU counters to one counter?",
			Story: `
A reader under RCU alone checks whether the device is dying, and takes no reference. Here swapoff does not call synchronize_rcu(). It kills
the percpu_ref, and waits until the last reference is dropped.

Break anything, or say that it is impossible.`,
		},
		{
			Name: "one-counter", Title: "The same with one counter", Scenario: "lookup-atomic", Version: "no-sync", Claim: true,
			Goal: "break anything",
			Hint: "What was it that waited for a grace period? Does it have to, if there is one counter already?",
			Story: `
The same reader, and the same swapoff. But this percpu_ref has been in atomic mode all the time: its references are counted by one counter.

Break anything, or say that it is impossible.`,
		},
		{
			Name: "message-passing", Title: "A release orders nothing that follows it", Scenario: "on", Version: "valid-unlocked", Memory: "lkmm", Kind: "null-deref",
			Goal: "see SWP_VALID, and no map",
			Hint: "Which of swapon's stores come after spin_unlock()? One of the user's loads may return an older store.",
			Story: `
swapon sets the fields up under swap_lock. It unlocks, and then sets SWP_VALID. "spin_unlock() has RELEASE semantics already", so is
anything missing? The user looks at SWP_VALID, then at the fields, with smp_rmb() in between.

From here on memory is the Linux kernel's. A step may have more than one way: a load may return an older store, and a store may go before
an older one. Choose one.`,
		},
		{
			Name: "stale-map", Title: "The new reference, and no map", Scenario: "on", Version: "no-rmb", Memory: "lkmm", Kind: "null-deref",
			Goal: "get a reference, and use a map that is NULL",
			Hint: "Let swapon run to its end. The user then loads the reference. What may its next loads return?",
			Story: `
This is what was asked about percpu_ref in April 2021. swapon sets the fields up, and then resurrects the reference with
smp_store_release(). The user takes the reference, and reads the fields. Between the two it has no barrier.

The reference is new. Is what the user reads?`,
		},
		{
			Name: "x86", Title: "Why x86 never showed it", Scenario: "on", Version: "no-rmb", Memory: "tso", Claim: true, Kind: "null-deref",
			Goal: "get a reference, and use a map that is NULL",
			Hint: "Each CPU has one queue of stores. In which order do they leave it?",
			Story: `
The same code without smp_rmb(). This machine is an x86, or an s390: each CPU has a queue of stores, first in, first out, and loads
stay in order. Writing the oldest store of a queue to memory is a move of its own.

Get the reference and no map, or say that it is impossible.`,
		},
		{
			Name: "repair", Title: "A user that sleeps", Scenario: "fault", Also: []string{"off"}, Version: "v5.3", Kind: "use-after-free",
			Goal: "repair do_swap_page() and swapoff",
			Hint: "do_swap_page() sleeps while it waits for the page. Which of the four may be held, or waited for, all that time?",
			Story: `
do_swap_page() of v5.3 checks whether the device is on, and waits for the page. swapoff frees what it will read next.

Four ways to repair it are written. Choose, and the explorer tries every schedule: of a user that sleeps, and of one that does not.`,
			Answers: []lab.Answer{
				{Way: lab.Pin, Version: "v5.14", About: "The user takes a reference, a percpu_ref. swapoff kills it, and waits until the last one is dropped."},
				{Way: lab.Recheck, Version: "v5.12.17", About: "The user enters rcu_read_lock(), looks whether the device is valid, and stays inside until it is done."},
				{Way: lab.Wait, Version: "no-wait", About: "swapoff lets nobody get a reference any more, and waits for a grace period before it frees the map."},
				{Way: lab.Leave, Version: "replaced", About: "Each swapon makes a new structure. swapoff leaves the old one alone: it goes when nobody uses it."},
			},
		},
	}
}
