package explore

import (
	"math/bits"
	"slices"

	"ptsim/kern"
)

// Which words may race is seen while a search runs: a word that several threads access, one of them by a write, some of the
// accesses plain, under no lock that all of them hold. Only for such words do states need views; see views.go.

// usage is what the code of a model was seen to do to a word.
type usage struct {
	locks   uint64 // held at every access: alone, or for reads at least shared
	threads uint32 // that accessed it
	plain   bool
	written bool
}

// wordUses is that of all words.
//
// It is Eraser's lockset idea: the locks that were held at every access of a word. If some lock is left,
// or only one thread comes there, or nobody writes, the word cannot race. It is collected over all paths,
// so it may only shrink, and a word that is left out for now may come in later: then the search with views
// is done again.
type wordUses []usage

func newWordUses(words int) wordUses {
	u := make(wordUses, words)
	for a := range u {
		u[a].locks = ^uint64(0)
	}
	return u
}

// join adds what another state was seen to do.
func (u wordUses) join(v wordUses) {
	for a := range u {
		u[a].locks &= v[a].locks
		u[a].threads |= v[a].threads
		u[a].plain = u[a].plain || v[a].plain
		u[a].written = u[a].written || v[a].written
	}
}

// racy returns the words that may race, as far as is known.
//
// A word may be racy by this and never race. Views decide; this says which words need them.
func (u wordUses) racy() []kern.Addr {
	var list []kern.Addr
	for a, w := range u {
		if w.plain && w.written && w.locks == 0 && bits.OnesCount32(w.threads) > 1 {
			list = append(list, kern.Addr(a))
		}
	}
	return list
}

// racyWords returns the words that may race, by what all states of the system have seen.
func (x *system) racyWords() []kern.Addr {
	if len(x.states) == 0 {
		return nil
	}
	return x.allUses().racy()
}

// alsoRacy returns the words that the system keeps views for, and more.
func (x *system) alsoRacy(more []kern.Addr) []kern.Addr {
	all := append(slices.Clone(x.racy), more...)
	slices.Sort(all)
	return slices.Compact(all)
}
