package explore

import "ptsim/kern"

// What a primitive makes known: which views it reads, and to which it adds. This is the kernel's memory order, as the table of
// primitives has it.

// order passes views on as the order of a primitive says that was just carried out.
func (s *state) order(t int, op kern.Op, result uint32) {
	p := kern.PrimitiveOf(op.Kind)
	o := op.Ordering()
	if o == kern.AcquireIfDone {
		if o = kern.Acquire; result == 0 {
			o = kern.Unordered
		}
	}
	if o == kern.Unordered || p.Shape != kern.OneWord && p.Shape != kern.PageCount && p.Shape != kern.PerCPUWord {
		return
	}
	a := op.Addr
	switch p.Shape {
	case kern.PerCPUWord:
		a += kern.Addr(s.x.threads[t].cpu)
	case kern.PageCount:
		a = kern.PFN(a).Page() + kern.PageRefcount
	}
	if int(a) >= len(s.views.index) {
		return
	}
	word, me := s.sync(a), knows+holder(t)
	rmw := p.Reads || p.Void
	writes := p.Writes
	if writes && !op.Changes(result) {
		o, writes = kern.Relaxed, false
	}
	switch o {
	case kern.Acquire:
		s.learn(me, word)
	case kern.Full, kern.FullIfDone:
		if rmw {
			s.learn(me, word)
		} else { // the barrier comes behind the write
			s.become(word, released+holder(t))
		}
		s.barrier(t)
		if !rmw {
			return
		}
	default:
		if rmw && p.Gives == kern.NoLock {
			s.learn(pending+holder(t), word)
		}
		if rmw && p.Gives == kern.NoLock && s.x.halves && !p.Void { // smp_rmb does not order atomics that return nothing
			s.learn(willRead+holder(t), word)
		}
	}
	if o == kern.Dependent {
		s.depend(t, word, kern.Addr(result))
	}
	if !writes {
		return
	}
	if rmw { // it is part of a release sequence
		s.learn(word, released+holder(t))
	} else {
		s.become(word, released+holder(t))
	}
	if o == kern.Release || o == kern.ReleaseAcquire0 {
		s.publish(word, t)
	}
	if o == kern.ReleaseAcquire0 && result != 0 {
		s.learn(me, word)
	}
}

// publish has a holder know all that comes before the point where a thread stands.
func (s *state) publish(to holder, t int) {
	s.learn(to, knows+holder(t))
	s.learn(to, pending+holder(t))
}

// depend is an address dependency: what a thread does to the object at p, which it found in a word, comes after what the word
// knows of it.
func (s *state) depend(t int, word holder, p kern.Addr) {
	o := s.env.object(p)
	n := holder(len(s.views.words))
	me := (knows + holder(t)) * n
	for w, a := range s.views.words {
		if o != 0 && s.env.object(a) == o {
			s.setUnknown(int(me)+w, s.views.unknown[int(me)+w]&s.views.unknown[int(word*n)+w])
		}
	}
}

// orderMany is order for primitives that are about several words: lists that RCU readers walk, and SRCU. An srcu_struct has two
// views: its first word stands for where grace periods began, its second for where readers ended. Readers are not ordered with
// each other.
func (s *state) orderMany(t int, op kern.Op, words []kern.Addr) {
	p := kern.PrimitiveOf(op.Kind)
	switch {
	case p.Publishes && len(words) > 2:
		word := s.sync(words[2])
		s.become(word, released+holder(t))
		if p.Order == kern.Release {
			s.publish(word, t)
		}
	case p.Shape == kern.ThreeWords && int(op.Addr)+1 < len(s.views.syncs):
		start, end := s.sync(op.Addr), s.sync(op.Addr+1)
		switch op.Kind {
		case kern.OpSRCULock:
			s.learn(knows+holder(t), start)
			s.barrier(t)
		case kern.OpSRCUUnlock:
			s.barrier(t)
			s.learn(end, knows+holder(t))
		default:
			s.learn(knows+holder(t), end)
			s.barrier(t)
			s.learn(start, knows+holder(t))
		}
	}
}

// graceView passes views on at the beginning and the end of synchronize_rcu and rcu_barrier: who was waited for has left its
// view for the end. Readers that begin later come after what precedes the beginning, and not after the readers that were over then.
func (s *state) graceView(t int, k kern.OpKind) {
	s.barrier(t)
	if k == kern.OpSyncRCU {
		s.graceBegins(knows + holder(t))
		s.learn(pending+holder(t), readers)
		s.barrier(t)
	}
}

// graceBegins is the beginning of a grace period behind what somebody knows.
//
// It does not wait for readers that begin behind it, so the kernel promises that these see what precedes it. Where nothing tells such
// a reader that the grace period is over, it might as well have begun first, and be waited for; a search comes to that schedule, too,
// and finds the race there.
func (s *state) graceBegins(who holder) {
	if s.x.pairs&graceReader != 0 {
		s.learn(begun, who)
	}
}

// readerBegins is the beginning of a reader.
func (s *state) readerBegins(t int) {
	if s.x.pairs&graceReader != 0 {
		s.learn(knows+holder(t), begun)
	}
}

// fence is a barrier that is a primitive of its own.
func (s *state) fence(t int, op kern.Op) {
	switch op.Ordering() {
	case kern.ReadsOnly:
		if s.x.halves {
			s.learn(reads+holder(t), willRead+holder(t))
		}
	case kern.WritesOnly:
		if s.x.halves {
			s.learn(released+holder(t), wrote+holder(t))
		}
	case kern.Full:
		s.barrier(t)
	default:
		s.pairFence(t, op.Ordering())
	}
}

// barrier is a full barrier of a thread.
func (s *state) barrier(t int) {
	me := knows + holder(t)
	s.learn(me, pending+holder(t))
	s.become(pending+holder(t), me)
	s.become(released+holder(t), me)
	if s.x.halves {
		s.become(reads+holder(t), me)
		s.become(willRead+holder(t), me)
	}
}

// bhView passes views on where a thread turns BH off or on, if softirqs interrupt: what runs with BH off and the softirqs of
// the CPU take turns.
func (s *state) bhView(t int, n *node) {
	if s.x.opt.Softirqs != SoftirqsOnCPU {
		return
	}
	bh := bhOff + holder(s.x.threads[t].cpu)
	switch p := kern.PrimitiveOf(n.op.Kind); {
	case p.BH > 0 && n.depth.BH == 0:
		s.learn(knows+holder(t), bh)
	case p.BH < 0 && n.depth.BH == 1:
		s.publish(bh, t)
	}
}

// overView passes views on where a thread has come to its end.
func (s *state) overView(t int) {
	switch {
	case s.x.threads[t].role == task:
		s.clearView(knows + holder(t))
		s.clearView(pending + holder(t))
		s.clearView(released + holder(t))
		s.clearView(wrote + holder(t))
		s.clearView(reads + holder(t))
		s.clearView(willRead + holder(t))
	case s.x.opt.Softirqs == SoftirqsOnCPU && s.x.threads[t].role == softirq:
		s.publish(bhOff+holder(s.x.threads[t].cpu), t)
	}
}
