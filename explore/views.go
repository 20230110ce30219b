package explore

import (
	"ptsim/kern"
)

// A data race is two accesses to one word by different threads, one of them a write and one of them plain, that
// happens-before does not order: the order that program order, locks, atomics and RCU give, and that READ_ONCE and WRITE_ONCE
// do not. A schedule shows a race wherever it runs both accesses with nothing between them that orders the two, however far
// apart they are.
//
// For that a state has views. The view of a thread is what it knows of the accesses to a word: those that happened before
// the point where it stands. What is kept is the complement, the accesses that it does not know, which is nothing most of
// the time. A release puts the thread's view into the lock, atomic word, callback or work item; an acquire adds what is found
// there to the thread's. Relaxed accesses carry views, too, for fences: a relaxed write gives what was known at the last full
// barrier, and a relaxed read takes effect at the next one, or at a release, which is cumulative. smp_wmb gives relaxed writes
// the thread's own writes along, and smp_rmb has relaxed reads take effect for reads alone; rcu_dereference, for the object that
// the pointer leads to.
//
// Views are kept only for words that need them: those that two threads access, one of them by a write, some of the
// accesses plain, and all of them under no lock in common. What words these are a search finds out on the way. When it meets
// one that it did not know it begins again. A word whose accesses have a lock in common cannot race.
//
// Views are part of a state, but not of what is counted as one: a state that is met again with other views is searched
// again, and its key is counted once.

// access kinds within a mask of unknown accesses: one bit for the last plain write, and one for each thread's marked writes,
// plain reads and marked reads since. A plain write that does not race knows all earlier accesses, so whoever knows it does.
const (
	plainWrite  = uint64(1) << 63
	markedWrite = 0 * maxThreads // where the bits of the threads begin
	plainRead   = 1 * maxThreads
	markedRead  = 2 * maxThreads
	threadsMask = uint64(1)<<maxThreads - 1
)

// conflicts are the accesses that race with an access unless it knows them.
func conflicts(write, plain bool) uint64 {
	m := plainWrite
	if plain {
		m |= threadsMask << markedWrite
	}
	if write {
		m |= threadsMask << plainRead
	}
	if write && plain {
		m |= threadsMask << markedRead
	}
	return m
}

// holder is something that has a view: a kind and what it is of.
type holder int

// views are what each holder does not know, word by word. The zero value knows everything.
type views struct {
	words   []kern.Addr
	index   []int16  // by address: the place in words, -1 for most
	unknown []uint64 // by holder, by word
	syncs   []holder // by address: the holder that stands for a word others synchronise on, 0 if it has none yet; behind them by object, by CPU, and what pairs.go has
	ids     []uint64 // by holder: what stands for it in fingerprints
	rows    []uint64 // by holder: a fingerprint of its part of unknown
	dirty   int      // how many entries of unknown are not zero
}

// Where the holders of threads, callbacks and work items begin. A thread has three views: what it knows, what it knew at its
// last full barrier, and what it will know at the next; and where the code has smp_rmb or smp_wmb, three more: its own writes,
// what its reads know beyond, and what they will know at the next smp_rmb.
const (
	knows     holder = 0
	released  holder = maxThreads
	pending   holder = 2 * maxThreads
	wrote     holder = 3 * maxThreads
	reads     holder = 4 * maxThreads
	willRead  holder = 5 * maxThreads
	callbacks holder = 6 * maxThreads
	works     holder = callbacks + maxSlots
	bhOff     holder = works + maxSlots   // of a CPU: with softirqs on it, BH off is like a lock
	readers   holder = bhOff + maxThreads // all that readers knew at their ends: grace periods that begin later come after them
	begun     holder = readers + 1        // what was known where grace periods began: readers that begin later come after that
	untouched holder = begun + 1          // stands for every word that nobody has synchronised on yet
	fixed     holder = untouched + 1
)

func newViews(words []kern.Addr, memory, objects int) *views {
	v := &views{words: words, index: make([]int16, memory), syncs: make([]holder, memory+objects+maxThreads+pairViews)}
	for a := range v.index {
		v.index[a] = -1
	}
	for i, a := range words {
		v.index[a] = int16(i)
	}
	v.unknown = make([]uint64, int(fixed)*len(words))
	v.rows = make([]uint64, fixed)
	for h := range fixed {
		v.ids = append(v.ids, mix(5<<60|uint64(h)))
	}
	return v
}

// sync returns the holder of the word at a. A word that nobody has synchronised on yet knows what there was at the start,
// and nothing since. It gets a holder when somebody does, and loses it when that is taken back, so that a view depends on
// the schedule alone and not on what was searched before.
func (s *state) sync(a kern.Addr) holder {
	v := s.views
	if h := v.syncs[a]; h != 0 {
		return h
	}
	h := holder(len(v.ids))
	v.syncs[a] = h
	v.ids = append(v.ids, mix(6<<60|uint64(a)))
	v.rows = append(v.rows, 0)
	for range v.words {
		v.unknown = append(v.unknown, 0)
	}
	s.log = append(s.log, undo{what: undoSync, i: uint32(a)})
	s.become(h, untouched)
	return h
}

// slabSync returns the holder of a type-stable object: the slab hands on what its freers knew.
func (s *state) slabSync(o uint32) holder {
	return s.sync(kern.Addr(len(s.views.index)) + kern.Addr(o))
}

// unsync takes the newest holder of a word away, which knows everything again.
func (v *views) unsync(a kern.Addr) {
	h := int(v.syncs[a])
	v.syncs[a] = 0
	v.ids, v.rows, v.unknown = v.ids[:h], v.rows[:h], v.unknown[:h*len(v.words)]
}

// setUnknown changes one entry.
func (s *state) setUnknown(i int, m uint64) {
	v := s.views
	old := v.unknown[i]
	if old == m {
		return
	}
	s.log = append(s.log, undo{what: undoView, i: uint32(i), v: old})
	v.put(i, m)
}

func (v *views) put(i int, m uint64) {
	if v.unknown[i] != 0 {
		v.dirty--
	}
	if m != 0 {
		v.dirty++
	}
	h, w := i/len(v.words), i%len(v.words)
	v.rows[h] ^= entryHash(w, v.unknown[i]) ^ entryHash(w, m)
	v.unknown[i] = m
}

// entryHash is what a word adds to the fingerprint of a view: nothing if all is known.
func entryHash(w int, m uint64) uint64 {
	if m == 0 {
		return 0
	}
	return mix(uint64(w)<<48 ^ mix(m))
}

// learn has to know what from knows, too.
func (s *state) learn(to, from holder) {
	if s.views.dirty == 0 {
		return
	}
	n := holder(len(s.views.words))
	for w := range n {
		if was := s.views.unknown[to*n+w]; was != 0 {
			s.setUnknown(int(to*n+w), was&s.views.unknown[from*n+w])
		}
	}
}

// become has to know exactly what from knows.
func (s *state) become(to, from holder) {
	n := holder(len(s.views.words))
	for w := range n {
		s.setUnknown(int(to*n+w), s.views.unknown[from*n+w])
	}
}

// accessed notes an access to the word at a, and returns the earlier ones that it races with, as a mask. Those in turns it does
// not race with.
func (s *state) accessed(t int, a kern.Addr, write, plain bool, turns uint64) (unknown uint64) {
	w := int(s.views.index[a])
	if w < 0 {
		return 0
	}
	n := len(s.views.words)
	mine, own := int(knows+holder(t))*n+w, int(wrote+holder(t))*n+w
	unknown = s.views.unknown[mine]
	if s.x.halves && !write {
		unknown &= s.views.unknown[int(reads+holder(t))*n+w]
	}
	if unknown &= conflicts(write, plain) &^ turns; unknown != 0 && s.real == nil {
		return unknown
	}
	bit := accessBit(t, write, plain)
	if bit == plainWrite {
		s.eachView(func(h holder) { s.setUnknown(int(h)*n+w, plainWrite) })
		s.setUnknown(mine, 0)
		s.setUnknown(own, 0)
		return unknown
	}
	s.eachView(func(h holder) {
		if i := int(h)*n + w; i != mine && !(write && i == own) {
			s.setUnknown(i, s.views.unknown[i]|bit)
		}
	})
	return unknown
}

// accessBit is what stands for an access of thread t in a mask.
func accessBit(t int, write, plain bool) uint64 {
	switch {
	case write && plain:
		return plainWrite
	case write:
		return 1 << (markedWrite + t)
	case plain:
		return 1 << (plainRead + t)
	}
	return 1 << (markedRead + t)
}

// eachView calls f for each holder whose view anybody may yet look at.
func (s *state) eachView(f func(h holder)) {
	for t := range holder(len(s.x.threads)) {
		if s.x.threads[t].role != task || !s.at[t].over() {
			f(knows + t)
			f(released + t)
			f(pending + t)
			if s.x.halves {
				f(wrote + t)
				f(reads + t)
				f(willRead + t)
			}
		}
		if s.x.opt.Softirqs == SoftirqsOnCPU {
			f(bhOff + t)
		}
	}
	for q := s.queued; q != 0; q &= q - 1 {
		f(callbacks + holder(lowest(q)))
	}
	for q := s.work; q != 0; q &= q - 1 {
		f(works + holder(lowest(q)))
	}
	for h := readers; int(h) < len(s.views.ids); h++ {
		f(h)
	}
}

// forget has everybody know all accesses to the words of an object, which is free.
func (s *state) forget(base kern.Addr, words uint32) {
	if s.views == nil || s.views.dirty == 0 {
		return
	}
	n := len(s.views.words)
	for a := base; a < base+kern.Addr(words); a++ {
		if w := int(s.views.index[a]); w >= 0 {
			s.eachView(func(h holder) { s.setUnknown(int(h)*n+w, 0) })
		}
		if h := s.views.syncs[a]; h != 0 {
			s.clearView(h)
		}
	}
}

// clearView makes a view that nobody will look at any more one that knows everything, so that it tells no states apart.
func (s *state) clearView(h holder) {
	if s.views.dirty == 0 {
		return
	}
	n := holder(len(s.views.words))
	for w := range n {
		s.setUnknown(int(h*n+w), 0)
	}
}
