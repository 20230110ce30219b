package explore

import (
	"ptsim/kern"
	weakmem "ptsim/memory"
)

// Barriers under a weak memory model: those of their own, those that go with another primitive, and the two of a fully ordered RMW.
// They are steps of their own, and whether an RMW that may fail has them is guessed before it is known.

// lastOp is what a barrier that goes with another primitive asks of a thread's last one.
type lastOp uint8

const (
	otherOp lastOp = iota
	atomicOp
	spinOp
)

// lastOf returns which of them a primitive is.
func lastOf(p *kern.Primitive) lastOp {
	switch {
	case p.Atomic:
		return atomicOp
	case p.Waits == kern.Spin || p.Tries == kern.Spin:
		return spinOp
	}
	return otherOp
}

// weakThread is what a thread's next barrier depends on.
type weakThread struct {
	first  bool // the barrier before the RMW that comes next has been run
	fails  bool // the RMW that comes next, which may fail and then has no barriers, will: it was run without
	owes   bool // the barrier behind the RMW that came last has not
	before bool // smp_mb__before_atomic came last
	last   lastOp
}

// fence runs a barrier.
func (w *weak) fence(t int, b weakmem.Barrier) {
	w.machine.Do(t, &weakmem.Op{Kind: weakmem.Fence, Barrier: b}, weakmem.Way{})
}

// barrier runs a barrier that the thread owes or that its next primitive needs before it: a step of its own. Before an RMW
// that may fail it is a guess, a step with two ways: it will not, and there is a barrier; or it will.
func (w *weak) barrier(t int, n *node, alt uint8) (ran bool, ways uint32) {
	th := &w.threads[t]
	if th.owes && w.machine.Quiet(t) {
		w.save()
		th.owes = false
	}
	needs := w.needs(t, n)
	switch {
	case th.owes:
		w.save()
		th.owes = false
	case needs && alt == 1 && mayFail(n.op):
		w.save()
		th.fails = true
		return true, 2
	case needs && !mayFail(n.op) && w.machine.Quiet(t):
		w.save()
		th.first, th.before = true, false
		return false, 0
	case needs:
		w.save()
		if th.first, th.before, ways = true, false, 1; mayFail(n.op) {
			ways = 2
		}
		w.fence(t, weakmem.Mb)
		return true, ways
	default:
		return false, 0
	}
	w.fence(t, weakmem.Mb)
	return true, 1
}

// needs tells whether a thread's next primitive has a barrier before it that has not been run.
func (w *weak) needs(t int, n *node) bool {
	th := &w.threads[t]
	return !n.over() && n.prim.Atomic && !th.first && !th.fails && (full(n.op) || n.op.Ordering() == kern.FullIfDone || th.before)
}

// full tells whether a primitive is fully ordered, whatever comes of it.
func full(op kern.Op) bool { return op.Ordering() == kern.Full }

// mayFail tells whether an RMW may leave its word as it is, and then has no barriers.
func mayFail(op kern.Op) bool { return op.Kind == kern.OpCmpXchg || op.Kind == kern.OpAddUnless }

// wrong tells whether the thread has guessed what does not come true, or not yet.
func (w *weak) wrong(t int, op kern.Op) bool {
	th := &w.threads[t]
	return (th.first || th.fails) && mayFail(op) && len(w.list(t, op)) == 0
}

// lost tells whether some thread's guess did not come true: then this is no end of any schedule.
func (w *weak) lost() bool {
	for t := range w.s.x.threads {
		if n := w.s.at[t]; !n.over() && w.wrong(t, n.op) {
			return true
		}
	}
	return false
}

// barrierOp runs a barrier. One that goes with another primitive is a strong fence right behind that; with something in
// between it orders less, and is taken for nothing, which allows more than there is.
func (w *weak) barrierOp(t int, k kern.OpKind) {
	th := &w.threads[t]
	switch k {
	case kern.OpMB:
		w.fence(t, weakmem.Mb)
	case kern.OpRMB:
		w.fence(t, weakmem.Rmb)
	case kern.OpWMB:
		w.fence(t, weakmem.Wmb)
	case kern.OpMBBeforeAtomic:
		th.before = true
	case kern.OpMBAfterAtomic:
		if th.last == atomicOp {
			w.fence(t, weakmem.Mb)
		}
	case kern.OpMBAfterSpinlock:
		if th.last == spinOp {
			w.fence(t, weakmem.Mb)
		}
		// smp_mb__after_unlock_lock is taken for nothing.
	}
}
