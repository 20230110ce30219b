package kern

import (
	"sync"
	"sync/atomic"
)

// A work item (work_struct) is two words: next, which links it into the queue, then func while it is pending.
const (
	workNext = 0
	workFunc = 1

	// WorkWords is how many words a work item takes.
	WorkWords = 2
)

// workQueue is system_wq: items run later, in process context.
type workQueue struct {
	mu         sync.Mutex
	head, tail Addr
	n          atomic.Int64 // read without mu, too
}

// QueueWork is queue_work(): fn will be called with the address of item in process context. It tells whether item was
// queued; one that is pending already is left alone.
func QueueWork(c *CPU, item Addr, fn Func) bool {
	if c.sched != nil {
		return c.slow(OpQueueWork, item, uint32(fn), 0) != 0
	}
	return c.m.work.queue(c, item, fn)
}

func (q *workQueue) queue(c *CPU, item Addr, fn Func) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	m := c.m
	if Addr(*m.word(item + workFunc)).IsFunc() {
		return false
	}
	*m.word(item + workNext) = 0
	*m.word(item + workFunc) = uint32(fn)
	if q.tail == 0 {
		q.head = item
	} else {
		*m.word(q.tail + workNext) = uint32(item)
	}
	q.tail = item
	q.n.Add(1)
	return true
}

func (q *workQueue) take(m *Machine) (Addr, Func, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.n.Load() == 0 {
		return 0, 0, false
	}
	item := q.head
	fn := Func(*m.word(item + workFunc))
	q.head = Addr(*m.word(item + workNext))
	if q.n.Add(-1) == 0 {
		q.head, q.tail = 0, 0
	}
	*m.word(item + workNext), *m.word(item + workFunc) = 0, 0
	return item, fn, true
}

func (q *workQueue) drop() {
	q.mu.Lock()
	q.head, q.tail = 0, 0
	q.n.Store(0)
	q.mu.Unlock()
}

// RunWork runs the work items that are pending, on c as a kworker, and returns how many it ran. What they queue is run
// too.
func RunWork(c *CPU) int {
	n := 0
	for {
		item, fn, ok := c.m.work.take(c.m)
		if !ok {
			return n
		}
		if !Addr(fn).IsFunc() { // what followed it can no longer be reached
			c.m.work.drop()
			c.Report(&Violation{Kind: UseAfterFree, Addr: item, Detail: "runs a work item of %o, which was freed while it was pending"})
			return n
		}
		c.m.call(c, fn, item)
		n++
	}
}

// PendingWork returns how many work items wait to be run.
func (m *Machine) PendingWork() int { return int(m.work.n.Load()) }
