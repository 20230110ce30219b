package shrinker

import "ptsim/lab"

// weak is what H8, H8a and H8b wait for.
const weak = "the flaw needs weak memory: sequential consistency keeps accesses in program order"

// rows is the table of docs/labs/shrinker.md. Those of the prototype in the thread's notes keep their ids; the others ask what
// reviewers asked, or show the right version.
func rows() []lab.Row {
	return []lab.Row{
		{ID: "H-alone", Scenario: "alone", Version: "v6.7", Expect: "safe", Note: "the callback sleeps, outside the reader"},
		{ID: "H-final", Scenario: "walk", Version: "v6.7", Expect: "safe", Note: "a reference pins the shrinker, and the owner of the super_block waits"},
		{ID: "H-owners", Scenario: "owners", Version: "v6.7", Expect: "safe", Note: "Babka, Lai: it is unlinked after the last put. The put is inside a reader, so what next points to stays until a grace period is over"},
		{ID: "H-walkers", Scenario: "walkers", Version: "v6.7", Expect: "safe", Note: "Chinner: several users at once do no harm; no flag needs to keep them apart"},
		{ID: "H-memcg", Scenario: "memcg", Version: "v6.7", Expect: "safe", Note: "the same through shrinker_idr"},
		{ID: "H-both", Scenario: "both", Version: "v6.7", Expect: "safe", Note: "Chinner: a put outside any reader may be the last. The shrinker is then freed after a grace period, and the other walk is a reader"},
		{ID: "H-register", Scenario: "register", Version: "v6.7", Expect: "safe", Note: "a walker that finds a shrinker which is not ready gets no reference"},
		{ID: "H-mounts", Scenario: "mounts", Version: "v6.7", Expect: "safe", Note: "one goes on the list while another goes off it"},
		{ID: "H-bit", Scenario: "bit", Version: "v6.7", Expect: "safe", Note: "asked again once its bit is clear, a shrinker that has filled up says so"},
		{ID: "H-nested", Scenario: "nested", Version: "v6.7", Expect: "safe", Note: "readers nest"},
		{ID: "H-nonslab", Scenario: "nonslab", Version: "v6.7", Expect: "safe", Note: "a shrinker that is not skipped is put"},
		{ID: "H-held", Scenario: "held", Version: "v6.7", Expect: "safe", Note: "the callback gets no s_umount, and stops"},

		{ID: "H0", Scenario: "walk", Version: "v6.6", Expect: "safe", Note: "whoever unregisters waits for all walkers"},
		{ID: "H0-owners", Scenario: "owners", Version: "v6.6", Expect: "safe", Note: "for the other owner as well"},
		{ID: "H0-memcg", Scenario: "memcg", Version: "v6.6", Expect: "safe", Note: "both walks hold shrinker_rwsem"},
		{ID: "H0-03", Scenario: "walk", Version: "03/47", Expect: "safe", Note: "Zijlstra: no rcu_barrier is needed where nobody walks without shrinker_rwsem"},
		{ID: "H0-03-both", Scenario: "both", Version: "03/47", Expect: "safe", Note: "nor for both walks"},

		{ID: "H0-register", Scenario: "register", Version: "v6.6", Expect: "safe", Note: "with a mount: registering waits, too"},
		{ID: "H0-early", Scenario: "early", Version: "v6.6", Expect: "safe", Note: "and through shrinker_idr"},
		{ID: "H0-mounts", Scenario: "mounts", Version: "v6.6", Expect: "safe", Note: "the list has one writer at a time"},
		{ID: "H-v1", Scenario: "walk", Version: "v1", Expect: "safe", Note: "v1 is right, except for kmem"},
		{ID: "H-v1-owners", Scenario: "owners", Version: "v1", Expect: "safe", Note: "Babka's question about v1 itself"},
		{ID: "H-v1-memcg", Scenario: "memcg", Version: "v1", Expect: "safe", Note: "through shrinker_idr"},
		{ID: "H-v1-register", Scenario: "register", Version: "v1", Expect: "safe", Note: "from the mount on"},
		{ID: "H-v1-early", Scenario: "early", Version: "v1", Expect: "safe", Note: "the pointer is in shrinker_idr before the fields are set, and the count is zero until they are"},
		{ID: "H-v1-mounts", Scenario: "mounts", Version: "v1", Expect: "safe", Note: "the same"},

		{ID: "H1", Scenario: "walk", Version: "v2", Expect: "violated use-after-free", Note: "the super_block is freed under its callback; registered was read earlier"},
		{ID: "H1-register", Scenario: "register", Version: "v2", Expect: "violated use-after-free", Note: "the same, starting from the mount"},
		{ID: "H1-early", Scenario: "early", Version: "v2", Expect: "violated use-after-free", Note: "through shrinker_idr"},
		{ID: "H1b", Scenario: "walk", Version: "no-wait", Kind: "use-after-free", Expect: "violated use-after-free", Note: "RCU keeps the shrinker alive; nothing keeps the super_block"},
		{ID: "H1c", Scenario: "walk", Version: "look-again", Kind: "use-after-free", Expect: "violated use-after-free", Note: "checked again, under the lock: what it saw is true only until it releases the lock"},
		{ID: "H1d", Scenario: "walk", Version: "owner-leaves", Expect: "safe", Note: "the owner leaves the super_block to the last put: nobody waits, and umount returns early"},
		{ID: "H1d-owners", Scenario: "owners", Version: "owner-leaves", Expect: "safe", Note: "two of them"},
		{ID: "H1d-both", Scenario: "both", Version: "owner-leaves", Expect: "safe", Note: "and the walk of a memcg"},
		{ID: "H1d-register", Scenario: "register", Version: "owner-leaves", Expect: "safe", Note: "from the mount on"},
		{ID: "H1d-early", Scenario: "early", Version: "owner-leaves", Expect: "safe", Note: "through shrinker_idr, which leads to it before the fields are set"},
		{ID: "H1d-mounts", Scenario: "mounts", Version: "owner-leaves", Expect: "safe", Note: "shrinker_lock keeps the list"},
		{ID: "H2", Scenario: "walk", Version: "plain-kfree", Expect: "violated use-after-free", Note: "a walker that gets no reference still reads the node"},
		{ID: "H2-barrier", Scenario: "walk", Version: "rcu-barrier", Expect: "violated use-after-free", Note: "Zijlstra's rcu_barrier waits for callbacks, and a walker is not a callback"},
		{ID: "H2-sync", Scenario: "walk", Version: "synchronize-rcu", Expect: "safe", Note: "a walker needs a grace period"},
		{ID: "H3", Scenario: "walk", Version: "put-first", Expect: "violated use-after-free", Note: "between the put and the reader nothing keeps the node alive"},
		{ID: "H3-memcg", Scenario: "memcg", Version: "put-first", Expect: "safe", Note: "the walk of a memcg may put outside the reader"},
		{ID: "H4", Scenario: "walk-marked", Version: "unlink-first", Expect: "safe", Note: "with one owner the order does not matter: its next is the head"},
		{ID: "H4-owners", Scenario: "owners-marked", Version: "unlink-first", Expect: "violated use-after-free", Note: "with two it does: the walker holds the first, whose next leads to the second, which was unlinked and freed meanwhile"},
		{ID: "H4-race", Scenario: "walk", Version: "unlink-first", Expect: "violated data-race", Note: "it is unlinked before the wait, so its flags change under the callback"},
		{ID: "H5", Scenario: "walk", Version: "refcount-dec", Expect: "violated deadlock", Note: "nobody calls complete()"},
		{ID: "H5-warns", Scenario: "walk", Version: "refcount-dec-warns", Expect: "violated refcount-leak", Note: "refcount_dec() says so at once"},
		{ID: "H6", Scenario: "nokmem", Version: "v6.7", Expect: "violated deadlock", Note: "the reference to a shrinker that was skipped is never put: the umount hangs"},
		{ID: "H6-v2", Scenario: "nokmem", Version: "v2", Expect: "violated refcount-leak", Note: "nobody waits here, so the shrinker leaks"},
		{ID: "H6-v1", Scenario: "nokmem", Version: "v1", Expect: "violated lock-misuse", Note: "v1 leaves its reader twice as well"},
		{ID: "H6-put", Scenario: "nokmem", Version: "kmem-put", Expect: "safe", Note: "the added put mends it"},
		{ID: "H6-put-nonslab", Scenario: "nonslab", Version: "kmem-put", Expect: "safe", Note: "what is not skipped is put once"},
		{ID: "H6-rwsem", Scenario: "nokmem", Version: "v6.6", Expect: "safe", Note: "before v6.7 there was no reference to put"},
		{ID: "H7", Scenario: "alone", Version: "inside-rcu", Expect: "violated sleep-in-atomic", Note: "callbacks sleep"},

		{ID: "H8", Scenario: "early", Version: "v6.7", Expect: "safe", Note: weak},
		{ID: "H8a", Scenario: "early", Version: "wmb", Expect: "safe", Note: weak},
		{ID: "H8b", Scenario: "early", Version: "rmb", Expect: "safe", Note: weak},
		{ID: "H8-lkmm", Scenario: "early", Version: "v6.7", Memory: "lkmm", Expect: "violated null-deref", Note: "the walker has a reference, and reads the callback as it was before: one stale read"},
		{ID: "H8a-lkmm", Scenario: "early", Version: "wmb", Memory: "lkmm", Expect: "violated null-deref", Note: "Chinner's write barrier alone: a branch on the count does not hold later loads back"},
		{ID: "H8b-lkmm", Scenario: "early", Version: "rmb", Memory: "lkmm", Expect: "violated null-deref", Note: "a read barrier alone: refcount_set() may come before the callbacks"},
		{ID: "H8-both-lkmm", Scenario: "early", Version: "wmb-rmb", Memory: "lkmm", Expect: "safe", Note: "both barriers are enough"},
		{ID: "H8-acquire-lkmm", Scenario: "early", Version: "release-acquire", Memory: "lkmm", Expect: "safe", Note: "so are release and acquire"},
		{ID: "H-final-lkmm", Scenario: "walk", Version: "v6.7", Memory: "lkmm", Expect: "safe", Note: "by the list nothing is missing: the walker comes by a pointer that is published last"},
		{ID: "H8-race", Scenario: "early-plain", Version: "v6.7", Expect: "violated data-race", Note: "nothing orders the fields, which shows without weak memory"},
		{ID: "H8a-race", Scenario: "early-plain", Version: "wmb", Expect: "violated data-race", Note: "Chinner's write barrier alone"},
		{ID: "H8b-race", Scenario: "early-plain", Version: "rmb", Expect: "violated data-race", Note: "a read barrier alone"},
		{ID: "H8-both", Scenario: "early-plain", Version: "wmb-rmb", Expect: "safe", Note: "both barriers order them"},
		{ID: "H8-acquire", Scenario: "early-plain", Version: "release-acquire", Expect: "safe", Note: "so do release and acquire"},
		{ID: "H-flags", Scenario: "register-plain", Version: "v6.7", Expect: "violated data-race", Note: "flags says registered after list_add_tail_rcu(), and the refcount_set() after it orders nothing"},
	}
}
