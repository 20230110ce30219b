package swap

import "ptsim/lab"

// rows is the table of docs/labs/swap.md. An id that ends in a memory model asks what the row before it asks, under that.
func rows() []lab.Row {
	const (
		null  = "violated null-deref"
		uaf   = "violated use-after-free"
		lkmm  = "lkmm"
		kind0 = "null-deref"
		kind1 = "use-after-free"
	)
	return []lab.Row{
		{ID: "S0", Scenario: "fault", Version: "v5.3", Expect: null, Note: "do_swap_page() of v5.3 keeps nothing: swapoff comes while it waits for the page"},
		{ID: "S0-uaf", Scenario: "fault", Version: "v5.3", Kind: kind1, Expect: uaf, Note: "or between the map and its entry"},

		{ID: "S1", Scenario: "offon", Version: "v5.3", Expect: "safe", Note: "a reader, and a grace period in swapoff and in swapon"},
		{ID: "S1-lkmm", Scenario: "offon", Version: "v5.3", Memory: lkmm, Expect: "safe", Note: "a user that sees SWP_VALID began to read after the grace period, so it sees the fields"},
		{ID: "S1-on", Scenario: "on", Version: "v5.3", Expect: "safe", Note: "the first swapon"},
		{ID: "S1-on-lkmm", Scenario: "on", Version: "v5.3", Memory: lkmm, Expect: "safe", Note: "the same"},
		{ID: "S1a", Scenario: "off", Version: "no-grace-off", Expect: null, Note: "nobody waits for the user"},
		{ID: "S1a-uaf", Scenario: "off", Version: "no-grace-off", Kind: kind1, Expect: uaf, Note: "the same, later"},
		{ID: "S1b", Scenario: "offon", Version: "no-grace-on", Expect: "safe", Note: "sc cannot show what swapon's grace period is for"},
		{ID: "S1b-tso", Scenario: "offon", Version: "no-grace-on", Memory: "tso", Expect: "safe", Note: "nor can x86 or s390"},
		{ID: "S1b-lkmm", Scenario: "offon", Version: "no-grace-on", Memory: lkmm, Kind: kind1, Expect: uaf, Note: "the user sees the new SWP_VALID, and the old map"},
		{ID: "S1c", Scenario: "on", Version: "no-grace-on", Expect: "safe", Note: "the first swapon"},
		{ID: "S1c-lkmm", Scenario: "on", Version: "no-grace-on", Memory: lkmm, Kind: kind0, Expect: null, Note: "the user sees SWP_VALID, and no map yet"},
		{ID: "S1d-lkmm", Scenario: "on", Version: "valid-rmb", Memory: lkmm, Expect: "safe", Note: "smp_rmb() does as well: swapon's unlock and lock on one CPU order the fields before the flag"},
		{ID: "S1d-offon-lkmm", Scenario: "offon", Version: "valid-rmb", Memory: lkmm, Expect: "safe", Note: "off and on as well"},
		{ID: "S1e", Scenario: "on", Version: "valid-unlocked", Expect: "safe", Note: "under sc it needs no lock"},
		{ID: "S1e-lkmm", Scenario: "on", Version: "valid-unlocked", Memory: lkmm, Kind: kind0, Expect: null, Note: "\"spin_unlock() has RELEASE semantics already\": it orders nothing that follows it"},

		{ID: "S2", Scenario: "alone", Version: "v5.12.17", Expect: "violated sleep-in-atomic", Note: "the backport: get_swap_device() is rcu_read_lock() there, and do_swap_page() waits for the page"},
		{ID: "S2-fix", Scenario: "alone", Version: "v5.14", Expect: "safe", Note: "with the other half of the fix, a user may sleep while it holds a reference"},

		{ID: "S4", Scenario: "fault", Version: "no-wait", Expect: null, Note: "a grace period does not wait for references"},
		{ID: "S4-uaf", Scenario: "fault", Version: "no-wait", Kind: kind1, Expect: uaf, Note: "the same, later"},

		{ID: "S5", Scenario: "on", Version: "no-rmb", Expect: "safe", Note: "is a barrier missing? sc cannot show it"},
		{ID: "S5-tso", Scenario: "on", Version: "no-rmb", Memory: "tso", Expect: "safe", Note: "x86 and s390 never show it: loads stay in order, and so do stores"},
		{ID: "S5-lkmm", Scenario: "on", Version: "no-rmb", Memory: lkmm, Kind: kind0, Expect: null, Note: "the user gets the new reference, and no map: one stale read"},
		{ID: "S5-entry-lkmm", Scenario: "on", Version: "no-rmb", Memory: lkmm, Expect: "violated assertion", Note: "or it sees the map, but not what swapon wrote into it: one switch, one stale read"},
		{ID: "S5-offon", Scenario: "offon", Version: "no-rmb", Expect: "safe", Note: "off and on"},
		{ID: "S5-offon-tso", Scenario: "offon", Version: "no-rmb", Memory: "tso", Expect: "safe", Note: "nor here"},
		{ID: "S5-offon-lkmm", Scenario: "offon", Version: "no-rmb", Memory: lkmm, Kind: kind1, Expect: uaf, Note: "the user gets the new reference, and the old map, which is freed"},

		{ID: "S5-atomic-lkmm", Scenario: "on-atomic", Version: "no-rmb", Memory: lkmm, Expect: "safe", Note: "in atomic mode it is not missing: an increment that succeeds is fully ordered"},

		{ID: "S6", Scenario: "on", Version: "early-resurrect", Expect: null, Note: "the reference is live before there is a map"},
		{ID: "S7", Scenario: "on", Version: "late-init", Expect: null, Note: "a zeroed percpu_ref looks live, and its counter is NULL"},
		{ID: "S8", Scenario: "again", Version: "late-exit", Expect: uaf, Note: "complete() lets the waiter go on; what release does afterwards hits the next swapon"},
		{ID: "S8-fix", Scenario: "again", Version: "v5.14", Expect: "safe", Note: "Huang: better not to call percpu_ref_exit() at all"},
		{ID: "S9", Scenario: "again", Version: "init-again", Expect: "violated refcount-leak", Note: "percpu_ref_init() assumes that nothing is allocated yet"},
		{ID: "S-v1", Scenario: "on", Version: "v1", Expect: null, Note: "the first patch has S7"},
		{ID: "S-v1-again", Scenario: "again", Version: "v1", Expect: "violated data-race", Note: "and S8, here as a race between the exit and the next init"},

		{ID: "S10", Scenario: "lookup", Version: "no-sync", Expect: "safe", Note: "in per-CPU mode the switch to atomic mode waits for a grace period anyway"},
		{ID: "S10-lkmm", Scenario: "lookup", Version: "no-sync", Memory: lkmm, Expect: "safe", Note: "the same"},
		{ID: "S11", Scenario: "lookup-atomic", Version: "no-sync", Expect: uaf, Note: "in atomic mode nothing waits: synchronize_rcu() is needed for readers without a reference"},
		{ID: "S11-fix", Scenario: "lookup-atomic", Version: "v5.14", Expect: "safe", Note: "with synchronize_rcu()"},

		{ID: "S-final-on", Scenario: "on", Version: "v5.14", Expect: "safe", Note: "what was merged: the first swapon"},
		{ID: "S-final-on-lkmm", Scenario: "on", Version: "v5.14", Memory: lkmm, Expect: "safe", Note: "smp_rmb() was missing; resurrect's release, and its lock after swapon's unlock, are needed too"},
		{ID: "S-final-atomic", Scenario: "on-atomic", Version: "v5.14", Expect: "safe", Note: "the first swapon, in atomic mode"},
		{ID: "S-final-atomic-lkmm", Scenario: "on-atomic", Version: "v5.14", Memory: lkmm, Expect: "safe", Note: "there no release orders the fields, but swapon's unlock and the lock after it do"},
		{ID: "S12", Scenario: "on-atomic", Version: "v5.14", Memory: lkmm + "!unlock-lock", Kind: kind0, Expect: null, Note: "without the rule that unlock and lock on one CPU order stores, a user in atomic mode gets the reference, and no map"},
		{ID: "S12-on", Scenario: "on", Version: "v5.14", Memory: lkmm + "!unlock-lock", Kind: kind0, Expect: null, Note: "the same in the short time in which swapon has the reference in atomic mode"},
		{ID: "S-final-off", Scenario: "off", Version: "v5.14", Expect: "safe", Note: "swapoff waits"},
		{ID: "S-final", Scenario: "offon-fault", Version: "v5.14", Expect: "safe", Note: "off and on under a user that sleeps"},
		{ID: "S-final-tso", Scenario: "offon-fault", Version: "v5.14", Memory: "tso", Expect: "safe", Note: "the same"},
		{ID: "S-final-lkmm", Scenario: "offon-fault", Version: "v5.14", Memory: lkmm, Expect: "safe", Note: "the same"},
		{ID: "S-final-users", Scenario: "users", Version: "v5.14", Expect: "safe", Note: "two users: the last one completes"},
		{ID: "S-final-owners", Scenario: "owners", Version: "v5.14", Expect: "safe", Note: "two swapoffs: one finds it off"},
		{ID: "S-final-lookup", Scenario: "lookup", Version: "v5.14", Expect: "safe", Note: "a reader under RCU alone"},

		{ID: "S-final-twice", Scenario: "twice", Version: "v5.14", Expect: "safe", Note: "two swapons: one finds it taken"},

		{ID: "S-cache", Scenario: "lookup-offon", Version: "v5.14", Expect: "safe", Note: "a reader under RCU alone, off and on"},
		{ID: "S-cache-lkmm", Scenario: "lookup-offon", Version: "v5.14", Memory: lkmm, Expect: uaf, Note: "it sees the new reference, and the old swap cache: whoever asks without get_swap_device() needs smp_rmb() as well"},
		{ID: "S1-cache", Scenario: "lookup-offon", Version: "v5.3", Expect: "safe", Note: "the same reader"},
		{ID: "S1-cache-lkmm", Scenario: "lookup-offon", Version: "v5.3", Memory: lkmm, Expect: "safe", Note: "swapon's grace period helps this one, too"},

		{ID: "S-dennis", Scenario: "offon-fault", Version: "replaced", Expect: "safe", Note: "Zhou: a new swap_info_struct for each swapon"},
		{ID: "S-dennis-on-lkmm", Scenario: "on", Version: "replaced", Memory: lkmm, Expect: "safe", Note: "the pointer orders what it leads to: no barrier is needed"},
		{ID: "S-dennis-lkmm", Scenario: "offon-fault", Version: "replaced", Memory: lkmm, Expect: "safe", Note: "off and on as well"},
		{ID: "S-dennis-twice", Scenario: "twice", Version: "replaced", Expect: "safe", Note: "two swapons: the second to publish finds the first one's, and frees its own"},
		{ID: "S-dennis-rcu", Scenario: "offon", Version: "replaced-no-rcu", Expect: uaf, Note: "Huang: some accessors are not RCU readers, and now the structure itself is freed"},
	}
}
