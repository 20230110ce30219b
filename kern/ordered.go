package kern

// Accesses and atomics in all their orders. One that names no order and returns a value is fully ordered, one that returns
// nothing is relaxed: Documentation/atomic_t.txt. Natively all are Go's, which are sequentially consistent, so that code
// that lacks an order works: an explorer sees the order that was asked for.

// SmpLoadAcquire is smp_load_acquire(): it reads the word at a, and what follows stays behind that.
func SmpLoadAcquire(c *CPU, a Addr) uint32 { return c.ordered(OpRead, Acquire, a, 0, 0) }

// SmpStoreRelease is smp_store_release(): it writes v to the word at a, and what precedes stays before that.
func SmpStoreRelease(c *CPU, a Addr, v uint32) { c.ordered(OpWrite, Release, a, v, 0) }

// SmpStoreMB is smp_store_mb(): WRITE_ONCE() with a full barrier behind it.
func SmpStoreMB(c *CPU, a Addr, v uint32) { c.ordered(OpWrite, Full, a, v, 0) }

// RCUDereference is rcu_dereference(): it reads the pointer at a. What is read through the pointer, and through it alone,
// comes after the pointer: an address dependency. The caller is inside a reader, or holds what keeps the object.
func RCUDereference(c *CPU, a Addr) Addr { return Addr(c.ordered(OpRead, Dependent, a, 0, 0)) }

// RCUAssignPointer is rcu_assign_pointer(): it publishes the object at p, which is ready to be read, in the word at a.
func RCUAssignPointer(c *CPU, a, p Addr) { c.ordered(OpWrite, Release, a, uint32(p), 0) }

// AtomicAdd is atomic_add(): it adds d, which may stand for a negative number, and returns nothing. Relaxed.
func AtomicAdd(c *CPU, a Addr, d uint32) {
	if c.sched != nil {
		c.slow(OpAddVoid, a, d, 0)
		return
	}
	run[OpAddVoid](c, Op{Addr: a, A: d})
}

// AtomicInc is atomic_inc().
func AtomicInc(c *CPU, a Addr) { AtomicAdd(c, a, 1) }

// AtomicDec is atomic_dec().
func AtomicDec(c *CPU, a Addr) { AtomicAdd(c, a, ^uint32(0)) }

// AtomicXor is atomic_xor(): it flips the given bits and returns nothing. Relaxed.
func AtomicXor(c *CPU, a Addr, bits uint32) { c.ordered(OpXorVoid, Unordered, a, bits, 0) }

// AtomicOr is atomic_or(), and set_bit(): it sets the bits and returns nothing. Relaxed.
func AtomicOr(c *CPU, a Addr, bits uint32) { c.ordered(OpOrVoid, Unordered, a, bits, 0) }

// AtomicAndNot is atomic_andnot(), and clear_bit(): it clears the bits and returns nothing. Relaxed.
func AtomicAndNot(c *CPU, a Addr, bits uint32) { c.ordered(OpAndNotVoid, Unordered, a, bits, 0) }

// SetBit is set_bit(), counted from 0. Relaxed.
func SetBit(c *CPU, a Addr, bit uint) { AtomicOr(c, a, 1<<bit) }

// ClearBit is clear_bit(). Relaxed.
func ClearBit(c *CPU, a Addr, bit uint) { AtomicAndNot(c, a, 1<<bit) }

// ClearBitUnlock is clear_bit_unlock(): clear_bit() with release order.
func ClearBitUnlock(c *CPU, a Addr, bit uint) { c.ordered(OpAndNotVoid, Release, a, 1<<bit, 0) }

// TestAndSetBit is test_and_set_bit(): it tells whether the bit was set. Fully ordered.
func TestAndSetBit(c *CPU, a Addr, bit uint) bool { return AtomicFetchOr(c, a, 1<<bit)>>bit&1 != 0 }

// TestAndSetBitLock is test_and_set_bit_lock(): test_and_set_bit() with acquire order.
func TestAndSetBitLock(c *CPU, a Addr, bit uint) bool {
	return c.ordered(OpOr, Acquire, a, 1<<bit, 0)>>bit&1 != 0
}

// TestAndClearBit is test_and_clear_bit(): it tells whether the bit was set. Fully ordered.
func TestAndClearBit(c *CPU, a Addr, bit uint) bool {
	return AtomicFetchAndNot(c, a, 1<<bit)>>bit&1 != 0
}

// AtomicIncReturn is atomic_inc_return(): it returns the new value. Fully ordered.
func AtomicIncReturn(c *CPU, a Addr) uint32 { return AtomicAddReturn(c, a, 1) }

// AtomicDecReturn is atomic_dec_return(): it returns the new value. Fully ordered.
func AtomicDecReturn(c *CPU, a Addr) uint32 { return AtomicAddReturn(c, a, ^uint32(0)) }

// AtomicDecAndTest is atomic_dec_and_test(): it tells whether the new value is zero. Fully ordered. A count of references
// wants RefcountDecAndTest, which looks at it.
func AtomicDecAndTest(c *CPU, a Addr) bool { return AtomicDecReturn(c, a) == 0 }

// AtomicSubAndTest is atomic_sub_and_test(): it takes d off and tells whether the new value is zero. Fully ordered.
func AtomicSubAndTest(c *CPU, a Addr, d uint32) bool { return AtomicAddReturn(c, a, -d) == 0 }

// AtomicFetchAdd is atomic_fetch_add(): it adds d and returns the old value. Fully ordered.
func AtomicFetchAdd(c *CPU, a Addr, d uint32) uint32 { return AtomicAddReturn(c, a, d) - d }

// AtomicFetchXor is atomic_fetch_xor(): it flips the bits and returns the old value. Fully ordered.
func AtomicFetchXor(c *CPU, a Addr, bits uint32) uint32 { return AtomicXorBits(c, a, bits) ^ bits }

// AtomicIncNotZero is atomic_inc_not_zero(): it adds 1 unless the word is zero, and tells whether it did. Fully ordered if
// it did.
func AtomicIncNotZero(c *CPU, a Addr) bool { return AtomicAddUnless(c, a, 1, 0) }

// AtomicAddReturnRelaxed is atomic_add_return_relaxed().
func AtomicAddReturnRelaxed(c *CPU, a Addr, d uint32) uint32 {
	return c.ordered(OpAdd, Relaxed, a, d, 0)
}

// AtomicAddReturnAcquire is atomic_add_return_acquire().
func AtomicAddReturnAcquire(c *CPU, a Addr, d uint32) uint32 {
	return c.ordered(OpAdd, Acquire, a, d, 0)
}

// AtomicAddReturnRelease is atomic_add_return_release().
func AtomicAddReturnRelease(c *CPU, a Addr, d uint32) uint32 {
	return c.ordered(OpAdd, Release, a, d, 0)
}

// AtomicFetchAddRelaxed is atomic_fetch_add_relaxed().
func AtomicFetchAddRelaxed(c *CPU, a Addr, d uint32) uint32 {
	return AtomicAddReturnRelaxed(c, a, d) - d
}

// AtomicFetchAddAcquire is atomic_fetch_add_acquire().
func AtomicFetchAddAcquire(c *CPU, a Addr, d uint32) uint32 {
	return AtomicAddReturnAcquire(c, a, d) - d
}

// AtomicFetchAddRelease is atomic_fetch_add_release().
func AtomicFetchAddRelease(c *CPU, a Addr, d uint32) uint32 {
	return AtomicAddReturnRelease(c, a, d) - d
}

// AtomicFetchOrRelaxed is atomic_fetch_or_relaxed().
func AtomicFetchOrRelaxed(c *CPU, a Addr, bits uint32) uint32 {
	return c.ordered(OpOr, Relaxed, a, bits, 0)
}

// AtomicFetchOrAcquire is atomic_fetch_or_acquire().
func AtomicFetchOrAcquire(c *CPU, a Addr, bits uint32) uint32 {
	return c.ordered(OpOr, Acquire, a, bits, 0)
}

// AtomicFetchOrRelease is atomic_fetch_or_release().
func AtomicFetchOrRelease(c *CPU, a Addr, bits uint32) uint32 {
	return c.ordered(OpOr, Release, a, bits, 0)
}

// AtomicFetchAndNotRelaxed is atomic_fetch_andnot_relaxed().
func AtomicFetchAndNotRelaxed(c *CPU, a Addr, bits uint32) uint32 {
	return c.ordered(OpAndNot, Relaxed, a, bits, 0)
}

// AtomicFetchAndNotAcquire is atomic_fetch_andnot_acquire().
func AtomicFetchAndNotAcquire(c *CPU, a Addr, bits uint32) uint32 {
	return c.ordered(OpAndNot, Acquire, a, bits, 0)
}

// AtomicFetchAndNotRelease is atomic_fetch_andnot_release().
func AtomicFetchAndNotRelease(c *CPU, a Addr, bits uint32) uint32 {
	return c.ordered(OpAndNot, Release, a, bits, 0)
}

// AtomicFetchXorRelaxed is atomic_fetch_xor_relaxed().
func AtomicFetchXorRelaxed(c *CPU, a Addr, bits uint32) uint32 {
	return c.ordered(OpXor, Relaxed, a, bits, 0) ^ bits
}

// AtomicFetchXorAcquire is atomic_fetch_xor_acquire().
func AtomicFetchXorAcquire(c *CPU, a Addr, bits uint32) uint32 {
	return c.ordered(OpXor, Acquire, a, bits, 0) ^ bits
}

// AtomicFetchXorRelease is atomic_fetch_xor_release().
func AtomicFetchXorRelease(c *CPU, a Addr, bits uint32) uint32 {
	return c.ordered(OpXor, Release, a, bits, 0) ^ bits
}

// XchgRelaxed is xchg_relaxed().
func XchgRelaxed(c *CPU, a Addr, v uint32) uint32 { return c.ordered(OpXchg, Relaxed, a, v, 0) }

// XchgAcquire is xchg_acquire().
func XchgAcquire(c *CPU, a Addr, v uint32) uint32 { return c.ordered(OpXchg, Acquire, a, v, 0) }

// XchgRelease is xchg_release().
func XchgRelease(c *CPU, a Addr, v uint32) uint32 { return c.ordered(OpXchg, Release, a, v, 0) }

// CmpXchgRelaxed is cmpxchg_relaxed().
func CmpXchgRelaxed(c *CPU, a Addr, old, v uint32) uint32 {
	return c.ordered(OpCmpXchg, Relaxed, a, old, v)
}

// CmpXchgAcquire is cmpxchg_acquire(): it is an acquire if it succeeds.
func CmpXchgAcquire(c *CPU, a Addr, old, v uint32) uint32 {
	return c.ordered(OpCmpXchg, Acquire, a, old, v)
}

// CmpXchgRelease is cmpxchg_release(): it is a release if it succeeds.
func CmpXchgRelease(c *CPU, a Addr, old, v uint32) uint32 {
	return c.ordered(OpCmpXchg, Release, a, old, v)
}
