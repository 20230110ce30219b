package kern

import (
	"fmt"
	"sync/atomic"
)

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
	numOps
)

var opNames = [numOps]string{
	"none", "read", "write", "load", "store", "add", "xor", "cmpxchg", "xchg", "add_unless", "or", "and_not",
	"refcount_inc", "refcount_dec_and_test", "down_read", "up_read", "down_write", "up_write",
	"spin_lock", "spin_unlock", "spin_lock_bh", "spin_unlock_bh", "bh_disable", "bh_enable",
	"list_init", "list_add", "list_add_tail", "list_del", "list_del_init", "list_empty", "list_first",
	"rcu_read_lock", "rcu_read_unlock", "call_rcu", "queue_work", "take_work",
	"slab_alloc", "slab_free", "slab_reclaim", "alloc_pages", "free_pages", "put_page", "mark", "choose",
}

func (k OpKind) String() string {
	if k < numOps {
		return opNames[k]
	}
	return fmt.Sprintf("op(%d)", uint8(k))
}

// Op is one primitive as data: what it does, the object it does it to and its arguments.
type Op struct {
	Kind OpKind
	Addr Addr   // the word, lock, list node, rcu_head, work item or object; a PFN for OpFreePages and OpPutPage
	A, B uint32 // arguments, in the order of the primitive's parameters
}

func (o Op) String() string {
	return fmt.Sprintf("%s(%#x, %#x, %#x)", o.Kind, uint32(o.Addr), o.A, o.B)
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
	return c.sched.Step(c, Op{k, a, x, y})
}

// Exec carries op out on c at once and returns its result, 0 where it has none. Schedulers call it. Where it lets a
// softirq in, the softirq's own steps come to the scheduler as usual.
func (c *CPU) Exec(op Op) uint32 {
	switch op.Kind {
	case OpRead:
		return loadAcquire(c.m.word(op.Addr))
	case OpWrite:
		storeRelease(c.m.word(op.Addr), op.A)
	case OpLoad:
		return *c.m.word(op.Addr)
	case OpStore:
		*c.m.word(op.Addr) = op.A
	case OpAdd:
		return atomic.AddUint32(c.m.word(op.Addr), op.A)
	case OpXor:
		return xorWord(c.m.word(op.Addr), op.A)
	case OpCmpXchg:
		return cmpxchgWord(c.m.word(op.Addr), op.A, op.B)
	case OpXchg:
		return atomic.SwapUint32(c.m.word(op.Addr), op.A)
	case OpAddUnless:
		return b2u(addUnlessWord(c.m.word(op.Addr), op.A, op.B))
	case OpOr:
		return atomic.OrUint32(c.m.word(op.Addr), op.A)
	case OpAndNot:
		return atomic.AndUint32(c.m.word(op.Addr), ^op.A)
	case OpRefInc:
		c.refInc(op.Addr)
	case OpRefDecTest:
		return b2u(c.refDecAndTest(op.Addr))
	case OpDownRead:
		c.downRead(op.Addr)
	case OpUpRead:
		c.upRead(op.Addr)
	case OpDownWrite:
		c.downWrite(op.Addr)
	case OpUpWrite:
		c.upWrite(op.Addr)
	case OpSpinLock:
		c.spinLock(op.Addr)
	case OpSpinUnlock:
		c.spinUnlock(op.Addr)
	case OpSpinLockBH:
		c.bhOff++
		c.spinLock(op.Addr)
	case OpSpinUnlockBH:
		c.spinUnlock(op.Addr)
		c.bhEnable()
	case OpBHDisable:
		c.bhOff++
	case OpBHEnable:
		c.bhEnable()
	case OpListInit:
		c.listInit(op.Addr)
	case OpListAdd, OpListAddTail, OpListDel, OpListDelInit:
		s := c.sched
		c.sched = nil // these ask for it themselves
		if op.Kind == OpListAdd || op.Kind == OpListAddTail {
			c.listInsert(op.Kind, op.Addr, Addr(op.A))
		} else {
			c.listRemove(op.Kind, op.Addr)
		}
		c.sched = s
	case OpListEmpty:
		return b2u(c.listFirst(op.Addr) == 0)
	case OpListFirst:
		return uint32(c.listFirst(op.Addr))
	case OpRCUReadLock:
		c.rcuDepth++
	case OpRCUReadUnlock:
		c.rcuUnlock()
	case OpCallRCU:
		c.callRCU(op.Addr, Func(op.A))
	case OpQueueWork:
		return b2u(c.m.work.queue(c, op.Addr, Func(op.A)))
	case OpTakeWork:
		return uint32(c.m.work.take(c.m))
	case OpSlabAlloc:
		return uint32(c.slabAlloc(int(op.A), GFP(op.B)))
	case OpSlabFree:
		c.m.slab.free(c, int(op.A), op.Addr)
	case OpSlabReclaim:
		c.m.slab.caches[op.A].reclaimed(c, op.Addr)
	case OpAllocPages:
		return uint32(c.allocPages(op.A, GFP(op.B)))
	case OpFreePages:
		c.freePages(PFN(op.Addr), op.A)
	case OpPutPage:
		return b2u(c.putPage(PFN(op.Addr), op.A))
	case OpMark, OpChoose:
	default:
		panic("kern: Exec of " + op.String())
	}
	return 0
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
