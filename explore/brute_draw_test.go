package explore_test

import (
	"math/rand/v2"
	"slices"

	"ptsim/kern"
)

// drawBrute draws a program: for each task a length first, then so many instructions. Two programs of five are quiet: they are
// made of what breaks nothing, so that there are enough that end.
func drawBrute(seed, n uint64) *bruteProgram {
	d := &bruteDraw{Rand: rand.New(rand.NewPCG(seed, n)), p: &bruteProgram{}}
	d.quiet = d.IntN(5) < 2
	d.p.again = n%8 == 5
	tasks := 2
	most := 5
	if d.IntN(3) == 0 {
		tasks, most = 3, 2
	}
	switch {
	case n%4 == 3:
		d.passing()
		tasks = 0
	case !d.quiet && d.IntN(2) == 0:
		d.dependent()
		tasks = 0
	}
	for range tasks {
		d.allocs = [3]int{}
		d.task(1 + d.IntN(most))
	}
	for f := range d.p.fns {
		if d.p.fns[f] == nil {
			d.p.fns[f] = d.function(f)
		}
	}
	return d.p
}

// drawDependent draws a program whose tasks have something in common.
func drawDependent(seed, n uint64) *bruteProgram {
	d := &bruteDraw{Rand: rand.New(rand.NewPCG(seed, n)), p: &bruteProgram{}}
	d.dependent()
	for f := range d.p.fns {
		d.p.fns[f] = d.function(f)
	}
	return d.p
}

type bruteDraw struct {
	*rand.Rand
	p        *bruteProgram
	quiet    bool
	allocs   [3]int // of this task: type-stable, others, frames
	queuedBy [4]bool
	code     []bruteInstr
}

// bruteKinds are what programs are made of, and bruteQuiet what breaks nothing.
var (
	bruteKinds = []kern.OpKind{
		kern.OpRead, kern.OpWrite, kern.OpLoad, kern.OpStore, kern.OpAdd, kern.OpXor, kern.OpCmpXchg, kern.OpXchg, kern.OpAddUnless, kern.OpOr,
		kern.OpAndNot, kern.OpRefInc, kern.OpRefDecTest, kern.OpListInit, kern.OpListAdd, kern.OpListAddTail, kern.OpListDel, kern.OpListDelInit,
		kern.OpListEmpty, kern.OpListFirst, kern.OpCallRCU, kern.OpCallRCU, kern.OpQueueWork, kern.OpSlabAlloc, kern.OpSlabAlloc, kern.OpSlabFree,
		kern.OpSlabFree, kern.OpAllocPages, kern.OpFreePages, kern.OpPutPage, kern.OpMark, kern.OpChoose, bruteAssert, bruteWarn,
		kern.OpLoad, kern.OpPutPage, kern.OpFreePages, kern.OpListDel, kern.OpListDelInit, kern.OpAddUnless, kern.OpRead, kern.OpRead, kern.OpRefInc,
		kern.OpSpinLock, kern.OpSpinUnlock, kern.OpDownRead, kern.OpUpRead, kern.OpDownWrite, kern.OpUpWrite, kern.OpBHEnable, kern.OpRCUReadUnlock,
		kern.OpSpinTrylock, kern.OpSpinIsLocked, kern.OpPreemptEnable, kern.OpMightSleep,
		kern.OpAddVoid, kern.OpXorVoid, kern.OpOrVoid, kern.OpAndNotVoid,
		kern.OpDownReadTrylock, kern.OpDownWriteTrylock, kern.OpMutexLock, kern.OpMutexTrylock, kern.OpMutexUnlock, kern.OpMutexIsLocked, kern.OpReadLock, kern.OpReadUnlock,
		kern.OpWriteLock, kern.OpWriteUnlock, kern.OpBitSpinLock, kern.OpBitSpinTrylock, kern.OpBitSpinUnlock, kern.OpBitSpinIsLocked, kern.OpLockPage,
		kern.OpTrylockPage, kern.OpUnlockPage, kern.OpPageLocked, kern.OpWaitOnPageLocked, kern.OpLocalLock, kern.OpLocalUnlock,
		kern.OpListAddRCU, kern.OpListAddTailRCU, kern.OpListDelRCU,
		kern.OpSyncRCU, kern.OpSyncRCU, kern.OpRCUBarrier, kern.OpSRCUUnlock, kern.OpSyncSRCU, kern.OpSyncRCU,
		kern.OpFlushWork, kern.OpFlushWork, kern.OpCancelWork,
		kern.OpInitCompletion, kern.OpComplete, kern.OpComplete, kern.OpCompleteAll, kern.OpWaitForCompletion, kern.OpPrepareToWait, kern.OpSchedule,
		kern.OpFinishWait, kern.OpWakeUp, kern.OpWakeUp, kern.OpWaitqueueActive,
		kern.OpRefSet, kern.OpRefRead, kern.OpRefDec, kern.OpRefDec, kern.OpRefAdd, kern.OpRefSubTest, kern.OpThisCPUAnd, kern.OpThisCPUOr,
		kern.OpThisCPURead, kern.OpThisCPUWrite, kern.OpThisCPUAdd, kern.OpThisCPUAddReturn, kern.OpThisCPUXchg, kern.OpThisCPUCmpXchg,
		kern.OpThisCPUPtr, kern.OpRawCPUPtr, kern.OpRawCPUPtr, kern.OpKmalloc, kern.OpKmalloc, kern.OpSlabDestroy,
	}
	bruteQuiet = []kern.OpKind{
		kern.OpRead, kern.OpWrite, kern.OpAdd, kern.OpXor, kern.OpCmpXchg, kern.OpXchg, kern.OpAddUnless, kern.OpOr, kern.OpAndNot, kern.OpRefInc,
		kern.OpCallRCU, kern.OpQueueWork, kern.OpSlabAlloc, kern.OpAllocPages, kern.OpMark, kern.OpChoose, kern.OpListEmpty,
		kern.OpSpinIsLocked, kern.OpSpinTrylock,
		kern.OpAddVoid, kern.OpXorVoid, kern.OpOrVoid, kern.OpAndNotVoid, kern.OpSyncRCU, kern.OpRCUBarrier, kern.OpSyncSRCU,
		kern.OpFlushWork, kern.OpCancelWork,
		kern.OpRefRead, kern.OpThisCPUAdd, kern.OpThisCPURead, kern.OpThisCPUAddReturn,
	}
	bruteBarriers = []kern.OpKind{
		kern.OpMB, kern.OpRMB, kern.OpWMB, kern.OpMBBeforeAtomic, kern.OpMBAfterAtomic, kern.OpMBAfterSpinlock, kern.OpMBAfterUnlock,
	}
)

// brackets are what instructions stand between. Which lock a pair takes is drawn.
var bruteBrackets = [][2]kern.OpKind{
	{kern.OpSpinLock, kern.OpSpinUnlock}, {kern.OpSpinLock, kern.OpSpinUnlock}, {kern.OpSpinLockBH, kern.OpSpinUnlockBH},
	{kern.OpDownWrite, kern.OpUpWrite}, {kern.OpDownRead, kern.OpUpRead}, {kern.OpSRCULock, kern.OpSRCUUnlock}, {kern.OpRCUReadLock, kern.OpRCUReadUnlock},
	{kern.OpBHDisable, kern.OpBHEnable}, {kern.OpPreemptDisable, kern.OpPreemptEnable},
	{kern.OpMutexLock, kern.OpMutexUnlock}, {kern.OpReadLock, kern.OpReadUnlock}, {kern.OpWriteLock, kern.OpWriteUnlock},
	{kern.OpBitSpinLock, kern.OpBitSpinUnlock}, {kern.OpLockPage, kern.OpUnlockPage}, {kern.OpPrepareToWait, kern.OpFinishWait}, {kern.OpLocalLock, kern.OpLocalUnlock},
}

func (d *bruteDraw) task(n int) {
	d.code = nil
	for len(d.code) < n {
		if d.IntN(5) < 2 {
			d.instr()
			continue
		}
		b := bruteBrackets[d.IntN(len(bruteBrackets))]
		x := uint8(d.IntN(2))
		if !d.quiet && d.IntN(4) == 0 {
			x = uint8(d.IntN(6))
		}
		d.add(bruteInstr{kind: b[0], x: x})
		for range 1 + d.IntN(2) {
			d.instr()
		}
		if d.quiet && b[0] == kern.OpSpinLock && x == 0 && d.IntN(2) == 0 { // what the first lock protects
			d.add(bruteInstr{kind: kern.OpLoad, x: 3})
			d.add(bruteInstr{kind: kern.OpStore, x: 3, y: uint8(d.IntN(4))})
		}
		d.add(bruteInstr{kind: b[1], x: x})
	}
	var ops []bruteOp
	for len(d.code) > 0 {
		k := min(len(d.code), 1+d.IntN(4))
		ops = append(ops, bruteOp{code: d.code[:k:k], forgets: d.IntN(2) == 0})
		d.code = d.code[k:]
	}
	ops[len(ops)-1].forgets = d.IntN(2) == 0
	ops = append(ops, bruteOp{code: []bruteInstr{{kind: kern.OpStore, x: tellWord}}})
	d.p.tasks = append(d.p.tasks, ops)
}

// add adds an instruction, in one of its orders, and perhaps a barrier behind it.
func (d *bruteDraw) add(i bruteInstr) {
	if i.kind < bruteAssert {
		if forms := kern.PrimitiveOf(i.kind).Forms; len(forms) > 0 && d.IntN(3) == 0 {
			i.order = forms[d.IntN(len(forms))].Order
		}
	}
	d.code = append(d.code, i)
	if d.IntN(10) == 0 {
		d.code = append(d.code, bruteInstr{kind: bruteBarriers[d.IntN(len(bruteBarriers))]})
	}
}

// instr adds an instruction, and perhaps a check behind it.
func (d *bruteDraw) instr() {
	kinds := bruteKinds
	if d.quiet {
		kinds = bruteQuiet
	}
	i := bruteInstr{kind: kinds[d.IntN(len(kinds))], x: uint8(d.IntN(4)), y: uint8(d.IntN(4))}
	if len(d.code) > 0 && d.IntN(6) == 0 {
		i.when = ifZero + bruteWhen(d.IntN(2))
	}
	switch i.kind {
	case kern.OpRead, kern.OpLoad:
		switch {
		case d.quiet:
		case d.IntN(8) == 0:
			i.x = cpuWord + uint8(d.IntN(2))
		case d.IntN(12) == 0:
			i.x = freshWord + uint8(d.IntN(3))
		default:
			i.x = uint8(d.IntN(9))
		}
	case kern.OpWrite, kern.OpStore, kern.OpXor, kern.OpXchg, kern.OpCmpXchg, kern.OpAdd, kern.OpOr, kern.OpAndNot,
		kern.OpAddVoid, kern.OpXorVoid, kern.OpOrVoid, kern.OpAndNotVoid:
		if i.x = uint8(d.IntN(3)); !d.quiet {
			if i.x = uint8(d.IntN(6)); d.IntN(8) == 0 {
				i.x = cpuWord + uint8(d.IntN(2))
			}
		}
	case kern.OpThisCPUPtr, kern.OpRawCPUPtr: // and then a plain access
		if i.kind == kern.OpThisCPUPtr && d.IntN(3) > 0 {
			d.add(bruteInstr{kind: kern.OpPreemptDisable})
			d.add(i)
			i = bruteInstr{kind: kern.OpPreemptEnable}
		}
		d.add(i)
		i = bruteInstr{kind: kern.OpLoad, x: mineWord}
		if d.IntN(2) == 0 {
			i.kind = kern.OpStore
		}
	case kern.OpAddUnless:
		if i.x = uint8(d.IntN(3)); !d.quiet {
			i.x = uint8(d.IntN(8))
		}
	case kern.OpSpinLock, kern.OpSpinUnlock, kern.OpSpinTrylock, kern.OpSpinIsLocked:
		if i.x = uint8(d.IntN(6)); d.quiet {
			i.x, i.when = uint8(d.IntN(2)), always
		}
		if d.quiet && i.kind == kern.OpSpinTrylock {
			d.add(i)
			i.kind, i.when = kern.OpSpinUnlock, ifNot
		}
	case kern.OpSlabFree:
		i.x = uint8(d.IntN(5))
	case kern.OpKmalloc:
		if d.allocs[1]++; d.allocs[1] > 2 {
			return
		}
		d.add(i)
		i = bruteInstr{kind: []kern.OpKind{kern.OpWrite, kern.OpStore, kern.OpAdd, kern.OpLoad, kern.OpSlabFree}[d.IntN(5)], x: freshWord}
	case kern.OpSlabAlloc:
		if d.allocs[i.x%2]++; d.allocs[i.x%2] > 2 {
			return
		}
		if d.quiet && i.y == 0 { // it may be where nobody may sleep
			i.y = 2
		}
		if d.quiet && i.x%2 == 0 {
			d.add(i)
			i = bruteInstr{kind: kern.OpSlabFree, x: 3}
		}
	case kern.OpAllocPages:
		if d.allocs[2]++; d.allocs[2] > 2 {
			return
		}
		if d.quiet {
			i.y = 2
			d.add(i)
			i = bruteInstr{kind: kern.OpPutPage, x: 1}
		}
	case kern.OpCallRCU:
		if d.quiet {
			if i.x = 2 * uint8(d.IntN(2)); d.queuedBy[i.x] {
				return
			}
			d.queuedBy[i.x] = true
		}
	case bruteAssert, bruteWarn:
		if len(d.code) == 0 {
			return
		}
	}
	d.add(i)
}

// class draws a class of primitives by its number, the larger ones more often; len(bruteClasses) is the allocators'.
func (d *bruteDraw) class() int {
	sum := 5
	for _, class := range bruteClasses {
		sum += len(class)
	}
	at := d.IntN(sum)
	for n, class := range bruteClasses {
		if at -= len(class); at < 0 {
			return n
		}
	}
	return len(bruteClasses)
}

// dependent draws two tasks whose primitives have something in common.
func (d *bruteDraw) dependent() {
	n := d.class()
	class := []kern.OpKind{kern.OpSlabFree, kern.OpFreePages, kern.OpPutPage, kern.OpSlabAlloc, kern.OpAllocPages, kern.OpKmalloc, kern.OpSlabDestroy}
	if n < len(bruteClasses) {
		class = bruteClasses[n]
	}
	x := uint8(d.IntN(2))
	for range 2 {
		d.code = nil
		for range 1 + d.IntN(2) {
			i := bruteInstr{kind: class[d.IntN(len(class))], x: x, y: uint8(d.IntN(2))}
			if i.kind == kern.OpSyncSRCUEnd { // comes of its other half
				i.kind = kern.OpSyncSRCU
			}
			switch {
			case n == 3 && i.kind == kern.OpAddUnless, n == 3 && i.kind == kern.OpRead:
				i.x = 7
			case n == 3:
				i.x = 0
			case n == 6 && i.kind == kern.OpListInit:
				i.x = 3
			case n == 6:
				i.x = 0
			case n == 7:
				i.x = 6
			case i.kind == kern.OpSlabFree:
				i.x = 2
			case slices.Contains(class, kern.OpThisCPUAdd) && kern.PrimitiveOf(i.kind).Shape == kern.OneWord:
				i.x = cpuWord + i.y
			}
			d.add(i)
		}
		d.p.tasks = append(d.p.tasks, []bruteOp{{code: d.code, forgets: d.IntN(2) == 0}, {code: []bruteInstr{{kind: kern.OpStore, x: tellWord}}}})
	}
}

// brutePasses are what may tell one task what another has done: each orders, or does not, and says so by its result or by a lock.
var brutePasses = [][2][]bruteInstr{
	{{{kind: kern.OpWrite, x: 1, y: 1}}, {{kind: kern.OpRead, x: 1}}},
	{{{kind: kern.OpXchg, x: 1, y: 1}}, {{kind: kern.OpRead, x: 1}}},
	{{{kind: kern.OpWrite, x: 1, y: 1}}, {{kind: kern.OpXchg, x: 1, y: 2}}},
	{{{kind: kern.OpAdd, x: 1, y: 1}}, {{kind: kern.OpCmpXchg, x: 1, y: 3}}},
	{{{kind: kern.OpOr, x: 1, y: 1}}, {{kind: kern.OpAndNot, x: 1, y: 1}}},
	{{{kind: kern.OpCmpXchg, x: 1, y: 2}}, {{kind: kern.OpAddUnless, x: 1}}},
	{{{kind: kern.OpRefInc}}, {{kind: kern.OpRefDecTest}}},
	{{{kind: kern.OpRefDecTest}}, {{kind: kern.OpRefDecTest}}},
	{{{kind: kern.OpRefInc}}, {{kind: kern.OpRead, x: 7}}},
	{{{kind: kern.OpRefAdd, y: 2}, {kind: kern.OpRefSubTest, y: 2}}, {{kind: kern.OpRefSubTest, y: 1}}},
	{{{kind: kern.OpRefInc}, {kind: kern.OpRefDec}}, {{kind: kern.OpRefRead}}},
	{{{kind: kern.OpRefInc}, {kind: kern.OpRefDec}}, {{kind: kern.OpRefDecTest}}},
	{{{kind: kern.OpThisCPUAdd, y: 1}}, {{kind: kern.OpRead, x: cpuWord}}},
	{{{kind: kern.OpCallRCU}, {kind: kern.OpThisCPUAdd, y: 1}}, {{kind: kern.OpThisCPUXchg, y: 2}}},
	{{{kind: kern.OpThisCPUWrite, y: 1}}, {{kind: kern.OpXchg, x: cpuWord}}},
	{{{kind: kern.OpRefSet, y: 2}}, {{kind: kern.OpRefDecTest}}},
	{{{kind: kern.OpSpinLock}, {kind: kern.OpSpinUnlock}}, {{kind: kern.OpSpinLock}, {kind: kern.OpSpinUnlock}}},
	{{{kind: kern.OpSpinLockBH}, {kind: kern.OpSpinUnlockBH}}, {{kind: kern.OpBHDisable}, {kind: kern.OpBHEnable}}},
	{{{kind: kern.OpDownWrite}, {kind: kern.OpUpWrite}}, {{kind: kern.OpDownRead}, {kind: kern.OpUpRead}}},
	{{{kind: kern.OpDownRead}, {kind: kern.OpUpRead}}, {{kind: kern.OpDownRead}, {kind: kern.OpUpRead}}},
	{{{kind: kern.OpCallRCU}}, {{kind: kern.OpBHDisable}, {kind: kern.OpBHEnable}}},
	{{{kind: kern.OpCallRCU}, {kind: kern.OpBHDisable}, {kind: kern.OpBHEnable}}, {{kind: kern.OpRead, x: 1}}},
	{{{kind: kern.OpCallRCU}, {kind: kern.OpWrite, x: 1, y: 1}}, {{kind: kern.OpRead, x: 1}}},
	{{{kind: kern.OpCallRCU}}, {{kind: kern.OpRCUReadLock}, {kind: kern.OpRead, x: 1}, {kind: kern.OpRCUReadUnlock}}},
	{{{kind: kern.OpCallRCU}}, {{kind: kern.OpRead, x: 1}, {kind: kern.OpCallRCU, x: 2, y: 1, when: ifNot}}},
	{{{kind: kern.OpQueueWork}}, {{kind: kern.OpQueueWork}}},
	{{{kind: kern.OpQueueWork}}, {{kind: kern.OpRead, x: 1}}},
	{{{kind: kern.OpQueueWork}}, {{kind: kern.OpFlushWork}}},
	{{{kind: kern.OpQueueWork}}, {{kind: kern.OpCancelWork}}},
	{{{kind: kern.OpQueueWork}, {kind: kern.OpCancelWork}}, {{kind: kern.OpRead, x: 1}, {kind: kern.OpQueueWork}}},
	{{{kind: kern.OpQueueWork}, {kind: kern.OpFlushWork}}, {{kind: kern.OpRead, x: 1}, {kind: kern.OpFlushWork}}},
	{{{kind: kern.OpPutPage}}, {{kind: kern.OpAddUnless, x: 6}}},
	{{{kind: kern.OpSlabFree, x: 2}}, {{kind: kern.OpSlabAlloc}}},
	{{{kind: kern.OpWrite, x: 1, y: 1, order: kern.Release}}, {{kind: kern.OpRead, x: 1, order: kern.Acquire}}},
	{{{kind: kern.OpWMB}, {kind: kern.OpWrite, x: 1, y: 1}}, {{kind: kern.OpRead, x: 1}, {kind: kern.OpRMB}}},
	{{{kind: kern.OpMB}, {kind: kern.OpWrite, x: 1, y: 1}}, {{kind: kern.OpRead, x: 1, order: kern.Dependent}, {kind: kern.OpMB}}},
	{{{kind: kern.OpMBBeforeAtomic}, {kind: kern.OpOrVoid, x: 1, y: 1}}, {{kind: kern.OpXchg, x: 1, order: kern.Relaxed}, {kind: kern.OpMBAfterAtomic}}},
	{{{kind: kern.OpXchg, x: 1, y: 1, order: kern.Release}}, {{kind: kern.OpCmpXchg, x: 1, y: 3, order: kern.Acquire}}},
	{{{kind: kern.OpMBBeforeAtomic}, {kind: kern.OpXchg, x: 2, y: 1, order: kern.Acquire}, {kind: kern.OpWrite, x: 1, y: 1}},
		{{kind: kern.OpRead, x: 1}, {kind: kern.OpOrVoid, x: 2, y: 2}, {kind: kern.OpMBAfterAtomic}}},
	{{{kind: kern.OpSpinLock}, {kind: kern.OpMBAfterSpinlock}, {kind: kern.OpWrite, x: 1, y: 1}, {kind: kern.OpSpinUnlock}},
		{{kind: kern.OpRead, x: 1}, {kind: kern.OpSpinLock, x: 1}, {kind: kern.OpMBAfterSpinlock}, {kind: kern.OpSpinUnlock, x: 1}}},
	{{{kind: kern.OpSpinLock}, {kind: kern.OpSpinUnlock}, {kind: kern.OpSpinLock, x: 1}, {kind: kern.OpWrite, x: 1, y: 1}, {kind: kern.OpSpinUnlock, x: 1}},
		{{kind: kern.OpRead, x: 1, order: kern.Acquire}}},
	{{{kind: kern.OpWrite, x: 1, y: 1, order: kern.Release}},
		{{kind: kern.OpSpinLock}, {kind: kern.OpRead, x: 1}, {kind: kern.OpSpinUnlock}, {kind: kern.OpSpinLock, x: 1}, {kind: kern.OpMBAfterUnlock}, {kind: kern.OpSpinUnlock, x: 1}}},
	{{{kind: kern.OpSpinLock}, {kind: kern.OpWrite, x: 1, y: 1}, {kind: kern.OpSpinUnlock}}, {{kind: kern.OpSpinTrylock}, {kind: kern.OpRead, x: 1}, {kind: kern.OpSpinUnlock, when: ifNot}}},
}

// passing draws tasks that access a word in common by plain accesses, and something that orders the two, or does not. So do the
// functions that callbacks and work items run.
func (d *bruteDraw) passing() {
	data := func() []bruteInstr {
		kinds := [...]kern.OpKind{kern.OpLoad, kern.OpStore, kern.OpLoad, kern.OpStore, kern.OpRead, kern.OpWrite}
		return []bruteInstr{{kind: kinds[d.IntN(len(kinds))], x: 3, y: uint8(d.IntN(2))}}
	}
	pass := brutePasses[d.IntN(len(brutePasses))]
	tasks := 2
	if d.IntN(4) == 0 {
		tasks = 3
	}
	for t := range tasks {
		d.code = nil
		side := pass[t%2]
		if d.IntN(4) == 0 {
			side = brutePasses[d.IntN(len(brutePasses))][d.IntN(2)]
		}
		access := data()
		if t%2 == 1 && d.IntN(2) == 0 { // as told
			access[0].when = ifZero + bruteWhen(d.IntN(2))
		}
		switch at := d.IntN(len(side) + 1); {
		case len(side) > 1 && d.IntN(2) == 0: // between
			n := len(side) - 1
			d.code = slices.Concat(side[:n], access, side[n:])
		case t%2 == 0 && at < len(side) || d.IntN(4) == 0:
			d.code = slices.Concat(access, side)
		default:
			d.code = slices.Concat(side, access)
		}
		if d.IntN(3) == 0 {
			d.code = append(d.code, data()...)
		}
		d.p.tasks = append(d.p.tasks, []bruteOp{{code: d.code, forgets: d.IntN(2) == 0}})
	}
	for f := range d.p.fns {
		switch said := []bruteInstr{{kind: kern.OpWrite, x: 1, y: 1}}; d.IntN(4) {
		case 0:
			d.p.fns[f] = data()
		case 1:
			d.p.fns[f] = slices.Concat(said, data())
		case 2:
			d.p.fns[f] = slices.Concat(data(), said)
		default:
			d.p.fns[f] = slices.Concat(data(), said, data())
		}
	}
}

// function draws what a callback or a work item does.
func (d *bruteDraw) function(n int) []bruteInstr {
	words := []kern.OpKind{kern.OpAdd, kern.OpXor, kern.OpWrite, kern.OpRead, kern.OpThisCPUAdd}
	if n == bruteWork && !d.quiet && d.IntN(6) == 0 { // which is a deadlock, if it is the item itself
		return []bruteInstr{{kind: []kern.OpKind{kern.OpFlushWork, kern.OpCancelWork}[d.IntN(2)], x: uint8(d.IntN(2))}}
	}
	code := []bruteInstr{{kind: words[d.IntN(len(words))], x: uint8(d.IntN(3)), y: uint8(d.IntN(4))}}
	if d.quiet {
		if n != bruteWork || d.IntN(2) == 0 {
			return code
		}
		return []bruteInstr{{kind: kern.OpDownWrite}, code[0], {kind: kern.OpUpWrite}}
	}
	lock, unlock := kern.OpSpinLock, kern.OpSpinUnlock
	if n == bruteWork && d.IntN(2) == 0 {
		lock, unlock = kern.OpDownWrite, kern.OpUpWrite
	}
	x := uint8(d.IntN(2))
	switch d.IntN(8) {
	case 0:
		code = []bruteInstr{{kind: kern.OpSlabFree, x: x}}
	case 1:
		code = []bruteInstr{{kind: lock, x: x}, code[0], {kind: unlock, x: x}}
	case 2:
		code = []bruteInstr{{kind: kern.OpPutPage}}
	case 3:
		code = []bruteInstr{{kind: kern.OpRefDecTest, x: x}, {kind: kern.OpSlabFree, x: x, when: ifNot}}
	case 4:
		if n != 1 { // a callback that queued itself would never come to an end
			code = append(code, bruteInstr{kind: kern.OpCallRCU, x: x, y: 1, when: ifZero})
		}
	case 5:
		code = []bruteInstr{{kind: kern.OpLoad, x: x}, {kind: kern.OpStore, x: x, y: 3}}
	case 6:
		code = append([]bruteInstr{{kind: bruteSelf}}, code...)
	}
	return code
}
