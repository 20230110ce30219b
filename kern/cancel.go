package kern

import "slices"

// canceling is what the func of a work item holds while somebody cancels it: it counts as pending, so that queue_work leaves it
// alone, and is on no queue.
const canceling = uint32(textEnd) - 1

// CancelWorkSync is cancel_work_sync(): the work item is taken off the queue if it is pending, which it tells, and the instance that
// runs, if one does, is waited for. Until it returns the item cannot be queued again, not even by its own function: so then it is
// neither pending nor runs. Of two that cancel an item the second waits for the first. Process context only, and with no lock held
// that the item's function takes; from inside that function it would wait for itself, which is reported.
func CancelWorkSync(c *CPU, item Addr) bool {
	if c.sched != nil {
		was := c.slow(OpCancelWork, item, 0, 0)
		if was != 0 {
			c.slow(OpCancelWorkEnd, item, 0, 0)
		}
		return was == wasPending
	}
	was := c.m.work.cancel(c, item)
	if was != 0 {
		c.m.work.cancelEnd(c, item)
	}
	return was == wasPending
}

// What the beginning of cancel_work_sync returns; 0 if it must not go on.
const (
	wasIdle    = 1 // or it runs
	wasPending = 2
)

// CancelInside is what is reported of who cancels a work item that it runs itself.
func CancelInside(item Addr) *Violation {
	return &Violation{Kind: SelfDeadlock, Addr: item, Detail: "waits for the work item of %o, which it runs itself"}
}

// ArmCancel is what the beginning of cancel_work_sync does to the item itself. Whoever stands in for the work queue takes it off.
func (c *CPU) ArmCancel(item Addr) {
	storeRelease(c.m.word(item+workNext), 0)
	storeRelease(c.m.word(item+workFunc), canceling)
}

// Canceled is what its end does to the item: it may be queued again.
func (c *CPU) Canceled(item Addr) { storeRelease(c.m.word(item+workFunc), 0) }

// Canceling tells whether somebody cancels the work item.
func (m *Machine) Canceling(item Addr) bool { return m.Peek(item+workFunc) == canceling }

// cancel claims a work item, as soon as nobody else cancels it. One that a kworker has just taken counts as pending until its
// function is about to be called.
func (q *workQueue) cancel(c *CPU, item Addr) uint32 {
	if !c.mightSleep(0) {
		return 0
	}
	for ; ; c.nap() {
		if was, ok := q.claim(c, item); ok {
			return was
		}
	}
}

func (q *workQueue) claim(c *CPU, item Addr) (was uint32, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch v := Addr(loadAcquire(c.m.word(item + workFunc))); {
	case v == FreePoison:
		c.Report(&Violation{Kind: UseAfterFree, Addr: item, Detail: "cancels the work item of %o, which was freed"})
		return 0, true
	case slices.ContainsFunc(q.running, func(r runningWork) bool { return r.item == item && r.by == c }):
		c.Report(CancelInside(item))
		return 0, true
	case q.has(c.m, item):
		q.remove(c.m, item)
		q.flushes = slices.DeleteFunc(q.flushes, func(f flush) bool { return f.item == item && f.by == nil })
		was = wasPending
	case v.IsFunc():
		return 0, false
	default:
		was = wasIdle
	}
	c.ArmCancel(item)
	return was, true
}

// remove takes an item off the queue. q.mu is held.
func (q *workQueue) remove(m *Machine, item Addr) {
	prev := Addr(0)
	for at := q.head; at != item; at = Addr(*m.word(at + workNext)) {
		prev = at
	}
	next := *m.word(item + workNext)
	if prev == 0 {
		q.head = Addr(next)
	} else {
		storeRelease(m.word(prev+workNext), next)
	}
	if q.tail == item {
		q.tail = prev
	}
	if q.n.Add(-1) == 0 {
		q.head, q.tail = 0, 0
	}
}

// runs tells whether somebody runs a work item.
func (q *workQueue) runs(item Addr) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.ContainsFunc(q.running, func(r runningWork) bool { return r.item == item })
}

func (q *workQueue) cancelEnd(c *CPU, item Addr) {
	for q.runs(item) {
		c.nap()
	}
	c.Canceled(item)
}

// cancelReady tells whether either half of cancel_work_sync need not wait.
func (m *Machine) cancelReady(op Op) bool {
	if op.Kind == OpCancelWorkEnd {
		return !m.work.runs(op.Addr)
	}
	m.work.mu.Lock()
	defer m.work.mu.Unlock()
	return !Addr(m.Peek(op.Addr+workFunc)).IsFunc() || m.work.has(m, op.Addr)
}
