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

	running []runningWork // by whom; see flush.go
	flushes []flush
	tickets uint32
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
	if !c.ArmWork(item, fn) {
		return false
	}
	if q.tail == 0 {
		q.head = item
	} else {
		storeRelease(m.word(q.tail+workNext), uint32(item)) // a Sanitizer looks at a queued item without the lock
	}
	q.tail = item
	q.n.Add(1)
	return true
}

// ArmWork is what queue_work does to the item itself: its function says that it is pending. It tells whether it was not
// pending before. Whoever stands in for the work queue keeps it.
func (c *CPU) ArmWork(item Addr, fn Func) bool {
	if Addr(loadAcquire(c.m.word(item + workFunc))).IsFunc() {
		return false
	}
	storeRelease(c.m.word(item+workNext), 0)
	storeRelease(c.m.word(item+workFunc), uint32(fn)) // RunWork takes it back without the queue's lock
	return true
}

// take takes the oldest item off the queue, 0 if there is none. Until its func is cleared it counts as pending.
func (q *workQueue) take(c *CPU) Addr {
	m := c.m
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.n.Load() == 0 {
		return 0
	}
	item := q.head
	q.head = Addr(*m.word(item + workNext))
	if q.n.Add(-1) == 0 {
		q.head, q.tail = 0, 0
	}
	storeRelease(m.word(item+workNext), 0)
	q.begins(c, item)
	return item
}

func takeWork(c *CPU) Addr {
	if c.sched != nil {
		return Addr(c.slow(OpTakeWork, 0, 0, 0))
	}
	return c.m.work.take(c)
}

func (q *workQueue) drop() {
	q.mu.Lock()
	q.head, q.tail = 0, 0
	q.n.Store(0)
	q.flushes = nil
	q.mu.Unlock()
}

// RunWork runs the work items that are pending, on c as a kworker, and returns how many it ran. What they queue is run
// too. Taking an item off the queue is one step, and clearing its func, from when on it may be queued again, the next.
func RunWork(c *CPU) int {
	n := 0
	for {
		item := takeWork(c)
		if item == 0 {
			return n
		}
		fn := Func(Xchg(c, item+workFunc, 0))
		if !Addr(fn).IsFunc() { // what followed it can no longer be reached
			c.m.work.drop()
			c.m.work.ends(c, item)
			c.Report(&Violation{Kind: UseAfterFree, Addr: item, Detail: "runs a work item of %o, which was freed while it was pending"})
			return n
		}
		before := c.Depths()
		c.kworker = true
		c.m.Call(c, fn, item)
		c.kworker = false
		c.returns(c.m.FuncName(fn), before)
		c.m.work.ends(c, item)
		n++
	}
}

// PendingWork returns how many work items wait to be run.
func (m *Machine) PendingWork() int { return int(m.work.n.Load()) }
