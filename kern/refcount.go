package kern

import "sync/atomic"

// maxReferences is what no count of references reaches: beyond it lie poison, and counts that went below zero.
const maxReferences = 1 << 24

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
	if was := atomic.AddUint32(c.m.word(a), 1) - 1; was-1 >= maxReferences {
		c.badCount(a, was, "takes")
	}
}

// RefcountIncNotZero is refcount_inc_not_zero(): it takes a reference to the object that the count at a belongs to, unless
// nobody has one any more, and tells whether it did. It orders nothing: what the caller then reads of the object may be older
// than the count, but for the control dependency that keeps later writes behind it.
func RefcountIncNotZero(c *CPU, a Addr) bool { return c.ordered(OpAddUnless, Relaxed, a, 1, 0) != 0 }

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
	if left >= maxReferences {
		c.badCount(a, left+1, "drops")
	}
	return left == 0
}

// badCount reports a change of a count that was not one of a live object.
func (c *CPU) badCount(a Addr, was uint32, what string) {
	detail := what + " a reference to %o, which has none left"
	if PoisonedCount(was) {
		detail = what + " a reference to %o, which was freed"
	}
	c.Report(&Violation{Kind: UseAfterFree, Addr: a, Detail: detail})
}

// PoisonedCount tells whether a count is that of a freed object, on which late users may have counted up or down.
func PoisonedCount(v uint32) bool { return Addr(v) > FreePoison-1<<16 && Addr(v) < FreePoison+1<<16 }
