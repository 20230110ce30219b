package explore

import (
	"ptsim/kern"
	weakmem "ptsim/memory"
)

// What people are shown of a weak memory: data for faces, which know none of its rules.

// MemoryStore is a store to a word.
type MemoryStore struct {
	Value  uint32
	Thread int // that stored it, -1 of what was there at first
	Step   int // the number of the step, from 1; 0 of what was there at first
}

// MemoryWord is a word of which there is more than the newest store, or of which CPUs know different things.
type MemoryWord struct {
	Addr   kern.Addr
	Stores []MemoryStore // in coherence order, oldest first
	From   []int         // by thread: the oldest store that it may still read; -1 if it has ended
	Open   []int         // the same once smp_rmb has opened its letters
}

// MemoryLetter is what a read has brought and nothing has opened: smp_rmb would, or an acquire in place of the read.
type MemoryLetter struct {
	Thread int
	Addr   kern.Addr // that was read
	Step   int
	Tells  []MemoryTold
}

// MemoryTold is a store that a letter tells of.
type MemoryTold struct {
	Addr  kern.Addr
	Store MemoryStore
}

// MemoryQueue is a store that waits in the queue of a thread's CPU, under total store order.
type MemoryQueue struct {
	Addr     kern.Addr
	Value    uint32
	Releases bool // it is the release of a lock
}

// Memory is what a weak memory model keeps. Under sequential consistency it is empty.
type Memory struct {
	Words   []MemoryWord
	Letters []MemoryLetter
	Queues  [][]MemoryQueue // by thread
}

// Reading is a read of one of the stores to a word.
type Reading struct {
	Addr    kern.Addr
	Read    MemoryStore
	Missed  []MemoryStore // newer ones, oldest first
	Missing Missing       // what would forbid it
}

// Missing says what would forbid a read of an old store.
type Missing struct {
	Kind   weakmem.ReasonKind
	Step   int // OpenLetter: of the read that brought the letter; WriterOrder: of a later store of the writer's that the thread knows of
	Thread int // WriterOrder: the writer
}

func (w *weak) store(a kern.Addr, s weakmem.Stored) MemoryStore {
	k := MemoryStore{w.absolute(a, s.Value), s.CPU, s.Stamp}
	if s.CPU < 0 {
		k.Step = 0
	}
	return k
}

func (w *weak) stores(a kern.Addr, list []weakmem.Stored) (out []MemoryStore) {
	for _, s := range list {
		out = append(out, w.store(a, s))
	}
	return out
}

// reading tells of a thread's read of the store at a place.
func (w *weak) reading(t int, a kern.Addr, word, place int) *Reading {
	all := w.stores(a, w.machine.Stores(word))
	why := w.machine.Forbids(t, word, place)
	return &Reading{a, all[place], all[place+1:], Missing{why.Kind, why.Stamp, why.CPU}}
}

// readings are the stores that the ways of a primitive read; nil if it reads none, or has one way only.
func (w *weak) readings(t int, op kern.Op) (list []*Reading) {
	m, ok := w.op(t, op)
	if !ok || m.Kind == weakmem.Store {
		return nil
	}
	ways := w.machine.Ways(t, &m, nil)
	if len(ways) < 2 {
		return nil
	}
	for _, way := range ways {
		list = append(list, w.reading(t, w.addr(t, op), m.Word, way.Place))
	}
	return list
}

// Memory returns what the weak memory keeps now.
func (p *Stepper) Memory() (all Memory) {
	if q := p.s.queues; q != nil {
		all.Queues = make([][]MemoryQueue, len(p.x.threads))
		for t := range p.x.threads {
			for _, e := range q.of[t] {
				if e.let == isStore {
					all.Queues[t] = append(all.Queues[t], MemoryQueue{e.a, e.v, e.release != nil})
				}
			}
		}
	}
	w := p.s.weak
	if w == nil {
		return all
	}
	addrs := make([]kern.Addr, p.x.opt.words)
	for a, n := range w.table.words {
		addrs[n] = a
	}
	for n, a := range addrs[:len(w.table.words)] {
		if s := w.machine.Sight(n); len(s.Stores) > 1 {
			all.Words = append(all.Words, MemoryWord{a, w.stores(a, s.Stores), s.From, s.Open})
		}
	}
	for t := range p.x.threads {
		for _, l := range w.machine.Letters(t) {
			letter := MemoryLetter{Thread: t, Addr: addrs[l.Word], Step: l.Stamp}
			for _, told := range l.Tells {
				letter.Tells = append(letter.Tells, MemoryTold{addrs[told.Word], w.store(addrs[told.Word], w.machine.Stores(told.Word)[told.Place])})
			}
			all.Letters = append(all.Letters, letter)
		}
	}
	return all
}
