package kern

// LocalLock is local_lock(): it takes the lock at l, which is this CPU's own, and turns preemption off. Nobody ever waits for
// one: a task of this CPU cannot come in between, and no other CPU may take it. A softirq can come in between, and finds it
// held, which is reported.
func LocalLock(c *CPU, l Addr) {
	if c.sched != nil {
		c.slow(OpLocalLock, l, 0, 0)
		return
	}
	c.preemptOff++
	c.localLock(l)
}

// LocalUnlock is local_unlock(): it releases the lock and turns preemption on again.
func LocalUnlock(c *CPU, l Addr) {
	if c.sched != nil {
		c.slow(OpLocalUnlock, l, 0, 0)
		return
	}
	c.localUnlock(l)
	c.preemptEnable()
}

func (c *CPU) localLock(l Addr) {
	p := c.m.word(l)
	v := loadAcquire(p)
	switch {
	case v == 0:
		storeRelease(p, c.owner)
		return
	case c.hopeless(l, v):
		return
	}
	c.broken = l
	c.Report(&Violation{Kind: LockMisuse, Addr: l, Detail: "takes %l, which another CPU holds: a local lock is for one CPU"})
}

func (c *CPU) localUnlock(l Addr) {
	if c.broken == l {
		c.broken = 0
		return
	}
	p := c.m.word(l)
	if v := loadAcquire(p); v != c.owner {
		c.badUnlock(l, v)
		return
	}
	storeRelease(p, 0)
}
