package tolitmus

import (
	"cmp"
	"fmt"

	"ptsim/explore"
	"ptsim/kern"
)

// said is a primitive in C.
type said struct {
	lines []string // "%r" stands for the register of its result, "%s" for a second one
	result
}

// result is how its result is told.
type result struct {
	tests func(v uint32) string // the condition for a result, with %r; nil if nothing is asked about it
	gives bool                  // it returns what may be an address: a load
	same  bool                  // it returns the same always, and no register holds it
}

// equals asks whether the register holds what makes the result.
func equals(holds func(v uint32) uint32) func(uint32) string {
	return func(v uint32) string { return "%r == " + number(holds(v)) }
}

func itself(v uint32) uint32 { return v }

// truth asks whether the register is 0, of primitives that tell whether.
func truth(yes, no string) func(uint32) string {
	return func(v uint32) string {
		if v != 0 {
			return yes
		}
		return no
	}
}

// suffixes are those of atomics, by their order.
var suffixes = map[kern.Order]string{kern.Relaxed: "_relaxed", kern.Acquire: "_acquire", kern.Release: "_release", kern.Full: "", kern.FullIfDone: ""}

// say writes a primitive: x is the pointer to its word. A primitive that is nothing to other CPUs has no lines. why is why it cannot be
// said.
func (w *writer) say(p *explore.Point, x string) (s said, why string) {
	op := p.Op
	order := op.Ordering()
	suffix := suffixes[order]
	a, b := number(op.A), number(op.B)
	void := func(lines ...string) (said, string) { return said{lines: lines, result: result{same: true}}, "" }
	value := func(line string, holds func(uint32) uint32) (said, string) {
		return said{[]string{"%r = " + line + ";"}, result{tests: equals(holds)}}, ""
	}
	switch op.Kind {
	case kern.OpMark, kern.OpMightSleep, kern.OpPreemptDisable, kern.OpPreemptEnable, kern.OpBHDisable, kern.OpBHEnable,
		kern.OpRCUReadLock, kern.OpRCUReadUnlock, kern.OpSyncRCUEnd, kern.OpThisCPUPtr, kern.OpRawCPUPtr:
		return void() // where a reader begins and ends the points say
	case kern.OpSlabAlloc, kern.OpKmalloc:
		if len(p.Turns) != 1 || p.Turns[0].Result == 0 {
			return s, "an allocation that gives one object or another, or fails"
		}
		return void()
	case kern.OpSyncRCU:
		return void("synchronize_rcu();")

	case kern.OpRead, kern.OpRefRead, kern.OpThisCPURead:
		read := "READ_ONCE(*" + x + ")"
		switch order {
		case kern.Acquire:
			read = "smp_load_acquire(" + x + ")"
		case kern.Dependent:
			read = "rcu_dereference(*" + x + ")"
		}
		s, _ = value(read, itself)
		s.gives = true
		return s, ""
	case kern.OpLoad:
		s, _ = value("*"+x, itself)
		s.gives = true
		return s, ""
	case kern.OpWrite, kern.OpRefSet, kern.OpThisCPUWrite:
		if order == kern.Release {
			return void("smp_store_release(" + x + ", " + a + ");")
		}
		return void("WRITE_ONCE(*" + x + ", " + a + ");")
	case kern.OpStore:
		return void("*" + x + " = " + a + ";")
	case kern.OpInitCompletion:
		return void("*" + x + " = 0;")

	case kern.OpAdd:
		return value("atomic_add_return"+suffix+"("+a+", "+x+")", itself)
	case kern.OpThisCPUAddReturn:
		return value("atomic_add_return_relaxed("+a+", "+x+")", itself)
	case kern.OpXor:
		return value("atomic_fetch_xor"+suffix+"("+a+", "+x+")", func(v uint32) uint32 { return v ^ op.A })
	case kern.OpOr:
		return value("atomic_fetch_or"+suffix+"("+a+", "+x+")", itself)
	case kern.OpAndNot:
		return value("atomic_fetch_andnot"+suffix+"("+a+", "+x+")", itself)
	case kern.OpXchg:
		return value("xchg"+suffix+"("+x+", "+a+")", itself)
	case kern.OpThisCPUXchg:
		return value("xchg_relaxed("+x+", "+a+")", itself)
	case kern.OpCmpXchg:
		return value("cmpxchg"+suffix+"("+x+", "+a+", "+b+")", itself)
	case kern.OpThisCPUCmpXchg:
		return value("cmpxchg_relaxed("+x+", "+a+", "+b+")", itself)
	case kern.OpAddVoid, kern.OpThisCPUAdd, kern.OpRefAdd:
		return void("atomic_add(" + a + ", " + x + ");")
	case kern.OpXorVoid:
		return void("atomic_xor(" + a + ", " + x + ");")
	case kern.OpOrVoid, kern.OpThisCPUOr:
		return void("atomic_or(" + a + ", " + x + ");")
	case kern.OpThisCPUAnd:
		return void("atomic_and(" + a + ", " + x + ");")
	case kern.OpAndNotVoid:
		return void("atomic_andnot(" + a + ", " + x + ");")
	case kern.OpRefInc:
		return void("atomic_inc(" + x + ");")
	case kern.OpRefDec:
		return void("%r = atomic_sub_return_release(1, " + x + ");")
	case kern.OpAddUnless:
		if order != kern.Relaxed {
			return said{[]string{"%r = atomic_add_unless(" + x + ", " + a + ", " + b + ");"}, result{tests: truth("%r != 0", "%r == 0")}}, ""
		}
		return said{[]string{ // refcount_inc_not_zero: a loop of cmpxchg
			"%r = READ_ONCE(*" + x + ");",
			"if (%r != " + b + ") {",
			"\t%s = cmpxchg_relaxed(" + x + ", %r, %r + " + a + ");",
			"\tif (%s != %r)",
			"\t\tretry = 1;",
			"}",
		}, result{tests: truth("%r != "+b, "%r == "+b)}}, ""
	case kern.OpRefDecTest, kern.OpRefSubTest:
		n := "1"
		if op.Kind == kern.OpRefSubTest {
			n = a
		}
		return said{[]string{
			"%r = atomic_sub_return_release(" + n + ", " + x + ");",
			"if (%r == 0)",
			"\tsmp_rmb();",
		}, result{tests: truth("%r == 0", "%r != 0")}}, ""

	case kern.OpMB, kern.OpRMB, kern.OpWMB, kern.OpMBBeforeAtomic, kern.OpMBAfterAtomic, kern.OpMBAfterSpinlock:
		return void(op.Name() + "();")

	case kern.OpSpinLock, kern.OpSpinLockBH:
		return void("spin_lock(" + x + ");")
	case kern.OpSpinUnlock, kern.OpSpinUnlockBH:
		return void("spin_unlock(" + x + ");")
	case kern.OpSpinTrylock:
		return said{[]string{"%r = spin_trylock(" + x + ");"}, result{tests: truth("%r != 0", "%r == 0")}}, ""
	case kern.OpMutexLock:
		return void("%r = cmpxchg_acquire("+x+", 0, 1);", "if (%r != 0)", "\tretry = 1;")
	case kern.OpMutexUnlock:
		return void("%r = xchg_release(" + x + ", 0);")
	}
	return s, cmp.Or(refused[op.Kind], fmt.Sprintf("herd7's C has nothing like %s", op.Name()))
}

// refused says why the more common primitives have no counterpart.
var refused = map[kern.OpKind]string{
	kern.OpCallRCU: "it has no callbacks", kern.OpRCUBarrierEnd: "it has no callbacks", kern.OpRCUBarrier: "it has no callbacks",
	kern.OpQueueWork: "it has no work items", kern.OpFlushWork: "it has no work items", kern.OpCancelWork: "it has no work items",
	kern.OpSlabFree: "what was freed would stay", kern.OpFreePages: "what was freed would stay", kern.OpPutPage: "what was freed would stay",
	kern.OpAllocPages: "page frames are not there from the start", kern.OpChoose: "its tasks make no choices",
	kern.OpMBAfterUnlock: "the explorer takes it for no barrier, and herd7 for one",
	kern.OpListInit:      lists, kern.OpListAdd: lists, kern.OpListAddTail: lists, kern.OpListDel: lists, kern.OpListDelInit: lists,
	kern.OpListEmpty: lists, kern.OpListFirst: lists, kern.OpListAddRCU: lists, kern.OpListAddTailRCU: lists, kern.OpListDelRCU: lists,
	kern.OpComplete: waits, kern.OpCompleteAll: waits, kern.OpWaitForCompletion: waits,
	kern.OpPrepareToWait: waits, kern.OpSchedule: waits, kern.OpFinishWait: waits, kern.OpWakeUp: waits, kern.OpWaitqueueActive: waits,
}

const (
	lists = "it touches several words at once"
	waits = "nobody in it waits for another"
)
