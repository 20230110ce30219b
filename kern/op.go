package kern

import "fmt"

// OpKind names a primitive.
type OpKind uint8

// The primitives, as a Scheduler sees them.
const (
	OpNone OpKind = iota
	OpRead
	OpWrite
	OpLoad
	OpStore
	OpAdd
	OpXor
	OpCmpXchg
	OpXchg
	OpAddUnless
	OpOr
	OpAndNot
	OpRefInc
	OpRefDecTest
	OpDownRead
	OpUpRead
	OpDownWrite
	OpUpWrite
	OpSpinLock
	OpSpinUnlock
	OpSpinLockBH
	OpSpinUnlockBH
	OpBHDisable
	OpBHEnable
	OpListInit
	OpListAdd
	OpListAddTail
	OpListDel
	OpListDelInit
	OpListEmpty
	OpListFirst
	OpRCUReadLock
	OpRCUReadUnlock
	OpCallRCU
	OpQueueWork
	OpTakeWork
	OpSlabAlloc
	OpSlabFree
	OpSlabReclaim
	OpAllocPages
	OpFreePages
	OpPutPage
	OpMark   // no access: a named point in the code, such as an IPI
	OpChoose // no access: a decision that the model leaves open

	// A schedule's checksum is made of these numbers: a new primitive goes to the end.

	OpSpinTrylock
	OpSpinIsLocked
	OpPreemptDisable
	OpPreemptEnable
	OpMightSleep // no access: the task's claim that it may sleep here
	OpAddVoid
	OpXorVoid
	OpOrVoid
	OpAndNotVoid
	OpMB
	OpRMB
	OpWMB
	OpMBBeforeAtomic
	OpMBAfterAtomic
	OpMBAfterSpinlock
	OpMBAfterUnlock
	OpDownReadTrylock
	OpDownWriteTrylock
	OpReadLock
	OpReadUnlock
	OpWriteLock
	OpWriteLockWait // the second half of write_lock: it has come, and waits for the readers
	OpWriteUnlock
	OpMutexLock
	OpMutexTrylock
	OpMutexUnlock
	OpMutexIsLocked
	OpBitSpinLock
	OpBitSpinTrylock
	OpBitSpinUnlock
	OpBitSpinIsLocked
	OpLockPage
	OpTrylockPage
	OpUnlockPage
	OpPageLocked
	OpWaitOnPageLocked
	OpLocalLock
	OpLocalUnlock
	OpListAddRCU
	OpListAddTailRCU
	OpListDelRCU
	OpSyncRCU       // the beginning of synchronize_rcu
	OpSyncRCUEnd    // its end, when who was reading then has left
	OpRCUBarrier    // the beginning of rcu_barrier
	OpRCUBarrierEnd // its end, when what was queued then has run
	OpSRCULock
	OpSRCUUnlock
	OpSyncSRCU    // the beginning of synchronize_srcu
	OpSyncSRCUEnd // its end, when who was reading then has left
	OpInitCompletion
	OpComplete
	OpCompleteAll
	OpWaitForCompletion
	OpPrepareToWait
	OpSchedule
	OpFinishWait
	OpWakeUp
	OpRefSet
	OpRefRead
	OpRefDec
	OpFlushWork    // the beginning of flush_work
	OpFlushWorkEnd // its end, when what was queued then has run
	OpThisCPURead
	OpThisCPUWrite
	OpThisCPUAdd
	OpThisCPUAddReturn
	OpThisCPUXchg
	OpThisCPUCmpXchg
	OpThisCPUPtr
	OpRawCPUPtr
	OpKmalloc
	OpSlabDestroy
	OpCancelWork    // the beginning of cancel_work_sync
	OpCancelWorkEnd // its end, when the item does not run any more
	OpRefAdd
	OpRefSubTest
	OpThisCPUAnd
	OpThisCPUOr
	OpWaitqueueActive
	numOps
)

// String returns the primitive's name.
func (k OpKind) String() string {
	if k < numOps {
		return primitives[k].Name
	}
	return fmt.Sprintf("op(%d)", uint8(k))
}

// Op is one primitive as data: what it does, the object it does it to and its arguments.
type Op struct {
	Kind  OpKind
	Order Order  // Unordered is the usual order of the primitive; else one of its forms
	Addr  Addr   // the word, lock, list node, rcu_head, work item or object; a PFN for OpFreePages and OpPutPage
	A, B  uint32 // arguments, in the order of the primitive's parameters
}

func (o Op) String() string {
	name := o.Kind.String()
	if o.Order != Unordered {
		name += " (" + o.Order.String() + ")"
	}
	return fmt.Sprintf("%s(%#x, %#x, %#x)", name, uint32(o.Addr), o.A, o.B)
}

// Sleeps tells whether the op may sleep: its primitive does, or it is an allocation that may.
func (o Op) Sleeps() bool {
	switch o.Kind {
	case OpSlabAlloc, OpKmalloc, OpAllocPages:
		return GFP(o.B) == GFPKernel
	}
	return primitives[o.Kind].Sleeps
}

// Scheduler decides when the CPUs of a machine take their steps. With one in place every primitive becomes one step: it
// calls Step, which may let other CPUs go first, must then carry the primitive out with c.Exec exactly once, and returns
// what Exec returned. Code between two primitives is local to its CPU, so nothing can be seen in between. It may let an
// allocation fail instead, by 0 for OpAllocPages or for OpSlabAlloc with GFPNowait, and answers OpChoose as it likes.
//
// A lock is taken by one step: a scheduler grants it when Machine.LockFree, or for a semaphore Machine.SemFree, says so,
// and a CPU that waits is not running. A spin lock that the CPU itself holds (Machine.LockOwner) is granted as well: taking
// it reports the deadlock.
type Scheduler interface {
	Step(c *CPU, op Op) uint32
}

// slow hands a primitive to the scheduler. It is kept out of line, so that the primitives themselves are small enough to
// be inlined where there is none.
//
//go:noinline
func (c *CPU) slow(k OpKind, a Addr, x, y uint32) uint32 {
	return c.sched.Step(c, Op{Kind: k, Addr: a, A: x, B: y})
}

// stepped has the scheduler carry out a primitive of one argument and no result. Without one it does nothing, and returns false.
func (c *CPU) stepped(k OpKind, a Addr) bool {
	if c.sched == nil {
		return false
	}
	c.slow(k, a, 0, 0)
	return true
}

// ordered is a primitive in another than its usual order.
func (c *CPU) ordered(k OpKind, o Order, a Addr, x, y uint32) uint32 {
	op := Op{k, o, a, x, y}
	if c.sched != nil {
		return c.sched.Step(c, op)
	}
	return run[k](c, op)
}

// The primitives that code uses most are inlined where it uses them. The compiler does so up to a limit, which a call with one
// argument more would be beyond.

//go:noinline
func (c *CPU) slowRead(a Addr) uint32 { return c.sched.Step(c, Op{Kind: OpRead, Addr: a}) }

//go:noinline
func (c *CPU) slowLoad(a Addr) uint32 { return c.sched.Step(c, Op{Kind: OpLoad, Addr: a}) }

//go:noinline
func (c *CPU) slowStore(a Addr, v uint32) { c.sched.Step(c, Op{Kind: OpStore, Addr: a, A: v}) }

// Exec carries op out on c at once and returns its result, 0 where it has none. Schedulers call it. Where it lets a
// softirq in, the softirq's own steps come to the scheduler as usual.
func (c *CPU) Exec(op Op) uint32 {
	if op.Kind == OpNone || op.Kind >= numOps {
		panic("kern: Exec of " + op.String())
	}
	return run[op.Kind](c, op)
}

// Mark is a step that touches no memory: a point in the code worth a scheduler's or a reader's attention.
func Mark(c *CPU, what uint32) {
	if c.sched != nil {
		c.slow(OpMark, 0, what, 0)
	}
}

// Choose is a decision that the model leaves open, one of n: a Scheduler decides. Without one the answer is 0.
func Choose(c *CPU, n uint32) uint32 {
	if c.sched != nil {
		return c.slow(OpChoose, 0, n, 0)
	}
	return 0
}

func b2u(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}
