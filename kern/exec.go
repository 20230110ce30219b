package kern

import "sync/atomic"

// run carries the primitives out, by kind. It is filled in at start, since the functions need it themselves.
var run [numOps]func(c *CPU, op Op) uint32

func init() {
	nothing := func(*CPU, Op) uint32 { return 0 }
	run = [numOps]func(c *CPU, op Op) uint32{
		OpRead:  func(c *CPU, op Op) uint32 { return loadAcquire(c.m.word(op.Addr)) },
		OpWrite: func(c *CPU, op Op) uint32 { storeRelease(c.m.word(op.Addr), op.A); return 0 },
		OpLoad:  func(c *CPU, op Op) uint32 { return *c.m.word(op.Addr) },
		OpStore: func(c *CPU, op Op) uint32 { *c.m.word(op.Addr) = op.A; return 0 },

		OpAdd:       func(c *CPU, op Op) uint32 { return atomic.AddUint32(c.m.word(op.Addr), op.A) },
		OpXor:       func(c *CPU, op Op) uint32 { return xorWord(c.m.word(op.Addr), op.A) },
		OpCmpXchg:   func(c *CPU, op Op) uint32 { return cmpxchgWord(c.m.word(op.Addr), op.A, op.B) },
		OpXchg:      func(c *CPU, op Op) uint32 { return atomic.SwapUint32(c.m.word(op.Addr), op.A) },
		OpAddUnless: func(c *CPU, op Op) uint32 { return b2u(c.addUnless(op)) },
		OpOr:        func(c *CPU, op Op) uint32 { return atomic.OrUint32(c.m.word(op.Addr), op.A) },
		OpAndNot:    func(c *CPU, op Op) uint32 { return atomic.AndUint32(c.m.word(op.Addr), ^op.A) },

		OpAddVoid:    func(c *CPU, op Op) uint32 { atomic.AddUint32(c.m.word(op.Addr), op.A); return 0 },
		OpXorVoid:    func(c *CPU, op Op) uint32 { xorWord(c.m.word(op.Addr), op.A); return 0 },
		OpOrVoid:     func(c *CPU, op Op) uint32 { atomic.OrUint32(c.m.word(op.Addr), op.A); return 0 },
		OpAndNotVoid: func(c *CPU, op Op) uint32 { atomic.AndUint32(c.m.word(op.Addr), ^op.A); return 0 },

		OpMB:              nothing, // Go's atomics are sequentially consistent
		OpRMB:             nothing,
		OpWMB:             nothing,
		OpMBBeforeAtomic:  nothing,
		OpMBAfterAtomic:   nothing,
		OpMBAfterSpinlock: nothing,
		OpMBAfterUnlock:   nothing,

		OpRefInc:     func(c *CPU, op Op) uint32 { c.refInc(op.Addr); return 0 },
		OpRefDecTest: func(c *CPU, op Op) uint32 { return b2u(c.refDecAndTest(op.Addr)) },
		OpRefDec:     func(c *CPU, op Op) uint32 { c.refDec(op.Addr); return 0 },
		OpRefSet:     func(c *CPU, op Op) uint32 { storeRelease(c.m.word(op.Addr), op.A); return 0 },
		OpRefRead:    func(c *CPU, op Op) uint32 { return loadAcquire(c.m.word(op.Addr)) },

		OpDownRead:  func(c *CPU, op Op) uint32 { c.downRead(op.Addr); return 0 },
		OpUpRead:    func(c *CPU, op Op) uint32 { c.upRead(op.Addr); return 0 },
		OpDownWrite: func(c *CPU, op Op) uint32 { c.downWrite(op.Addr); return 0 },
		OpUpWrite:   func(c *CPU, op Op) uint32 { c.upWrite(op.Addr); return 0 },

		OpSpinLock:     func(c *CPU, op Op) uint32 { c.spinLock(op.Addr); return 0 },
		OpSpinUnlock:   func(c *CPU, op Op) uint32 { c.spinUnlock(op.Addr); return 0 },
		OpSpinLockBH:   func(c *CPU, op Op) uint32 { c.bhOff++; c.spinLock(op.Addr); return 0 },
		OpSpinUnlockBH: func(c *CPU, op Op) uint32 { c.spinUnlock(op.Addr); c.bhEnable(); return 0 },
		OpSpinTrylock:  func(c *CPU, op Op) uint32 { return b2u(c.spinTrylock(op.Addr)) },
		OpSpinIsLocked: func(c *CPU, op Op) uint32 { return b2u(loadAcquire(c.m.word(op.Addr)) != 0) },
		OpBHDisable:    func(c *CPU, op Op) uint32 { c.bhOff++; return 0 },
		OpBHEnable:     func(c *CPU, op Op) uint32 { c.bhEnable(); return 0 },

		OpDownReadTrylock:  func(c *CPU, op Op) uint32 { return b2u(c.downReadTrylock(op.Addr)) },
		OpDownWriteTrylock: func(c *CPU, op Op) uint32 { return b2u(c.downWriteTrylock(op.Addr)) },

		OpReadLock:      func(c *CPU, op Op) uint32 { c.readLock(op.Addr); return 0 },
		OpReadUnlock:    func(c *CPU, op Op) uint32 { c.readUnlock(op.Addr); return 0 },
		OpWriteLock:     func(c *CPU, op Op) uint32 { return b2u(c.writeLock(op.Addr)) },
		OpWriteLockWait: func(c *CPU, op Op) uint32 { c.writeLockWait(op.Addr); return 0 },
		OpWriteUnlock:   func(c *CPU, op Op) uint32 { c.writeUnlock(op.Addr); return 0 },

		OpMutexLock:     func(c *CPU, op Op) uint32 { c.mutexLock(op.Addr); return 0 },
		OpMutexTrylock:  func(c *CPU, op Op) uint32 { return b2u(c.mutexTrylock(op.Addr)) },
		OpMutexUnlock:   func(c *CPU, op Op) uint32 { c.mutexUnlock(op.Addr); return 0 },
		OpMutexIsLocked: func(c *CPU, op Op) uint32 { return b2u(loadAcquire(c.m.word(op.Addr)) != 0) },

		OpBitSpinLock:      func(c *CPU, op Op) uint32 { c.bitLock(op.Addr, op.A, true); return 0 },
		OpBitSpinTrylock:   func(c *CPU, op Op) uint32 { return b2u(c.bitTrylock(op.Addr, op.A, true)) },
		OpBitSpinUnlock:    func(c *CPU, op Op) uint32 { c.bitUnlock(op.Addr, op.A, true); return 0 },
		OpBitSpinIsLocked:  func(c *CPU, op Op) uint32 { return b2u(c.bitIsLocked(op.Addr, op.A)) },
		OpLockPage:         func(c *CPU, op Op) uint32 { c.lockPage(op.Addr, op.A); return 0 },
		OpTrylockPage:      func(c *CPU, op Op) uint32 { return b2u(c.bitTrylock(op.Addr, op.A, false)) },
		OpUnlockPage:       func(c *CPU, op Op) uint32 { c.bitUnlock(op.Addr, op.A, false); return 0 },
		OpPageLocked:       func(c *CPU, op Op) uint32 { return b2u(c.bitIsLocked(op.Addr, op.A)) },
		OpWaitOnPageLocked: func(c *CPU, op Op) uint32 { c.waitOnBit(op.Addr, op.A); return 0 },

		OpLocalLock:   func(c *CPU, op Op) uint32 { c.preemptOff++; c.localLock(op.Addr); return 0 },
		OpLocalUnlock: func(c *CPU, op Op) uint32 { c.localUnlock(op.Addr); c.preemptEnable(); return 0 },

		OpInitCompletion:    func(c *CPU, op Op) uint32 { *c.m.word(op.Addr) = 0; return 0 },
		OpComplete:          func(c *CPU, op Op) uint32 { c.complete(op.Addr); return 0 },
		OpCompleteAll:       func(c *CPU, op Op) uint32 { c.completeAll(op.Addr); return 0 },
		OpWaitForCompletion: func(c *CPU, op Op) uint32 { c.waitForCompletion(op.Addr); return 0 },
		OpPrepareToWait:     func(c *CPU, op Op) uint32 { return c.prepareToWait(op.Addr) },
		OpSchedule:          func(c *CPU, op Op) uint32 { c.schedule(op.Addr, op.A); return 0 },
		OpFinishWait:        func(c *CPU, op Op) uint32 { c.finishWait(op.Addr); return 0 },
		OpWakeUp:            func(c *CPU, op Op) uint32 { c.wakeUp(op.Addr); return 0 },
		OpWaitqueueActive:   func(c *CPU, op Op) uint32 { return b2u(c.waitqueueActive(op.Addr)) },

		OpPreemptDisable: func(c *CPU, op Op) uint32 { c.preemptOff++; return 0 },
		OpPreemptEnable:  func(c *CPU, op Op) uint32 { c.preemptEnable(); return 0 },
		OpMightSleep:     func(c *CPU, op Op) uint32 { c.mightSleep(0); return 0 },

		OpListInit:    func(c *CPU, op Op) uint32 { c.listInit(op.Addr); return 0 },
		OpListAdd:     func(c *CPU, op Op) uint32 { c.listInsert(OpListAdd, op.Addr, Addr(op.A), false); return 0 },
		OpListAddTail: func(c *CPU, op Op) uint32 { c.listInsert(OpListAddTail, op.Addr, Addr(op.A), false); return 0 },
		OpListDel:     func(c *CPU, op Op) uint32 { c.listRemove(OpListDel, op.Addr, false); return 0 },
		OpListDelInit: func(c *CPU, op Op) uint32 { c.listRemove(OpListDelInit, op.Addr, false); return 0 },
		OpListEmpty:   func(c *CPU, op Op) uint32 { return b2u(c.listFirst(op.Addr) == 0) },
		OpListFirst:   func(c *CPU, op Op) uint32 { return uint32(c.listFirst(op.Addr)) },

		OpListAddRCU:     func(c *CPU, op Op) uint32 { c.listInsert(OpListAddRCU, op.Addr, Addr(op.A), false); return 0 },
		OpListAddTailRCU: func(c *CPU, op Op) uint32 { c.listInsert(OpListAddTailRCU, op.Addr, Addr(op.A), false); return 0 },
		OpListDelRCU:     func(c *CPU, op Op) uint32 { c.listRemove(OpListDelRCU, op.Addr, false); return 0 },

		OpSyncRCU:       func(c *CPU, op Op) uint32 { return b2u(c.mightSleep(0)) },
		OpSyncRCUEnd:    func(c *CPU, op Op) uint32 { c.synchronizeRCU(); return 0 },
		OpRCUBarrier:    func(c *CPU, op Op) uint32 { return b2u(c.mightSleep(0)) },
		OpRCUBarrierEnd: func(c *CPU, op Op) uint32 { c.rcuBarrier(); return 0 },
		OpSRCULock:      func(c *CPU, op Op) uint32 { return c.srcuLock(op.Addr) },
		OpSRCUUnlock:    func(c *CPU, op Op) uint32 { c.srcuUnlock(op.Addr, op.A); return 0 },
		OpSyncSRCU:      func(c *CPU, op Op) uint32 { return c.srcuFlip(op.Addr) },
		OpSyncSRCUEnd:   func(c *CPU, op Op) uint32 { c.srcuDrain(op.Addr, op.A); return 0 },

		OpRCUReadLock:   func(c *CPU, op Op) uint32 { c.rcuDepth++; return 0 },
		OpRCUReadUnlock: func(c *CPU, op Op) uint32 { c.rcuUnlock(); return 0 },
		OpCallRCU:       func(c *CPU, op Op) uint32 { c.callRCU(op.Addr, Func(op.A)); return 0 },
		OpQueueWork:     func(c *CPU, op Op) uint32 { return b2u(c.m.work.queue(c, op.Addr, Func(op.A))) },
		OpTakeWork:      func(c *CPU, op Op) uint32 { return uint32(c.m.work.take(c)) },
		OpFlushWork:     func(c *CPU, op Op) uint32 { return c.m.work.flush(c, op.Addr) },
		OpFlushWorkEnd:  func(c *CPU, op Op) uint32 { c.m.work.flushWait(c, op.A); return 0 },

		OpSlabAlloc:   func(c *CPU, op Op) uint32 { return uint32(c.slabAlloc(int(op.A), GFP(op.B))) },
		OpSlabFree:    func(c *CPU, op Op) uint32 { c.m.slab.free(c, int(op.A), op.Addr); return 0 },
		OpSlabReclaim: func(c *CPU, op Op) uint32 { c.m.slab.caches[op.A].reclaimed(c, op.Addr); return 0 },
		OpAllocPages:  func(c *CPU, op Op) uint32 { return uint32(c.allocPages(op.A, GFP(op.B), false)) },
		OpFreePages:   func(c *CPU, op Op) uint32 { c.freePages(PFN(op.Addr), op.A); return 0 },
		OpPutPage:     func(c *CPU, op Op) uint32 { return b2u(c.putPage(PFN(op.Addr), op.A, false)) },

		OpMark:   nothing,
		OpChoose: nothing,
	}
}
