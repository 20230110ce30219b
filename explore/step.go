package explore

import (
	"math/bits"

	"ptsim/kern"
)

func lowest(v uint64) int { return bits.TrailingZeros64(v) }

// take makes one transition: a folded one, or a stepwise one. It never undoes its own effects: the caller must call back,
// even if it returns blocked.
//
// A choice whose way leads to a lock that is held is a transition of its own, after which the thread waits. Were it blocked
// as a whole, the thread would seem able to move for ever by its other ways, and no deadlock behind a choice would be found.
// Only where every way leads to a held lock is the thread blocked before it chooses: it can choose when one is free.
//
// Blocked means that the thread cannot move in this state at all. Then it must stay untried: a transition
// that moved nothing would count as progress, and a state in which all threads wait would not be seen to
// be an end.
func (s *state) take(tr trans, how int) status {
	switch {
	case s.real != nil && s.real.race != 0: // it need not come to its end: the race shows before
		if st := s.tryWay(tr, how); st != parked {
			return st
		}
		return moved
	case s.real != nil:
		return s.takeReal(tr, how)
	}
	mark := s.mark()
	st := s.tryWay(tr, how)
	if st != parked {
		return st
	}
	st = blocked
	for alt := uint8(0); st == blocked && uint32(alt) < s.alts; alt++ {
		if alt == tr.alt {
			continue
		}
		s.back(mark)
		if s.tryWay(trans{tr.t, tr.item, alt}, how) != parked {
			st = moved
		}
	}
	s.back(mark)
	s.tryWay(tr, how)
	return st
}

// takeReal is take with the code itself beside the automaton. The code cannot be taken back, so what a transition comes to is
// found out without it first.
//
// A coroutine has a stack, which no log takes back. So the automaton goes first, and the code itself
// follows only where that is known to move. The two must agree at each primitive, or realCode reports it.
func (s *state) takeReal(tr trans, how int) status {
	mark, real := s.mark(), s.real
	s.real = nil
	st := s.take(tr, how)
	if st != blocked {
		s.back(mark)
		s.real = real
		if st = s.tryWay(tr, how); st == parked {
			st = moved
		}
	}
	s.real = real
	return st
}

// tryWay makes one transition by the way that tr names. It returns parked if that led past a choice to a lock that is held.
//
// A folded transition is a maximal sequence of primitives that is as good as one: right movers, then at
// most one primitive that is no mover, the anchor, then left movers (Lipton's reduction). The loop ends
// before the first primitive that does not fit. What moves either way fits everywhere, and is not counted.
// Stepwise, each primitive is an anchor.
//
// Whatever it reads or writes on the way goes into acc, for races, and into dep, for independence. Both
// must be complete even if it returns blocked: what the thread looked at before it had to wait decides
// what can wake it.
//
// It begins with a note of where the thread stood and of the hash, so back restores both last.
func (s *state) tryWay(tr trans, how int) status {
	t := int(tr.t)
	n := s.at[t]
	s.log = append(s.log, undo{what: undoNode, i: uint32(t), n: n, v: s.hash}) // the first note of a step, and the last to be taken back
	s.acc, s.alts, s.ops, s.took, s.seen, s.dep = s.acc[:0], 1, 0, 0, s.seen[:0], noDeps
	s.viol, s.bad = nil, false
	s.stale |= 1 << t
	if s.weak != nil {
		s.weak.fresh, s.weak.older = true, 0
	}
	if tr.item == drainItem {
		if s.real != nil {
			s.real.drains(t)
		}
		s.queues.drain(t)
		return moved
	}
	if tr.item > 0 {
		idle := n
		if s.weak != nil {
			s.weak.begin(t, int(tr.item)-1)
		}
		if n = s.beginItem(t, int(tr.item)-1); s.viol != nil {
			return broken
		}
		if s.weak != nil {
			s.weak.moved(t, idle, n)
		}
		if idle.reader != n.reader {
			s.dep.reader()
			if s.views != nil && n.reader {
				s.readerBegins(t)
			}
		}
		// A callback can begin later, with its first step: whoever queues it again before that is in the wrong. Who queues a
		// work item again is not, and does nothing.
		if s.x.threads[t].role == kworker || how == stepwise || s.x.opt.Plain {
			s.weak.settle(t)
			return moved
		}
	}
	anchored, chosen, held := false, false, kern.Addr(0)
	from := n
	for !n.over() {
		mv := n.moves[how]
		if anchored && mv != kern.BothMover && (mv != kern.LeftMover || how == stepwise) {
			break
		}
		op := n.op
		if s.below && mv == kern.NonMover {
			s.wouldTouch(t, op)
			break
		}
		if s.peeking {
			s.seen = append(s.seen, n)
		}
		if s.queues != nil && s.queues.waits(t, n) {
			if n == from && s.ops == 0 && len(s.acc) == 0 {
				return blocked
			}
			break
		}
		if n.spin != nil && s.spins(n) {
			switch {
			case chosen:
				s.at[t] = n
				s.weak.settle(t)
				return parked
			case s.ops == 0 && len(s.acc) == 0:
				if s.below {
					s.wouldWait(n)
				}
				return blocked
			}
			break
		}
		if n.waits {
			if held != 0 {
				break
			}
			if !s.free(t, n) && !n.never && !s.weak.passes(t, n) {
				if s.x.shares && s.beginsToWait(t, from, n) {
					return moved
				}
				if chosen {
					s.touches(op.Addr, false)
					s.looksAt(s.env.object(op.Addr))
					s.at[t] = n
					s.weak.settle(t)
					return parked
				}
				if s.below {
					s.wouldWait(n)
				}
				return blocked
			}
			if w := n.prim.Waits; w != kern.NoLock {
				held = op.Addr
				if w.Shared() {
					held |= sharedHold
				}
			}
			s.took = held
			if s.hasBegun(t) {
				s.setBegun(t, false)
			}
		}
		if s.weak != nil {
			if ran, ways := s.weak.barrier(t, n, tr.alt); ran {
				s.alts = ways
				break
			}
			if s.weak.wrong(t, op) {
				return blocked
			}
		}
		alt := uint32(0)
		if n.splits || s.weak != nil {
			if ways := s.ways(t, op); ways > 1 {
				if chosen {
					break
				}
				chosen, s.alts, alt = true, ways, uint32(tr.alt)
				if alt >= ways { // a schedule of another model: whoever runs it looks at alts
					alt = 0
				}
			}
		}
		before := len(s.acc)
		var result uint32
		if s.real != nil {
			result = s.real.step(t, n, op, alt, mv)
		} else {
			result = s.exec(t, n, op, alt)
		}
		if held != 0 && op.Addr != held&^sharedHold {
			for i := before; i < len(s.acc); i++ {
				s.acc[i].under = held
			}
		}
		if !mv.Silent() {
			s.ops++
			s.last = op
		}
		if s.viol != nil { // the CPU may have noted a lock that it could not take; others may come this way
			s.env.cpus[t].SetContext(0, s.x.threads[t].role == softirq)
			return broken
		}
		e := n.find(result)
		if e == nil {
			e = s.x.auto.next(n, result)
		}
		if e.bad != nil {
			v := *e.bad
			s.viol, s.bad = &v, true
			return broken
		}
		to := e.rep
		if n.reader != to.reader {
			s.dep.reader()
			if s.views != nil && to.reader {
				s.readerBegins(t)
			}
		}
		if s.weak != nil {
			s.weak.moved(t, n, to)
		}
		if n.reader && !to.reader {
			if s.views != nil {
				for w := s.wait[t]; w != 0; w &= w - 1 {
					s.publish(callbacks+holder(lowest(w)), t)
				}
				s.publish(readers, t)
			}
			if !s.queues.end(t, endReader, 0, s.wait[t]) {
				s.setWait(t, 0)
			}
			s.lets(t, delaysSync)
		}
		if s.views != nil && n.keeps != to.keeps {
			s.cpuView(t, to.keeps)
		}
		if to.over() {
			s.lets(t, delaysRun)
			if n.start.task == onWork {
				s.workOver(t, n.start.obj)
			}
			if s.views != nil {
				if s.x.pairs != 0 {
					s.pairsOver(t)
				}
				s.overView(t)
			}
			if s.leaves(t, n, e); s.viol != nil {
				return broken
			}
		}
		n = to
		s.at[t] = n
		// Behind a left mover nothing but left movers: with a lock to wait for behind it, or what stops others from coming in
		// between, it would not be done as early as it can.
		if mv == kern.NonMover || mv == kern.LeftMover || how == stepwise && !mv.Silent() {
			anchored = true
		}
	}
	s.at[t] = n
	s.weak.settle(t)
	return moved
}
