package kern

// Atomics that are others under another name, or made of others: what include/linux/atomic/atomic-arch-fallback.h of 6.6 makes of
// those that a machine has. Where a name has no order a value that is returned makes it a full barrier, as in ordered.go.

// AtomicRead is atomic_read(): READ_ONCE() of the counter. Relaxed.
func AtomicRead(c *CPU, a Addr) uint32 { return ReadOnce(c, a) }

// AtomicReadAcquire is atomic_read_acquire().
func AtomicReadAcquire(c *CPU, a Addr) uint32 { return SmpLoadAcquire(c, a) }

// AtomicSet is atomic_set(): WRITE_ONCE() of the counter. Relaxed.
func AtomicSet(c *CPU, a Addr, v uint32) { WriteOnce(c, a, v) }

// AtomicSetRelease is atomic_set_release().
func AtomicSetRelease(c *CPU, a Addr, v uint32) { SmpStoreRelease(c, a, v) }

// AtomicSub is atomic_sub(): it takes d off and returns nothing. Relaxed.
func AtomicSub(c *CPU, a Addr, d uint32) { AtomicAdd(c, a, -d) }

// AtomicAnd is atomic_and(): it clears all bits but these and returns nothing. Relaxed.
func AtomicAnd(c *CPU, a Addr, bits uint32) { AtomicAndNot(c, a, ^bits) }

// ChangeBit is change_bit(). Relaxed.
func ChangeBit(c *CPU, a Addr, bit uint) { AtomicXor(c, a, 1<<bit) }

// TestBit is test_bit(): it tells whether the bit is set. Relaxed.
func TestBit(c *CPU, a Addr, bit uint) bool { return ReadOnce(c, a)>>bit&1 != 0 }

// TestBitAcquire is test_bit_acquire().
func TestBitAcquire(c *CPU, a Addr, bit uint) bool { return SmpLoadAcquire(c, a)>>bit&1 != 0 }

// TestAndChangeBit is test_and_change_bit(): it flips the bit and tells whether it was set. Fully ordered.
func TestAndChangeBit(c *CPU, a Addr, bit uint) bool { return AtomicFetchXor(c, a, 1<<bit)>>bit&1 != 0 }

// AtomicIncAndTest is atomic_inc_and_test(): it adds 1 and tells whether the new value is zero. Fully ordered.
func AtomicIncAndTest(c *CPU, a Addr) bool { return AtomicAddReturn(c, a, 1) == 0 }

// AtomicFetchAddUnless is atomic_fetch_add_unless(): it adds d unless the word holds u, and returns what the word held. Fully
// ordered if it added.
func AtomicFetchAddUnless(c *CPU, a Addr, d, u uint32) uint32 {
	v := AtomicRead(c, a)
	for v != u && !AtomicTryCmpXchg(c, a, &v, v+d) {
	}
	return v
}

// AtomicIncUnlessNegative is atomic_inc_unless_negative(): it adds 1 unless the value is below zero, and tells whether it did.
func AtomicIncUnlessNegative(c *CPU, a Addr) bool {
	v := AtomicRead(c, a)
	for int32(v) >= 0 {
		if AtomicTryCmpXchg(c, a, &v, v+1) {
			return true
		}
	}
	return false
}

// AtomicDecUnlessPositive is atomic_dec_unless_positive(): it takes 1 off unless the value is above zero, and tells whether it did.
func AtomicDecUnlessPositive(c *CPU, a Addr) bool {
	v := AtomicRead(c, a)
	for int32(v) <= 0 {
		if AtomicTryCmpXchg(c, a, &v, v-1) {
			return true
		}
	}
	return false
}

// AtomicDecIfPositive is atomic_dec_if_positive(): it takes 1 off unless that makes the value negative, and returns the old value
// less 1 in either case.
func AtomicDecIfPositive(c *CPU, a Addr) int32 {
	v := AtomicRead(c, a)
	for int32(v-1) >= 0 && !AtomicTryCmpXchg(c, a, &v, v-1) {
	}
	return int32(v - 1)
}

// AtomicSubReturn is atomic_sub_return(): it takes d off and returns the new value. Fully ordered.
func AtomicSubReturn(c *CPU, a Addr, d uint32) uint32 { return AtomicAddReturn(c, a, -d) }

// AtomicSubReturnRelaxed is atomic_sub_return_relaxed().
func AtomicSubReturnRelaxed(c *CPU, a Addr, d uint32) uint32 { return AtomicAddReturnRelaxed(c, a, -d) }

// AtomicSubReturnAcquire is atomic_sub_return_acquire().
func AtomicSubReturnAcquire(c *CPU, a Addr, d uint32) uint32 { return AtomicAddReturnAcquire(c, a, -d) }

// AtomicSubReturnRelease is atomic_sub_return_release().
func AtomicSubReturnRelease(c *CPU, a Addr, d uint32) uint32 { return AtomicAddReturnRelease(c, a, -d) }

// AtomicFetchSub is atomic_fetch_sub(): it takes d off and returns the old value. Fully ordered.
func AtomicFetchSub(c *CPU, a Addr, d uint32) uint32 { return AtomicFetchAdd(c, a, -d) }

// AtomicFetchSubRelaxed is atomic_fetch_sub_relaxed().
func AtomicFetchSubRelaxed(c *CPU, a Addr, d uint32) uint32 { return AtomicFetchAddRelaxed(c, a, -d) }

// AtomicFetchSubAcquire is atomic_fetch_sub_acquire().
func AtomicFetchSubAcquire(c *CPU, a Addr, d uint32) uint32 { return AtomicFetchAddAcquire(c, a, -d) }

// AtomicFetchSubRelease is atomic_fetch_sub_release().
func AtomicFetchSubRelease(c *CPU, a Addr, d uint32) uint32 { return AtomicFetchAddRelease(c, a, -d) }

// AtomicIncReturnRelaxed is atomic_inc_return_relaxed(): it adds 1 and returns the new value. Relaxed.
func AtomicIncReturnRelaxed(c *CPU, a Addr) uint32 { return AtomicAddReturnRelaxed(c, a, 1) }

// AtomicIncReturnAcquire is atomic_inc_return_acquire().
func AtomicIncReturnAcquire(c *CPU, a Addr) uint32 { return AtomicAddReturnAcquire(c, a, 1) }

// AtomicIncReturnRelease is atomic_inc_return_release().
func AtomicIncReturnRelease(c *CPU, a Addr) uint32 { return AtomicAddReturnRelease(c, a, 1) }

// AtomicDecReturnRelaxed is atomic_dec_return_relaxed(): it takes 1 off and returns the new value. Relaxed.
func AtomicDecReturnRelaxed(c *CPU, a Addr) uint32 { return AtomicSubReturnRelaxed(c, a, 1) }

// AtomicDecReturnAcquire is atomic_dec_return_acquire().
func AtomicDecReturnAcquire(c *CPU, a Addr) uint32 { return AtomicSubReturnAcquire(c, a, 1) }

// AtomicDecReturnRelease is atomic_dec_return_release().
func AtomicDecReturnRelease(c *CPU, a Addr) uint32 { return AtomicSubReturnRelease(c, a, 1) }

// AtomicFetchInc is atomic_fetch_inc(): it adds 1 and returns the old value. Fully ordered.
func AtomicFetchInc(c *CPU, a Addr) uint32 { return AtomicFetchAdd(c, a, 1) }

// AtomicFetchIncRelaxed is atomic_fetch_inc_relaxed().
func AtomicFetchIncRelaxed(c *CPU, a Addr) uint32 { return AtomicFetchAddRelaxed(c, a, 1) }

// AtomicFetchIncAcquire is atomic_fetch_inc_acquire().
func AtomicFetchIncAcquire(c *CPU, a Addr) uint32 { return AtomicFetchAddAcquire(c, a, 1) }

// AtomicFetchIncRelease is atomic_fetch_inc_release().
func AtomicFetchIncRelease(c *CPU, a Addr) uint32 { return AtomicFetchAddRelease(c, a, 1) }

// AtomicFetchDec is atomic_fetch_dec(): it takes 1 off and returns the old value. Fully ordered.
func AtomicFetchDec(c *CPU, a Addr) uint32 { return AtomicFetchSub(c, a, 1) }

// AtomicFetchDecRelaxed is atomic_fetch_dec_relaxed().
func AtomicFetchDecRelaxed(c *CPU, a Addr) uint32 { return AtomicFetchSubRelaxed(c, a, 1) }

// AtomicFetchDecAcquire is atomic_fetch_dec_acquire().
func AtomicFetchDecAcquire(c *CPU, a Addr) uint32 { return AtomicFetchSubAcquire(c, a, 1) }

// AtomicFetchDecRelease is atomic_fetch_dec_release().
func AtomicFetchDecRelease(c *CPU, a Addr) uint32 { return AtomicFetchSubRelease(c, a, 1) }

// AtomicFetchAnd is atomic_fetch_and(): it clears all bits but these and returns the old value. Fully ordered.
func AtomicFetchAnd(c *CPU, a Addr, bits uint32) uint32 { return AtomicFetchAndNot(c, a, ^bits) }

// AtomicFetchAndRelaxed is atomic_fetch_and_relaxed().
func AtomicFetchAndRelaxed(c *CPU, a Addr, bits uint32) uint32 {
	return AtomicFetchAndNotRelaxed(c, a, ^bits)
}

// AtomicFetchAndAcquire is atomic_fetch_and_acquire().
func AtomicFetchAndAcquire(c *CPU, a Addr, bits uint32) uint32 {
	return AtomicFetchAndNotAcquire(c, a, ^bits)
}

// AtomicFetchAndRelease is atomic_fetch_and_release().
func AtomicFetchAndRelease(c *CPU, a Addr, bits uint32) uint32 {
	return AtomicFetchAndNotRelease(c, a, ^bits)
}

// AtomicAddNegative is atomic_add_negative(): it adds d and tells whether the new value is below zero. Fully ordered.
func AtomicAddNegative(c *CPU, a Addr, d uint32) bool { return int32(AtomicAddReturn(c, a, d)) < 0 }

// AtomicAddNegativeRelaxed is atomic_add_negative_relaxed().
func AtomicAddNegativeRelaxed(c *CPU, a Addr, d uint32) bool {
	return int32(AtomicAddReturnRelaxed(c, a, d)) < 0
}

// AtomicAddNegativeAcquire is atomic_add_negative_acquire().
func AtomicAddNegativeAcquire(c *CPU, a Addr, d uint32) bool {
	return int32(AtomicAddReturnAcquire(c, a, d)) < 0
}

// AtomicAddNegativeRelease is atomic_add_negative_release().
func AtomicAddNegativeRelease(c *CPU, a Addr, d uint32) bool {
	return int32(AtomicAddReturnRelease(c, a, d)) < 0
}

// AtomicTryCmpXchg is atomic_try_cmpxchg(): it stores v if the word holds *old, and tells whether it did; if not, *old is
// what the word held. Fully ordered if it succeeds.
func AtomicTryCmpXchg(c *CPU, a Addr, old *uint32, v uint32) bool {
	return tryCmpXchg(old, CmpXchg(c, a, *old, v))
}

// AtomicTryCmpXchgRelaxed is atomic_try_cmpxchg_relaxed().
func AtomicTryCmpXchgRelaxed(c *CPU, a Addr, old *uint32, v uint32) bool {
	return tryCmpXchg(old, CmpXchgRelaxed(c, a, *old, v))
}

// AtomicTryCmpXchgAcquire is atomic_try_cmpxchg_acquire().
func AtomicTryCmpXchgAcquire(c *CPU, a Addr, old *uint32, v uint32) bool {
	return tryCmpXchg(old, CmpXchgAcquire(c, a, *old, v))
}

// AtomicTryCmpXchgRelease is atomic_try_cmpxchg_release().
func AtomicTryCmpXchgRelease(c *CPU, a Addr, old *uint32, v uint32) bool {
	return tryCmpXchg(old, CmpXchgRelease(c, a, *old, v))
}

// tryCmpXchg makes of what a cmpxchg() found what a try_cmpxchg() returns.
func tryCmpXchg(old *uint32, found uint32) bool {
	done := found == *old
	*old = found
	return done
}
