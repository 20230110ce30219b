package explore

import (
	"strings"

	"ptsim/kern"
)

// A thread that is in synchronize_rcu waits for threads, as a callback does: those that were readers when it began. Who spins for a
// lock is no reader yet, although a kernel's spin_lock turns preemption off first. It has found nothing under the lock, and those
// that it spins for are readers themselves.
//
// A thread that is in rcu_barrier waits for callbacks: those that were queued, and those that were running on a softirq CPU. One
// that is in flush_work waits for a work item: an instance that was pending, or else one that a kworker ran. All are kept with
// who is waited for, so that states are one if they differ only in which of the interchangeable servers that is.
const (
	delaysSync = iota // of a reader: the threads in synchronize_rcu that wait for it
	owed              // of a thread in rcu_barrier: the queued callbacks that it waits for
	delaysRun         // of a softirq CPU or kworker: the threads in rcu_barrier, flush_work or cancel_work_sync that wait for what it runs
	owedWork          // of a thread in flush_work: the pending work item that it waits for
	waitKinds
)

// isGrace tells whether a primitive waits for readers, callbacks or work items.
func isGrace(k kern.OpKind) bool {
	return k >= kern.OpSyncRCU && k <= kern.OpSyncSRCUEnd && kern.PrimitiveOf(k).Blocks ||
		k == kern.OpFlushWorkEnd || k == kern.OpCancelWork || k == kern.OpCancelWorkEnd
}

// setWaits changes who waits for a thread, logs it, and makes the step dependent with everything:
// somebody's transition becomes possible or not.
func (s *state) setWaits(t, kind int, v uint64) {
	if old := s.waits[t][kind]; old != v {
		s.dep.all() // whoever waits may go on, or has somebody more to wait for
		s.log = append(s.log, undo{what: undoWaits, i: uint32(t*waitKinds + kind), v: old})
		s.putWaits(t, kind, v)
	}
}

// putWaits is setWaits without the log, for back.
func (s *state) putWaits(t, kind int, v uint64) {
	s.rare[t] ^= waitsHash(kind, s.waits[t][kind]) ^ waitsHash(kind, v)
	s.waits[t][kind] = v
	s.stale |= 1 << t
}

// waitsHash is the part of a set of waiters in a thread's fingerprint: 0 for none, so that states of
// models without such waits cost nothing.
func waitsHash(kind int, v uint64) uint64 {
	if v == 0 {
		return 0
	}
	return mix(uint64(kind+1)<<56 ^ mix(v))
}

// synchronize is the beginning of synchronize_rcu: it settles who is waited for.
//
// It is the same rule as for call_rcu (queueCallback): who is a reader at this moment delays it, and who
// becomes one later does not.
func (s *state) synchronize(t int) {
	for u := range s.x.threads {
		if s.at[u].reader || s.queues.delays(u, endSync, 0, 1<<t) {
			s.setWaits(u, delaysSync, s.waits[u][delaysSync]|1<<t)
		}
	}
}

// barrierRCU is the beginning of rcu_barrier: it settles which callbacks are waited for.
//
// A callback that has begun is no longer queued, so both are asked: what is queued, and who runs
// something.
func (s *state) barrierRCU(t int) {
	s.setWaits(t, owed, s.queued)
	for u := range s.x.threads {
		if s.x.threads[u].role == softirq && (!s.at[u].over() || s.queues.delays(u, endRun, 0, 1<<t)) {
			s.setWaits(u, delaysRun, s.waits[u][delaysRun]|1<<t)
		}
	}
}

// owes has who waits for a queued callback, which u begins now, wait for u.
//
// So that the waiter's debt follows the callback from the queue to the server that runs it.
func (s *state) owes(u, slot int) {
	for t := range s.x.threads {
		if w := s.waits[t][owed]; w>>slot&1 != 0 {
			s.setWaits(t, owed, w&^(1<<slot))
			s.setWaits(u, delaysRun, s.waits[u][delaysRun]|1<<t)
		}
	}
}

// flushWork is the beginning of flush_work: it settles which instance of the item is waited for.
func (s *state) flushWork(t int, c *kern.CPU, op kern.Op, slot int) uint32 {
	s.dep.all()
	if !s.touch(t, c, op, op.Addr) || !s.touch(t, c, op, op.Addr+1) {
		return 0
	}
	at := s.runs(op.Addr)
	switch {
	case at == t:
		c.Report(kern.FlushInside(op.Addr))
		return 0
	case s.work>>slot&1 != 0:
		s.setWaits(t, owedWork, 1<<slot)
	case at >= 0:
		s.setWaits(at, delaysRun, s.waits[at][delaysRun]|1<<t)
	case s.stillQueued(t, op.Addr):
	default: // what has run before is seen all the same
		if s.views != nil {
			s.learn(knows+holder(t), s.sync(op.Addr))
		}
		return 0
	}
	return 1
}

// stillQueued tells whether a work item that is over is still seen to run: then who flushes or cancels it, t, waits for that.
func (s *state) stillQueued(t int, item kern.Addr) bool {
	for u := range s.x.threads {
		if s.x.threads[u].role == kworker && s.queues.delays(u, endRun, item, 1<<t) {
			s.setWaits(u, delaysRun, s.waits[u][delaysRun]|1<<t)
			return true
		}
	}
	return false
}

// runs returns the kworker that runs the work item at a, -1 if none does.
func (s *state) runs(a kern.Addr) int {
	for u := range s.x.threads {
		if s.x.threads[u].role == kworker && !s.at[u].over() && s.at[u].start.obj == a {
			return u
		}
	}
	return -1
}

// owesWork has who waits for a pending item, which u begins now, wait for u.
func (s *state) owesWork(u, slot int) {
	for t := range s.x.threads {
		if s.waits[t][owedWork]>>slot&1 != 0 {
			s.setWaits(t, owedWork, 0)
			s.setWaits(u, delaysRun, s.waits[u][delaysRun]|1<<t)
		}
	}
}

// workOver is the end of a work item that t has run.
func (s *state) workOver(t int, item kern.Addr) {
	if s.x.opt.Workers > 1 {
		s.dep.all() // if it was queued again another kworker may begin it
	}
	if s.views != nil && (s.x.halves || s.x.opt.Workers > 1) {
		s.publish(s.sync(item), t)
	}
}

// lets has nobody wait for u any more, which has left its reader, or has come to the end of a callback. Who waited knows what u
// does.
func (s *state) lets(u, kind int) {
	w := s.waits[u][kind]
	if s.queues != nil {
		end := endSync
		if kind == delaysRun {
			end = endRun
		}
		if s.queues.end(u, end, s.at[u].start.obj, w) {
			return
		}
	}
	if w == 0 {
		return
	}
	if s.views != nil {
		for r := w; r != 0; r &= r - 1 {
			s.publish(pending+holder(lowest(r)), u)
		}
	}
	s.setWaits(u, kind, 0)
}

// passes tells whether a thread need not wait at op.
//
// It is asked whether the second step of such a wait is possible, and changes nothing.
func (s *state) passes(t int, op kern.Op) bool {
	switch op.Kind {
	case kern.OpSyncRCUEnd:
		return s.delayed(t, delaysSync) == nil
	case kern.OpRCUBarrierEnd:
		return s.waits[t][owed] == 0 && s.delayed(t, delaysRun) == nil
	case kern.OpFlushWorkEnd:
		return s.waits[t][owedWork] == 0 && s.delayed(t, delaysRun) == nil
	case kern.OpCancelWork:
		return !s.sane(op.Addr) || !s.m.Canceling(op.Addr) || s.runs(op.Addr) == t
	case kern.OpCancelWorkEnd:
		return s.delayed(t, delaysRun) == nil
	}
	return !s.sane(op.Addr) || s.m.SRCUPasses(op)
}

// delayed returns the threads for which t waits.
func (s *state) delayed(t, kind int) (list []int) {
	for u := range s.x.threads {
		if s.waits[u][kind]>>t&1 != 0 {
			list = append(list, u)
		}
	}
	return list
}

// delays says what a thread waits for that takes nothing.
func (s *state) delays(t int, op kern.Op) string {
	var names []string
	who := func(kind int) string {
		for _, u := range s.delayed(t, kind) {
			names = append(names, s.x.threads[u].name)
		}
		return strings.Join(names, " and ")
	}
	switch op.Kind {
	case kern.OpSyncRCUEnd:
		return " waits in synchronize_rcu for " + who(delaysSync) + ", inside a reader"
	case kern.OpRCUBarrierEnd:
		if list := who(delaysRun); list != "" {
			return " waits in rcu_barrier for a callback that " + list + " runs"
		}
		return " waits in rcu_barrier for a callback"
	case kern.OpFlushWorkEnd:
		for _, u := range s.delayed(t, delaysRun) {
			return " waits in flush_work for " + s.x.auto.doing(s.at[u].start) + ", which " + s.x.threads[u].name + " runs"
		}
		return " waits in flush_work for a work item that is pending"
	case kern.OpCancelWork:
		return " waits in cancel_work_sync for another that cancels the item"
	case kern.OpCancelWorkEnd:
		for _, u := range s.delayed(t, delaysRun) {
			return " waits in cancel_work_sync for " + s.x.auto.doing(s.at[u].start) + ", which " + s.x.threads[u].name + " runs"
		}
	}
	return " waits in synchronize_srcu for readers of " + s.m.NameOf(op.Addr)
}
