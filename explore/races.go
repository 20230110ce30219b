package explore

import "ptsim/kern"

// A data race is two steps that are both possible in one state, touch the same word, one of them writing and one of them
// by a plain access. That there is none is what allows a search to let plain accesses move. Two accesses that both come
// after the same lock in their steps do not race: the first to get it keeps the other out, unless both are readers.

// touched is what a step touched.
//
// It is kept for as long as the state is on the stack, so that later transitions of the state, and those
// of states where it sleeps, are compared with it.
type touched struct {
	trans
	moved       bool  // it is a step: no lock keeps it waiting, and it breaks nothing
	keeps       bool  // behind it the thread keeps the others of its CPU off
	plain       bool  // some access of it is plain
	ops         int32 // primitives in it, local ones not counted; the beginning of a callback is one
	lock        kern.Addr
	first, last int32 // in the list of accesses
}

// around is what a step touched as sets of words: before and after it took a lock.
type around struct{ before, after footprints }

// conflict is two steps that race: the second shows it where it comes to the word at a.
type conflict struct {
	a             kern.Addr
	first, second trans
	ops           int // primitives: all of the first step, and those of the second up to the access that races

	readers bool // both hold a semaphore as readers: one after the other they are ordered, only in the middle of both they race
}

// sharedHold marks a semaphore that an access is made under as a reader.
const sharedHold = kern.Addr(1) << 31

// excluded tells whether two accesses cannot be adjacent, since both steps take the same lock first.
//
// Two readers of one semaphore do not exclude each other; everybody else does who takes the same lock
// first.
func excluded(a, b kern.Addr) bool {
	return a != 0 && a&^sharedHold == b&^sharedHold && a&b&sharedHold == 0
}

// footprints are sets of words, a word being one of 64 bits.
//
// It is a Bloom filter with one hash: no conflict of two footprints means that there is none, and a
// conflict means that it is worth a closer look.
type footprints struct{ any, writes, plain, plainWrites uint64 }

func (f *footprints) add(a *access) {
	bit := uint64(1) << (mix(uint64(a.a)) >> 58)
	f.any |= bit
	if a.write {
		f.writes |= bit
	}
	if a.plain {
		f.plain |= bit
		if a.write {
			f.plainWrites |= bit
		}
	}
}

func (f *footprints) union(g *footprints) footprints {
	return footprints{f.any | g.any, f.writes | g.writes, f.plain | g.plain, f.plainWrites | g.plainWrites}
}

// conflict tells whether the two may race.
func (f *footprints) conflict(g *footprints) bool {
	return f.plain&g.writes|f.plainWrites&g.any|g.plain&f.writes|g.plainWrites&f.any != 0
}

// raceLog collects what the steps of one state touched.
//
// Its indices are those of worker.made.
type raceLog struct {
	threads  []thread
	steps    []touched
	accesses []access
	around   []around // by step; of a log that note adds to
}

// note adds the step that s has just made, which came to st, and returns how it races with an earlier one: no conflict, or one,
// or two if it does not matter which comes first. A step that is none, since a lock keeps it waiting or it breaks something,
// can come second alone.
func (l *raceLog) note(tr trans, st status, s *state, from int) (found []conflict) {
	acc := s.acc
	l.add(tr, st, s)
	last := len(l.steps) - 1
	n := &l.steps[last]
	l.around = append(l.around, around{})
	touches := &l.around[last]
	for i := range acc {
		if acc[i].under != 0 {
			touches.after.add(&acc[i])
		} else {
			touches.before.add(&acc[i])
		}
	}
	all := touches.before.union(&touches.after)
	for i := from; i < last; i++ {
		p, other := &l.steps[i], &l.around[i]
		otherAll := other.before.union(&other.after)
		if touches.before.conflict(&otherAll) || all.conflict(&other.before) ||
			!excluded(n.lock, p.lock) && touches.after.conflict(&other.after) {
			if found = l.compare(p, n); found != nil {
				l.cut(last)
				return found
			}
		}
	}
	return nil
}

// add adds a step without a look at the others.
func (l *raceLog) add(tr trans, st status, s *state) {
	acc := s.acc
	at := int32(len(l.accesses))
	l.steps = append(l.steps, touched{})
	n := &l.steps[len(l.steps)-1] // filled where it stands, see touchAs
	n.trans, n.moved, n.keeps, n.ops, n.lock = tr, st == moved, s.keepsOff(int(tr.t)), int32(s.ops), s.took
	n.first, n.last = at, at+int32(len(acc))
	if tr.item > 0 {
		n.ops++
	}
	plain := false
	for i := range acc {
		plain = plain || acc[i].plain
	}
	n.plain = plain
	l.accesses = append(l.accesses, acc...)
}

// take adds a step of another log.
func (l *raceLog) take(from *raceLog, i int) {
	n := from.steps[i]
	acc := from.accesses[n.first:n.last]
	n.first, n.last = int32(len(l.accesses)), int32(len(l.accesses)+len(acc))
	l.accesses = append(l.accesses, acc...)
	l.steps = append(l.steps, n)
}

// compare returns how two steps race: not, or in one order, or in both.
//
// Two transitions of one thread cannot be adjacent, and what a softirq does to the task beneath it is
// found by interrupts.
func (l *raceLog) compare(p, n *touched) []conflict {
	if p.t == n.t {
		return nil
	}
	same := l.threads[p.t].cpu == l.threads[n.t].cpu
	if same && (l.threads[p.t].role != task || l.threads[n.t].role != task) { // see interrupts.go
		return nil
	}
	return l.orders(p, n, same)
}

// orders returns the orders in which two steps race. On one CPU the first must leave it to the second.
//
// A transition that is blocked or breaks something cannot come first: nothing comes behind it.
func (l *raceLog) orders(p, n *touched, sameCPU bool) (found []conflict) {
	for _, o := range [2][2]*touched{{p, n}, {n, p}} {
		if !o[0].moved || sameCPU && o[0].keeps {
			continue
		}
		if acc, readers := l.exact(o[0], o[1], sameCPU); acc != nil {
			c := conflict{a: acc.a, first: o[0].trans, second: o[1].trans, ops: int(o[0].ops) + int(acc.ops), readers: readers}
			if o[1].item > 0 {
				c.ops++
			}
			found = append(found, c)
		}
	}
	return found
}

// exact returns the first access of the second of two steps that races with one of the first step. Of two tasks on one CPU both
// must be open to preemption where they make it, or they are never possible at once.
func (l *raceLog) exact(first, second *touched, sameCPU bool) (acc *access, readers bool) {
	return racing(l.accesses[first.first:first.last], first.lock, l.accesses[second.first:second.last], sameCPU)
}

// racing returns the first access of a step that races with one of a step before it, which took a lock.
func racing(first []access, lock kern.Addr, second []access, sameCPU bool) (acc *access, readers bool) {
	for i := range second {
		a := &second[i]
		for _, b := range first {
			if sameCPU && (a.keeps || b.keeps || a.own && b.own) {
				continue
			}
			if a.a == b.a && (a.write || b.write) && (a.plain || b.plain) && !excluded(a.under, b.under) && !excluded(a.under, lock) {
				return a, a.under != 0 && a.under == b.under
			}
		}
	}
	return nil, false
}

// cut forgets all steps but so many.
func (l *raceLog) cut(steps int) {
	if steps < len(l.steps) {
		l.accesses = l.accesses[:l.steps[steps].first]
		l.steps = l.steps[:steps]
		l.around = l.around[:min(steps, len(l.around))]
	}
}

// inOrder leaves of the orders in which two steps race those in which that shows when they are made one after the other, and says
// at which word. The first may have changed what the second goes by, as a neighbour on a list: then it comes to other words than
// it would have without the first. Are there none, it returns all. The state is back at mark then.
//
// It takes both transitions in each order that is left and looks at what they really touch, and takes
// everything back.
func (s *state) inOrder(races []conflict, how, mark int) []conflict {
	var shown []conflict
	for _, c := range races {
		s.back(mark)
		s.take(c.first, how)
		first, ops, lock := append([]access(nil), s.acc...), s.ops, s.took
		s.take(c.second, how)
		if a, readers := racing(first, lock, s.acc, s.x.threads[c.first.t].cpu == s.x.threads[c.second.t].cpu); a != nil {
			c.a, c.ops, c.readers = a.a, ops+int(a.ops), readers
			for _, tr := range []trans{c.first, c.second} {
				if tr.item > 0 {
					c.ops++
				}
			}
			shown = append(shown, c)
		}
	}
	s.back(mark)
	if shown == nil {
		return races
	}
	return shown
}
