package explore

// A state has a transition of each thread that is in the middle of something, and one for each callback or work item that an
// idle server could begin.

// waiting returns the callbacks that some reader keeps from running.
func (s *state) waiting() uint64 {
	w := uint64(0)
	for i := range s.x.threads {
		w |= s.wait[i]
	}
	return w
}

// ready returns what a thread could begin that has nothing to do: an idle softirq CPU or kworker.
//
// A callback is ready once its grace period is over. On its own CPU it must also find BH on in every
// thread beneath, and it runs on the CPU that queued it.
func (s *state) ready(t int) uint64 {
	th := &s.x.threads[t]
	switch {
	case th.role == kworker:
		return s.startable()
	case th.role == task || s.queued == 0:
		return 0
	}
	q := s.queued &^ s.waiting()
	if s.x.opt.Softirqs != SoftirqsOnCPU || q == 0 {
		return q
	}
	for _, under := range s.x.underneath[t] {
		if s.bhOff(under) {
			return 0
		}
	}
	for r := q; r != 0; r &= r - 1 {
		if h := lowest(r); int(s.by[h]) != th.cpu {
			q &^= 1 << h
		}
	}
	return q
}

// startable returns the pending work items that a kworker may begin: those that none runs.
//
// A work item never runs on two kworkers at once: one that was queued again while it runs waits for that
// instance to end.
func (s *state) startable() uint64 {
	w := s.work
	if s.x.opt.Workers == 1 {
		return w
	}
	for r := w; r != 0; r &= r - 1 {
		if s.runs(s.x.auto.slots[1].addrs[lowest(r)]) >= 0 {
			w &^= 1 << lowest(r)
		}
	}
	return w
}

// candidates appends the transitions that may be possible, each with its first way to go. Of softirq CPUs that stand at the
// same place one is enough.
//
// They are candidates: take may find that one is blocked. Symmetry is applied here: of threads of a class
// that stand at one place, with one print, the first stands for all (twin). That is sound because states
// that differ by a permutation of a class are one state.
//
// Prints must be up to date, and are when it returns.
func (s *state) candidates(to []trans) []trans {
	s.refresh()
	for t := range s.x.threads {
		if !s.at[t].over() {
			if !s.twin(t) && !s.interrupted(t) && (!s.x.shares || s.keeper(t) < 0) {
				to = append(to, trans{t: uint8(t)})
			}
			continue
		}
		r := s.ready(t)
		if r == 0 || s.twin(t) || s.interrupted(t) {
			continue
		}
		for ; r != 0; r &= r - 1 {
			to = append(to, trans{t: uint8(t), item: uint8(lowest(r)) + 1})
		}
	}
	if s.queues != nil {
		for t := range s.x.threads {
			if len(s.queues.of[t]) > 0 {
				to = append(to, trans{t: uint8(t), item: drainItem})
			}
		}
	}
	return to
}

// interrupted tells whether a softirq is running on top of the thread.
func (s *state) interrupted(t int) bool {
	over := s.x.ontop[t]
	return over >= 0 && !s.at[over].over()
}

// onTop tells whether a thread is a softirq on top of one that is in the middle of something.
func (s *state) onTop(t int) bool {
	for _, under := range s.x.underneath[t] {
		if !s.at[under].over() {
			return true
		}
	}
	return false
}

// twin tells whether an earlier thread of the same class stands where t does, and holds the same. The prints are up to date.
//
// A thread in the middle of a wait for a grace period is never a twin: who waits for it tells it from the
// other.
func (s *state) twin(t int) bool {
	if s.x.unique>>t&1 != 0 {
		return false
	}
	for u := s.x.firstOf[t]; u < t; u++ {
		if s.prints[u] == s.prints[t] && !isGrace(s.at[t].op.Kind) && (s.views == nil || s.views.alike(t, u) && s.pairsAlike(t, u)) {
			return true
		}
	}
	return false
}

// quiet tells whether there is nothing left to do.
//
// A state that is quiet is a final one, to be judged by the model. Stores that are still queued need not
// be asked about: a thread with such a store has a transition.
func (s *state) quiet() bool {
	for t := range s.x.threads {
		if !s.at[t].over() {
			return false
		}
	}
	return s.queued == 0 && s.work == 0
}
