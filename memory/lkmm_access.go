package memory

import (
	"fmt"
	"slices"
)

// storeBound writes into the view what bounds the CPU's next store: everything that its loads have brought. What strong fences
// made known is part of that, also where the loads that brought it are shut.
func (m *lkmm) storeBound(p *lkcpu, v view) view {
	copy(v, p.r)
	v.join(p.f)
	for i := range p.open {
		v.join(p.open[i].h)
	}
	return v
}

// learn writes into the view what happens before a load of the CPU that reads the store at a place, and returns the open
// loads that do. The load is possible if the view says no more of its word than that place.
func (m *lkmm) learn(cpu int, op *Op, place int, h view) (preds Deps) {
	p, s := &m.cpus[cpu], &m.words[op.Word][place]
	copy(h, p.r)
	if preds = op.Addr; m.release.Without(Address) {
		preds = 0
	}
	switch {
	case s.plain || op.Order == Plain:
	case int(s.cpu) == cpu:
		preds |= s.deps
	default:
		h.join(s.mv)
		h.join(s.fv)
		preds |= 1<<s.clock[cpu] - 1
		for i := range p.open { // prop within the CPU: that load read an older store than this one knows of
			if o := &p.open[i]; s.mv[o.word] > o.place {
				preds |= 1 << i
			}
		}
		for w, k := range s.mv { // and one of the CPU's stores is older in coherence order
			for q := range min(int(k), len(m.words[w])) {
				if b := &m.words[w][q]; int(b.cpu) == cpu && !b.plain {
					h.join(b.mv)
					preds |= 1<<b.clock[cpu] - 1
				}
			}
		}
	}
	for i := range p.open {
		if preds>>i&1 != 0 {
			h.join(p.open[i].h)
		}
	}
	return preds
}

// floor is the oldest place of a word that the CPU may still read.
func (p *lkcpu) floor(word int) int { return int(max(p.coh[word], p.r[word])) }

func (m *lkmm) Ways(cpu int, op *Op, ways []Way) []Way {
	p := &m.cpus[cpu]
	switch op.Kind {
	case Load, IsLocked:
		for place := len(m.words[op.Word]) - 1; place >= p.floor(op.Word); place-- {
			if m.learn(cpu, op, place, m.scratch); int(m.scratch[op.Word]) <= place {
				ways = append(ways, Way{Place: place})
			}
		}
	case Store:
		bound := int(p.coh[op.Word])
		if op.Order == Plain {
			bound = p.floor(op.Word)
		} else {
			bound = max(bound, int(m.storeBound(p, m.scratch)[op.Word]))
		}
		for place := len(m.words[op.Word]) - 1; place >= bound; place-- {
			if !m.words[op.Word][place].closed {
				ways = append(ways, Way{Place: place})
			}
		}
	case RMW:
		return m.waysOfRMW(cpu, op, ways)
	case Lock:
		if last := len(m.words[op.Word]) - 1; m.words[op.Word][last].value == 0 {
			ways = append(ways, Way{Place: last})
		}
	case TryLock:
		for place := len(m.words[op.Word]) - 1; place >= p.floor(op.Word); place-- {
			held := m.words[op.Word][place].value != 0
			if !held && place < len(m.words[op.Word])-1 {
				continue // somebody took it right behind
			}
			if m.learn(cpu, op, place, m.scratch); int(m.scratch[op.Word]) <= place {
				ways = append(ways, Way{Place: place, Fails: held})
			}
		}
	case GraceEnd:
		if p.graceWaits == 0 {
			ways = append(ways, Way{})
		}
	default:
		ways = append(ways, Way{})
	}
	return ways
}

func (m *lkmm) waysOfRMW(cpu int, op *Op, ways []Way) []Way {
	p := &m.cpus[cpu]
	bound := max(p.coh[op.Word], m.storeBound(p, m.scratch)[op.Word])
	for place := len(m.words[op.Word]) - 1; place >= p.floor(op.Word); place-- {
		s := &m.words[op.Word][place]
		_, writes := op.Modify(s.value)
		if op.Expect != 0 && writes != (op.Expect > 0) || writes && (s.closed || int(bound) > place) {
			continue
		}
		if m.learn(cpu, op, place, m.scratch); int(m.scratch[op.Word]) <= place {
			ways = append(ways, Way{Place: place, Fails: !writes})
		}
	}
	return ways
}

// load reads the store at a place, and returns what the value depends on.
func (m *lkmm) load(cpu int, op *Op, place int) Deps {
	p, s := &m.cpus[cpu], &m.words[op.Word][place]
	m.watch(cpu, op, place)
	preds := m.learn(cpu, op, place, m.scratch)
	p.coh[op.Word] = max(p.coh[op.Word], uint8(place))
	deps := Deps(0)
	if int(s.cpu) == cpu {
		deps = s.deps
	}
	if op.Order == Plain {
		return deps
	}
	var k view
	if int(s.cpu) != cpu && !s.plain {
		k = s.mv
		p.c.join(s.mv)
		p.f.join(s.fv)
		for i, n := range s.clock {
			if i != cpu {
				p.clock[i] = max(p.clock[i], n)
			}
		}
	}
	if op.Order == Acquire || m.scratch.within(p.r) {
		m.spread(p, op.Word, place, m.scratch, 0)
		p.r.join(m.scratch)
		return deps
	}
	m.spread(p, op.Word, place, m.scratch, 1<<len(p.open))
	if len(p.open) >= 63 {
		panic(fmt.Sprintf("memory: CPU %d has more than 63 loads that nothing orders", cpu))
	}
	o := m.newOpen()
	o.word, o.place, o.void, o.preds, o.stamp = op.Word, uint8(place), op.Order == NoReturn, preds, int32(op.Stamp)
	copy(o.k, k)
	copy(o.h, m.scratch)
	p.open = append(p.open, o)
	return deps | 1<<(len(p.open)-1)
}

// spread passes on what a new load knows to earlier ones that it happens before: those that know of a newer store of its
// word than the one that it reads.
func (m *lkmm) spread(p *lkcpu, word, place int, h view, self Deps) {
	grown := false
	for i := range p.open {
		if o := &p.open[i]; int(o.k[word]) > place {
			o.preds |= self
			if !h.within(o.h) {
				o.h.join(h)
				grown = true
			}
		}
	}
	for grown {
		grown = false
		for i := range p.open {
			for j := range p.open {
				if p.open[i].preds>>j&1 != 0 && !p.open[j].h.within(p.open[i].h) {
					p.open[i].h.join(p.open[j].h)
					grown = true
				}
			}
		}
	}
}

// watch notes a race of a load with a plain store, or of a plain load with a store: the load may read an older store.
func (m *lkmm) watch(cpu int, op *Op, place int) {
	h := m.words[op.Word]
	for i := m.cpus[cpu].floor(op.Word) + 1; i < len(h); i++ {
		if int(h[i].cpu) != cpu && (op.Order == Plain || h[i].plain) {
			m.raced = true
		}
	}
}

// put stores a value right behind a place.
func (m *lkmm) put(cpu int, op *Op, place int, value int64, deps Deps) *store {
	p, w, at := &m.cpus[cpu], op.Word, place+1
	for i := p.floor(w) + 1; i < len(m.words[w]); i++ {
		if s := &m.words[w][i]; int(s.cpu) != cpu && (op.Order == Plain || s.plain) {
			m.raced = true
		}
	}
	if len(m.words[w]) >= maxStores {
		panic(fmt.Sprintf("memory: more than %d stores to one word that somebody may still read", maxStores))
	}
	if at < len(m.words[w]) {
		m.views(func(v view) {
			if int(v[w]) >= at {
				v[w]++
			}
		})
		for i := range m.cpus {
			for j := range m.cpus[i].open {
				if o := &m.cpus[i].open[j]; o.word == w && int(o.place) >= at {
					o.place++
				}
			}
		}
	}
	s := m.newStore()
	s.value, s.cpu, s.author, s.plain, s.deps = value, int8(cpu), int8(cpu), op.Order == Plain, deps
	s.stamp = int32(op.Stamp)
	p.coh[w] = uint8(at)
	if !s.plain {
		copy(s.mv, p.rel)
		if op.Order == StoreRelease {
			s.mv.join(p.c)
			s.mv.join(p.own)
		}
		s.mv[w] = uint8(at)
		copy(s.fv, p.f)
		copy(s.clock, p.clock)
		s.clock[cpu] = uint8(len(p.open))
		p.own.join(s.mv)
	} else {
		p.own[w] = uint8(at)
	}
	p.c.join(p.own)
	m.words[w] = slices.Insert(m.words[w], at, s)
	return &m.words[w][at]
}

func (m *lkmm) Do(cpu int, op *Op, way Way) (int64, Deps) {
	p := &m.cpus[cpu]
	switch op.Kind {
	case Load, IsLocked:
		value := m.words[op.Word][way.Place].value
		return value, m.load(cpu, op, way.Place)
	case Store:
		m.put(cpu, op, way.Place, op.Value, op.Data|op.Addr)
	case RMW:
		return m.modify(cpu, op, way)
	case Lock:
		m.lock(cpu, op, way.Place)
	case TryLock:
		if way.Fails {
			return 0, m.load(cpu, &Op{Kind: Load, Word: op.Word}, way.Place)
		}
		m.lock(cpu, op, way.Place)
		return 1, 0
	case Unlock:
		m.unlock(cpu, op)
	case Fence:
		m.fence(p, op.Barrier)
	case ReadLock:
		m.readLock(p, op.Word)
	case ReadUnlock:
		m.readUnlock(cpu, op.Word)
	case GraceStart:
		m.graceStart(cpu, op.Word)
	case GraceEnd:
		m.graceEnd(cpu)
	default:
		m.message(cpu, op)
	}
	return 0, 0
}

// modify reads a store, and, unless it fails, stores right behind it. A failing one is a relaxed load.
func (m *lkmm) modify(cpu int, op *Op, way Way) (int64, Deps) {
	read := *op
	if read.Order == StoreRelease || way.Fails {
		read.Order = Relaxed
	}
	s := &m.words[op.Word][way.Place]
	old := s.value
	value, writes := op.Modify(old)
	deps := m.load(cpu, &read, way.Place)
	if !writes {
		return old, deps
	}
	s.closed = true
	passed := view(nil)
	if m.release.at() >= Linux612 {
		passed = slices.Clone(s.mv)
	}
	write := *op
	if write.Order != StoreRelease {
		write.Order = Relaxed
	}
	data := op.Data | op.Addr
	if op.Uses {
		data |= deps
	}
	n := m.put(cpu, &write, way.Place, value, data)
	if passed != nil {
		for w, k := range passed { // the places behind the new store have moved
			if w == op.Word && int(k) > way.Place {
				continue
			}
			n.mv[w] = max(n.mv[w], k)
		}
		m.cpus[cpu].own.join(n.mv)
		m.cpus[cpu].c.join(n.mv)
	}
	return old, deps
}
