package kern

import "sync/atomic"

// A refcount_t is a word, as lib/refcount.c and include/linux/refcount.h of 6.6 have it. A count that was got wrong saturates: it
// is set to RefcountSaturated, half way between the largest count and zero from below, where no number of references that are
// taken and dropped at once brings it back. So an object whose count is wrong leaks, and is not freed under its users. What the
// kernel warns of is reported, each time. The count of a freed object is poison, of which the kernel knows nothing either: it is
// reported, and counts on.

const (
	// RefcountMax is REFCOUNT_MAX, the largest count: INT_MAX.
	RefcountMax = 1<<31 - 1
	// RefcountSaturated is REFCOUNT_SATURATED: INT_MIN / 2.
	RefcountSaturated = 3 << 30
)

// RefcountSet is refcount_set(): it gives the count a value, as whoever makes the object does before anybody else can see it.
func RefcountSet(c *CPU, a Addr, n uint32) {
	if c.sched != nil {
		c.slow(OpRefSet, a, n, 0)
		return
	}
	storeRelease(c.m.word(a), n)
}

// RefcountRead is refcount_read(): it reads the count, which may be another one by then unless all references are the caller's.
func RefcountRead(c *CPU, a Addr) uint32 {
	if c.sched != nil {
		return c.slow(OpRefRead, a, 0, 0)
	}
	return loadAcquire(c.m.word(a))
}

// RefcountInc is refcount_inc(), and atomic_inc() of a count that cannot be zero: it takes a reference to the object that
// the count at a belongs to, whose caller has one already. It returns nothing, so that what others do to the count is not
// its business. A count of zero, or of a freed object, is a violation.
func RefcountInc(c *CPU, a Addr) {
	if c.sched != nil {
		c.slow(OpRefInc, a, 0, 0)
		return
	}
	c.refInc(a)
}

func (c *CPU) refInc(a Addr) {
	if was := atomic.AddUint32(c.m.word(a), 1) - 1; was-1 >= RefcountMax-1 {
		c.saturate(a, was, addUAF)
	}
}

// RefcountIncNotZero is refcount_inc_not_zero(): it takes a reference to the object that the count at a belongs to, unless
// nobody has one any more, and tells whether it did. It orders nothing: what the caller then reads of the object may be older
// than the count, but for the control dependency that keeps later writes behind it.
func RefcountIncNotZero(c *CPU, a Addr) bool { return c.ordered(OpAddUnless, Relaxed, a, 1, 0) != 0 }

// addUnless is atomic_add_unless(), or refcount_inc_not_zero(), which is its relaxed form.
func (c *CPU) addUnless(op Op) bool {
	p := c.m.word(op.Addr)
	if op.Order != Relaxed {
		return addUnlessWord(p, op.A, op.B)
	}
	for {
		was := atomic.LoadUint32(p)
		if was == 0 {
			return false
		}
		if atomic.CompareAndSwapUint32(p, was, was+1) {
			if was >= RefcountMax {
				c.saturate(op.Addr, was, addOverflow)
			}
			return true
		}
	}
}

// RefcountDecAndTest is refcount_dec_and_test(), and atomic_dec_and_test() of a count of references: it drops one and
// tells whether it was the last.
func RefcountDecAndTest(c *CPU, a Addr) bool {
	if c.sched != nil {
		return c.slow(OpRefDecTest, a, 0, 0) != 0
	}
	return c.refDecAndTest(a)
}

func (c *CPU) refDecAndTest(a Addr) bool {
	left := atomic.AddUint32(c.m.word(a), ^uint32(0))
	if left >= RefcountMax {
		c.saturate(a, left+1, subUAF)
	}
	return left == 0
}

// RefcountAdd is refcount_add(): it takes n references at once to the object that the count at a belongs to, whose caller has one
// already.
func RefcountAdd(c *CPU, n uint32, a Addr) {
	if c.sched != nil {
		c.slow(OpRefAdd, a, n, 0)
		return
	}
	c.refAdd(a, n)
}

func (c *CPU) refAdd(a Addr, n uint32) {
	now := atomic.AddUint32(c.m.word(a), n)
	if was := now - n; was == 0 || int32(was) < 0 || int32(now) < 0 {
		c.saturate(a, was, addUAF)
	}
}

// RefcountSubAndTest is refcount_sub_and_test(): it drops n references at once and tells whether these were the last.
func RefcountSubAndTest(c *CPU, n uint32, a Addr) bool {
	if c.sched != nil {
		return c.slow(OpRefSubTest, a, n, 0) != 0
	}
	return c.refSubAndTest(a, n)
}

func (c *CPU) refSubAndTest(a Addr, n uint32) bool {
	left := atomic.AddUint32(c.m.word(a), -n)
	if was := left + n; was != n && (int32(was) < 0 || int32(left) < 0) {
		c.saturate(a, was, subUAF)
	}
	return left == 0
}

// RefcountDec is refcount_dec(): it drops a reference that the caller knows not to be the last. That it was is a leak, since
// nobody frees the object then.
func RefcountDec(c *CPU, a Addr) {
	if c.sched != nil {
		c.slow(OpRefDec, a, 0, 0)
		return
	}
	c.refDec(a)
}

func (c *CPU) refDec(a Addr) {
	if left := atomic.AddUint32(c.m.word(a), ^uint32(0)); left-1 >= RefcountMax-1 {
		c.saturate(a, left+1, decLeak)
	}
}

// RefcountDecIfOne is refcount_dec_if_one(): it drops the reference if it is the last, and tells whether it did.
func RefcountDecIfOne(c *CPU, a Addr) bool { return CmpXchgRelease(c, a, 1, 0) == 1 }

// RefcountDecNotOne is refcount_dec_not_one(): it drops the reference unless it is the last, and tells whether it did. A count
// that is saturated, or zero, stays as it is.
func RefcountDecNotOne(c *CPU, a Addr) bool {
	v := RefcountRead(c, a)
	for {
		switch v {
		case RefcountSaturated:
			return true
		case 1:
			return false
		}
		if v-1 > v {
			c.Report(&Violation{Kind: UseAfterFree, Addr: a, Detail: "drops a reference to %o, which has none left"})
			return true
		}
		old := CmpXchgRelease(c, a, v, v-1)
		if old == v {
			return true
		}
		v = old
	}
}

// RefcountDecAndLock is refcount_dec_and_lock(): it drops a reference, and if that was the last it returns true with the spin
// lock at l held. So nobody who looks the object up under the lock finds one that has no reference left.
func RefcountDecAndLock(c *CPU, a, l Addr) bool {
	if RefcountDecNotOne(c, a) {
		return false
	}
	SpinLock(c, l)
	if !RefcountDecAndTest(c, a) {
		SpinUnlock(c, l)
		return false
	}
	return true
}

// RefcountDecAndMutexLock is refcount_dec_and_mutex_lock(): as RefcountDecAndLock, with a mutex. It may sleep.
func RefcountDecAndMutexLock(c *CPU, a, l Addr) bool {
	if RefcountDecNotOne(c, a) {
		return false
	}
	MutexLock(c, l)
	if !RefcountDecAndTest(c, a) {
		MutexUnlock(c, l)
		return false
	}
	return true
}

// saturation is enum refcount_saturation_type: what was done to a count that was wrong.
type saturation uint8

const (
	addOverflow saturation = iota // REFCOUNT_ADD_OVF, REFCOUNT_ADD_NOT_ZERO_OVF: to one that is saturated, or is now
	addUAF                        // REFCOUNT_ADD_UAF: to zero
	subUAF                        // REFCOUNT_SUB_UAF: from zero, or from one that is saturated
	decLeak                       // REFCOUNT_DEC_LEAK: to zero, by who does not look
)

// saturate is refcount_warn_saturate(): it reports a change of a count that was not one of a live object, or makes it none.
func (c *CPU) saturate(a Addr, was uint32, how saturation) {
	if how == addUAF && was != 0 {
		how = addOverflow
	}
	v := &Violation{Kind: RefcountLeak, Addr: a, Detail: "takes a reference to %o, whose count is saturated"}
	switch how {
	case addUAF:
		v.Kind, v.Detail = UseAfterFree, "takes a reference to %o, which has none left"
	case subUAF:
		v.Kind, v.Detail = UseAfterFree, "drops a reference to %o, which has none left"
	case decLeak:
		if v.Detail = "drops the last reference to %o, and nobody frees it"; was != 1 {
			v.Detail = "drops a reference to %o, which has none left, or a count that is saturated"
		}
	}
	switch {
	case !PoisonedCount(was):
		storeRelease(c.m.word(a), RefcountSaturated)
	case how == addOverflow:
		v.Kind, v.Detail = UseAfterFree, "takes a reference to %o, which was freed"
	default:
		v.Kind, v.Detail = UseAfterFree, "drops a reference to %o, which was freed"
	}
	c.Report(v)
}

// PoisonedCount tells whether a count is that of a freed object, on which late users may have counted up or down.
func PoisonedCount(v uint32) bool { return Addr(v) > FreePoison-1<<16 && Addr(v) < FreePoison+1<<16 }
