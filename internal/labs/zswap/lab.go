// Package zswap is the lab of zswap and its allocator: an object that is mapped must stay where it is, and who maps it wants to sleep.
// The protocol is package ptsim/zswap; this is the table that tells the faces about it.
//
// A load obtains a pointer from a handle; it observes that the object is there; and it waits for the decompressor, which sleeps. If
// what keeps the object is a spin lock it must not. The way out that was taken is not to touch the object any more: it is copied.
// Beside it stand two questions more: what keeps the entry (a reference), and what keeps the context of a CPU (the lock lies in
// memory that stays, so take it and look again).
//
// # What there is
//
// The nouns are entries, each with an object in the pool's one zspage. Verbs are loads, stores, writeback, invalidation, compaction,
// and CPUs that go and come. What must hold: nothing is used after it was freed, nobody sleeps in atomic context, a load gives what was
// stored, and when all is quiet each entry has one reference and an object, and no more.
//
// # One CPU and two
//
// Scenarios whose names end in -cpu have all tasks on one CPU. With Lax a task may sleep where it must not; then it can be seen
// whether that does harm, or only breaks a rule.
//
// # What it does not do
//
// It has no weak memory: all here is ordered by locks. The rows are called as in the table of docs/labs/zswap.md.
//
// # Where to start
//
// The Example, then testdata/scenarios/zswap/load.scn on v5.11 and on v5.12.
package zswap

import (
	"ptsim/kern"
	"ptsim/lab"
	protocol "ptsim/zswap"
)

// Lab is the lab.
func Lab() *lab.Lab {
	return &lab.Lab{
		Name: "zswap", Title: "zswap over zsmalloc",
		About: "A page comes back from compressed memory. The object must stay where it is while it is mapped, and the decompressor sleeps. " +
			"What keeps the object, if not a lock that forbids sleeping?",
		Versions: versions(),
		Default:  string(protocol.Rechecked),
		Params:   []lab.Param{{Name: "OFFSET", Lo: 0, Hi: protocol.Offsets - 1, Wrong: "%s is no swap offset"}},
		Settings: []lab.Setting{{Form: "zbud", About: "the backend is zbud: zpool_can_sleep_mapped() is true, and objects stay where they are"}},
		Nouns: []lab.Noun{{
			Form: "entry NAME at OFFSET", About: "a page that is in zswap",
			Make: func(w *lab.World, c *kern.CPU, l *lab.Line) uint32 {
				return uint32(system(w).Stored(c, uint32(l.Int("OFFSET", 0))))
			},
		}},
		Verbs: verbs(),
		Ends: []lab.End{
			{Form: "stored OFFSET", About: "the page of that offset is in zswap", Holds: func(w *lab.World, l *lab.Line) *kern.Violation { return stored(w, l, true) }},
			{Form: "gone OFFSET", About: "the page of that offset is not in zswap", Holds: func(w *lab.World, l *lab.Line) *kern.Violation { return stored(w, l, false) }},
		},
		Setup: setup, Final: final, Sense: sensible,
		Rows: rows(), Rules: rules(), Levels: levels(), Lessons: lessons(),
		Draw: figures, Questions: questions(),
		Boxes: map[string]lab.Drawing{protocol.EntryCache: lab.Chain, protocol.HandleCache: lab.Chain},
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
	s, err := protocol.New(w.M, protocol.Config{Variant: protocol.Variant(w.Version), SleepMapped: w.Has("zbud")})
	if err != nil {
		panic(err) // a version that the lab does not have
	}
	w.Protocol = s
	w.Global("mm", s.Globals()) // the global variables of mm/zswap.c and mm/zsmalloc.c
}

func system(w *lab.World) *protocol.System { return w.Protocol.(*protocol.System) }

func verbs() []lab.Verb {
	verb := func(form, about string, do func(s *protocol.System, c *kern.CPU, offset uint32)) lab.Verb {
		return lab.Verb{Form: form, About: about, Do: func(c *lab.Call) { do(system(c.World), c.CPU, uint32(c.Line.Int("OFFSET", 0))) }}
	}
	return []lab.Verb{
		verb("load OFFSET", "zswap_frontswap_load(): decompresses the page", func(s *protocol.System, c *kern.CPU, o uint32) { s.Load(c, o) }),
		verb("store OFFSET", "zswap_frontswap_store(): compresses a page, and stores it", func(s *protocol.System, c *kern.CPU, o uint32) { s.Store(c, o) }),
		verb("invalidate OFFSET", "zswap_frontswap_invalidate_page(): the swap entry is free", func(s *protocol.System, c *kern.CPU, o uint32) { s.Invalidate(c, o) }),
		verb("writeback OFFSET", "zswap_writeback_entry(): writes the page to the swap device", func(s *protocol.System, c *kern.CPU, o uint32) { s.Writeback(c, o) }),
		verb("swapin OFFSET", "somebody reads the page, which puts it into the swap cache", func(s *protocol.System, c *kern.CPU, o uint32) { s.SwapIn(c, o) }),
		verb("compact", "zs_compact(): moves the first object to the first free place", func(s *protocol.System, c *kern.CPU, _ uint32) { s.Compact(c) }),
		verb("unplug", "takes CPU 0 offline: moves its tasks, then calls zswap_cpu_comp_dead()", func(s *protocol.System, c *kern.CPU, _ uint32) { s.Unplug(c) }),
		verb("plug OFFSET", "brings a CPU up: zswap_cpu_comp_prepare(), in which reclaim stores a page", func(s *protocol.System, c *kern.CPU, o uint32) { s.Plug(c, o) }),
	}
}

// stored looks whether the page of an offset is in zswap, or is not.
func stored(w *lab.World, l *lab.Line, want bool) *kern.Violation {
	if system(w).In(uint32(l.Int("OFFSET", 0))) == want {
		return nil
	}
	return &kern.Violation{Kind: kern.Imbalance, Detail: "the page of offset " + l.Get("OFFSET") + " should be " + l.Word}
}

// final wants nothing to be left but what is in the tree.
func final(w *lab.World) *kern.Violation {
	if why := system(w).Audit(); why != "" {
		return &kern.Violation{Kind: kern.Imbalance, Detail: why}
	}
	var v *kern.Violation
	entries, handles := 0, 0
	w.In.Objects(func(cache string, a kern.Addr) {
		switch cache {
		case protocol.EntryCache:
			entries++
		case protocol.HandleCache:
			handles++
		case protocol.BufferCache:
			v = &kern.Violation{Kind: kern.RefcountLeak, Addr: a, Func: "nobody", Detail: "frees a buffer (%o)"}
		}
	})
	if entries != handles {
		return &kern.Violation{Kind: kern.Imbalance, Detail: "the number of entries is not the number of handles"}
	}
	return v
}
