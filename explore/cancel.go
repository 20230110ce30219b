package explore

import "ptsim/kern"

// cancel_work_sync is two steps, as in kern: at its beginning the item is taken off the queue and marked, so that nobody can queue
// it, and at its end, when nobody runs it, the mark goes. The mark is in memory, so who else waits for it needs no account.

// cancelWork is the beginning of cancel_work_sync.
func (s *state) cancelWork(t int, c *kern.CPU, op kern.Op, slot int) uint32 {
	s.dep.all()
	a := op.Addr
	if !s.touch(t, c, op, a) || !s.touch(t, c, op, a+1) {
		return 0
	}
	at, pending := s.runs(a), s.work>>slot&1 != 0
	if at == t {
		c.Report(kern.CancelInside(a))
		return 0
	}
	if s.views != nil { // the lock of the worker pool passes on what who queued it knew, and what has run did
		if pending {
			s.learn(knows+holder(t), works+holder(slot))
			s.clearView(works + holder(slot))
		}
		s.learn(knows+holder(t), s.sync(a))
		s.barrier(t)
	}
	result := uint32(1)
	if pending {
		result = 2
		s.setWork(s.work &^ (1 << slot))
		for u := range s.x.threads { // who flushes it has nothing left to wait for
			s.setWaits(u, owedWork, s.waits[u][owedWork]&^(1<<slot))
		}
	}
	if at < 0 {
		s.stillQueued(t, a)
	} else {
		s.setWaits(at, delaysRun, s.waits[at][delaysRun]|1<<t)
	}
	next, fn := s.m.Peek(a), s.m.Peek(a+1)
	c.ArmCancel(a)
	s.changed(a, next)
	s.changed(a+1, fn)
	return result
}

// cancelEnd is its end.
func (s *state) cancelEnd(t int, c *kern.CPU, op kern.Op) uint32 {
	s.dep.all()
	a := op.Addr
	if !s.touch(t, c, op, a) || !s.touch(t, c, op, a+1) {
		return 0
	}
	if s.views != nil {
		s.barrier(t)
	}
	fn := s.m.Peek(a + 1)
	c.Canceled(a)
	s.changed(a+1, fn)
	return 0
}
