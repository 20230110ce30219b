package explore

import (
	"slices"

	"ptsim/kern"
	weakmem "ptsim/memory"
)

// savedWeakTable is what a search under a weak memory model knows, in a checkpoint: fingerprints have in them the numbers of words
// and objects, and what was forgotten by what was foreseen. Without it a search that goes on would take different states for one.
type savedWeakTable struct {
	Words   []kern.Addr // by number
	Objects []uint32

	Notes    []savedNote
	Lapsed   []int
	AsOf     [2]int
	Locks    []int
	Futures  [][]byte // those that differ: Loads and then Stores, as they are in memory
	Of       []int    // by node: the place in Futures
	Callback int
	Nothing  int
}

type savedNote struct {
	Node        uint32
	Word        int
	Load, Store bool
}

func (t *weakTable) keep() *savedWeakTable {
	if t == nil {
		return nil
	}
	k := &savedWeakTable{Words: make([]kern.Addr, len(t.words)), Objects: make([]uint32, len(t.objects))}
	for a, n := range t.words {
		k.Words[n] = a
	}
	for o, n := range t.objects {
		k.Objects[n] = o
	}
	f := &t.foresight
	if !f.on {
		return k
	}
	for id, list := range f.notes {
		for _, a := range list {
			k.Notes = append(k.Notes, savedNote{id, a.word, a.load, a.store})
		}
	}
	for w := range f.lapsed {
		k.Lapsed = append(k.Lapsed, w)
	}
	places := map[*weakmem.Future]int{}
	place := func(u *weakmem.Future) int {
		n, ok := places[u]
		if !ok {
			n = len(k.Futures)
			places[u] = n
			k.Futures = append(k.Futures, memory(slices.Concat(u.Loads, u.Stores)))
		}
		return n
	}
	for _, u := range f.futures {
		k.Of = append(k.Of, place(u))
	}
	k.AsOf, k.Locks, k.Callback, k.Nothing = f.asOf, f.nothing.Locks, place(f.callback), place(f.nothing)
	return k
}

// set is the inverse of keep.
func (t *weakTable) set(k *savedWeakTable) {
	if t == nil || k == nil {
		return
	}
	for n, a := range k.Words {
		t.words[a] = n
	}
	for n, o := range k.Objects {
		t.objects[o] = n
	}
	if k.Futures == nil {
		return
	}
	f := &t.foresight
	f.begin()
	for _, n := range k.Notes {
		f.notes[n.Node] = append(f.notes[n.Node], weakAccess{n.Word, n.Load, n.Store})
	}
	for _, w := range k.Lapsed {
		f.lapsed[w] = true
	}
	var all []*weakmem.Future
	for _, b := range k.Futures {
		g := values[weakmem.Guards](b)
		half := len(g) / 2
		all = append(all, &weakmem.Future{Locks: k.Locks, Loads: g[:half:half], Stores: g[half:]})
	}
	for _, n := range k.Of {
		f.futures = append(f.futures, all[n])
	}
	f.learnt, f.asOf, f.callback, f.nothing = len(k.Notes)+len(k.Lapsed), k.AsOf, all[k.Callback], all[k.Nothing]
}
