package kerntest

import "ptsim/kern"

// Perform calls the primitive that op is, and returns its result, 0 if it has none. ok is false for what Perform does not know.
func Perform(c *kern.CPU, op kern.Op) (v uint32, ok bool) {
	a := op.Addr
	if op.Order != kern.Unordered || kern.PrimitiveOf(op.Kind).Mover == kern.BothMover {
		return ordered(c, op), true
	}
	switch op.Kind {
	case kern.OpRead:
		return kern.ReadOnce(c, a), true
	case kern.OpWrite:
		kern.WriteOnce(c, a, op.A)
	case kern.OpLoad:
		return kern.Load(c, a), true
	case kern.OpStore:
		kern.Store(c, a, op.A)
	case kern.OpAdd:
		return kern.AtomicAddReturn(c, a, op.A), true
	case kern.OpXor:
		return kern.AtomicXorBits(c, a, op.A), true
	case kern.OpCmpXchg:
		return kern.CmpXchg(c, a, op.A, op.B), true
	case kern.OpXchg:
		return kern.Xchg(c, a, op.A), true
	case kern.OpAddUnless:
		return truth(kern.AtomicAddUnless(c, a, op.A, op.B)), true
	case kern.OpOr:
		return kern.AtomicFetchOr(c, a, op.A), true
	case kern.OpAndNot:
		return kern.AtomicFetchAndNot(c, a, op.A), true
	case kern.OpAddVoid:
		kern.AtomicAdd(c, a, op.A)
	case kern.OpXorVoid:
		kern.AtomicXor(c, a, op.A)
	case kern.OpOrVoid:
		kern.AtomicOr(c, a, op.A)
	case kern.OpAndNotVoid:
		kern.AtomicAndNot(c, a, op.A)
	case kern.OpRefInc:
		kern.RefcountInc(c, a)
	case kern.OpRefDecTest:
		return truth(kern.RefcountDecAndTest(c, a)), true
	case kern.OpRefDec:
		kern.RefcountDec(c, a)
	case kern.OpThisCPURead:
		return kern.ThisCPURead(c, kern.PerCPU(a)), true
	case kern.OpThisCPUWrite:
		kern.ThisCPUWrite(c, kern.PerCPU(a), op.A)
	case kern.OpThisCPUAdd:
		kern.ThisCPUAdd(c, kern.PerCPU(a), op.A)
	case kern.OpThisCPUAnd:
		kern.ThisCPUAnd(c, kern.PerCPU(a), op.A)
	case kern.OpThisCPUOr:
		kern.ThisCPUOr(c, kern.PerCPU(a), op.A)
	case kern.OpRefAdd:
		kern.RefcountAdd(c, op.A, a)
	case kern.OpRefSubTest:
		return truth(kern.RefcountSubAndTest(c, op.A, a)), true
	case kern.OpThisCPUAddReturn:
		return kern.ThisCPUAddReturn(c, kern.PerCPU(a), op.A), true
	case kern.OpThisCPUXchg:
		return kern.ThisCPUXchg(c, kern.PerCPU(a), op.A), true
	case kern.OpThisCPUCmpXchg:
		return kern.ThisCPUCmpXchg(c, kern.PerCPU(a), op.A, op.B), true
	case kern.OpThisCPUPtr:
		return uint32(kern.ThisCPUPtr(c, kern.PerCPU(a))), true
	case kern.OpRawCPUPtr:
		return uint32(kern.RawCPUPtr(c, kern.PerCPU(a))), true
	case kern.OpRefSet:
		kern.RefcountSet(c, a, op.A)
	case kern.OpRefRead:
		return kern.RefcountRead(c, a), true
	case kern.OpDownReadTrylock:
		return truth(kern.DownReadTrylock(c, a)), true
	case kern.OpDownWriteTrylock:
		return truth(kern.DownWriteTrylock(c, a)), true
	case kern.OpDownRead:
		kern.DownRead(c, a)
	case kern.OpUpRead:
		kern.UpRead(c, a)
	case kern.OpDownWrite:
		kern.DownWrite(c, a)
	case kern.OpUpWrite:
		kern.UpWrite(c, a)
	case kern.OpSpinLock:
		kern.SpinLock(c, a)
	case kern.OpSpinUnlock:
		kern.SpinUnlock(c, a)
	case kern.OpSpinTrylock:
		return truth(kern.SpinTrylock(c, a)), true
	case kern.OpSpinIsLocked:
		return truth(kern.SpinIsLocked(c, a)), true
	case kern.OpSpinLockBH:
		kern.SpinLockBH(c, a)
	case kern.OpSpinUnlockBH:
		kern.SpinUnlockBH(c, a)
	case kern.OpBHDisable:
		kern.LocalBHDisable(c)
	case kern.OpBHEnable:
		kern.LocalBHEnable(c)
	case kern.OpPreemptDisable:
		kern.PreemptDisable(c)
	case kern.OpPreemptEnable:
		kern.PreemptEnable(c)
	case kern.OpMightSleep:
		kern.MightSleep(c)
	case kern.OpListInit:
		kern.InitListHead(c, a)
	case kern.OpListAdd:
		kern.ListAdd(c, a, kern.Addr(op.A))
	case kern.OpListAddTail:
		kern.ListAddTail(c, a, kern.Addr(op.A))
	case kern.OpListDel:
		kern.ListDel(c, a)
	case kern.OpListDelInit:
		kern.ListDelInit(c, a)
	case kern.OpListEmpty:
		return truth(kern.ListEmpty(c, a)), true
	case kern.OpListFirst:
		return uint32(kern.ListFirstOrNull(c, a)), true
	case kern.OpListAddRCU:
		kern.ListAddRCU(c, a, kern.Addr(op.A))
	case kern.OpListAddTailRCU:
		kern.ListAddTailRCU(c, a, kern.Addr(op.A))
	case kern.OpListDelRCU:
		kern.ListDelRCU(c, a)
	case kern.OpRCUReadLock:
		kern.RCUReadLock(c)
	case kern.OpRCUReadUnlock:
		kern.RCUReadUnlock(c)
	case kern.OpMark:
		kern.Mark(c, op.A)
	case kern.OpChoose:
		return kern.Choose(c, op.A), true
	default:
		return 0, false
	}
	return 0, true
}

func truth(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}
