// Package swap is the lab of swapoff: what says that a device is on, and that what hangs off it belongs to this life of it? The protocol is
// package ptsim/swap; this is the table that tells the faces about it.
//
// A user obtains a pointer from swap_info[]; it observes a bit, or gets a reference; and it uses the swap_map behind the pointer. The
// structure is never freed, so the question is not whether it is there, but whether the answer and the fields are of one life. That is a
// question to the memory model. Most rows are asked under sc, and those that sc cannot judge under lkmm as well.
//
// # What there is
//
// The noun is a device that is on at the start. Verbs are swapon, swapoff, and three users: one that counts, one that sleeps, and one that
// looks a page up under RCU alone. A scenario may say that there is a swap cache, and that the reference stays in atomic mode. What must
// hold: nothing is used after it was freed, nothing is reached behind NULL, nobody sleeps in a reader, and when all is quiet a device
// that is on has one map, and one that is off has none.
//
// # The rows
//
// Rows are called as in the table of docs/labs/swap.md. Those whose ids end in a memory model ask the same under that.
//
// # What it does not do
//
// It has one swap type, and no pages in the area.
//
// # Where to start
//
// The Example, then testdata/scenarios/swap/on.scn on no-rmb and on v5.14, with --memory lkmm.
package swap

import (
	"ptsim/kern"
	"ptsim/lab"
	protocol "ptsim/swap"
)

// Lab is the lab.
func Lab() *lab.Lab {
	return &lab.Lab{
		Name: "swap", Title: "swapoff against the users of a swap device",
		About: "A user has a swap entry, perhaps an old one. swapoff frees what the entry leads to, and swapon sets it up again. " +
			"What says that the device is on, and that its fields belong to this swapon?",
		Versions: versions(),
		Default:  string(protocol.Merged),
		Settings: []lab.Setting{
			{Form: "swapcache", About: "there is a swap cache, which swapoff frees and lookup reads"},
			{Form: "atomic", About: "si->users stays in atomic mode"},
		},
		Nouns: []lab.Noun{{
			Form: "device NAME", About: "the swap device, which is on",
			Make: func(w *lab.World, c *kern.CPU, _ *lab.Line) uint32 { return uint32(system(w).Boot(c)) },
		}},
		Verbs: verbs(),
		Ends: []lab.End{
			{Form: "on", About: "the device is on", Holds: func(w *lab.World, l *lab.Line) *kern.Violation { return is(w, l, true) }},
			{Form: "off", About: "it is off", Holds: func(w *lab.World, l *lab.Line) *kern.Violation { return is(w, l, false) }},
		},
		Setup: setup, Final: final,
		Rows: rows(), Rules: rules(), Levels: levels(), Lessons: lessons(),
		Boxes: map[string]lab.Drawing{protocol.InfoCache: lab.Chain},
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
	s, err := protocol.New(w.M, protocol.Config{Variant: protocol.Variant(w.Version), SwapCache: w.Has("swapcache"), Atomic: w.Has("atomic")})
	if err != nil {
		panic(err) // a version that the lab does not have
	}
	w.Protocol = s
	w.Global("mm", s.Globals()) // the global variables of mm/swapfile.c
}

func system(w *lab.World) *protocol.System { return w.Protocol.(*protocol.System) }

func verbs() []lab.Verb {
	verb := func(form, about string, do func(s *protocol.System, c *kern.CPU)) lab.Verb {
		return lab.Verb{Form: form, About: about, Do: func(c *lab.Call) { do(system(c.World), c.CPU) }}
	}
	return []lab.Verb{
		verb("swapon", "swapon(2): turns the device on, unless it is", func(s *protocol.System, c *kern.CPU) { s.Swapon(c) }),
		verb("swapoff", "swapoff(2): turns it off, if it is on", func(s *protocol.System, c *kern.CPU) { s.Swapoff(c) }),
		verb("fault", "do_swap_page(): reads the page of an entry, which sleeps, and drops the entry", func(s *protocol.System, c *kern.CPU) { s.DoSwapPage(c) }),
		verb("count", "__swap_count(): looks how often the page of an entry is used", func(s *protocol.System, c *kern.CPU) { s.SwapCount(c) }),
		verb("lookup", "lookup_swap_cache(): finds the page of an entry in the swap cache, under RCU alone", func(s *protocol.System, c *kern.CPU) { s.LookupSwapCache(c) }),
	}
}

// is looks whether the device is on, or is off.
func is(w *lab.World, l *lab.Line, want bool) *kern.Violation {
	if system(w).On() == want {
		return nil
	}
	return &kern.Violation{Kind: kern.Imbalance, Detail: "the device should be " + l.Word}
}

// final wants nothing to be left but what belongs to a device that is on.
func final(w *lab.World) *kern.Violation {
	s := system(w)
	if why := s.Audit(); why != "" {
		return &kern.Violation{Kind: kern.Imbalance, Detail: why}
	}
	left := map[string]int{}
	var last kern.Addr
	w.In.Objects(func(cache string, a kern.Addr) {
		left[cache]++
		if cache == protocol.MapCache {
			last = a
		}
	})
	switch on := s.On(); {
	case left[protocol.MapCache] > 1, !on && left[protocol.MapCache] > 0:
		return &kern.Violation{Kind: kern.RefcountLeak, Addr: last, Func: "nobody", Detail: "frees a swap_map (%o)"}
	case left[protocol.CountCache] > left[protocol.InfoCache]:
		return &kern.Violation{Kind: kern.RefcountLeak, Func: "nobody", Detail: "frees the counts of a percpu_ref"}
	}
	return nil
}
