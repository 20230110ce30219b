// Package shrinker is the lab of the lockless slab shrink: who keeps a shrinker, and what it uses, while a walker is in its callback?
// The protocol is package ptsim/shrinker; this is the table that tells the faces about it.
//
// A walker obtains a pointer from a list; it observes that the shrinker is registered, or that its count is not zero; and it calls
// what lives in the shrinker, which uses what lives in a super_block. Two lifetimes, and two answers: the shrinker is pinned, by RCU
// for the instant of try_get and by a reference while the callback sleeps, and the super_block's owner waits for the last put.
//
// # What there is
//
// Nouns are super_blocks, each with its shrinker. Verbs are the two walks, mount and umount, and what readers do that want neither. A
// scenario may say that shrinkers are memcg-aware, that kmem is off, and that accesses which could race are marked. What must hold:
// nothing is used after it was freed, nobody sleeps in a reader, and when all is quiet each shrinker has its super_block, and each
// super_block with objects its bit in the map of the memcg.
//
// # The rows
//
// Rows are called as in the table of docs/labs/shrinker.md. H8, H8a and H8b are safe under sequential
// consistency; those whose ids end in lkmm ask the same under the kernel's memory model. The same flaw is a data race, which H8-race
// and its fellows show.
//
// # What it does not do
//
// It has no memcgs that come and go: there is one, whose map stays.
//
// # Where to start
//
// The Example, then testdata/scenarios/shrinker/walk.scn on v2 and on v6.7.
package shrinker

import (
	"ptsim/kern"
	"ptsim/lab"
	protocol "ptsim/shrinker"
)

// Lab is the lab.
func Lab() *lab.Lab {
	return &lab.Lab{
		Name: "shrinker", Title: "the lockless slab shrink",
		About:    "A walker finds a shrinker on a list, sees that it may be used, and calls it. The callback sleeps, and uses a super_block. What keeps both alive until it is done?",
		Versions: versions(),
		Default:  string(protocol.Merged),
		Params:   []lab.Param{{Name: "COUNT", Lo: 0, Hi: 9, Wrong: "%s objects"}},
		Settings: []lab.Setting{
			{Form: "memcg", About: "shrinkers are SHRINKER_MEMCG_AWARE, and the map of the memcg has all bits set"},
			{Form: "nokmem", About: "cgroup.memory=nokmem: memcg_kmem_online() is false"},
			{Form: "nonslab", About: "shrinkers are SHRINKER_NONSLAB"},
			{Form: "marked", About: "the fields of a shrinker that walkers read are accessed with READ_ONCE() and WRITE_ONCE()"},
		},
		Nouns: nouns(), Verbs: verbs(),
		Ends:  []lab.End{{Form: "freed SUPER", About: "the super_block is gone", Holds: freed}},
		Setup: setup, Check: invariants, Final: final, Sense: sensible,
		Rows: rows(), Rules: rules(), Levels: levels(), Lessons: lessons(),
		Draw: figures, Questions: questions(),
		Boxes: map[string]lab.Drawing{protocol.ShrinkerCache: lab.Chain, protocol.SuperCache: lab.Box},
	}
}

func versions() []lab.Version {
	var list []lab.Version
	for _, i := range protocol.Variants() {
		list = append(list, lab.Version{Name: string(i.Variant), Year: i.Year, Source: i.Source, About: i.About, Flawed: i.Flawed})
	}
	return list
}

func setup(w *lab.World) {
	s, err := protocol.New(w.M, protocol.Config{
		Variant: protocol.Variant(w.Version), Memcg: w.Has("memcg"), KmemOff: w.Has("nokmem"), NonSlab: w.Has("nonslab"), Marked: w.Has("marked"),
	})
	if err != nil {
		panic(err) // a version that the lab does not have
	}
	w.Protocol = s
	w.Global("mm", s.List()) // the global variables of mm/shrinker.c
}

func system(w *lab.World) *protocol.System { return w.Protocol.(*protocol.System) }

func nouns() []lab.Noun {
	return []lab.Noun{{
		Form: "super NAME [objects COUNT] [busy]", About: "a super_block whose shrinker is registered; busy: a reader holds its s_umount",
		Make: func(w *lab.World, c *kern.CPU, l *lab.Line) uint32 {
			sb := system(w).Mount(c, uint32(l.Int("COUNT", 1)))
			if l.Has("busy") {
				system(w).Hold(c, sb)
			}
			return uint32(sb)
		},
	}}
}

func verbs() []lab.Verb {
	super := func(c *lab.Call, do func(s *protocol.System, sb protocol.Super)) {
		if sb := c.Value("SUPER"); sb != 0 {
			do(system(c.World), protocol.Super(sb))
		}
	}
	return []lab.Verb{
		{Form: "shrink", About: "shrink_slab(): walks shrinker_list", Do: func(c *lab.Call) { system(c.World).ShrinkSlab(c.CPU) }},
		{Form: "shrink_memcg", About: "shrink_slab_memcg(): walks the map of a memcg", Do: func(c *lab.Call) { system(c.World).ShrinkSlabMemcg(c.CPU) }},
		{
			Form: "mount -> SUPER", About: "alloc_super() and sget_fc(): makes a super_block with one object, and registers its shrinker",
			Do: func(c *lab.Call) { c.Give(uint32(system(c.World).Mount(c.CPU, 1))) },
		},
		{
			Form: "umount SUPER", About: "deactivate_locked_super(): frees the shrinker, then the super_block",
			Do: func(c *lab.Call) {
				super(c, func(s *protocol.System, sb protocol.Super) { s.DeactivateLockedSuper(c.CPU, sb) })
			},
		},
		{
			Form: "use SUPER", About: "d_lru_add(): puts one more object on the LRU of the super_block",
			Do: func(c *lab.Call) {
				super(c, func(s *protocol.System, sb protocol.Super) { s.DLRUAdd(c.CPU, sb) })
			},
		},
		{Form: "rcu_read_lock", About: "enters a reader, perhaps once more", Do: func(c *lab.Call) { kern.RCUReadLock(c.CPU) }},
		{Form: "rcu_read_unlock", About: "leaves it", Do: func(c *lab.Call) { kern.RCUReadUnlock(c.CPU) }},
		{Form: "look", About: "reads the count of each shrinker on the list, inside a reader, and takes no reference", Do: func(c *lab.Call) { system(c.World).Look(c.CPU) }},
	}
}

// freed looks whether a super_block is gone.
func freed(w *lab.World, l *lab.Line) *kern.Violation {
	sb := kern.Addr(w.Of(l, "SUPER"))
	if !w.Alive(sb) {
		return nil
	}
	return &kern.Violation{Kind: kern.RefcountLeak, Addr: sb, Object: l.Get("SUPER"), Func: "nobody", Detail: "frees %o"}
}

// invariants are what the versions without a flaw of their own keep in every state.
func invariants(w *lab.World) *kern.Violation {
	s := system(w)
	if !s.Keeps() {
		return nil
	}
	for _, sb := range w.All("super") {
		if why := s.Check(protocol.Super(sb), w.Alive); why != "" {
			return &kern.Violation{Kind: kern.Assertion, Addr: kern.Addr(sb), Func: "a state", Detail: "the shrinker of %o " + why}
		}
	}
	return nil
}

// final wants each shrinker to have its super_block, and each super_block with objects to have its bit in the map of the memcg.
func final(w *lab.World) *kern.Violation {
	var v *kern.Violation
	s := system(w)
	counts := 0 // that shrinkers of no memcg have
	w.In.Objects(func(cache string, a kern.Addr) {
		switch {
		case cache == protocol.DeferredCache:
			counts++
		case cache == protocol.ShrinkerCache && !w.Alive(kern.Addr(s.Owner(protocol.Shrinker(a)))):
			v = &kern.Violation{Kind: kern.RefcountLeak, Addr: a, Func: "nobody", Detail: "puts the last reference to %o, which is never freed"}
		case cache == protocol.ShrinkerCache && s.OwnsDeferred(protocol.Shrinker(a)):
			counts--
		case cache == protocol.SuperCache && s.Unseen(protocol.Super(a)):
			v = &kern.Violation{Kind: kern.Imbalance, Addr: a, Detail: "a super_block has objects that no walk of its memcg will find, since their bit is clear"}
		}
	})
	if v == nil && counts != 0 {
		v = &kern.Violation{Kind: kern.Imbalance, Detail: "an nr_deferred is left over that belongs to no shrinker"}
	}
	return v
}
