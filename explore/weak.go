package explore

import (
	"errors"
	"fmt"
	"sync"

	"ptsim/kern"
	weakmem "ptsim/memory"
)

// Under a weak memory model ([Options].Model) a state also holds the histories of its words: package memory has the machine.
// kern's memory holds the newest value of each word, which is what invariants look at. A load of an older store, and a store
// into the middle of coherence order, are ways of a step, as kern.Choose and a failing allocation are: the newest is way 0.
//
// Each primitive is a step, and smp_mb is one, too. A fully ordered RMW is up to three: the barrier before it, the RMW, and
// the barrier behind it, since barriers of other CPUs may come in between. A step that is such a barrier leaves its thread
// where it is.
//
// What is newest only: locks (who takes one reads the store of who released it last), and the words that a primitive with
// several of them touches, such as a list operation. Those are plain accesses, and so are Load and Store: if one of them may
// read another than the newest store, or may go around one, that is a data race.
//
// Not modelled, and refused: softirqs on the CPUs of tasks, tasks that share a CPU, per-CPU words, SRCU.

// weakWords is how many words may be touched.
const (
	weakWords = 24 // at first; a search that touches more begins again with twice as many
	mostWords = 200
)

// errWeakWords says that steps touched more words than the machine has.
var errWeakWords = &ModelError{"steps touch more words than a weak memory model can keep"}

// withWords runs a search with as many words as it needs: copying those that are not needed takes time.
func withWords(opt Options, run func(Options) (Result, error)) (Result, error) {
	if err := opt.checkWeak(); err != nil {
		return Result{}, err
	}
	for opt.words = weakWords; ; opt.words = min(2*opt.words, mostWords) {
		r, err := run(opt)
		r.Model, r.LKMM = opt.Model, opt.LKMM
		if !errors.Is(err, errWeakWords) || opt.words == mostWords {
			return r, err
		}
	}
}

// weakObjects is how many objects a thread may know a pointer's dependency of. For more there is none, which allows more.
const weakObjects = 24

// weakTable numbers the words that the steps of a search have touched, and the objects that a pointer was read of.
type weakTable struct {
	mu      sync.Mutex
	words   map[kern.Addr]int
	objects map[uint32]int
}

// weak is the memory of one state.
type weak struct {
	s       *state
	table   *weakTable
	machine weakmem.Machine
	threads [maxThreads]weakThread

	saved  []savedWeak
	free   []weakmem.Machine
	buf    []weakmem.Way
	key    []byte
	within bool // a step is changing words that it has accounted for
}

type savedWeak struct {
	machine weakmem.Machine
	threads [maxThreads]weakThread
}

// lastOp is the kind of a thread's last access, as far as a barrier asks.
type lastOp uint8

const (
	otherOp lastOp = iota
	atomicOp
	spinOp
)

func lastOf(p *kern.Primitive) lastOp {
	switch {
	case p.Atomic:
		return atomicOp
	case p.Waits == kern.Spin || p.Tries == kern.Spin:
		return spinOp
	}
	return otherOp
}

// weakThread is what a thread's next barrier depends on.
type weakThread struct {
	first  bool // the barrier before the RMW that comes next has been run
	fails  bool // the RMW that comes next, which may fail and then has no barriers, will: it was run without
	owes   bool // the barrier behind the RMW that came last has not
	before bool // smp_mb__before_atomic came last
	last   lastOp
}

func newWeak(s *state) *weak {
	x := s.x
	w := &weak{s: s, table: x.weak}
	w.machine = weakmem.New(x.opt.Model, weakmem.Config{
		CPUs: len(x.threads), Registers: weakObjects, Words: make([]int64, x.opt.words), Domains: 1, Release: x.opt.LKMM,
		Messages: 2 * maxSlots, NewestLocks: true,
	})
	for t := range x.threads {
		if x.threads[t].role != task {
			w.machine.Finish(t)
		}
	}
	return w
}

// checkWeak refuses what the machine does not model, and turns off what is proved for sequential consistency only.
func (o *Options) checkWeak() error {
	switch {
	case o.Model == weakmem.SC:
		return nil
	case o.Model == weakmem.TSO:
		return fmt.Errorf("memory model tso: only litmus tests run under it; expected sc or lkmm")
	case o.Softirqs == SoftirqsOnCPU:
		return fmt.Errorf("memory model %s: callbacks that interrupt tasks are not modelled; expected softirq CPUs of their own", o.Model)
	}
	if o.words == 0 { // one schedule
		o.words = mostWords
	}
	o.Plain, o.NoMerge, o.NoSymmetry, o.NoSleep, o.Races = true, true, true, true, Adjacent
	return nil
}

// word returns the number of a word in the machine, whose values are those of memory relative to what it was at first.
func (w *weak) word(a kern.Addr) int {
	t := w.table
	t.mu.Lock()
	defer t.mu.Unlock()
	n, ok := t.words[a]
	if !ok {
		if n = len(t.words); n == w.s.x.opt.words {
			panic(errWeakWords)
		}
		t.words[a] = n
	}
	return n
}

func (w *weak) relative(a kern.Addr, v uint32) int64 { return int64(v ^ w.s.init[a]) }

func (w *weak) absolute(a kern.Addr, v int64) uint32 { return uint32(v) ^ w.s.init[a] }

// register returns the number of the object that an address is in, for the dependencies of pointers to it.
func (w *weak) register(a kern.Addr) int {
	o := w.s.env.object(a)
	if o == 0 {
		return -1
	}
	t := w.table
	t.mu.Lock()
	defer t.mu.Unlock()
	n, ok := t.objects[o]
	if !ok {
		if n = len(t.objects); n == weakObjects {
			return -1
		}
		t.objects[o] = n
	}
	return n
}

// save keeps the machine as it is, to be taken back to.
func (w *weak) save() {
	var c weakmem.Machine
	if last := len(w.free) - 1; last >= 0 {
		c, w.free = w.free[last], w.free[:last]
		c.Assign(w.machine)
	} else {
		c = w.machine.Clone()
	}
	w.saved = append(w.saved, savedWeak{c, w.threads})
	w.s.log = append(w.s.log, undo{what: undoWeak})
}

func (w *weak) back() {
	last := len(w.saved) - 1
	w.free = append(w.free, w.machine)
	w.machine, w.threads = w.saved[last].machine, w.saved[last].threads
	w.saved = w.saved[:last]
}

// hash is the part of the machine in the fingerprint of the state.
func (w *weak) hash() uint64 {
	k := w.machine.Key(w.key[:0])
	for t := range w.s.x.threads {
		flags := byte(0)
		for i, b := range [...]bool{w.threads[t].first, w.threads[t].owes, w.threads[t].before, w.threads[t].fails} {
			if b {
				flags |= 1 << i
			}
		}
		k = append(k, flags, byte(w.threads[t].last))
	}
	w.key = k
	h := uint64(0x9ae16a3b2f90404f)
	for ; len(k) >= 8; k = k[8:] {
		h = mix(h ^ (uint64(k[0]) | uint64(k[1])<<8 | uint64(k[2])<<16 | uint64(k[3])<<24 | uint64(k[4])<<32 | uint64(k[5])<<40 | uint64(k[6])<<48 | uint64(k[7])<<56))
	}
	for i, b := range k {
		h = mix(h ^ uint64(b)<<(8*i) ^ 0x77)
	}
	return h
}

func (w *weak) fence(t int, b weakmem.Barrier) {
	w.machine.Do(t, &weakmem.Op{Kind: weakmem.Fence, Barrier: b}, weakmem.Way{})
	w.machine.Settle()
}

// barrier runs a barrier that the thread owes or that its next primitive needs before it: a step of its own. Before an RMW
// that may fail it is a guess, a step with two ways: it will not, and there is a barrier; or it will.
func (w *weak) barrier(t int, n *node, alt uint8) (ran bool, ways uint32) {
	th := &w.threads[t]
	if th.owes && w.machine.Quiet(t) {
		w.save()
		th.owes = false
	}
	needs := n.prim.Atomic && !th.first && !th.fails && (full(n.op) || n.op.Ordering() == kern.FullIfDone || th.before)
	switch {
	case th.owes:
		w.save()
		th.owes = false
	case needs && alt == 1 && mayFail(n.op):
		w.save()
		th.fails = true
		return true, 2
	case needs && !mayFail(n.op) && w.machine.Quiet(t):
		w.save()
		th.first, th.before = true, false
		return false, 0
	case needs:
		w.save()
		if th.first, th.before, ways = true, false, 1; mayFail(n.op) {
			ways = 2
		}
		w.fence(t, weakmem.Mb)
		return true, ways
	default:
		return false, 0
	}
	w.fence(t, weakmem.Mb)
	return true, 1
}

// full tells whether a primitive is fully ordered, whatever comes of it.
func full(op kern.Op) bool { return op.Ordering() == kern.Full }

func mayFail(op kern.Op) bool { return op.Kind == kern.OpCmpXchg || op.Kind == kern.OpAddUnless }

// wrong tells whether the thread has guessed what does not come true, or not yet.
func (w *weak) wrong(t int, op kern.Op) bool {
	th := &w.threads[t]
	return (th.first || th.fails) && mayFail(op) && len(w.list(t, op)) == 0
}

// lost tells whether some thread's guess did not come true: then this is no end of any schedule.
func (w *weak) lost() bool {
	for t := range w.s.x.threads {
		if n := w.s.at[t]; !n.over() && w.wrong(t, n.op) {
			return true
		}
	}
	return false
}

// op returns the machine's operation for a primitive on one word, and false if that is not what the machine does.
func (w *weak) op(t int, op kern.Op) (m weakmem.Op, ok bool) {
	p := kern.PrimitiveOf(op.Kind)
	if p.Shape != kern.OneWord || p.Plain || !op.Addr.IsPlace() || int(op.Addr) >= len(w.s.init) {
		return m, false
	}
	m.Word = w.word(op.Addr)
	if r := w.register(op.Addr); r >= 0 {
		m.Addr = w.machine.Deps(t, r)
	}
	switch op.Ordering() {
	case kern.Acquire:
		m.Order = weakmem.Acquire
	case kern.Release, kern.ReleaseAcquire0:
		m.Order = weakmem.StoreRelease
	}
	switch {
	case p.Waits|p.Tries|p.Gives != kern.NoLock || op.Kind == kern.OpSpinIsLocked:
		return m, false
	case !p.Writes:
		m.Kind = weakmem.Load
	case op.Kind == kern.OpWrite || op.Kind == kern.OpRefSet:
		m.Kind, m.Value = weakmem.Store, w.relative(op.Addr, op.A)
	case p.Atomic:
		m.Kind, m.Uses = weakmem.RMW, op.Kind != kern.OpXchg && op.Kind != kern.OpCmpXchg
		if p.Void {
			if m.Order == weakmem.Relaxed {
				m.Order = weakmem.NoReturn
			}
		}
		m.Modify = func(old int64) (int64, bool) {
			v, writes := modify(op, w.absolute(op.Addr, old))
			return w.relative(op.Addr, v), writes
		}
		if mayFail(op) && w.threads[t].first {
			m.Expect = 1
		} else if w.threads[t].fails {
			m.Expect = -1
		}
	default:
		return m, false
	}
	return m, true
}

// modify returns what an atomic makes of a value, and false if it leaves it alone.
func modify(op kern.Op, old uint32) (uint32, bool) {
	switch op.Kind {
	case kern.OpAdd, kern.OpAddVoid:
		return old + op.A, true
	case kern.OpXor, kern.OpXorVoid:
		return old ^ op.A, true
	case kern.OpOr, kern.OpOrVoid:
		return old | op.A, true
	case kern.OpAndNot, kern.OpAndNotVoid:
		return old &^ op.A, true
	case kern.OpXchg:
		return op.A, true
	case kern.OpCmpXchg:
		return op.B, old == op.A
	case kern.OpAddUnless:
		return old + op.A, old != op.B
	case kern.OpRefInc:
		return old + 1, true
	case kern.OpRefDec, kern.OpRefDecTest:
		return old - 1, true
	case kern.OpRefAdd:
		return old + op.A, true
	case kern.OpRefSubTest:
		return old - op.A, true
	}
	panic("explore: no atomic " + op.String())
}

// list returns the ways of a primitive.
func (w *weak) list(t int, op kern.Op) []weakmem.Way {
	m, ok := w.op(t, op)
	if !ok {
		return nil
	}
	w.buf = w.machine.Ways(t, &m, w.buf[:0])
	return w.buf
}

// ways returns how many ways a primitive has because of the memory model.
func (w *weak) ways(t int, op kern.Op) uint32 { return uint32(max(1, min(len(w.list(t, op)), 255))) }

// known reports a data race unless the thread must see the newest store of a word.
func (w *weak) known(t int, c *kern.CPU, a kern.Addr) bool {
	load := weakmem.Op{Kind: weakmem.Load, Order: weakmem.Plain, Word: w.word(a)}
	if r := w.register(a); r >= 0 {
		load.Addr = w.machine.Deps(t, r)
	}
	if w.buf = w.machine.Ways(t, &load, w.buf[:0]); len(w.buf) > 1 {
		c.Report(&kern.Violation{Kind: kern.DataRace, Addr: a, Detail: "touches a word of %o, and nothing orders that behind an earlier store"})
		return false
	}
	return true
}

// exec carries out a primitive, if the memory model has to do with it.
func (w *weak) exec(t int, c *kern.CPU, n *node, op kern.Op, alt uint32) (result uint32, done bool) {
	p, th := n.prim, &w.threads[t]
	switch op.Kind {
	case kern.OpMB, kern.OpRMB, kern.OpWMB, kern.OpMBBeforeAtomic, kern.OpMBAfterAtomic, kern.OpMBAfterSpinlock, kern.OpMBAfterUnlock:
		w.save()
		w.barrierOp(t, op.Kind)
		return 0, true
	case kern.OpSyncRCU, kern.OpSyncRCUEnd, kern.OpRCUBarrierEnd, kern.OpFlushWorkEnd, kern.OpCancelWorkEnd, kern.OpCallRCU, kern.OpQueueWork:
		w.save()
		w.grace(t, n, op.Kind)
		return 0, false
	case kern.OpThisCPURead, kern.OpThisCPUWrite, kern.OpThisCPUAdd, kern.OpThisCPUAddReturn, kern.OpThisCPUXchg, kern.OpThisCPUCmpXchg,
		kern.OpThisCPUAnd, kern.OpThisCPUOr, kern.OpSRCULock, kern.OpSRCUUnlock, kern.OpSyncSRCU, kern.OpSyncSRCUEnd:
		panic(&ModelError{fmt.Sprintf("%s is not modelled under memory model %s", op.Name(), w.s.x.opt.Model)})
	}
	if p.Shape == kern.NoWords || !op.Addr.IsPlace() {
		return 0, false
	}
	ways := w.list(t, op)
	m, ok := w.op(t, op)
	if !ok || len(ways) == 0 {
		return w.newest(t, c, n, op)
	}
	if op.Kind == kern.OpAddUnless && op.B == 0 && w.s.freedCount(op.Addr) { // as exec does: there is none to add to
		return 0, true
	}
	if !w.s.touchAs(t, c, op, op.Addr, p.Writes, p.Plain) {
		return 0, true
	}
	way := ways[min(int(alt), len(ways)-1)]
	stores := w.machine.Stores(m.Word)
	w.save()
	w.within = true
	defer func() { w.within = false }()
	newest := w.s.m.Peek(op.Addr)
	w.s.m.Poke(op.Addr, w.absolute(op.Addr, stores[way.Place].Value))
	result = c.Exec(op)
	if w.s.viol != nil {
		return result, true
	}
	_, deps := w.machine.Do(t, &m, way)
	if !p.Writes || way.Place < len(stores)-1 {
		w.s.m.Poke(op.Addr, newest) // what is newest has not changed
	}
	w.s.changed(op.Addr, newest)
	if m.Kind == weakmem.Load {
		if r := w.register(kern.Addr(result)); r >= 0 && result != 0 {
			w.machine.SetDeps(t, r, deps)
		}
	}
	th.owes = p.Writes && (full(op) || op.Ordering() == kern.FullIfDone && !way.Fails)
	if op.Ordering() == kern.ReleaseAcquire0 && result != 0 {
		w.machine.Do(t, &weakmem.Op{Kind: weakmem.Fence, Barrier: weakmem.Rmb}, weakmem.Way{}) // smp_acquire__after_ctrl_dep
	}
	th.first, th.fails, th.before, th.last = false, false, false, lastOf(p)
	w.machine.Settle()
	return result, true
}

// newest carries out a primitive on the newest values of its words: it takes or releases a lock, or its accesses are plain.
func (w *weak) newest(t int, c *kern.CPU, n *node, op kern.Op) (uint32, bool) {
	p := n.prim
	var f kern.Footprint
	words := w.s.m.Footprint(0, op, &f)
	locks := p.Waits|p.Tries|p.Gives != kern.NoLock
	for _, a := range words {
		if int(a) >= len(w.s.init) {
			return 0, false // the primitive reports it
		}
	}
	w.save()
	if !locks && p.Plain {
		for _, a := range words {
			if l := w.s.life[w.s.env.object(a)]; l == live || l == idleTypesafe || l == idleAgain || l == unwritten {
				if !w.known(t, c, a) {
					return 0, true
				}
			}
		}
	}
	w.within = true
	model := w.s.weak
	w.s.weak = nil // the primitive itself
	result := w.s.exec(t, n, op, 0)
	w.s.weak = model
	w.within = false
	if w.s.viol != nil {
		return result, true
	}
	for i, a := range words {
		write, _ := p.Access(i)
		w.took(t, p, op, a, write, locks, result)
	}
	w.threads[t] = weakThread{last: lastOf(p)}
	w.machine.Settle()
	return result, true
}

// took tells the machine what became of a word.
func (w *weak) took(t int, p *kern.Primitive, op kern.Op, a kern.Addr, write, locks bool, result uint32) {
	m := weakmem.Op{Word: w.word(a), Value: w.relative(a, w.s.m.Peek(a))}
	do := func() {
		w.buf = w.machine.Ways(t, &m, w.buf[:0])
		if len(w.buf) == 0 {
			panic(&ModelError{fmt.Sprintf("%s: the memory model lets it wait where it does not", op.Name())})
		}
		w.machine.Do(t, &m, w.buf[0])
	}
	spin := p.Waits|p.Tries|p.Gives == kern.Spin
	switch {
	case spin && p.Gives != kern.NoLock:
		m.Kind = weakmem.Unlock
	case spin && (p.Waits != kern.NoLock || result != 0):
		m.Kind = weakmem.Lock
	case spin:
		m.Kind = weakmem.TryLock
	case locks:
		value := m.Value
		m.Kind, m.Modify = weakmem.RMW, func(int64) (int64, bool) { return value, true }
		if m.Order = weakmem.Acquire; p.Gives != kern.NoLock {
			m.Order = weakmem.StoreRelease
		}
	case !write:
		m.Kind = weakmem.Load
		if p.Plain {
			m.Order = weakmem.Plain
		}
	case p.Plain:
		m.Kind, m.Order = weakmem.Store, weakmem.Plain
		if p.Publishes && op.Ordering() == kern.Release {
			m.Order = weakmem.StoreRelease
		}
	default: // completions, wait queues: under a lock of their own
		value := m.Value
		m.Kind, m.Order, m.Modify = weakmem.RMW, weakmem.Acquire, func(int64) (int64, bool) { return value, true }
		do()
		m.Order = weakmem.StoreRelease
	}
	do()
}

// barrierOp runs a barrier. One that goes with another primitive is a strong fence right behind that; with something in
// between it orders less, and is taken for nothing, which allows more than there is.
func (w *weak) barrierOp(t int, k kern.OpKind) {
	th := &w.threads[t]
	switch k {
	case kern.OpMB:
		w.fence(t, weakmem.Mb)
	case kern.OpRMB:
		w.fence(t, weakmem.Rmb)
	case kern.OpWMB:
		w.fence(t, weakmem.Wmb)
	case kern.OpMBBeforeAtomic:
		th.before = true
	case kern.OpMBAfterAtomic:
		if th.last == atomicOp {
			w.fence(t, weakmem.Mb)
		}
	case kern.OpMBAfterSpinlock:
		if th.last == spinOp {
			w.fence(t, weakmem.Mb)
		}
		// smp_mb__after_unlock_lock is taken for nothing.
	}
}

func (w *weak) grace(t int, n *node, k kern.OpKind) {
	op := weakmem.Op{}
	switch k {
	case kern.OpSyncRCU:
		op.Kind = weakmem.GraceStart
	case kern.OpSyncRCUEnd:
		op.Kind = weakmem.GraceEnd
	case kern.OpRCUBarrierEnd:
		op.Kind = weakmem.Await
	case kern.OpFlushWorkEnd, kern.OpCancelWorkEnd:
		op.Kind, op.Word = weakmem.Await, 1
	case kern.OpCallRCU:
		op.Kind, op.Word = weakmem.CallRCU, int(n.slot)
	case kern.OpQueueWork:
		op.Kind, op.Word = weakmem.QueueWork, maxSlots+int(n.slot)
	}
	w.machine.Do(t, &op, weakmem.Way{})
	w.machine.Settle()
}

// begin has a server begin a callback or a work item.
func (w *weak) begin(t, slot int) {
	w.save()
	if w.s.x.threads[t].role == kworker {
		slot += maxSlots
	}
	w.machine.Do(t, &weakmem.Op{Kind: weakmem.Begin, Word: slot}, weakmem.Way{})
	w.threads[t] = weakThread{}
	w.machine.Settle()
}

// moved notes that a thread has come from one place to another: it may have become a reader or be none any more, or have ended.
func (w *weak) moved(t int, from, to *node) {
	if from.reader == to.reader && !to.over() {
		return
	}
	w.save()
	switch {
	case !from.reader && to.reader:
		w.machine.Do(t, &weakmem.Op{Kind: weakmem.ReadLock}, weakmem.Way{})
	case from.reader && !to.reader:
		w.machine.Do(t, &weakmem.Op{Kind: weakmem.ReadUnlock}, weakmem.Way{})
	}
	if to.over() {
		switch w.s.x.threads[t].role {
		case task:
			w.machine.Finish(t)
		case softirq:
			w.machine.End(t, 0)
		case kworker:
			w.machine.End(t, 1)
		}
		w.threads[t] = weakThread{}
	}
	w.machine.Settle()
}

// wrote notes that a word was changed by other means than a primitive that touches it: by an allocator, or by RCU.
func (w *weak) wrote(a kern.Addr) {
	if w.within || int(a) >= len(w.s.init) {
		return
	}
	w.save()
	w.machine.Reset(w.word(a), w.relative(a, w.s.m.Peek(a)))
	w.machine.Settle()
}
