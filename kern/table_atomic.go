package kern

// More of the table: atomics that return nothing, and barriers.
func init() {
	void := func(kernel, fn, call, does string) Primitive {
		return Primitive{Name: kernel, Func: fn, Shape: OneWord, Reads: true, Writes: true, Void: true, Atomic: true, Order: Relaxed, Call: call, Does: does}
	}
	primitives[OpAddVoid] = void("atomic_add", "AtomicAdd", "atomic_add({int A}, {word})", "adds {int A} to {word}")
	primitives[OpXorVoid] = void("atomic_xor", "AtomicXor", "atomic_xor({hex A}, {word})", "flips the bits {hex A} of {word}")
	primitives[OpOrVoid] = void("atomic_or", "AtomicOr", "atomic_or({hex A}, {word})", "turns on the bits {hex A} of {word}")
	primitives[OpAndNotVoid] = void("atomic_andnot", "AtomicAndNot", "atomic_andnot({hex A}, {word})", "turns off the bits {hex A} of {word}")
	primitives[OpAndNotVoid].Forms = []Form{{Release, "clear_bit_unlock", "ClearBitUnlock"}}

	barrier := func(kernel, fn string, o Order, does string) Primitive {
		return Primitive{Name: kernel, Func: fn, Order: o, Mover: BothMover, Call: kernel + "()", Does: does}
	}
	primitives[OpMB] = barrier("smp_mb", "SmpMB", Full, "keeps all accesses on their side of it")
	primitives[OpRMB] = barrier("smp_rmb", "SmpRMB", ReadsOnly, "keeps reads on their side of it")
	primitives[OpWMB] = barrier("smp_wmb", "SmpWMB", WritesOnly, "keeps writes on their side of it")
	primitives[OpMBBeforeAtomic] = barrier("smp_mb__before_atomic", "SmpMBBeforeAtomic", BeforeAtomic, "keeps what precedes before the next atomic, and all that follows that")
	primitives[OpMBAfterAtomic] = barrier("smp_mb__after_atomic", "SmpMBAfterAtomic", AfterAtomic, "keeps what follows behind the last atomic, and all that precedes that")
	primitives[OpMBAfterSpinlock] = barrier("smp_mb__after_spinlock", "SmpMBAfterSpinlock", AfterSpinlock, "keeps what follows behind the last spin_lock, and all that precedes that")
	primitives[OpMBAfterUnlock] = barrier("smp_mb__after_unlock_lock", "SmpMBAfterUnlockLock", AfterUnlockLock, "keeps what follows behind all that precedes an unlock before the last spin_lock")
}
