package kern_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	_ "ptsim/internal/nofiles"
	"ptsim/kern"
	"ptsim/kern/kerntest"
)

// direct carries out each step at once, and keeps what it was asked for.
type direct struct{ ops []kern.Op }

func (d *direct) Step(c *kern.CPU, op kern.Op) uint32 {
	d.ops = append(d.ops, op)
	return c.Exec(op)
}

// world is a machine with a few objects of each kind, for random programs.
type world struct {
	m       *kern.Machine
	c       *kern.CPU
	cells   kern.Addr // 4 plain words
	locks   kern.Addr // 2 locks
	sems    kern.Addr // 2 semaphores
	others  kern.Addr // a mutex, a rwlock, a local lock, a word of bit locks, a completion and a wait queue
	srcu    kern.Addr
	percpu  kern.PerCPU
	srcuIdx []uint32
	heads   []kern.Addr
	nodes   []kern.Addr // list nodes and rcu_heads in the same words
	items   []kern.Addr // work items
	things  kern.Cache
	types   kern.Cache
	brief   kern.Cache
	fn      kern.Func
	ran     *[]kern.Addr
	objs    []object
	frames  []block
}

type object struct {
	from kern.Cache
	addr kern.Addr
}

type block struct {
	first kern.PFN
	order uint32
}

func newWorld(s kern.Scheduler) *world {
	m := kern.NewMachine(kern.Config{Frames: 40, Checks: true, Contents: true, Scheduler: s})
	c := m.CPU(0)
	w := &world{m: m, c: c, cells: words(c, 4), locks: words(c, 2), sems: words(c, 2), others: words(c, 6), srcu: words(c, kern.SRCUWords), heads: lists(c, 2), nodes: lists(c, 3)}
	w.items = []kern.Addr{words(c, kern.WorkWords), words(c, kern.WorkWords)}
	w.percpu = m.DefinePerCPU("percpu")
	w.things = m.NewCache(kern.CacheConfig{Name: "thing", Words: 6})
	w.types = m.NewCache(typesafe)
	w.brief = m.NewCache(kern.CacheConfig{Name: "brief", Words: 2, Destroyable: true})
	w.fn, w.ran = recorder(m)
	for i := range 4 {
		w.run(instr{op: kern.OpSlabAlloc, y: i})
		w.run(instr{op: kern.OpAllocPages, y: i})
	}
	return w
}

type instr struct {
	op   kern.OpKind
	form int // 0 is the usual order
	x, y int
	a, b uint32
}

var anyInstr = rapid.Custom(func(t *rapid.T) instr {
	return instr{
		form: rapid.IntRange(0, 3).Draw(t, "form"),
		op:   rapid.SampledFrom(kern.Primitives()).Draw(t, "op"),
		x:    rapid.IntRange(0, 11).Draw(t, "x"), y: rapid.IntRange(0, 1).Draw(t, "y"),
		a: rapid.SampledFrom([]uint32{0, 1, 2, 7, ^uint32(0)}).Draw(t, "a"), b: rapid.SampledFrom([]uint32{0, 1, 2}).Draw(t, "b"),
	}
})

// eachOp is a program of all primitives there are.
func eachOp() (program []instr) {
	for _, k := range kern.Primitives() {
		i := instr{op: k}
		if k == kern.OpSchedule {
			i.a = 7 // a ticket that is not the present one: it was woken
		}
		program = append(program, i)
		for f := range kern.PrimitiveOf(k).Forms {
			program = append(program, instr{op: k, form: f + 1})
		}
	}
	return program
}

// run carries one instruction out through the exported primitives and returns its result.
func (w *world) run(i instr) uint32 {
	c := w.c
	sem, node := w.sems+kern.Addr(i.x%2), w.nodes[i.x%3]
	switch i.op {
	case kern.OpRawCPUPtr:
		kern.RawCPUAdd(c, w.percpu, i.a)
		return kern.RawCPURead(c, w.percpu)
	case kern.OpDownRead:
		return truth(w.down(sem, false))
	case kern.OpDownWrite:
		return truth(w.down(sem, true))
	case kern.OpMutexLock, kern.OpMutexTrylock, kern.OpMutexUnlock, kern.OpMutexIsLocked, kern.OpReadLock, kern.OpReadUnlock, kern.OpWriteLock,
		kern.OpWriteUnlock, kern.OpLocalLock, kern.OpLocalUnlock, kern.OpBitSpinLock, kern.OpBitSpinTrylock, kern.OpBitSpinUnlock,
		kern.OpBitSpinIsLocked, kern.OpLockPage, kern.OpTrylockPage, kern.OpUnlockPage, kern.OpPageLocked, kern.OpWaitOnPageLocked:
		return w.lock(i)
	case kern.OpInitCompletion, kern.OpComplete, kern.OpCompleteAll, kern.OpWaitForCompletion, kern.OpPrepareToWait, kern.OpSchedule,
		kern.OpFinishWait, kern.OpWakeUp, kern.OpWaitqueueActive:
		return w.wait(i)
	case kern.OpSyncRCU, kern.OpSyncRCUEnd:
		kern.SynchronizeRCU(c)
	case kern.OpRCUBarrier, kern.OpRCUBarrierEnd:
		kern.RCUBarrier(c)
	case kern.OpSRCULock:
		w.srcuIdx = append(w.srcuIdx, kern.SRCUReadLock(c, w.srcu))
		return w.srcuIdx[len(w.srcuIdx)-1]
	case kern.OpSRCUUnlock:
		if n := len(w.srcuIdx); n > 0 {
			kern.SRCUReadUnlock(c, w.srcu, w.srcuIdx[n-1])
			w.srcuIdx = w.srcuIdx[:n-1]
		} else {
			kern.SRCUReadUnlock(c, w.srcu, i.a)
		}
	case kern.OpSyncSRCU, kern.OpSyncSRCUEnd:
		if len(w.srcuIdx) == 0 { // the only CPU there is would wait for itself
			kern.SynchronizeSRCU(c, w.srcu)
		}
	case kern.OpCallRCU:
		kern.CallRCU(c, node, w.fn)
	case kern.OpQueueWork:
		return truth(kern.QueueWork(c, w.items[i.x%2], w.fn))
	case kern.OpTakeWork:
		return uint32(kern.RunWork(c))
	case kern.OpFlushWork:
		if w.m.PendingWork() == 0 { // the only CPU there is would wait for itself
			return truth(kern.FlushWork(c, w.items[i.x%2]))
		}
	case kern.OpCancelWork:
		return truth(kern.CancelWorkSync(c, w.items[i.x%2]))
	case kern.OpSlabAlloc:
		o := object{from: w.things}
		if i.y%2 == 1 {
			o.from = w.types
		}
		if i.a == 1 {
			o.addr = o.from.AllocNowait(c)
		} else {
			o.addr = o.from.Alloc(c)
		}
		w.objs = append(w.objs, o)
		return uint32(o.addr)
	case kern.OpKmalloc:
		o := object{w.things, w.things.Kmalloc(c)}
		if i.a == 2 {
			return uint32(w.brief.Kmalloc(c))
		}
		w.objs = append(w.objs, o)
		return uint32(o.addr)
	case kern.OpSlabDestroy:
		w.brief.Destroy(c)
	case kern.OpSlabFree: // of any object there ever was, so also twice
		if len(w.objs) > 0 {
			o := w.objs[i.x%len(w.objs)]
			o.from.Free(c, o.addr)
		}
	case kern.OpAllocPages:
		b := block{order: uint32(i.y%2) * 2}
		if b.first = kern.AllocPages(c, b.order, kern.GFPNowait); b.first != 0 {
			w.frames = append(w.frames, b)
		}
		return uint32(b.first)
	case kern.OpFreePages:
		if len(w.frames) > 0 {
			b := w.frames[i.x%len(w.frames)]
			if i.a != 0 {
				return truth(kern.GetPageUnlessZero(c, b.first))
			}
			kern.FreePages(c, b.first, b.order)
		}
	case kern.OpPutPage:
		if len(w.frames) > 0 {
			b := w.frames[i.x%len(w.frames)]
			return truth(kern.PutPage(c, b.first, b.order))
		}
	case kern.OpSlabReclaim: // comes of a free
	case kern.OpFlushWorkEnd: // comes of flush_work, which would wait for ever
	case kern.OpCancelWorkEnd:
	case kern.OpWriteLockWait: // comes of write_lock, if there are readers: natively and alone it would wait for ever
	default:
		v, ok := kerntest.Perform(c, w.asOp(i))
		if !ok {
			panic("no program has " + i.op.String())
		}
		return v
	}
	return 0
}

// asOp is the instruction as data: on a cell, a lock, a semaphore, a list or a per-CPU word of the world's.
func (w *world) asOp(i instr) kern.Op {
	op := kern.Op{Kind: i.op, Addr: w.cells + kern.Addr(i.x%4), A: i.a, B: i.b}
	p := kern.PrimitiveOf(i.op)
	if i.form > 0 && i.form <= len(p.Forms) {
		op.Order = p.Forms[i.form-1].Order
		return op
	}
	switch i.op {
	case kern.OpThisCPURead, kern.OpThisCPUWrite, kern.OpThisCPUAdd, kern.OpThisCPUAnd, kern.OpThisCPUOr, kern.OpThisCPUAddReturn,
		kern.OpThisCPUXchg, kern.OpThisCPUCmpXchg, kern.OpThisCPUPtr:
		op.Addr = kern.Addr(w.percpu)
	case kern.OpSpinLock, kern.OpSpinUnlock, kern.OpSpinTrylock, kern.OpSpinIsLocked, kern.OpSpinLockBH, kern.OpSpinUnlockBH:
		op.Addr = w.locks + kern.Addr(i.x%2)
	case kern.OpDownReadTrylock, kern.OpDownWriteTrylock, kern.OpUpRead, kern.OpUpWrite:
		op.Addr = w.sems + kern.Addr(i.x%2)
	case kern.OpListInit, kern.OpListDel, kern.OpListDelInit, kern.OpListDelRCU:
		op.Addr = w.nodes[i.x%3]
	case kern.OpListAdd, kern.OpListAddTail, kern.OpListAddRCU, kern.OpListAddTailRCU:
		op.Addr, op.A = w.nodes[i.x%3], uint32(w.heads[i.y%2])
	case kern.OpListEmpty, kern.OpListFirst:
		op.Addr = w.heads[i.y%2]
	}
	return op
}

// lock does something to a lock of the other kinds, unless the only CPU there is would wait for itself.
func (w *world) lock(i instr) uint32 {
	c, bit := w.c, uint32(i.y%2)
	mutex, rw, local, bits := w.others, w.others+1, w.others+2, w.others+3
	page := kern.PFN(0)
	if len(w.frames) > 0 {
		page = w.frames[i.x%len(w.frames)].first
	}
	switch i.op {
	case kern.OpMutexLock:
		kern.MutexLock(c, mutex)
	case kern.OpMutexTrylock:
		return truth(kern.MutexTrylock(c, mutex))
	case kern.OpMutexUnlock:
		kern.MutexUnlock(c, mutex)
	case kern.OpMutexIsLocked:
		return truth(kern.MutexIsLocked(c, mutex))
	case kern.OpReadLock:
		kern.ReadLock(c, rw)
	case kern.OpReadUnlock:
		kern.ReadUnlock(c, rw)
	case kern.OpWriteLock:
		if n := w.m.Peek(rw); n == 0 || n >= 1<<31 {
			kern.WriteLock(c, rw)
		}
	case kern.OpWriteUnlock:
		kern.WriteUnlock(c, rw)
	case kern.OpLocalLock:
		kern.LocalLock(c, local)
	case kern.OpLocalUnlock:
		kern.LocalUnlock(c, local)
	case kern.OpBitSpinLock:
		kern.BitSpinLock(c, bits, bit)
	case kern.OpBitSpinTrylock:
		return truth(kern.BitSpinTrylock(c, bits, bit))
	case kern.OpBitSpinUnlock:
		kern.BitSpinUnlock(c, bits, bit)
	case kern.OpBitSpinIsLocked:
		return truth(kern.BitSpinIsLocked(c, bits, bit))
	}
	if page == 0 {
		return 0
	}
	flags := page.Page() + kern.PageFlags
	if (i.op == kern.OpLockPage || i.op == kern.OpWaitOnPageLocked) && !w.m.Ready(c, kern.Op{Kind: i.op, Addr: flags, A: 27}, false) {
		return 0 // a page that came back locked
	}
	switch i.op {
	case kern.OpLockPage:
		kern.LockPage(c, page)
	case kern.OpTrylockPage:
		return truth(kern.TrylockPage(c, page))
	case kern.OpUnlockPage:
		kern.UnlockPage(c, page)
	case kern.OpPageLocked:
		return truth(kern.PageLocked(c, page))
	case kern.OpWaitOnPageLocked:
		kern.WaitOnPageLocked(c, page)
	}
	return 0
}

// wait does something to the completion or the wait queue, unless the only CPU there is would wait for itself.
func (w *world) wait(i instr) uint32 {
	c, done, wq := w.c, w.others+4, w.others+5
	if a := map[kern.OpKind]kern.Addr{kern.OpWaitForCompletion: done, kern.OpSchedule: wq}[i.op]; a != 0 &&
		!w.m.Ready(c, kern.Op{Kind: i.op, Addr: a, A: i.a}, false) {
		return 0
	}
	switch i.op {
	case kern.OpInitCompletion:
		kern.InitCompletion(c, done)
	case kern.OpComplete:
		kern.Complete(c, done)
	case kern.OpCompleteAll:
		kern.CompleteAll(c, done)
	case kern.OpWaitForCompletion:
		kern.WaitForCompletion(c, done)
	case kern.OpPrepareToWait:
		return kern.PrepareToWait(c, wq)
	case kern.OpSchedule:
		kern.Schedule(c, wq, i.a)
	case kern.OpFinishWait:
		kern.FinishWait(c, wq)
	case kern.OpWakeUp:
		kern.WakeUp(c, wq)
	case kern.OpWaitqueueActive:
		return truth(kern.WaitqueueActive(c, wq))
	}
	return 0
}

// down takes a semaphore unless the only CPU there is would wait for itself.
func (w *world) down(sem kern.Addr, write bool) bool {
	if !w.m.SemFree(sem, write) {
		return false
	}
	if write {
		kern.DownWrite(w.c, sem)
	} else {
		kern.DownRead(w.c, sem)
	}
	return true
}

func truth(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// state is all that can be told about the world from outside.
func (w *world) state() string {
	s := fmt.Sprintf("in %s, bh %v, softirq %v, reading %v, epoch %d, callbacks %d, work %d, ran %v\n", w.c.Depths(), w.c.BHDisabled(), w.c.InSoftirq(),
		w.c.RCUReading(), w.c.ReaderEpoch(), w.c.Callbacks().Len(), w.m.PendingWork(), *w.ran)
	for a := range kern.Addr(1024) {
		if v := w.m.Peek(a); v != 0 {
			s += fmt.Sprintf("%x:%x ", uint32(a), v)
		}
	}
	list, total := w.m.Violations()
	for _, v := range list {
		s += fmt.Sprintf("\n%v at %x: %s", v.Kind, uint32(v.Addr), v.Detail)
	}
	return fmt.Sprintf("%s\n%d", s, total)
}

// program draws a length first, and then so many instructions: SliceOfN draws short ones, with a median of 4 however many it
// may have.
func program(t *rapid.T, most int) []instr {
	n := rapid.IntRange(1, most).Draw(t, "length")
	return rapid.SliceOfN(anyInstr, n, n).Draw(t, "program")
}

// A primitive does the same to the same words whether it acts at once or through a Scheduler that calls Exec.
func TestExecAgreesWithTheNativePrimitives(t *testing.T) {
	met := map[kern.OpKind]bool{}
	agree := func(t require.TestingT, program []instr) {
		d := &direct{}
		native, stepped := newWorld(nil), newWorld(d)
		for n, i := range program {
			require.Equal(t, native.run(i), stepped.run(i), "result of instruction %d, %v", n, i.op)
		}
		for _, w := range []*world{native, stepped} {
			grace(w.c)
			kern.RunWork(w.c)
		}
		require.Equal(t, native.state(), stepped.state())
		for _, op := range d.ops {
			met[op.Kind] = true
		}
	}
	each := append([]instr{{op: kern.OpSyncRCU}, {op: kern.OpRCUBarrier}, {op: kern.OpSyncSRCU}, {op: kern.OpFlushWork}, {op: kern.OpQueueWork}, {op: kern.OpCancelWork}}, eachOp()...) // where the task may sleep
	each = append(each, instr{op: kern.OpSlabFree, x: 1})                                                                                                                               // type-stable: reclaimed when a grace period has passed
	agree(t, each)
	for _, i := range each {
		if i.op == kern.OpWriteLockWait || i.op == kern.OpFlushWorkEnd {
			continue
		}
		assert.True(t, met[i.op], "%v never came up", i.op)
	}
	rapid.Check(t, func(t *rapid.T) { agree(t, program(t, 200)) })
}

func TestExecKnowsAllOps(t *testing.T) {
	c := kern.NewMachine(kern.Config{}).CPU(0)
	assert.PanicsWithValue(t, "kern: Exec of none(0x0, 0x0, 0x0)", func() { c.Exec(kern.Op{}) })
	names := map[string]bool{}
	for _, k := range append(kern.Primitives(), kern.OpNone) {
		assert.NotContains(t, k.String(), "(")
		assert.False(t, names[k.String()], "two primitives are called %v", k)
		names[k.String()] = true
	}
	assert.Contains(t, (slices.Max(kern.Primitives()) + 1).String(), "op(", "a primitive behind the last")
	assert.Equal(t, "op(200)", kern.OpKind(200).String())
}
