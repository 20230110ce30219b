package shrinker

import protocol "ptsim/shrinker"

var scenarios = []Scenario{
	{
		Name: "alone", Title: "A callback that sleeps", Mounted: 1,
		About: "One walker, and nobody else. Its callback may sleep, as prune_dcache_sb() does, and so it must not be in a reader then.",
		Tasks: []Task{{"kswapd", []string{"shrink"}}},
	},
	{
		Name: "walk", Title: "A walk against an umount", Mounted: 1,
		About: "kswapd walks shrinker_list while the only file system on it is unmounted. Two things go: the shrinker, and the super_block that its callback uses.",
		Tasks: []Task{{"kswapd", []string{"shrink"}}, {"umount", []string{"umount 1"}}},
	},
	{
		Name: "owners", Title: "A walk against two umounts", Mounted: 2,
		About: "Two file systems go at once. A walker that sleeps in the callback of the first reads its next when it comes back: what keeps that? It is what Vlastimil Babka asked of v1, and Lai Jiangshan of v6.",
		Tasks: []Task{{"kswapd", []string{"shrink"}}, {"umount", []string{"umount 1"}}, {"umount2", []string{"umount 2"}}},
	},
	{
		Name: "walkers", Title: "Two walks against an umount", Mounted: 1,
		About: "Two walkers use one shrinker at once. \"What is wrong with having multiple active users at once?\" Dave Chinner asked.",
		Tasks: []Task{{"kswapd", []string{"shrink"}}, {"direct", []string{"shrink"}}, {"umount", []string{"umount 1"}}},
	},
	{
		Name: "memcg", Title: "A walk of a memcg against an umount", Mounted: 1, Config: protocol.Config{Memcg: true},
		About: "The shrinker is found by its id, in shrinker_idr, and not by the list. The second walk finds the LRU empty.",
		Tasks: []Task{{"kswapd", []string{"shrink_memcg", "shrink_memcg"}}, {"umount", []string{"umount 1"}}},
	},
	{
		Name: "both", Title: "Both walks against an umount", Mounted: 1, Config: protocol.Config{Memcg: true},
		About: "The walk of a memcg puts its reference outside any reader. What guarantees that this does not free the shrinker under the other walk, which needs its next? Dave Chinner asked that of v4, on 8 August 2023.",
		Tasks: []Task{{"kswapd", []string{"shrink"}}, {"direct", []string{"shrink_memcg"}}, {"umount", []string{"umount 1"}}},
	},
	{
		Name: "nokmem", Title: "kmem is off", Mounted: 1, Config: protocol.Config{Memcg: true, KmemOff: true},
		About: "With cgroup.memory=nokmem the walk of a memcg passes over a shrinker that it has a reference to already.",
		Tasks: []Task{{"kswapd", []string{"shrink_memcg"}}, {"umount", []string{"umount 1"}}},
	},
	{
		Name: "nonslab", Title: "kmem is off, and the shrinker is none of slab", Mounted: 1, Config: protocol.Config{Memcg: true, KmemOff: true, NonSlab: true},
		About: "A shrinker that is SHRINKER_NONSLAB is called all the same.",
		Tasks: []Task{{"kswapd", []string{"shrink_memcg"}}, {"umount", []string{"umount 1"}}},
	},
	{
		Name: "register", Title: "A walk against a mount", Config: protocol.Config{Marked: true},
		About: "kswapd meets a shrinker that is being registered. It is on the list before it has a reference to give, and before its flags are what they will be.",
		Tasks: []Task{{"kswapd", []string{"shrink"}}, {"mount", []string{"mount 1", "umount 1"}}},
	},
	{
		Name: "register-plain", Title: "The same, with plain accesses",
		About: "In the kernel the flags are plain. Nothing but refcount_set(), which orders nothing, stands between the flag that says registered and a walker that reads the flags.",
		Tasks: []Task{{"kswapd", []string{"shrink"}}, {"mount", []string{"mount 1", "umount 1"}}},
	},
	{
		Name: "early", Title: "A walk of a memcg against a mount", Config: protocol.Config{Memcg: true, Marked: true},
		About: "shrinker_alloc() puts the shrinker into shrinker_idr before its caller has set the callbacks, and a bit that was left by the id's last owner leads a walker there. Only the count says when it is ready.",
		Tasks: []Task{{"kswapd", []string{"shrink_memcg"}}, {"mount", []string{"mount 1", "umount 1"}}},
	},
	{
		Name: "early-plain", Title: "The same, with plain accesses", Config: protocol.Config{Memcg: true},
		About: "As early, with the plain accesses of the kernel. What does not order them is a data race, with no weak memory at all.",
		Tasks: []Task{{"kswapd", []string{"shrink_memcg"}}, {"mount", []string{"mount 1", "umount 1"}}},
	},
	{
		Name: "bit", Title: "The bit of an empty shrinker", Mounted: 1, Config: protocol.Config{Memcg: true},
		About: "A walker clears the bit of a shrinker that says that it is empty, just when an object comes. If the bit stays clear nobody looks again.",
		Tasks: []Task{{"kswapd", []string{"shrink_memcg", "shrink_memcg"}}, {"dput", []string{"use 1"}}},
	},
	{
		Name: "nested", Title: "Readers inside readers", Mounted: 1,
		About: "A reader that enters rcu_read_lock again is a reader until it has left both.",
		Tasks: []Task{{"reader", []string{"rcu_read_lock", "look", "look", "rcu_read_unlock"}}, {"umount", []string{"umount 1"}}},
	},
}

// Scenarios returns all scenarios, the simplest first.
func Scenarios() []Scenario { return append([]Scenario(nil), scenarios...) }

// Find returns the scenario of that name.
func Find(name string) (Scenario, bool) {
	for _, sc := range scenarios {
		if sc.Name == name {
			return sc, true
		}
	}
	return Scenario{}, false
}
