package shrinker

import (
	"fmt"
	"slices"

	"ptsim/explore"
	"ptsim/kern"
	protocol "ptsim/shrinker"
)

// Row is a row of the table: what a version is expected to do in a scenario, and in which setting.
type Row struct {
	ID       string
	Scenario string
	Variant  protocol.Variant
	Marked   bool // whatever the scenario says, accesses that could race are marked

	Verdict  explore.Verdict // safe, if the table says nothing
	Kind     kern.Kind       // of the violation
	Only     bool            // others are there, too, and shorter
	Switches int             // of the shortest schedule
	States   uint64          // of a safe row: with one softirq CPU and precise grace periods

	Repaired protocol.Variant // the version that holds in the same scenario
	Waits    string           // what the verdict waits for
	Says     string
}

// weak is what H8, H8a and H8b wait for.
const weak = "a weak memory model: under SC an access comes after those before it"

var rows = []Row{
	{ID: "H-alone", Scenario: "alone", Variant: protocol.Merged, States: 12, Says: "the callback sleeps, outside the reader"},
	{ID: "H-final", Scenario: "walk", Variant: protocol.Merged, States: 136, Says: "the shrinker is pinned, the super_block is waited for"},
	{ID: "H-final-owners", Scenario: "owners", Variant: protocol.Merged, States: 7295, Says: "answers Babka and Lai: unlinked only after the last put, and the put is inside a reader, so next leads to what a grace period keeps"},
	{ID: "H-final-walkers", Scenario: "walkers", Variant: protocol.Merged, States: 2521, Says: "answers Chinner: several users at once are no harm, and no flag need keep them apart"},
	{ID: "H-final-memcg", Scenario: "memcg", Variant: protocol.Merged, States: 1457, Says: "the same by way of shrinker_idr"},
	{ID: "H-final-both", Scenario: "both", Variant: protocol.Merged, States: 16301, Says: "answers Chinner: a put outside any reader may be the last; what it lets go is freed by call_rcu, and the other walk is in a reader"},
	{ID: "H-final-register", Scenario: "register", Variant: protocol.Merged, States: 240, Says: "who meets a shrinker that is not ready gets no reference"},
	{ID: "H-final-bit", Scenario: "bit", Variant: protocol.Merged, States: 232, Says: "asked twice, with the bit clear in between, a shrinker that filled up says so"},
	{ID: "H-final-nested", Scenario: "nested", Variant: protocol.Merged, States: 114, Says: "readers nest"},
	{ID: "H-final-nonslab", Scenario: "nonslab", Variant: protocol.Merged, States: 891, Says: "who is not passed over is put"},

	{ID: "H0", Scenario: "walk", Variant: protocol.RWSem, States: 40, Says: "whoever unregisters waits for all walkers"},
	{ID: "H0-owners", Scenario: "owners", Variant: protocol.RWSem, States: 446, Says: "and for the other"},
	{ID: "H0-memcg", Scenario: "memcg", Variant: protocol.RWSem, States: 213, Says: "both walks hold shrinker_rwsem"},
	{ID: "H0-03", Scenario: "walk", Variant: protocol.Patch03, States: 36, Says: "answers Zijlstra: no rcu_barrier, as nobody walks outside shrinker_rwsem"},
	{ID: "H0-03-both", Scenario: "both", Variant: protocol.Patch03, States: 1153, Says: "the same for both walks"},

	{ID: "H-v1", Scenario: "walk", Variant: protocol.V1, States: 175, Says: "v1 had it right, but for kmem"},
	{ID: "H-v1-owners", Scenario: "owners", Variant: protocol.V1, States: 11637, Says: "answers Babka on v1 itself"},
	{ID: "H-v1-memcg", Scenario: "memcg", Variant: protocol.V1, States: 1806, Says: "by way of shrinker_idr"},

	{ID: "H1", Scenario: "walk", Variant: protocol.V2, Verdict: explore.Violated, Kind: kern.UseAfterFree, Switches: 2, Repaired: protocol.Merged, Says: "the super_block goes under its callback; registered was looked at before"},
	{ID: "H1-register", Scenario: "register", Variant: protocol.V2, Verdict: explore.Violated, Kind: kern.UseAfterFree, Switches: 3, Repaired: protocol.Merged, Says: "the same from the mount on"},
	{ID: "H1b", Scenario: "walk", Variant: protocol.NoWait, Verdict: explore.Violated, Kind: kern.UseAfterFree, Only: true, Switches: 2, Repaired: protocol.Merged, Says: "RCU keeps the shrinker, and nobody the super_block"},
	{ID: "H2", Scenario: "walk", Variant: protocol.PlainKfree, Verdict: explore.Violated, Kind: kern.UseAfterFree, Switches: 2, Repaired: protocol.Merged, Says: "who will get no reference stands on the node"},
	{ID: "H2-barrier", Scenario: "walk", Variant: protocol.Barrier, Verdict: explore.Violated, Kind: kern.UseAfterFree, Switches: 2, Repaired: protocol.Sync, Says: "answers Zijlstra once more: rcu_barrier waits for callbacks, and there are none"},
	{ID: "H2-sync", Scenario: "walk", Variant: protocol.Sync, States: 132, Says: "a grace period is what a walker needs"},
	{ID: "H3", Scenario: "walk", Variant: protocol.PutFirst, Verdict: explore.Violated, Kind: kern.UseAfterFree, Switches: 3, Repaired: protocol.Merged, Says: "between the put and the reader nobody keeps the node"},
	{ID: "H3-memcg", Scenario: "memcg", Variant: protocol.PutFirst, States: 1457, Says: "the walk of a memcg puts outside the reader, and may"},
	{ID: "H4", Scenario: "walk", Variant: protocol.UnlinkFirst, Marked: true, States: 200, Says: "with one that goes the order does not matter: its next is the head"},
	{ID: "H4-owners", Scenario: "owners", Variant: protocol.UnlinkFirst, Marked: true, Verdict: explore.Violated, Kind: kern.UseAfterFree, Switches: 4, Repaired: protocol.Merged, Says: "with two it does: the walker keeps the first, whose next leads to the second, unlinked and freed meanwhile"},
	{ID: "H4-race", Scenario: "walk", Variant: protocol.UnlinkFirst, Verdict: explore.Violated, Kind: kern.DataRace, Switches: 2, Repaired: protocol.Merged, Says: "unlinked before it is waited for, its flags change under a callback"},
	{ID: "H5", Scenario: "walk", Variant: protocol.DecOnly, Verdict: explore.Violated, Kind: kern.Deadlock, Switches: 1, Repaired: protocol.Merged, Says: "nobody completes"},
	{ID: "H5-warns", Scenario: "walk", Variant: protocol.DecWarns, Verdict: explore.Violated, Kind: kern.RefcountLeak, Repaired: protocol.Merged, Says: "refcount_dec() says so"},
	{ID: "H6", Scenario: "nokmem", Variant: protocol.Merged, Verdict: explore.Violated, Kind: kern.Deadlock, Switches: 1, Repaired: protocol.KmemPut, Says: "the reference of a shrinker that was passed over is never put: the umount hangs"},
	{ID: "H6-v2", Scenario: "nokmem", Variant: protocol.V2, Verdict: explore.Violated, Kind: kern.RefcountLeak, Switches: 1, Repaired: protocol.KmemPut, Says: "the same where nobody waits: the shrinker leaks"},
	{ID: "H6-v1", Scenario: "nokmem", Variant: protocol.V1, Verdict: explore.Violated, Kind: kern.LockMisuse, Repaired: protocol.KmemPut, Says: "and v1 leaves its reader twice"},
	{ID: "H6-fix", Scenario: "nokmem", Variant: protocol.KmemPut, States: 563, Says: "with the put it is over"},
	{ID: "H6-rwsem", Scenario: "nokmem", Variant: protocol.RWSem, States: 68, Says: "before v6.7 there was no reference to put"},
	{ID: "H7", Scenario: "alone", Variant: protocol.InsideRCU, Verdict: explore.Violated, Kind: kern.SleepInAtomic, Repaired: protocol.Merged, Says: "callbacks sleep"},

	{ID: "H8", Scenario: "early", Variant: protocol.Merged, States: 1669, Waits: weak, Says: "safe as far as an access comes after those before it"},
	{ID: "H8a", Scenario: "early", Variant: protocol.WMB, States: 1669, Waits: weak, Says: "the same"},
	{ID: "H8b", Scenario: "early", Variant: protocol.RMB, States: 1669, Waits: weak, Says: "the same"},
	{ID: "H8-race", Scenario: "early-plain", Variant: protocol.Merged, Verdict: explore.Violated, Kind: kern.DataRace, Switches: 1, Repaired: protocol.BothMB, Says: "that nothing orders the fields can be told without weak memory, as a data race"},
	{ID: "H8a-race", Scenario: "early-plain", Variant: protocol.WMB, Verdict: explore.Violated, Kind: kern.DataRace, Switches: 1, Repaired: protocol.BothMB, Says: "a write barrier alone: Chinner's"},
	{ID: "H8b-race", Scenario: "early-plain", Variant: protocol.RMB, Verdict: explore.Violated, Kind: kern.DataRace, Switches: 1, Repaired: protocol.BothMB, Says: "a read barrier alone"},
	{ID: "H8-both", Scenario: "early-plain", Variant: protocol.BothMB, States: 1186, Says: "both barriers order them"},
	{ID: "H8-acquire", Scenario: "early-plain", Variant: protocol.Acquire, States: 1186, Says: "so do release and acquire"},
	{ID: "H-flags", Scenario: "register-plain", Variant: protocol.Merged, Verdict: explore.Violated, Kind: kern.DataRace, Repaired: protocol.RWSem, Says: "flags says registered behind list_add_tail_rcu(), before a refcount_set() that orders nothing"},
}

// Rows returns the table.
func Rows() []Row {
	list := slices.Clone(rows)
	for i := range list {
		if list[i].Verdict == "" {
			list[i].Verdict = explore.Safe
		}
	}
	return list
}

// Setting is how a row is explored: one softirq CPU, unless told otherwise.
func Setting() explore.Options {
	opt := explore.Defaults()
	opt.Softirqs, opt.Objects = 1, 3
	return opt
}

// Model is the model of a row's scenario on a version: its own, or the repaired one.
func (r *Row) Model(v protocol.Variant) (*explore.Model, error) {
	sc, ok := Find(r.Scenario)
	if !ok {
		return nil, fmt.Errorf("row %s: there is no scenario %s", r.ID, r.Scenario)
	}
	sc.Config.Marked = sc.Config.Marked || r.Marked
	return sc.Model(v)
}
