package explore

import (
	"ptsim/kern"
)

// A step changes a state in place, and notes in a log what was there before. Whoever tries another step takes it back.

// undo is one thing to take back.
//
// What i, v and n hold depends on what: i is most often a thread, an object or an address, and v the old
// value. One struct for all keeps the log one slice without pointers but n.
type undo struct {
	what uint8
	i    uint32
	v    uint64
	n    *node
}

const (
	undoWord uint8 = iota
	undoLife
	undoNode
	undoWait
	undoQueued
	undoWork
	undoBy
	undoAlone
	undoShared
	undoView
	undoSync
	undoWaits
	undoBegun
	undoWeak
	undoQueue
)

// mark is a point to come back to.
func (s *state) mark() int { return len(s.log) }

// back takes back all that was done since the mark.
//
// It is exact: a state after back is equal to that at the mark in all that key and fullKey count. What
// only grows (uses, automata, numbers) stays. Prints that a change made stale stay stale, and refresh
// computes them again.
func (s *state) back(mark int) {
	for len(s.log) > mark {
		u := &s.log[len(s.log)-1]
		switch u.what {
		case undoWord:
			s.m.Poke(kern.Addr(u.i), uint32(u.v))
		case undoLife:
			s.life[u.i] = uint8(u.v)
			s.noteUse(u.i)
		case undoNode:
			s.at[u.i] = u.n
			s.stale |= 1 << u.i
			s.hash = u.v
		case undoWait:
			s.wait[u.i] = u.v
			s.stale |= 1 << u.i
		case undoQueued:
			s.queued = u.v
		case undoWork:
			s.work = u.v
		case undoBy:
			s.by[u.i] = uint8(u.v)
		case undoAlone:
			s.alone[u.i] = u.v
			s.stale |= 1 << u.i
		case undoShared:
			s.shared[u.i] = u.v
			s.stale |= 1 << u.i
		case undoView:
			s.views.put(int(u.i), u.v)
		case undoWaits:
			s.putWaits(int(u.i)/waitKinds, int(u.i)%waitKinds, u.v)
		case undoBegun:
			s.begun = uint32(u.v)
			s.rare[u.i] ^= begunHash
			s.stale |= 1 << u.i
		case undoWeak:
			s.weak.back()
		case undoQueue:
			s.queues.back(u.i)
		case undoSync:
			s.views.unsync(kern.Addr(u.i))
		}
		s.log = s.log[:len(s.log)-1]
	}
	s.viol, s.bad, s.raced = nil, false, 0
}

// changed notes that the word at a was old and is something else now.
//
// Every write of a word must come by here, or the hash no longer says what memory holds and different
// states are taken for one.
func (s *state) changed(a kern.Addr, old uint32) {
	now := s.m.Peek(a)
	if now == old {
		return
	}
	s.log = append(s.log, undo{what: undoWord, i: uint32(a), v: uint64(old)})
	s.hash ^= s.zobrist(a, old) ^ s.zobrist(a, now)
	if s.weak != nil {
		s.weak.wrote(a)
	}
}

// setLife changes the life of an object, logs that, and keeps the hash. The step depends on the life, and
// conflicts with every step that looks at it.
func (s *state) setLife(o uint32, l uint8) {
	s.dep.life(uint32(s.x.objects.get(o)))
	s.log = append(s.log, undo{what: undoLife, i: o, v: uint64(s.life[o])})
	s.hash ^= lifeHash(o, s.life[o]) ^ lifeHash(o, l)
	s.life[o] = l
	s.noteUse(o)
}

// noteUse keeps track of whether an object is a page frame that is in use.
func (s *state) noteUse(o uint32) {
	p := s.env.objects[o].page - 1
	if p < 0 {
		return
	}
	if s.life[o] == live {
		s.inUse[p/64] |= 1 << (p % 64)
	} else {
		s.inUse[p/64] &^= 1 << (p % 64)
	}
}

// setQueued, setWork and setWait change what RCU and the kworkers know, and log it.
func (s *state) setQueued(v uint64) {
	s.log = append(s.log, undo{what: undoQueued, v: s.queued})
	s.queued = v
}

func (s *state) setWork(v uint64) {
	s.log = append(s.log, undo{what: undoWork, v: s.work})
	s.work = v
}

func (s *state) setWait(t int, v uint64) {
	if s.wait[t] != v {
		s.log = append(s.log, undo{what: undoWait, i: uint32(t), v: s.wait[t]})
		s.wait[t] = v
		s.stale |= 1 << t
	}
}

// noteLock keeps track of which locks each thread holds. A spin lock's word names its owner; a semaphore's word says only that
// it is held. Where a thread stands in the code does not tell either: it may have taken the lock in an earlier operation.
//
// It is called for each primitive that takes, tries or gives a lock, after it was carried out.
func (s *state) noteLock(t int, p *kern.Primitive, slot uint8, result uint32) {
	bit := uint64(1) << slot
	takes := p.Waits
	if result != 0 {
		takes |= p.Tries // no primitive does both
	}
	switch {
	case takes.Shared():
		s.setShared(t, s.shared[t]|bit)
	case takes != kern.NoLock:
		s.setAlone(t, s.alone[t]|bit)
	case p.Gives.Shared():
		s.setShared(t, s.shared[t]&^bit)
	case p.Gives != kern.NoLock:
		s.setAlone(t, s.alone[t]&^bit)
	}
}

// setAlone and setShared change which locks a thread holds.
func (s *state) setAlone(t int, v uint64) {
	if s.alone[t] != v {
		s.log = append(s.log, undo{what: undoAlone, i: uint32(t), v: s.alone[t]})
		s.alone[t] = v
		s.stale |= 1 << t
	}
}

func (s *state) setShared(t int, v uint64) {
	if s.shared[t] != v {
		s.log = append(s.log, undo{what: undoShared, i: uint32(t), v: s.shared[t]})
		s.shared[t] = v
		s.stale |= 1 << t
	}
}
