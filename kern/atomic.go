package kern

import "sync/atomic"

// loadAcquire is smp_load_acquire().
func loadAcquire(p *uint32) uint32 { return atomic.LoadUint32(p) }

// ReadOnce is READ_ONCE(): it reads the word at a.
func ReadOnce(c *CPU, a Addr) uint32 {
	if c.watched {
		return c.slowRead(a)
	}
	return atomic.LoadUint32(&c.mem.chunks[a>>chunkShift][a&chunkMask])
}

// WriteOnce is WRITE_ONCE(): it writes v to the word at a. It is also a release store, as everything published through
// a plain store in this model needs to be.
func WriteOnce(c *CPU, a Addr, v uint32) {
	if c.sched != nil {
		c.slow(OpWrite, a, v, 0)
		return
	}
	storeRelease(c.m.word(a), v)
}

// Load is a plain read of the word at a: the code's claim that no other CPU writes it meanwhile. That is checked, by the
// race detector where CPUs are goroutines and by an explorer of schedules, for which a plain access is no step of its own.
func Load(c *CPU, a Addr) uint32 {
	if c.watched {
		return c.slowLoad(a)
	}
	return c.mem.chunks[a>>chunkShift][a&chunkMask]
}

// Store is a plain write of v to the word at a: the code's claim that no other CPU touches it meanwhile, see Load.
func Store(c *CPU, a Addr, v uint32) {
	if c.watched {
		c.slowStore(a, v)
		return
	}
	c.mem.chunks[a>>chunkShift][a&chunkMask] = v
}

// AtomicAddReturn is atomic_add_return(): it adds d, which may stand for a negative number, and returns the new value.
func AtomicAddReturn(c *CPU, a Addr, d uint32) uint32 {
	if c.sched != nil {
		return c.slow(OpAdd, a, d, 0)
	}
	return atomic.AddUint32(c.m.word(a), d)
}

// AtomicXorBits is s390's atomic_xor_bits(): it flips the given bits and returns the new value.
func AtomicXorBits(c *CPU, a Addr, bits uint32) uint32 {
	if c.sched != nil {
		return c.slow(OpXor, a, bits, 0)
	}
	return xorWord(c.m.word(a), bits)
}

func xorWord(p *uint32, bits uint32) uint32 {
	for {
		old := atomic.LoadUint32(p)
		if atomic.CompareAndSwapUint32(p, old, old^bits) {
			return old ^ bits
		}
	}
}

// CmpXchg is cmpxchg(): it stores v if the word at a holds old, and returns what the word held.
func CmpXchg(c *CPU, a Addr, old, v uint32) uint32 {
	if c.sched != nil {
		return c.slow(OpCmpXchg, a, old, v)
	}
	return cmpxchgWord(c.m.word(a), old, v)
}

func cmpxchgWord(p *uint32, old, v uint32) uint32 {
	for {
		if atomic.CompareAndSwapUint32(p, old, v) {
			return old
		}
		if cur := atomic.LoadUint32(p); cur != old {
			return cur
		}
	}
}

// Xchg is xchg(): it stores v and returns what the word at a held.
func Xchg(c *CPU, a Addr, v uint32) uint32 {
	if c.sched != nil {
		return c.slow(OpXchg, a, v, 0)
	}
	return atomic.SwapUint32(c.m.word(a), v)
}

// AtomicAddUnless is atomic_add_unless(): it adds d unless the word at a holds u, and tells whether it added. With
// d = 1 and u = 0 it is atomic_inc_not_zero().
func AtomicAddUnless(c *CPU, a Addr, d, u uint32) bool {
	if c.sched != nil {
		return c.slow(OpAddUnless, a, d, u) != 0
	}
	return addUnlessWord(c.m.word(a), d, u)
}

// AtomicFetchOr is atomic_fetch_or(), as set_bit() and test_and_set_bit() use it: it sets the bits and returns the old value.
func AtomicFetchOr(c *CPU, a Addr, bits uint32) uint32 {
	if c.sched != nil {
		return c.slow(OpOr, a, bits, 0)
	}
	return atomic.OrUint32(c.m.word(a), bits)
}

// AtomicFetchAndNot is atomic_fetch_andnot(), as test_and_clear_bit() uses it: it clears the bits and returns the old value.
func AtomicFetchAndNot(c *CPU, a Addr, bits uint32) uint32 {
	if c.sched != nil {
		return c.slow(OpAndNot, a, bits, 0)
	}
	return atomic.AndUint32(c.m.word(a), ^bits)
}

func addUnlessWord(p *uint32, d, u uint32) bool {
	for {
		old := atomic.LoadUint32(p)
		if old == u {
			return false
		}
		if atomic.CompareAndSwapUint32(p, old, old+d) {
			return true
		}
	}
}
