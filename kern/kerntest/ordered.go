package kerntest

import (
	"math/bits"

	"ptsim/kern"
)

type order struct {
	kind  kern.OpKind
	order kern.Order
}

// ordered calls a barrier, or a primitive in another than its usual order.
func ordered(c *kern.CPU, op kern.Op) uint32 {
	a := op.Addr
	switch (order{op.Kind, op.Order}) {
	case order{kern.OpMB, 0}:
		kern.SmpMB(c)
	case order{kern.OpRMB, 0}:
		kern.SmpRMB(c)
	case order{kern.OpWMB, 0}:
		kern.SmpWMB(c)
	case order{kern.OpMBBeforeAtomic, 0}:
		kern.SmpMBBeforeAtomic(c)
	case order{kern.OpMBAfterAtomic, 0}:
		kern.SmpMBAfterAtomic(c)
	case order{kern.OpMBAfterSpinlock, 0}:
		kern.SmpMBAfterSpinlock(c)
	case order{kern.OpMBAfterUnlock, 0}:
		kern.SmpMBAfterUnlockLock(c)
	case order{kern.OpRead, kern.Dependent}:
		return uint32(kern.RCUDereference(c, a))
	case order{kern.OpRead, kern.Acquire}:
		return kern.SmpLoadAcquire(c, a)
	case order{kern.OpWrite, kern.Release}:
		if kern.Addr(op.A) > 0x40 {
			kern.RCUAssignPointer(c, a, kern.Addr(op.A))
		} else {
			kern.SmpStoreRelease(c, a, op.A)
		}
	case order{kern.OpWrite, kern.Full}:
		kern.SmpStoreMB(c, a, op.A)
	case order{kern.OpAddUnless, kern.Relaxed}:
		return truth(kern.RefcountIncNotZero(c, a))
	case order{kern.OpAndNotVoid, kern.Release}:
		kern.ClearBitUnlock(c, a, uint(bits.TrailingZeros32(op.A)))
	case order{kern.OpAdd, kern.Relaxed}:
		return kern.AtomicAddReturnRelaxed(c, a, op.A)
	case order{kern.OpAdd, kern.Acquire}:
		return kern.AtomicAddReturnAcquire(c, a, op.A)
	case order{kern.OpAdd, kern.Release}:
		return kern.AtomicAddReturnRelease(c, a, op.A)
	case order{kern.OpXor, kern.Relaxed}:
		return kern.AtomicFetchXorRelaxed(c, a, op.A) ^ op.A
	case order{kern.OpXor, kern.Acquire}:
		return kern.AtomicFetchXorAcquire(c, a, op.A) ^ op.A
	case order{kern.OpXor, kern.Release}:
		return kern.AtomicFetchXorRelease(c, a, op.A) ^ op.A
	case order{kern.OpOr, kern.Relaxed}:
		return kern.AtomicFetchOrRelaxed(c, a, op.A)
	case order{kern.OpOr, kern.Acquire}:
		return kern.AtomicFetchOrAcquire(c, a, op.A)
	case order{kern.OpOr, kern.Release}:
		return kern.AtomicFetchOrRelease(c, a, op.A)
	case order{kern.OpAndNot, kern.Relaxed}:
		return kern.AtomicFetchAndNotRelaxed(c, a, op.A)
	case order{kern.OpAndNot, kern.Acquire}:
		return kern.AtomicFetchAndNotAcquire(c, a, op.A)
	case order{kern.OpAndNot, kern.Release}:
		return kern.AtomicFetchAndNotRelease(c, a, op.A)
	case order{kern.OpXchg, kern.Relaxed}:
		return kern.XchgRelaxed(c, a, op.A)
	case order{kern.OpXchg, kern.Acquire}:
		return kern.XchgAcquire(c, a, op.A)
	case order{kern.OpXchg, kern.Release}:
		return kern.XchgRelease(c, a, op.A)
	case order{kern.OpCmpXchg, kern.Relaxed}:
		return kern.CmpXchgRelaxed(c, a, op.A, op.B)
	case order{kern.OpCmpXchg, kern.Acquire}:
		return kern.CmpXchgAcquire(c, a, op.A, op.B)
	case order{kern.OpCmpXchg, kern.Release}:
		return kern.CmpXchgRelease(c, a, op.A, op.B)
	default:
		panic("kerntest: no primitive has the order of " + op.Name())
	}
	return 0
}
