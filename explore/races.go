package explore

import "ptsim/kern"

// A data race is two steps that are both possible in one state, touch the same word, one of them writing and one of them
// by a plain access. That there is none is what allows a search to let plain accesses move. Two accesses that both come
// after the same lock in their steps do not race: the first to get it keeps the other out.

// touched is what a step touched, as two sets of words in 64 bits each way: before and after it took a lock.
type touched struct {
	t           uint8
	item        uint8
	alt         uint8
	lock        kern.Addr
	before      footprints
	after       footprints
	first, last int // in the list of accesses
}

// footprints are sets of words, a word being one of 64 bits.
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
type raceLog struct {
	steps    []touched
	accesses []access
}

// note adds a step and returns the word on which it races with an earlier one, and that one.
func (l *raceLog) note(tr trans, acc []access, from int) (a kern.Addr, other trans) {
	n := touched{t: tr.t, item: tr.item, alt: tr.alt, first: len(l.accesses)}
	for i := range acc {
		if acc[i].under != 0 {
			n.lock = acc[i].under
			n.after.add(&acc[i])
		} else {
			n.before.add(&acc[i])
		}
	}
	l.accesses = append(l.accesses, acc...)
	n.last = len(l.accesses)
	all := n.before.union(&n.after)
	for i := from; i < len(l.steps); i++ {
		p := &l.steps[i]
		if p.t == n.t {
			continue
		}
		pAll := p.before.union(&p.after)
		if n.before.conflict(&pAll) || all.conflict(&p.before) || n.lock != p.lock && n.after.conflict(&p.after) {
			if a := l.exact(&n, p); a != 0 {
				return a, trans{p.t, p.item, p.alt}
			}
		}
	}
	l.steps = append(l.steps, n)
	return 0, trans{}
}

// exact returns a word on which two steps race.
func (l *raceLog) exact(n, p *touched) kern.Addr {
	for _, a := range l.accesses[n.first:n.last] {
		for _, b := range l.accesses[p.first:p.last] {
			if a.a == b.a && (a.write || b.write) && (a.plain || b.plain) && (a.under == 0 || a.under != b.under) {
				return a.a
			}
		}
	}
	return 0
}

func (l *raceLog) cut(steps int) {
	if steps < len(l.steps) {
		l.accesses = l.accesses[:l.steps[steps].first]
		l.steps = l.steps[:steps]
	}
}
