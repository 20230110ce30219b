package explore_test

import (
	"fmt"
	"strings"

	"ptsim/kern"
)

// A bruteProgram is data: tasks, each a list of operations, and functions that callbacks and work items run. Two readers take
// it in: bruteModel makes a Model of it, whose code calls kern's primitives, and bruteMachine carries the instructions out on
// a memory of its own. They share this file, which says what an instruction is about, and nothing else.
type bruteProgram struct {
	tasks [][]bruteOp
	fns   [bruteFns][]bruteInstr // by what call_rcu and queue_work name
	again bool                   // page frames are handed out again
	on    []int                  // by task: its CPU, counted from 1, or 0 for one of its own; nil if all have that
}

// bruteOp is one operation: at its end the task forgets what it saw, or it does not.
type bruteOp struct {
	code    []bruteInstr
	forgets bool
}

// bruteInstr is a primitive, an assertion or a warning. x says which object it is about, y is an argument.
type bruteInstr struct {
	kind  kern.OpKind
	order kern.Order // of its forms; the usual one if it is Unordered
	when  bruteWhen
	x, y  uint8
}

// bruteWhen is the condition under which an instruction is carried out: by the last result that said anything.
type bruteWhen uint8

const (
	always bruteWhen = iota
	ifZero
	ifNot
)

// Instructions that are no primitives.
const (
	bruteAssert = kern.OpKind(240) // the last result is not y
	bruteWarn   = kern.OpKind(241) // the last result is y
	bruteSelf   = kern.OpKind(242) // the function runs for the first node
)

const (
	bruteFns  = 3 // two for callbacks, one for work items
	bruteWork = 2
)

// bruteSeen is what a task knows: all it saw as one number, the last result, and what it allocated.
type bruteSeen struct {
	acc                  uint64
	r                    uint32
	stable, fresh, frame kern.Addr
	srcu                 uint32    // the index of the SRCU reader that it entered last
	ticket               uint32    // of prepare_to_wait
	mine                 kern.Addr // the word of the CPU that it asked for
	self                 kern.Addr // the rcu_head or work item that a function runs for
}

// saw adds a result.
func (f *bruteSeen) saw(k kern.OpKind, v uint32) {
	f.acc = (f.acc ^ uint64(v) + 1) * 0x9e3779b97f4a7c15
	f.acc ^= f.acc >> 29
	switch k {
	case kern.OpRead, kern.OpLoad, kern.OpAdd, kern.OpXor, kern.OpCmpXchg, kern.OpXchg, kern.OpAddUnless, kern.OpOr, kern.OpAndNot,
		kern.OpRefDecTest, kern.OpRefSubTest, kern.OpRefRead, kern.OpListEmpty, kern.OpListFirst, kern.OpQueueWork, kern.OpFlushWork, kern.OpCancelWork, kern.OpPutPage, kern.OpChoose, kern.OpSpinTrylock, kern.OpSpinIsLocked,
		kern.OpDownReadTrylock, kern.OpDownWriteTrylock, kern.OpMutexTrylock, kern.OpMutexIsLocked, kern.OpBitSpinTrylock, kern.OpBitSpinIsLocked,
		kern.OpTrylockPage, kern.OpPageLocked, kern.OpThisCPURead, kern.OpThisCPUAddReturn, kern.OpThisCPUXchg, kern.OpThisCPUCmpXchg,
		kern.OpWaitqueueActive:
		f.r = v
	case kern.OpThisCPUPtr, kern.OpRawCPUPtr:
		f.mine = kern.Addr(v)
	case kern.OpSRCULock:
		f.srcu = v
	case kern.OpSlabAlloc, kern.OpKmalloc:
		f.r = v
	case kern.OpPrepareToWait:
		f.ticket = v
	case kern.OpAllocPages:
		f.r, f.frame = v, kern.Addr(v)
	}
}

// bruteGFP is how an allocation is made, by an instruction's y.
var bruteGFP = [4]kern.GFP{kern.GFPKernel, kern.GFPNowait, kern.GFPAtomic, kern.GFPNowait}

// The words of the shared object.
const (
	bruteLocks   = 0
	bruteSems    = 2
	bruteList    = 4
	bruteWords   = 6
	bruteItems   = 10 // two work items
	bruteTold    = 14
	bruteMutex   = 18
	bruteRW      = 19
	bruteBits    = 20
	bruteSRCU    = 21
	bruteCPULock = 24 // one for each task
	bruteDone    = 27
	bruteQueue   = 28
	bruteCPUs    = 29 // a per-CPU variable
	sharedSize   = bruteCPUs + bruteMostCPUs

	bruteMostCPUs = 6 // three tasks, a kworker and two softirqs
)

// The words of a node and of a type-stable object.
const (
	nodeCount = 2
	nodeLock  = 3
	nodeSize  = 4

	stableVal  = 0
	stableLock = 1
	stableHead = 2
	stableSize = 4 // what else there is belongs to the cache, and is not used under the explorer
)

// The slab caches, in the order in which the model makes them.
const (
	sharedCache = iota
	nodeCache
	stableCache
	freshCache
)

// brutePlaces is where things are that programs name.
type brutePlaces struct {
	program        *bruteProgram
	shared, stable kern.Addr
	nodes          [2]kern.Addr
	frame          kern.PFN
	funcs          [bruteFns]kern.Func
	reclaim        kern.Func
}

// op says what primitive an instruction comes to, for a thread that knows f; false if it comes to none.
func (l *brutePlaces) op(i bruteInstr, f *bruteSeen, task int) (kern.Op, bool) {
	x, y := kern.Addr(i.x), uint32(i.y)
	op := kern.Op{Kind: i.kind, Order: i.order}
	if l.placeLock(&op, x, l.program.cpu(task)) || l.placeWait(&op, f) {
		return op, true
	}
	switch i.kind {
	case kern.OpSpinLock, kern.OpSpinUnlock, kern.OpSpinLockBH, kern.OpSpinUnlockBH, kern.OpSpinTrylock, kern.OpSpinIsLocked:
		switch {
		case x < 2:
			op.Addr = l.shared + bruteLocks + x
		case x < 4:
			op.Addr = l.nodes[x-2] + nodeLock
		default:
			if op.Addr = l.stable; x > 4 {
				op.Addr = f.stable
			}
			if op.Addr == 0 {
				return op, false
			}
			op.Addr += stableLock
		}
	case kern.OpDownRead, kern.OpUpRead, kern.OpDownWrite, kern.OpUpWrite, kern.OpDownReadTrylock, kern.OpDownWriteTrylock:
		op.Addr = l.shared + bruteSems + x%2
	case kern.OpRefInc, kern.OpRefDecTest, kern.OpRefDec, kern.OpRefSet, kern.OpRefRead, kern.OpRefAdd, kern.OpRefSubTest:
		switch op.Addr = l.nodes[x%2] + nodeCount; i.kind {
		case kern.OpRefSet, kern.OpRefAdd, kern.OpRefSubTest:
			op.A = y
		}
	case kern.OpThisCPURead, kern.OpThisCPUPtr, kern.OpRawCPUPtr:
		op.Addr = l.shared + bruteCPUs
	case kern.OpThisCPUWrite, kern.OpThisCPUAdd, kern.OpThisCPUAddReturn, kern.OpThisCPUXchg, kern.OpThisCPUAnd, kern.OpThisCPUOr:
		op.Addr, op.A = l.shared+bruteCPUs, y
	case kern.OpThisCPUCmpXchg:
		op.Addr, op.A, op.B = l.shared+bruteCPUs, y&1, y
	case kern.OpListInit:
		op.Addr = l.node(x)
		if x == 3 {
			op.Addr = l.shared + bruteItems
		}
	case kern.OpListDel, kern.OpListDelInit, kern.OpListDelRCU:
		op.Addr = l.node(x)
	case kern.OpListAdd, kern.OpListAddTail, kern.OpListAddRCU, kern.OpListAddTailRCU:
		op.Addr, op.A = l.node(x), uint32(l.shared+bruteList)
	case kern.OpListEmpty, kern.OpListFirst:
		op.Addr = l.shared + bruteList
	case kern.OpCallRCU:
		op.Addr, op.A = l.node(x), uint32(l.funcs[y%bruteWork])
		if f.self != 0 && x == 3 {
			op.Addr = f.self
		}
	case kern.OpFlushWork, kern.OpCancelWork:
		op.Addr = l.shared + bruteItems + 2*(x%2)
	case kern.OpQueueWork:
		op.Addr, op.A = l.shared+bruteItems+2*(x%2), uint32(l.funcs[bruteWork])
	case kern.OpSlabAlloc:
		op.A, op.B = stableCache, uint32(bruteGFP[y%4])
		if x%2 == 1 {
			op.A = freshCache
		}
	case kern.OpKmalloc, kern.OpSlabDestroy:
		if op.A = freshCache; i.kind == kern.OpKmalloc {
			op.B = uint32(kern.GFPKernel)
		}
	case kern.OpSlabFree:
		switch x {
		case 0, 1:
			op.Addr, op.A = l.nodes[x], nodeCache
		case 2:
			op.Addr, op.A = l.stable, stableCache
		case 3:
			op.Addr, op.A = f.stable, stableCache
		default:
			op.Addr, op.A = f.fresh, freshCache
		}
		return op, op.Addr != 0
	case kern.OpAllocPages:
		op.B = uint32(bruteGFP[y%4])
	case kern.OpFreePages, kern.OpPutPage:
		if op.Addr = kern.Addr(l.frame); x%2 == 1 {
			op.Addr = f.frame
		}
		return op, op.Addr != 0
	case kern.OpChoose:
		op.A = 2 + y%2
	case kern.OpMark:
		op.A = y
	case kern.OpMB, kern.OpRMB, kern.OpWMB, kern.OpMBBeforeAtomic, kern.OpMBAfterAtomic, kern.OpMBAfterSpinlock, kern.OpMBAfterUnlock:
	case kern.OpSyncRCU, kern.OpRCUBarrier:
	case kern.OpSRCULock, kern.OpSyncSRCU:
		op.Addr = l.shared + bruteSRCU
	case kern.OpSRCUUnlock:
		op.Addr, op.A = l.shared+bruteSRCU, f.srcu
	case kern.OpBHDisable, kern.OpBHEnable, kern.OpRCUReadLock, kern.OpRCUReadUnlock, kern.OpPreemptDisable, kern.OpPreemptEnable,
		kern.OpMightSleep:
	default: // a word
		op.Addr = l.word(x, f, task)
		op.A = y
		switch i.kind {
		case kern.OpRead, kern.OpLoad:
			op.A = 0
		case kern.OpWrite:
			if i.order == kern.Release && i.y == 3 { // a pointer is published
				op.A = uint32(l.nodes[0])
			}
		case kern.OpAndNotVoid:
			if i.order == kern.Release { // of one bit
				op.A = 1 << (i.y & 1)
			}
		case kern.OpCmpXchg:
			op.A, op.B = y&1, y
		case kern.OpAddUnless:
			if op.A, op.B = 1, y&1; i.order == kern.Relaxed { // refcount_inc_not_zero
				op.B = 0
			}
		}
		return op, op.Addr != 0
	}
	return op, true
}

// node returns what can be on the list or queued: a node, or the frame's lru.
func (l *brutePlaces) node(x kern.Addr) kern.Addr {
	if x%4 < 2 {
		return l.nodes[x%4]
	}
	return l.frame.Page() + kern.PageLRU
}

func (l *brutePlaces) word(x kern.Addr, f *bruteSeen, task int) kern.Addr {
	switch {
	case x < 4:
		return l.shared + bruteWords + x
	case x == 4:
		return l.stable + stableVal
	case x == 5:
		if f.stable == 0 {
			return 0
		}
		return f.stable + stableVal
	case x == 6:
		return l.frame.Page() + kern.PageRefcount
	case x == 7:
		return l.nodes[0] + nodeCount
	case x == tellWord:
		return l.shared + bruteTold + kern.Addr(task)
	case x == cpuWord, x == cpuWord+1: // of a CPU that may be another
		return l.shared + bruteCPUs + x - cpuWord
	case x == mineWord:
		return f.mine
	case x == freshWord:
		return f.fresh
	case x == nullWord:
		return 3
	case x == wildWord:
		return 0xff0
	}
	return l.nodes[0]
}

// tellWord is the word where a task tells what it saw. Nobody else touches it.
const tellWord = 9

// The words of CPUs 0 and 1, and the one whose address somebody asked for.
const (
	cpuWord  = 10
	mineWord = 12

	freshWord = 13 // of an object that the task allocated
	nullWord  = 14
	wildWord  = 15
)

func (i bruteInstr) String() string {
	s := i.kind.String()
	switch i.kind {
	case bruteAssert:
		s = "assert"
	case bruteWarn:
		s = "warn"
	case bruteSelf:
		s = "self"
	}
	if i.order != kern.Unordered {
		s += " " + i.order.String()
	}
	return strings.Repeat("?", int(i.when)) + fmt.Sprintf("%s(%d,%d)", s, i.x, i.y)
}

func (p *bruteProgram) String() string {
	var b strings.Builder
	if p.again {
		b.WriteString("\nframes are handed out again")
	}
	if p.on != nil {
		fmt.Fprintf(&b, "\non %v", p.on)
	}
	line := func(code []bruteInstr) {
		for _, i := range code {
			fmt.Fprintf(&b, " %s", i)
		}
	}
	for t, ops := range p.tasks {
		fmt.Fprintf(&b, "\n%c:", 'A'+t)
		for _, op := range ops {
			line(op.code)
			if b.WriteString(" |"); op.forgets {
				b.WriteString("!")
			}
		}
	}
	for n, code := range p.fns {
		fmt.Fprintf(&b, "\nfn%d:", n)
		line(code)
	}
	return b.String()
}
