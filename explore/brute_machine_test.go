package explore_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// A bruteMachine is a machine in the middle of a schedule, as a value: to copy it is to remember the state, to compare two is
// to tell whether they are one. It carries out programs by rules of its own; neither kern's primitives nor the explorer have
// a part in it.
type bruteMachine struct {
	mem     [bruteMemory]uint32
	life    [bruteObjects]bruteLife
	threads [bruteThreads]bruteThread
	queue   [bruteHeads]bruteItem // callbacks, by the rcu_head's number
	work    [2]bool               // pending work items
	gone    bool                  // the cache of fresh objects was destroyed
	syncs   [bruteThreads]uint8   // by who is in synchronize_rcu: the threads that it waits for
	owed    [bruteThreads]uint16  // by who is in rcu_barrier: the queued callbacks that it waits for
	runs    [bruteThreads]uint8   // and the softirqs that run one; or the kworker that runs what is flushed
	flushes [bruteThreads]uint8   // by who is in flush_work: the pending items that it waits for
}

const (
	bruteMemory  = 200
	bruteObjects = 48
	bruteThreads = 8
	bruteHeads   = 3 + 11 // the nodes' and the frame's, and those of type-stable objects
)

type bruteLife uint8

const (
	bruteUnborn bruteLife = iota
	bruteLive
	bruteDead
	bruteIdle      // a type-stable object that is free
	bruteIdleAgain // that was freed once more before its grace period was over
)

// bruteThread is where a thread stands.
type bruteThread struct {
	seen    bruteSeen // what it knew when its operation began, and from then on
	begun   bruteSeen
	op, pc  uint8
	busy    bool // a server: it runs something
	fn      uint8
	bh, rcu int8
	preempt int8
	spins   int8   // spin locks that it holds
	reclaim bool   // it runs the slab's own callback, for the object of seen.self
	holds   uint32 // locks that are no spin locks: of semaphores two bits each, as a reader and alone; see holdsMutex
	silent  uint8  // what primitives of this operation returned to kern alone
	waits   bool   // it spins for what it waits for, or sleeps with preemption off; see brute_share_test.go
	arrived bool   // in write_lock: it keeps new readers out, and waits for those that there are
	half    uint32 // it is between the halves of what waits: 1 and what the first returned
	past    uint64 // what first halves returned in this operation
}

// bruteItem is a callback that is queued, and the threads that it waits for.
type bruteItem struct {
	queued bool
	wait   uint8
	cpu    uint8
}

const (
	bruteTask = iota
	bruteWorker
	bruteSoftirq
)

// bruteWorld is what does not change about a program and its setting.
type bruteWorld struct {
	*bruteProgram
	*brutePlaces
	bruteSetting
	index   []uint8 // the place in mem of a word, by address, 0 if it has none
	object  []uint8 // the object at an address, 0 if there is none
	bases   []kern.Addr
	caches  []int
	pools   [][4][]uint8 // by pool, by cache: objects; frames in the place of sharedCache
	stables []uint8
	heads   []kern.Addr // by number
	headOf  []uint8     // the other way round, counted from 1
	roles   []int
	cpus    []int
	under   [][]int // the threads that this softirq interrupts
	above   []int
	mates   [][]int // the other tasks on the CPU of a task
	first   bruteMachine
}

// newBruteWorld puts a program into a setting. It returns nil for one that no search takes.
func newBruteWorld(t testing.TB, p *bruteProgram, s bruteSetting) *bruteWorld {
	mo, places := bruteModel(p, nil)
	opt := bruteOptions(s)
	objects, err := explore.Layout(mo, opt)
	var wrong *explore.ModelError
	if errors.As(err, &wrong) { // it asserts something before it does anything
		return nil
	}
	require.NoError(t, err)
	w := &bruteWorld{bruteProgram: p, brutePlaces: places, bruteSetting: s,
		index: make([]uint8, 1<<12), object: make([]uint8, 1<<12), headOf: make([]uint8, 1<<12),
		bases: []kern.Addr{0}, caches: []int{-1}, pools: make([][4][]uint8, len(p.tasks)+2)}
	used := uint8(0)
	words := func(base kern.Addr, offsets ...kern.Addr) {
		for _, i := range offsets {
			used++
			w.index[base+i] = used
		}
	}
	head := func(a kern.Addr) {
		w.heads = append(w.heads, a)
		w.headOf[a] = uint8(len(w.heads))
	}
	for _, n := range places.nodes {
		head(n)
	}
	head(places.frame.Page() + kern.PageLRU)
	for _, o := range objects {
		if !o.Live && (o.Cache == sharedCache || o.Cache == nodeCache) {
			continue // no program allocates these
		}
		n := uint8(len(w.bases))
		w.bases, w.caches = append(w.bases, o.Base), append(w.caches, o.Cache)
		size, at := kern.Addr(0), o.Cache
		switch o.Cache {
		case sharedCache:
			size = 64
			for i := range kern.Addr(sharedSize) {
				words(o.Base, i)
			}
		case nodeCache:
			size = nodeSize
			words(o.Base, 0, 1, nodeCount, nodeLock)
		case stableCache:
			size = 32
			words(o.Base, 0, 1, stableHead, stableHead+1)
			head(o.Base + stableHead)
			w.stables = append(w.stables, n)
			w.first.mem[w.index[o.Base+stableVal]] = 5
		case freshCache:
			size = 2
			words(o.Base, 0, 1)
		default:
			size, at = kern.FrameWords, sharedCache
			words(o.Base, kern.PageFlags, kern.PageLRU, kern.PageLRU+1, kern.PageRefcount)
			w.first.mem[w.index[o.Base+kern.PageRefcount]] = 1
		}
		for i := range size {
			w.object[o.Base+i] = n
		}
		if o.Live {
			w.first.life[n] = bruteLive
		}
		if o.Pool >= 0 {
			w.pools[o.Pool][at] = append(w.pools[o.Pool][at], n)
		}
	}
	for _, n := range places.nodes {
		w.first.mem[w.index[n+nodeCount]] = 1
	}
	list, node := places.shared+bruteList, places.nodes[1] // which is on it
	for i := range kern.Addr(2) {
		w.first.mem[w.index[list+i]], w.first.mem[w.index[node+i]] = uint32(node), uint32(list)
	}
	tasks := len(p.tasks)
	add := func(role, cpu int) {
		w.roles, w.cpus, w.under, w.above = append(w.roles, role), append(w.cpus, cpu), append(w.under, nil), append(w.above, -1)
	}
	for i := range tasks {
		add(bruteTask, p.cpu(i))
	}
	add(bruteWorker, tasks)
	if s.softirqs == explore.SoftirqsOnCPU {
		for cpu := range tasks + 1 {
			add(bruteSoftirq, cpu)
			me := len(w.roles) - 1
			for t := range tasks + 1 {
				if w.cpus[t] == cpu {
					w.under[me], w.above[t] = append(w.under[me], t), me
				}
			}
		}
	} else {
		for i := range s.softirqs {
			add(bruteSoftirq, tasks+1+i)
		}
	}
	for t := range w.roles {
		w.mates = append(w.mates, w.mateOf(t))
	}
	r := &bruteRun{bruteWorld: w, m: &w.first}
	for t := range tasks {
		r.advance(t)
	}
	return w
}

func bruteOptions(s bruteSetting) explore.Options {
	opt := explore.Defaults()
	opt.Softirqs, opt.Grace, opt.Lax, opt.Objects, opt.Races = s.softirqs, s.grace, s.lax, 2, explore.HappensBefore
	return opt
}

// bruteRun is a machine at work.
type bruteRun struct {
	*bruteWorld
	m     *bruteMachine
	c     *bruteClocks // nil if there can be no race
	viol  kern.Kind
	steps int // of the transition under way: primitives that are not local, beginnings
	kind  kern.OpKind
	met   *bruteMet // nil if nobody counts

	noting   bool // accesses is kept
	accesses []bruteAccess
}

// bruteAccess is an access to a word.
type bruteAccess struct {
	a            kern.Addr
	write, plain bool
	own          bool // by a this_cpu operation
}

func (r *bruteRun) report(k kern.Kind) {
	if r.viol == kern.NoViolation {
		r.viol = k
	}
}

// code returns what a thread runs, nil if it has nothing left.
func (r *bruteRun) code(t int) []bruteInstr {
	th := &r.m.threads[t]
	switch {
	case r.roles[t] != bruteTask && !th.busy:
		return nil
	case th.reclaim:
		return []bruteInstr{{kind: kern.OpSlabReclaim}}
	case r.roles[t] != bruteTask:
		return r.fns[th.fn]
	case int(th.op) < len(r.tasks[t]):
		return r.tasks[t][th.op].code
	}
	return nil
}

func (r *bruteRun) over(t int) bool {
	th := &r.m.threads[t]
	if r.roles[t] == bruteTask {
		return int(th.op) >= len(r.tasks[t])
	}
	return !th.busy
}

// advance brings a thread to its next primitive. What it asserts on the way is judged.
func (r *bruteRun) advance(t int) {
	th := &r.m.threads[t]
	for !r.over(t) {
		code := r.code(t)
		for ; int(th.pc) < len(code); th.pc++ {
			i := code[th.pc]
			if i.when == ifZero && th.seen.r != 0 || i.when == ifNot && th.seen.r == 0 {
				continue
			}
			switch i.kind {
			case bruteAssert:
				if th.seen.r == uint32(i.y) {
					r.report(kern.Assertion)
				}
			case bruteWarn:
				if th.seen.r == uint32(i.y) {
					r.report(kern.Warned)
				}
			case bruteSelf:
				if th.seen.self != r.nodes[0] {
					r.report(kern.Assertion)
				}
			default:
				if i.kind == kern.OpSlabReclaim {
					return
				}
				if _, ok := r.op(i, &th.seen, t); ok {
					return
				}
			}
		}
		if r.roles[t] != bruteTask {
			r.leaves(th)
			*th = bruteThread{holds: th.holds}
			return
		}
		if r.tasks[t][th.op].forgets {
			th.seen.acc, th.seen.r = 0, 0
		}
		th.begun, th.silent = th.seen, 0
		th.op++
		th.pc, th.past = 0, 0
	}
	r.leaves(th)
	*th = bruteThread{op: th.op, holds: th.holds} // what has ended knows nothing
}

// leaves wants nothing of a thread that comes to its end to be left.
func (r *bruteRun) leaves(th *bruteThread) {
	if !r.balanced(th) {
		r.report(kern.ContextImbalance)
	}
}

func (r *bruteRun) balanced(th *bruteThread) bool {
	return r.lax || th.bh == 0 && th.rcu == 0 && th.preempt == 0 && th.spins == 0 && th.holds == 0
}

// atomic tells whether a thread must not sleep.
func (r *bruteRun) atomic(t int) bool {
	th := &r.m.threads[t]
	return !r.lax && (r.roles[t] == bruteSoftirq || th.bh+th.rcu+th.preempt+th.spins > 0)
}

// next is the primitive that a thread is about to carry out.
func (r *bruteRun) next(t int) kern.Op {
	th := &r.m.threads[t]
	if th.reclaim {
		return kern.Op{Kind: kern.OpSlabReclaim, Addr: th.seen.self - stableHead, A: stableCache}
	}
	i := r.code(t)[th.pc]
	op, _ := r.op(i, &th.seen, t)
	if th.arrived {
		op.Kind = kern.OpWriteLockWait
	}
	if th.half != 0 {
		switch op.Kind {
		case kern.OpSyncRCU:
			op.Kind = kern.OpSyncRCUEnd
		case kern.OpRCUBarrier:
			op.Kind = kern.OpRCUBarrierEnd
		case kern.OpFlushWork:
			op.Kind, op.A = kern.OpFlushWorkEnd, th.half-1
		case kern.OpCancelWork:
			op.Kind = kern.OpCancelWorkEnd
		default:
			op.Kind, op.A = kern.OpSyncSRCUEnd, th.half-1
		}
	}
	if i.x == tellWord && op.Kind == kern.OpStore {
		op.A = uint32(th.seen.acc)
	}
	return op
}

// reading tells whether grace periods wait for a thread.
func (r *bruteRun) reading(t int) bool {
	th := &r.m.threads[t]
	if th.rcu > 0 {
		return true
	}
	return r.grace == explore.GracePrecise && (th.bh > 0 || th.preempt > 0 || th.spins > 0 || r.roles[t] == bruteSoftirq && th.busy)
}

// left has all callbacks no longer wait for a thread, and nobody in synchronize_rcu.
func (r *bruteRun) left(t int) {
	for h := range r.m.queue {
		q := &r.m.queue[h]
		if q.wait&(1<<t) != 0 {
			q.wait &^= 1 << t
			r.c.readerEnds(t, h)
		}
	}
	r.c.readerOver(t)
	for u := range r.m.syncs {
		if r.m.syncs[u]&(1<<t) != 0 {
			r.m.syncs[u] &^= 1 << t
			r.c.delays(t, u)
		}
	}
}

// ended is the end of what a thread ran: nobody waits for that any more.
func (r *bruteRun) ended(t int) {
	for u := range r.m.runs {
		if r.m.runs[u]&(1<<t) != 0 {
			r.m.runs[u] &^= 1 << t
			r.c.delays(t, u)
		}
	}
	r.c.ended(t)
}

// quiet tells whether nothing is left to do.
func (r *bruteRun) quiet() bool {
	for t := range r.roles {
		if !r.over(t) {
			return false
		}
	}
	for _, q := range r.m.queue {
		if q.queued {
			return false
		}
	}
	return r.m.work == [2]bool{}
}
