package explore

import (
	"fmt"
	"slices"

	"ptsim/kern"
	weakmem "ptsim/memory"
)

// How a primitive is carried out under a weak memory model: by one of the ways that the machine lists, or on the newest values.

// op returns the machine's operation for a primitive on one word, and false if that is not what the machine does.
func (w *weak) op(t int, op kern.Op) (m weakmem.Op, ok bool) {
	p := kern.PrimitiveOf(op.Kind)
	if p.Shape != kern.OneWord && p.Shape != kern.PerCPUWord || p.Plain || !op.Addr.IsPlace() {
		return m, false
	}
	a := w.addr(t, op)
	if int(a) >= len(w.s.init) {
		return m, false
	}
	m.Stamp = w.stamp
	m.Word = w.word(a)
	if r := w.register(a); r >= 0 {
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
	case op.Kind == kern.OpWrite || op.Kind == kern.OpRefSet || op.Kind == kern.OpThisCPUWrite:
		m.Kind, m.Value = weakmem.Store, w.relative(a, op.A)
	case p.Atomic || p.Shape == kern.PerCPUWord:
		m.Kind, m.Uses = weakmem.RMW, op.Kind != kern.OpXchg && op.Kind != kern.OpCmpXchg
		if p.Void {
			if m.Order == weakmem.Relaxed {
				m.Order = weakmem.NoReturn
			}
		}
		m.Modify = func(old int64) (int64, bool) {
			v, writes := modify(op, w.absolute(a, old))
			return w.relative(a, v), writes
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

// addr returns the address of the word that a primitive is about: of a this_cpu operation, that of the thread's CPU.
func (w *weak) addr(t int, op kern.Op) kern.Addr {
	if kern.PrimitiveOf(op.Kind).Shape == kern.PerCPUWord {
		return op.Addr + kern.Addr(w.s.x.threads[t].cpu)
	}
	return op.Addr
}

// modify returns what an atomic makes of a value, and false if it leaves it alone.
func modify(op kern.Op, old uint32) (uint32, bool) {
	switch op.Kind {
	case kern.OpAdd, kern.OpAddVoid, kern.OpThisCPUAdd, kern.OpThisCPUAddReturn:
		return old + op.A, true
	case kern.OpXor, kern.OpXorVoid:
		return old ^ op.A, true
	case kern.OpOr, kern.OpOrVoid, kern.OpThisCPUOr:
		return old | op.A, true
	case kern.OpAndNot, kern.OpAndNotVoid:
		return old &^ op.A, true
	case kern.OpThisCPUAnd:
		return old & op.A, true
	case kern.OpXchg, kern.OpThisCPUXchg:
		return op.A, true
	case kern.OpCmpXchg, kern.OpThisCPUCmpXchg:
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
	w.looks(t, &m, op)
	return w.waysOf(t, &m, op)
}

// waysOf returns the ways of a primitive that is the machine's operation m. One that may wait, such as wait_on_page_locked(), has those
// in which what it reads lets it pass. Where it would wait it looks again, and sees what is newest in the end.
func (w *weak) waysOf(t int, m *weakmem.Op, op kern.Op) []weakmem.Way {
	w.buf = w.machine.Ways(t, m, w.buf[:0])
	if kern.PrimitiveOf(op.Kind).MayWait() {
		w.buf = slices.DeleteFunc(w.buf, func(way weakmem.Way) bool { return !w.lets(t, m, op, way) })
	}
	return w.buf
}

// lets tells whether a primitive that may wait passes with the value that it reads by one of its ways.
func (w *weak) lets(t int, m *weakmem.Op, op kern.Op, way weakmem.Way) bool {
	a := w.addr(t, op)
	newest := w.s.m.Peek(a)
	w.s.m.Poke(a, w.absolute(a, w.machine.Stores(m.Word)[way.Place].Value))
	passes := w.s.m.Ready(w.s.env.cpus[t], op, false)
	w.s.m.Poke(a, newest)
	return passes
}

// passes tells whether a primitive that has to wait, by what is newest, may pass by an older store.
func (w *weak) passes(t int, n *node) bool {
	return w != nil && n.prim.Blocks && !isGrace(n.op.Kind) && len(w.list(t, n.op)) > 0
}

// looks notes what a primitive may do to its word.
func (w *weak) looks(t int, m *weakmem.Op, op kern.Op) {
	p := kern.PrimitiveOf(op.Kind)
	store := m.Kind != weakmem.Load
	w.touches(t, m.Word, !store || mayFail(op) || p.Shape == kern.PerCPUWord && p.Reads, store)
}

// ways returns how many ways a primitive has because of the memory model. A search that cannot name all of them must not leave out
// the rest.
func (w *weak) ways(t int, op kern.Op) uint32 {
	n := len(w.list(t, op))
	if n > 255 {
		panic(&ModelError{fmt.Sprintf("%s has %d ways; expected at most 255", op.Name(), n)})
	}
	return uint32(max(1, n))
}

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
	case kern.OpSRCULock, kern.OpSRCUUnlock, kern.OpSyncSRCU, kern.OpSyncSRCUEnd:
		panic(&ModelError{fmt.Sprintf("%s is not modelled under memory model %s", op.Name(), w.s.x.opt.Model)})
	}
	if p.Shape == kern.NoWords || !op.Addr.IsPlace() {
		return 0, false
	}
	m, ok := w.op(t, op)
	if !ok {
		return w.newest(t, c, n, op)
	}
	w.buf = w.machine.Ways(t, &m, w.buf[:0])
	if len(w.buf) == 0 {
		return w.newest(t, c, n, op)
	}
	if op.Kind == kern.OpAddUnless && op.B == 0 && w.s.freedCount(op.Addr) { // as exec does: there is none to add to
		return 0, true
	}
	a := w.addr(t, op)
	if !w.s.touchAs(t, c, op, a, p.Writes, p.Plain) {
		return 0, true
	}
	if p.Shape == kern.PerCPUWord && p.Reads && !w.known(t, c, a) { // it is no atomic: see percpu.go
		return 0, true
	}
	ways := w.waysOf(t, &m, op)
	way := ways[min(int(alt), len(ways)-1)]
	stores := w.machine.Stores(m.Word)
	w.save()
	w.within = true
	defer func() { w.within = false }()
	newest := w.s.m.Peek(a)
	w.s.m.Poke(a, w.absolute(a, stores[way.Place].Value))
	result = c.Exec(op)
	if w.s.viol != nil { // what the primitive has changed all the same is taken back with the step
		w.s.changed(a, newest)
		return result, true
	}
	if w.s.real != nil && m.Kind != weakmem.Store && way.Place < len(stores)-1 {
		w.s.real.stale(w.reading(t, w.addr(t, op), m.Word, way.Place))
	}
	if m.Kind != weakmem.Store && way.Place < len(stores)-1 {
		w.older++
	}
	_, deps := w.machine.Do(t, &m, way)
	if !p.Writes || way.Place < len(stores)-1 {
		w.s.m.Poke(a, newest) // what is newest has not changed
	}
	w.s.changed(a, newest)
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
	if p.Waits|p.Tries|p.Gives != kern.Spin {
		for i, a := range words {
			write, _ := p.Access(i)
			w.touches(t, w.word(a), true, write)
		}
	}
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
	return result, true
}

// took tells the machine what became of a word.
func (w *weak) took(t int, p *kern.Primitive, op kern.Op, a kern.Addr, write, locks bool, result uint32) {
	m := weakmem.Op{Stamp: w.stamp, Word: w.word(a), Value: w.relative(a, w.s.m.Peek(a))}
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
	if !locks && write && !p.Plain && full(op) { // put_page(), and set_current_state() of prepare_to_wait(): with the release, a barrier on both sides
		w.barrierOp(t, kern.OpMB)
	}
}
