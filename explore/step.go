package explore

import (
	"math/bits"
	"strings"

	"ptsim/kern"
)

func lowest(v uint64) int { return bits.TrailingZeros64(v) }

// take makes one transition: a folded one, or a stepwise one. It never undoes its own effects: the caller must call back,
// even if it returns blocked.
//
// A choice whose way leads to a lock that is held is a transition of its own, after which the thread waits. Were it blocked
// as a whole, the thread would seem able to move for ever by its other ways, and no deadlock behind a choice would be found.
// Only where every way leads to a held lock is the thread blocked before it chooses: it can choose when one is free.
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
func (s *state) tryWay(tr trans, how int) status {
	t := int(tr.t)
	n := s.at[t]
	s.log = append(s.log, undo{what: undoNode, i: uint32(t), n: n, v: s.hash}) // the first note of a step, and the last to be taken back
	s.acc, s.alts, s.ops, s.took, s.seen, s.dep = s.acc[:0], 1, 0, 0, s.seen[:0], noDeps
	s.viol, s.bad = nil, false
	s.stale |= 1 << t
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
		}
		// A callback can begin later, with its first step: whoever queues it again before that is in the wrong. Who queues a
		// work item again is not, and does nothing.
		if s.x.threads[t].role == kworker || how == stepwise || s.x.opt.Plain {
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
				return parked
			case s.ops == 0 && len(s.acc) == 0:
				return blocked
			}
			break
		}
		if n.waits {
			if held != 0 {
				break
			}
			if !s.free(t, n) && !n.never {
				if s.x.shares && s.beginsToWait(t, from, n) {
					return moved
				}
				if chosen {
					s.touches(op.Addr, false)
					s.looksAt(s.env.object(op.Addr))
					s.at[t] = n
					return parked
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
		}
		if n.delays && !to.delays {
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
	return moved
}

// leaves reports what a thread leaves behind whose operation, the last or a callback's or a work item's, ends along e.
func (s *state) leaves(t int, n *node, e *edge) {
	held := s.alone[t] | s.shared[t]
	if s.queues != nil {
		held &^= s.queues.releases(t)
	}
	if s.x.opt.Lax || e.left == (kern.Depths{}) && held == 0 {
		return
	}
	var what []string
	for l := held; l != 0; l &= l - 1 {
		what = append(what, s.m.NameOf(s.x.auto.lockWords.addrs[lowest(l)])+" held")
	}
	left := e.left
	if held != 0 {
		left.Spins = 0 // these are named
	}
	if more := left.String(); more != "" {
		what = append(what, more)
	}
	who := s.x.threads[t].name
	if s.x.threads[t].role != task {
		who = s.x.auto.doing(n.start)
	}
	s.env.cpus[t].Report(&kern.Violation{Kind: kern.ContextImbalance, Func: who, Detail: "ends with " + strings.Join(what, ", ")})
}

// sound asks whether the state is sound, and keeps the violation if it is not. The answer depends on memory alone, and many
// states have the same: what was found to be sound lately is not asked again.
func (s *state) sound() bool {
	if s.inst.Check == nil {
		return true
	}
	known := &s.checked[s.hash&uint64(len(s.checked)-1)]
	if *known == s.hash^1 {
		return true
	}
	if s.viol = s.inst.Check(); s.viol != nil {
		return false
	}
	*known = s.hash ^ 1
	if s.checks++; s.checks == len(s.checked) && len(s.checked) < mostChecked {
		s.checked, s.checks = make([]uint64, 4*len(s.checked)), 0 // what was known is found out again
	}
	return true
}

// beginItem begins a callback or a work item on an idle server and returns where that leads.
func (s *state) beginItem(t, slot int) *node {
	th := &s.x.threads[t]
	table, who := &s.x.auto.slots[0], onCallback
	if th.role == kworker {
		table, who = &s.x.auto.slots[1], onWork
		s.setWork(s.work &^ (1 << slot))
		s.owesWork(t, slot)
	} else {
		s.setQueued(s.queued &^ (1 << slot))
		s.owes(t, slot)
	}
	if s.views != nil {
		from := callbacks
		if th.role == kworker {
			from = works
		}
		s.learn(knows+holder(t), from+holder(slot))
		s.clearView(from + holder(slot))
		if s.x.opt.Softirqs == SoftirqsOnCPU && th.role == softirq {
			s.learn(knows+holder(t), bhOff+holder(th.cpu))
		}
	}
	a := table.addrs[slot]
	if s.views != nil && th.role == kworker && s.x.opt.Workers > 1 {
		s.learn(knows+holder(t), s.sync(a)) // the last kworker that ran it is through
	}
	s.touches(a, true)
	s.touches(a+1, true)
	s.looksAt(s.env.object(a))
	if s.real != nil {
		s.real.begin(t, a)
	}
	next, fn := s.m.Peek(a), s.m.Peek(a+1)
	if !s.inst.Alive(a) || !kern.Addr(fn).IsFunc() {
		what := "the words of a queued rcu_head were overwritten"
		kind := kern.UnionOverlap
		if !s.inst.Alive(a) {
			kind, what = kern.UseAfterFree, "calls the function in an rcu_head or work item of freed %o"
		}
		s.env.cpus[t].Report(&kern.Violation{Kind: kind, Addr: a, Detail: what})
		return nil
	}
	s.m.Disarm(a)
	s.changed(a, next)
	s.changed(a+1, fn)
	e := s.entry(who, slot, kern.Func(fn), a)
	s.at[t] = e.n.rep
	if e.n.over() {
		s.lets(t, delaysRun)
		if th.role == kworker {
			s.workOver(t, a)
		}
	}
	if e.bad != nil && s.viol == nil {
		v := *e.bad
		s.viol, s.bad = &v, true
	}
	return s.at[t]
}

// entry returns where the function of an rcu_head or work item begins.
func (s *state) entry(who, slot int, fn kern.Func, a kern.Addr) *entryPoint {
	e := &s.entries[-who-1][slot]
	if e.fn != fn {
		n, bad := s.x.auto.entry(who, fn, a)
		*e = entryPoint{fn, n, bad}
	}
	return e
}

// splits tells whether there may be several ways to carry a primitive out.
func splits(k kern.OpKind) bool {
	switch k {
	case kern.OpChoose, kern.OpAllocPages, kern.OpSlabAlloc, kern.OpKmalloc:
		return true
	}
	return false
}

// ways returns how many ways there are to carry op out, which splits.
func (s *state) ways(t int, op kern.Op) uint32 {
	if s.weak != nil && !splits(op.Kind) {
		return s.weak.ways(t, op)
	}
	switch op.Kind {
	case kern.OpChoose:
		return op.A
	case kern.OpAllocPages:
		if s.inst.ReusesFrames && op.A == 0 {
			s.dep.all()
			return 1 + uint32(len(s.freeFrames()))
		}
	case kern.OpSlabAlloc, kern.OpKmalloc:
		n := uint32(1)
		if k := &s.env.caches[op.A]; k.typesafe {
			for _, o := range k.all {
				s.looksAt(o)
			}
			n += uint32(len(s.reusable(k)))
		}
		if kern.GFP(op.B) == kern.GFPNowait && s.x.threads[t].fails {
			n++
		}
		return n
	}
	return 1
}

// queueCallback notes at the moment of a call_rcu for which threads the callback has to wait.
func (s *state) queueCallback(t, slot int) {
	s.dep.queues()
	s.setQueued(s.queued | 1<<slot)
	if s.views != nil {
		s.become(callbacks+holder(slot), knows+holder(t))
		s.publish(callbacks+holder(slot), t)
		s.learn(callbacks+holder(slot), readers)
	}
	for u := range s.x.threads {
		if s.at[u].reader || s.queues.delays(u, endReader, 0, 1<<slot) {
			s.setWait(u, s.wait[u]|1<<slot)
		}
	}
	if s.x.opt.Softirqs == SoftirqsOnCPU {
		s.log = append(s.log, undo{what: undoBy, i: uint32(slot), v: uint64(s.by[slot])})
		s.by[slot] = uint8(s.x.threads[t].cpu)
	}
}
