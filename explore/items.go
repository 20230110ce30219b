package explore

import (
	"ptsim/kern"
)

// beginItem begins a callback or a work item on an idle server and returns where that leads.
//
// The callback leaves the queue now, so its rcu_head may be queued again from now on, and is disarmed. The
// words of the head are read, not remembered: if somebody overwrote them, or freed the object, the kernel
// would jump into nothing, and that is the violation.
//
// It returns nil with viol set if the item cannot begin.
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
//
// A function begins at the same node whenever it is called for the same head, so the last answer is kept
// for each slot.
func (s *state) entry(who, slot int, fn kern.Func, a kern.Addr) *entryPoint {
	e := &s.entries[-who-1][slot]
	if e.fn != fn {
		n, bad := s.x.auto.entry(who, fn, a)
		*e = entryPoint{fn, n, bad}
	}
	return e
}

// queueCallback notes at the moment of a call_rcu for which threads the callback has to wait.
//
// The readers of this moment are the grace period: wait[u] gets the bit of the callback for each thread u
// that is inside a reader, and the callback is ready when no thread has its bit any more (state.waiting).
// Readers that begin later do not delay it. A thread whose unlock is still in its store queue counts as a
// reader.
func (s *state) queueCallback(t, slot int) {
	s.dep.queues()
	s.setQueued(s.queued | 1<<slot)
	if s.views != nil {
		s.become(callbacks+holder(slot), knows+holder(t))
		s.publish(callbacks+holder(slot), t)
		s.graceBegins(callbacks + holder(slot))
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
