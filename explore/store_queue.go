package explore

import (
	"slices"

	"ptsim/kern"
)

// Under total store order (x86, z/Architecture) a store waits in a FIFO queue of its CPU until it goes to memory, where other CPUs
// see it. kern's memory is that memory: each CPU's own loads see its queue laid over it. That the oldest store of a queue goes to memory
// is a transition of the CPU's thread, with an item of its own, [Drain].
//
// What orders waits until its queue is empty: smp_mb, every atomic, taking a lock, waiting for grace periods, call_rcu (its
// implementation has smp_mb: rcu_segcblist_add_len) and queue_work. smp_rmb, smp_wmb, acquire and release are nothing. To release
// a spin lock, or a rwlock as a writer, is a store: others find it held until that has gone to memory. Other locks are released by
// atomics. An atomic_add_unless that adds nothing has done no more than a load, and so has a spin_trylock or mutex_trylock that
// finds the lock held: they order nothing.
//
// A grace period waits until what a reader has stored before its end has gone to memory: that is in the queue, too, and so
// is the end of a callback or work item for who waits for that.
//
// A store to memory that was freed meanwhile is dropped: whoever freed it did not wait for the storing thread, so there is a
// schedule in which it stores afterwards, which is a use after free.
//
// Litmus tests have a machine of their own for this, in package memory; tests compare the two.

// Drain is the item of a move by which the oldest store of a thread's queue goes to memory.
const Drain kern.Addr = 0xfffffffd

// drainItem is the same in a transition.
const drainItem = maxSlots + 1

// queued is what waits in a queue: a store; the release of a lock, which is carried out when it goes to memory; or the end of what
// others wait for.
type queued struct {
	a       kern.Addr
	v       uint32
	release *node  // whose primitive releases a lock
	let     int8   // what ends, if it is no store and no release
	who     uint64 // waits no more: bits of callbacks or threads
}

const (
	isStore   int8 = iota
	endReader      // of a reader, for callbacks
	endSync        // of a reader, for threads in synchronize_rcu
	endRun         // of a callback or work item
)

// queues are the store queues of a state's threads. A queue's slice is never changed in place.
type queues struct {
	s     *state
	of    [maxThreads][]queued
	saved [][]queued
}

func (q *queues) set(t int, to []queued) {
	q.s.log = append(q.s.log, undo{what: undoQueue, i: uint32(t)})
	q.saved = append(q.saved, q.of[t])
	q.of[t] = to
}

func (q *queues) back(t uint32) {
	last := len(q.saved) - 1
	q.of[t], q.saved = q.saved[last], q.saved[:last]
}

func (q *queues) push(t int, e queued) { q.set(t, append(slices.Clip(q.of[t]), e)) }

// end queues the end of something, which is the work item at item if it is one, or says that there is nothing queued that it would have to wait for.
func (q *queues) end(t int, let int8, item kern.Addr, who uint64) bool {
	if q == nil || len(q.of[t]) == 0 {
		return false
	}
	q.push(t, queued{let: let, a: item, who: who})
	return true
}

// delays has somebody wait for the end of something that is over for the thread and still queued. It says whether there is any; item,
// if not 0, is the work item meant.
func (q *queues) delays(t int, let int8, item kern.Addr, who uint64) bool {
	if q == nil {
		return false
	}
	for i, e := range slices.Backward(q.of[t]) {
		if e.let == let && (item == 0 || e.a == item) {
			all := slices.Clone(q.of[t])
			all[i].who |= who
			q.set(t, all)
			return true
		}
	}
	return false
}

// storeOnly tells whether a primitive is one that a CPU does not wait with for its queue, though it touches words.
func storeOnly(n *node) bool {
	p := n.prim
	switch {
	case n.op.Kind == kern.OpSpinIsLocked || p.Gives == kern.Spin || p.Gives == kern.WriteAlone || p.Shape == kern.PerCPUWord:
		return true
	case p.Atomic || p.Blocks || p.Waits|p.Tries|p.Gives != kern.NoLock:
		return false
	}
	switch n.op.Kind {
	case kern.OpLoad, kern.OpStore, kern.OpRead, kern.OpWrite, kern.OpRefSet:
		return n.op.Ordering() != kern.Full // smp_store_mb is an xchg
	}
	return p.Shape == kern.ListInsert || p.Shape == kern.ListRemove || p.Plain && p.Shape != kern.NoWords || !p.Writes && p.Shape == kern.OneWord
}

// waits tells whether a thread must wait until its queue is empty.
func (q *queues) waits(t int, n *node) bool { return len(q.of[t]) > 0 && orders(n) && !q.loads(t, n) }

// loads tells whether a primitive that may order gives up after a load: atomic_add_unless, spin_trylock and mutex_trylock. A cmpxchg
// is one instruction, which orders even if it fails.
func (q *queues) loads(t int, n *node) bool {
	a := n.op.Addr
	if !q.s.sane(a) {
		return false
	}
	switch n.op.Kind {
	case kern.OpSpinTrylock, kern.OpMutexTrylock:
		return q.s.m.Peek(a) != 0 && q.releases(t)>>n.slot&1 == 0
	case kern.OpAddUnless:
		for _, e := range slices.Backward(q.of[t]) {
			if e.a == a && e.let == isStore && e.release == nil {
				return e.v == n.op.B
			}
		}
		return q.s.m.Peek(a) == n.op.B
	}
	return false
}

// orders tells whether a primitive waits for an empty queue.
func orders(n *node) bool {
	switch n.op.Kind {
	case kern.OpMB, kern.OpSyncRCU, kern.OpSyncRCUEnd, kern.OpRCUBarrier, kern.OpRCUBarrierEnd, kern.OpCallRCU, kern.OpQueueWork,
		kern.OpFlushWork, kern.OpFlushWorkEnd, kern.OpCancelWork, kern.OpCancelWorkEnd:
		return true
	case kern.OpSlabAlloc, kern.OpKmalloc, kern.OpAllocPages, kern.OpSlabFree, kern.OpSlabReclaim, kern.OpSlabDestroy:
		return false
	case kern.OpLocalUnlock: // of the CPU's own
		return false
	}
	return n.prim.Shape != kern.NoWords && !storeOnly(n)
}

// exec carries out a primitive that stores, or that sees the CPU's queue. It returns false of all others.
func (q *queues) exec(t int, n *node, op kern.Op, alt uint32) (result uint32, done bool) {
	s, p := q.s, n.prim
	writes := p.Writes && storeOnly(n)
	if p.Shape == kern.NoWords || !storeOnly(n) && !(n.op.Kind == kern.OpAddUnless && q.loads(t, n)) || !writes && len(q.of[t]) == 0 {
		return 0, false
	}
	if p.Gives != kern.NoLock {
		if s.alone[t]>>n.slot&1 == 0 || q.releases(t)>>n.slot&1 != 0 {
			return 0, false // it is not held, which is told
		}
		if !s.touch(t, s.env.cpus[t], op, op.Addr) {
			return 0, true
		}
		s.checkDepth(s.env.cpus[t], n)
		q.push(t, queued{a: op.Addr, release: n})
		return 0, true
	}
	memory := map[kern.Addr]uint32{} // what is in memory, where the CPU sees something else
	lay := func(a kern.Addr, v uint32) {
		old := s.m.Peek(a)
		if _, twice := memory[a]; !twice {
			memory[a] = old
		}
		s.m.Poke(a, v)
		s.changed(a, old)
	}
	for _, e := range q.of[t] {
		if e.let == isStore && e.release == nil && q.alive(e.a) {
			lay(e.a, e.v)
		}
	}
	var f kern.Footprint
	words := s.m.Footprint(s.x.threads[t].cpu, op, &f)
	if slices.ContainsFunc(words, func(a kern.Addr) bool { return int(a) >= len(s.init) }) {
		words = nil // the primitive reports it
	}
	for _, a := range words {
		if _, laid := memory[a]; !laid {
			memory[a] = s.m.Peek(a)
		}
	}
	s.queues = nil // the primitive itself
	result = s.exec(t, n, op, alt)
	s.queues = q
	if s.viol == nil && writes {
		for i, a := range words {
			if write, _ := p.Access(i); write && !slices.Contains(words[i+1:], a) {
				q.push(t, queued{a: a, v: s.m.Peek(a)})
			}
		}
	}
	for a, v := range memory {
		now := s.m.Peek(a)
		s.m.Poke(a, v)
		s.changed(a, now)
	}
	return result, true
}

// releases returns the locks that a thread has released and others find held.
func (q *queues) releases(t int) (locks uint64) {
	for _, e := range q.of[t] {
		if e.release != nil {
			locks |= 1 << e.release.slot
		}
	}
	return locks
}

func (q *queues) alive(a kern.Addr) bool {
	switch q.s.life[q.s.env.object(a)] {
	case live, idleTypesafe, idleAgain, unwritten:
		return true
	}
	return q.s.env.object(a) == 0
}

// frees has what a thread has stored to an object that it frees take effect: nobody else may look. What is type-stable others may look
// at, and all that was stored before goes to memory first; so a CPU does not free such an object and read on with older stores
// in its queue, as it might.
func (q *queues) frees(t int, o uint32, typesafe bool) {
	of := func(e queued) bool { return e.let == isStore && q.s.env.object(e.a) == o }
	if typesafe {
		for slices.ContainsFunc(q.of[t], of) {
			q.drain(t)
		}
		return
	}
	if slices.ContainsFunc(q.of[t], of) {
		all := q.of[t]
		q.set(t, slices.DeleteFunc(slices.Clone(all), of))
		for _, e := range all {
			if of(e) {
				q.goes(t, e)
			}
		}
		q.ends(t)
	}
}

// goes has one store go to memory, or a lock be released.
func (q *queues) goes(t int, e queued) {
	s := q.s
	switch {
	case e.release != nil && q.alive(e.a):
		s.queues = nil
		s.exec(t, e.release, e.release.op, 0)
		s.queues = q
	case e.release != nil:
		s.noteLock(t, e.release.prim, e.release.slot, 0)
	case q.alive(e.a):
		old := s.m.Peek(e.a)
		s.m.Poke(e.a, e.v)
		s.changed(e.a, old)
	}
}

// drain has the oldest store of a queue go to memory, and with it what ended right behind it.
func (q *queues) drain(t int) {
	e := q.of[t][0]
	q.set(t, q.of[t][1:])
	q.goes(t, e)
	q.ends(t)
}

// ends ends what is at the head of a queue and no store: all that it waited for has gone to memory.
func (q *queues) ends(t int) {
	s := q.s
	for len(q.of[t]) > 0 && q.of[t][0].let != isStore {
		e := q.of[t][0]
		q.set(t, q.of[t][1:])
		switch e.let {
		case endReader:
			s.setWait(t, s.wait[t]&^e.who)
		case endSync:
			s.setWaits(t, delaysSync, s.waits[t][delaysSync]&^e.who)
		case endRun:
			s.setWaits(t, delaysRun, s.waits[t][delaysRun]&^e.who)
		}
	}
}

// land has what others have stored to an object go to memory, since it is handed to somebody: the allocator has seen to that.
func (q *queues) land(to int, o uint32) {
	for t := range q.s.x.threads {
		for t != to && slices.ContainsFunc(q.of[t], func(e queued) bool { return e.let == isStore && q.s.env.object(e.a) == o }) {
			q.drain(t)
		}
	}
}

// hash is the part of the queues in the fingerprint of the state.
func (q *queues) hash() uint64 {
	h := uint64(0)
	for t := range q.s.x.threads {
		for _, e := range q.of[t] {
			h = mix(h ^ uint64(e.a)<<32 ^ uint64(e.v))
			if e.release != nil {
				h = mix(h + uint64(e.release.id) + 1)
			}
			if e.let != isStore {
				h = mix(h ^ uint64(e.let)<<60 ^ mix(e.who))
			}
		}
		h = mix(h + uint64(t) + 1)
	}
	return h
}
