package memory

import "math/bits"

// Guards say what precedes the accesses of some kind that a CPU may still make to a word: a bit for each lock (see
// [Future].Locks) that it takes before the first of them, whatever it does.
type Guards uint64

// Never says that there will be no such access. It is a guard by every lock.
const Never = ^Guards(0)

// MostLocks is how many locks can be guards.
const MostLocks = 63

// A Future says what a CPU may still do from where it stands, with the callbacks and work items that it may queue. A future
// that says too much is right; one that says too little is not. See [Machine].Prune.
//
// Loads are the accesses that may return another store than the newest: loads, RMWs that may fail. A store to the word,
// or an RMW that is sure to write, is none, and whoever has made one knows all stores before it: loads behind it do not count.
// Stores are stores and all RMWs. The accesses of locks to their own words are neither.
type Future struct {
	Loads, Stores []Guards // by word; what is not there is Never
	Locks         []int    // by bit: the word of a spinlock that is made for ever, and touched by nobody but by taking and releasing it
}

func at(g []Guards, w int) Guards {
	if w < len(g) {
		return g[w]
	}
	return Never
}

// need returns the place in a word's history from which on a CPU, whose view knows of the word up to floor, can tell stores
// apart: none of its coming accesses reads an older one, or goes behind an older one. Whatever else it learns of stores up to
// there makes no difference to it. It is
//
//   - the floor, if nothing is known of what will come;
//   - the end, if it will not touch the word;
//   - where it only stores: no less than the oldest store behind which there is room, since all that is before is closed;
//   - where it takes a spin lock first: what it then learns, at the least. A lock is taken by an acquire of the newest
//     store to it, and released by a release, which is cumulative: so what one lock has told of a word only grows. If somebody
//     holds the lock, it will tell what the holder is cumulative in.
func (m *lkmm) need(f *Future, w, floor int) int {
	if f == nil {
		return floor
	}
	last := len(m.words[w]) - 1
	n := last
	if g := at(f.Loads, w); g != Never {
		n = max(floor, m.told(f, g, w))
	}
	if g := at(f.Stores, w); g != Never {
		n = min(n, max(floor, m.room(w), m.told(f, g, w)))
	}
	return min(n, last)
}

// room returns the place of the oldest store that another may go behind.
func (m *lkmm) room(w int) int {
	for i := range m.words[w] {
		if !m.words[w][i].closed {
			return i
		}
	}
	return len(m.words[w]) - 1
}

// told returns what whoever takes one of the locks next will know of a word, at the least of all that it takes. That who released it
// last knows this behind it, too, is what the rule of unlock and lock says.
func (m *lkmm) told(f *Future, g Guards, w int) (n int) {
	if m.release.Without(UnlockLock) {
		return 0
	}
	for ; g != 0; g &= g - 1 {
		h := m.words[f.Locks[bits.TrailingZeros64(uint64(g))]]
		s := &h[len(h)-1]
		switch {
		case s.value == 0:
			n = max(n, int(s.mv[w]))
		case s.author >= 0:
			n = max(n, int(m.cpus[s.author].c[w]))
		}
	}
	return n
}

// future returns what a CPU or a message may still do, nil if nothing is known of that.
func (m *lkmm) future(i int) *Future {
	if m.futures == nil {
		return nil
	}
	return m.futures[i]
}
