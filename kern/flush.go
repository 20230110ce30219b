package kern

import "slices"

// runningWork is a work item that a kworker runs, and flush somebody who waits for an instance of one: that which is pending, or
// that which a kworker runs.
type runningWork struct {
	item Addr
	by   *CPU
}

type flush struct {
	ticket uint32
	runningWork
}

// FlushWork is flush_work(): it returns when the instance of the work item that was queued last has run, and tells whether there
// was one to wait for. Whoever queues the item again meanwhile makes another instance, which it does not wait for. Process context
// only, and with no lock held that the item's function takes; from inside that function it would wait for itself, which is
// reported. Natively somebody must run RunWork.
func FlushWork(c *CPU, item Addr) bool {
	if c.sched != nil {
		ticket := c.slow(OpFlushWork, item, 0, 0)
		if ticket != 0 {
			c.slow(OpFlushWorkEnd, item, ticket, 0)
		}
		return ticket != 0
	}
	ticket := c.m.work.flush(c, item)
	if ticket != 0 {
		c.m.work.flushWait(c, ticket)
	}
	return ticket != 0
}

// FlushInside is what is reported of who flushes a work item that it runs itself.
func FlushInside(item Addr) *Violation {
	return &Violation{Kind: SelfDeadlock, Addr: item, Detail: "flushes the work item of %o that it runs itself"}
}

// flush settles which instance of an item is waited for, and returns a ticket for that; 0 if there is none.
func (q *workQueue) flush(c *CPU, item Addr) uint32 {
	if !c.mightSleep(0) {
		return 0
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	f := flush{runningWork: runningWork{item: item}}
	at := slices.IndexFunc(q.running, func(r runningWork) bool { return r.item == item })
	switch {
	case Addr(loadAcquire(c.m.word(item+workFunc))) == FreePoison:
		c.Report(&Violation{Kind: UseAfterFree, Addr: item, Detail: "flushes the work item of %o, which was freed"})
		return 0
	case at >= 0 && q.running[at].by == c:
		c.Report(FlushInside(item))
		return 0
	case q.has(c.m, item):
	case at >= 0:
		f.by = q.running[at].by
	default:
		return 0
	}
	q.tickets = max(q.tickets+1, 1)
	f.ticket = q.tickets
	q.flushes = append(q.flushes, f)
	return f.ticket
}

// has tells whether an item is on the queue.
func (q *workQueue) has(m *Machine, item Addr) bool {
	for at, n := q.head, q.n.Load(); n > 0; n-- {
		if at == item {
			return true
		}
		at = Addr(*m.word(at + workNext))
	}
	return false
}

// flushed tells whether the instance that a ticket is for has run.
func (q *workQueue) flushed(ticket uint32) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return !slices.ContainsFunc(q.flushes, func(f flush) bool { return f.ticket == ticket })
}

func (q *workQueue) flushWait(c *CPU, ticket uint32) {
	for !q.flushed(ticket) {
		c.nap()
	}
}

// begins notes that c runs an item that it took off the queue. q.mu is held.
func (q *workQueue) begins(c *CPU, item Addr) {
	q.running = append(q.running, runningWork{item, c})
	for i := range q.flushes {
		if f := &q.flushes[i]; f.item == item && f.by == nil {
			f.by = c
		}
	}
}

// ends notes that c has run an item: whoever flushes that instance goes on.
func (q *workQueue) ends(c *CPU, item Addr) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running = slices.DeleteFunc(q.running, func(r runningWork) bool { return r.by == c })
	q.flushes = slices.DeleteFunc(q.flushes, func(f flush) bool { return f.by == c && f.item == item })
}
