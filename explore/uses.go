package explore

import (
	"math/bits"
	"slices"

	"ptsim/kern"
)

// Which words may race is seen while a search runs: a word that several threads access, one of them by a write, some of the
// accesses plain, under no lock that all of them hold. Only for such words do states need views; see views.go.

// wordUses is what the code of a model was seen to do to each word.
type wordUses struct {
	locks   []uint64 // held at every access: alone, or for reads at least shared
	threads []uint32 // that accessed it
	plain   []bool
	written []bool
}

func newWordUses(words int) *wordUses {
	u := &wordUses{locks: make([]uint64, words), threads: make([]uint32, words), plain: make([]bool, words), written: make([]bool, words)}
	for i := range u.locks {
		u.locks[i] = ^uint64(0)
	}
	return u
}

// join adds what another state was seen to do.
func (u *wordUses) join(v *wordUses) {
	for a := range u.locks {
		u.locks[a] &= v.locks[a]
		u.threads[a] |= v.threads[a]
		u.plain[a] = u.plain[a] || v.plain[a]
		u.written[a] = u.written[a] || v.written[a]
	}
}

// racy returns the words that may race, as far as is known.
func (u *wordUses) racy() []kern.Addr {
	var list []kern.Addr
	for a := range u.locks {
		if u.plain[a] && u.written[a] && u.locks[a] == 0 && bits.OnesCount32(u.threads[a]) > 1 {
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
