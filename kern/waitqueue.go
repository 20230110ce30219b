package kern

import "sync/atomic"

// A wait queue is a word: how many tasks are on it, and above that how many times they were woken. That begins anew when the
// last of them has left, so that a queue on which nobody is holds 0.
const (
	queueWaiters = 1<<16 - 1
	queueWoken   = 1 << 16
)

// WaitEvent is wait_event(): it sleeps until cond holds. cond is asked before anything else, and again each time that the task
// is woken: who makes it true must call WakeUp afterwards, or the task sleeps on.
func WaitEvent(c *CPU, wq Addr, cond func() bool) {
	MightSleep(c)
	if cond() {
		return
	}
	for {
		ticket := PrepareToWait(c, wq)
		if cond() {
			FinishWait(c, wq)
			return
		}
		Schedule(c, wq, ticket)
		FinishWait(c, wq)
	}
}

// PrepareToWait is prepare_to_wait(): from now on WakeUp wakes the task. It returns what Schedule needs.
func PrepareToWait(c *CPU, wq Addr) uint32 {
	if c.sched != nil {
		return c.slow(OpPrepareToWait, wq, 0, 0)
	}
	return c.prepareToWait(wq)
}

// Schedule is schedule(): it sleeps until somebody wakes the task, which may have been since it prepared to wait.
func Schedule(c *CPU, wq Addr, ticket uint32) {
	if c.sched != nil {
		c.slow(OpSchedule, wq, ticket, 0)
		return
	}
	c.schedule(wq, ticket)
}

// FinishWait is finish_wait(): the task leaves the queue.
func FinishWait(c *CPU, wq Addr) {
	if !c.stepped(OpFinishWait, wq) {
		c.finishWait(wq)
	}
}

// WakeUp is wake_up(), and wake_up_all(): it wakes all tasks that are on the queue.
func WakeUp(c *CPU, wq Addr) {
	if !c.stepped(OpWakeUp, wq) {
		c.wakeUp(wq)
	}
}

// WaitqueueActive is waitqueue_active(): it tells whether a task is on the queue, so that who wakes up can leave that out. It orders nothing:
// without a full barrier between what makes the condition true and this look, a task may be missed that is about to sleep.
func WaitqueueActive(c *CPU, wq Addr) bool {
	if c.sched != nil {
		return c.slow(OpWaitqueueActive, wq, 0, 0) != 0
	}
	return c.waitqueueActive(wq)
}

// queue changes the word of a wait queue, unless it is freed memory.
func (c *CPU) queue(wq Addr, change func(v uint32) uint32) (was uint32, ok bool) {
	p := c.m.word(wq)
	for {
		v := atomic.LoadUint32(p)
		if Addr(v) == FreePoison {
			c.Report(&Violation{Kind: UseAfterFree, Addr: wq, Detail: "uses a wait queue that is freed with %o"})
			return 0, false
		}
		if atomic.CompareAndSwapUint32(p, v, change(v)) {
			return v, true
		}
	}
}

func (c *CPU) prepareToWait(wq Addr) (ticket uint32) {
	was, _ := c.queue(wq, func(v uint32) uint32 { return v + 1 })
	return was / queueWoken
}

func (c *CPU) schedule(wq Addr, ticket uint32) {
	if !c.mightSleep(wq) {
		return
	}
	for p := c.m.word(wq); ; c.nap() {
		switch v := atomic.LoadUint32(p); {
		case Addr(v) == FreePoison:
			c.Report(&Violation{Kind: UseAfterFree, Addr: wq, Detail: "sleeps on a wait queue that is freed with %o"})
			return
		case v/queueWoken != ticket:
			return
		}
	}
}

func (c *CPU) finishWait(wq Addr) {
	was, ok := c.queue(wq, func(v uint32) uint32 {
		switch v & queueWaiters {
		case 0:
			return v
		case 1:
			return 0
		}
		return v - 1
	})
	if ok && was&queueWaiters == 0 {
		c.Report(&Violation{Kind: LockMisuse, Addr: wq, Detail: "leaves %l, on which nobody is"})
	}
}

func (c *CPU) waitqueueActive(wq Addr) bool {
	v := atomic.LoadUint32(c.m.word(wq))
	if Addr(v) == FreePoison {
		c.Report(&Violation{Kind: UseAfterFree, Addr: wq, Detail: "looks at a wait queue that is freed with %o"})
		return false
	}
	return v&queueWaiters != 0
}

func (c *CPU) wakeUp(wq Addr) {
	c.queue(wq, func(v uint32) uint32 {
		if v&queueWaiters == 0 {
			return v
		}
		return v + queueWoken
	})
}
