package kern

import "sync/atomic"

// semWriter is what a semaphore's word holds while a writer has it; otherwise it counts the readers.
const semWriter = 1 << 31

// DownRead is down_read(): it takes the rw_semaphore whose word is at s, with other readers perhaps. Process context only.
func DownRead(c *CPU, s Addr) {
	if !c.stepped(OpDownRead, s) {
		c.downRead(s)
	}
}

// UpRead is up_read(): it releases a semaphore that a reader holds.
func UpRead(c *CPU, s Addr) {
	if !c.stepped(OpUpRead, s) {
		c.upRead(s)
	}
}

// DownWrite is down_write(): it takes the semaphore alone. Process context only.
func DownWrite(c *CPU, s Addr) {
	if !c.stepped(OpDownWrite, s) {
		c.downWrite(s)
	}
}

// UpWrite is up_write(): it releases a semaphore that a writer holds.
func UpWrite(c *CPU, s Addr) {
	if !c.stepped(OpUpWrite, s) {
		c.upWrite(s)
	}
}

// DownReadTrylock is down_read_trylock(): it takes the semaphore as a reader if no writer has it, and tells whether it did. It
// never sleeps.
func DownReadTrylock(c *CPU, s Addr) bool {
	if c.sched != nil {
		return c.slow(OpDownReadTrylock, s, 0, 0) != 0
	}
	return c.downReadTrylock(s)
}

// DownWriteTrylock is down_write_trylock(): it takes the semaphore alone if nobody has it, and tells whether it did. It never
// sleeps.
func DownWriteTrylock(c *CPU, s Addr) bool {
	if c.sched != nil {
		return c.slow(OpDownWriteTrylock, s, 0, 0) != 0
	}
	return c.downWriteTrylock(s)
}

// SemFree tells whether a semaphore can be taken now without waiting, by a writer or by a reader, or is no semaphore any
// more.
func (m *Machine) SemFree(s Addr, write bool) bool {
	v := m.Peek(s)
	return v == 0 || !write && v&semWriter == 0 || Addr(v) == FreePoison
}

func (c *CPU) downRead(s Addr) {
	c.down(s, func(v uint32) (uint32, bool) { return v + 1, v&semWriter == 0 })
}

func (c *CPU) downWrite(s Addr) {
	c.down(s, func(v uint32) (uint32, bool) { return semWriter, v == 0 })
}

func (c *CPU) downReadTrylock(s Addr) bool {
	return c.tryDown(s, func(v uint32) (uint32, bool) { return v + 1, v&semWriter == 0 })
}

func (c *CPU) downWriteTrylock(s Addr) bool {
	return c.tryDown(s, func(v uint32) (uint32, bool) { return semWriter, v == 0 })
}

// tryDown takes a semaphore if take says what its word becomes.
func (c *CPU) tryDown(s Addr, take func(uint32) (uint32, bool)) bool {
	p := c.m.word(s)
	for {
		v := atomic.LoadUint32(p)
		if Addr(v) == FreePoison {
			c.Report(&Violation{Kind: UseAfterFree, Addr: s, Detail: "takes %p of freed %o"})
			return false
		}
		to, ok := take(v)
		if !ok {
			return false
		}
		if atomic.CompareAndSwapUint32(p, v, to) {
			return true
		}
	}
}

// down takes a semaphore as soon as take says what its word becomes. One that it must not take is left alone, and so is
// the release that follows.
func (c *CPU) down(s Addr, take func(uint32) (uint32, bool)) {
	if !c.mightSleep(s) {
		c.broken = s
		return
	}
	p := c.m.word(s)
	for {
		v := atomic.LoadUint32(p)
		if Addr(v) == FreePoison {
			c.broken = s
			c.Report(&Violation{Kind: UseAfterFree, Addr: s, Detail: "takes %p of freed %o"})
			return
		}
		if to, ok := take(v); ok && atomic.CompareAndSwapUint32(p, v, to) {
			return
		}
		c.nap()
	}
}

func (c *CPU) upRead(s Addr) {
	c.up(s, func(v uint32) (uint32, bool) { return v - 1, v != 0 && v&semWriter == 0 })
}

func (c *CPU) upWrite(s Addr) {
	c.up(s, func(v uint32) (uint32, bool) { return 0, v == semWriter })
}

// up releases a semaphore if give says what its word becomes.
func (c *CPU) up(s Addr, give func(uint32) (uint32, bool)) {
	if c.broken == s {
		c.broken = 0
		return
	}
	p := c.m.word(s)
	for {
		v := atomic.LoadUint32(p)
		to, ok := give(v)
		switch {
		case ok:
			if atomic.CompareAndSwapUint32(p, v, to) {
				return
			}
		case v == 0 || Addr(v) == FreePoison:
			c.badUnlock(s, v)
			return
		case v&semWriter != 0:
			c.Report(&Violation{Kind: LockMisuse, Addr: s, Detail: "releases %l, which a writer holds"})
			return
		default:
			c.Report(&Violation{Kind: LockMisuse, Addr: s, Detail: "releases %l, which readers hold"})
			return
		}
	}
}
