package explore

import (
	"maps"
	"slices"

	"ptsim/kern"
)

// The two ways in which a search makes steps.
const (
	folded   = 0
	stepwise = 1
)

// movements are the rules of a search. They hold as long as nothing is met that they do not foresee; see wordUse.
//
// A search starts with the rules as they are, and notes what the code does (wordUse). If that breaks a
// rule it relied on, the result is thrown away and the search done again with the rule off; a violation
// that was found stays valid, since every folded schedule is a schedule.
type movements struct {
	precise           bool        // grace periods wait for every reader, see GracePrecise
	softirqsInterrupt bool        // a softirq may come between any two primitives while BH is on
	stays                         // what does not move, since the code does what the rule for it excludes
	weak              bool        // memory is weak: a barrier is a step, since it makes things known
	none              bool        // fold nothing but what is local
	manyWorkers       bool        // there are several kworkers
	edits             []kern.Edit // of the code: see Options

	racy   []kern.Addr // the words that may race; see views
	halves bool        // views tell what smp_rmb and smp_wmb order
	pairs  pairing     // and what primitives order in pairs, see pairs.go; only with halves
}

// of returns how op moves, folded and stepwise.
//
// It is asked once for each node and kept there.
func (r *movements) of(op kern.Op, a *automaton) [2]kern.Mover {
	step := kern.NonMover
	if mv := mover(op, a.inst); mv.Silent() && !(r.weak && isBarrier(op.Kind)) {
		step = mv
	}
	if r.none {
		return [2]kern.Mover{step, step}
	}
	return [2]kern.Mover{r.folded(op, a), step}
}

// mover is what the table of primitives says of op, with what depends on the allocators: an allocation is from memory of
// the thread's own, and a free one that nobody may use any more, unless the memory may serve again or its cache be destroyed.
//
// A right mover may be exchanged with the step of another thread that follows it, a left mover with one
// that precedes it, without changing the state that both lead to. An allocation is local, since each
// thread allocates from memory of its own; that ends where freed memory serves again.
func mover(op kern.Op, in *Instance) kern.Mover {
	again := op.Kind == kern.OpAllocPages && in.ReusesFrames
	switch op.Kind {
	case kern.OpSlabAlloc, kern.OpKmalloc, kern.OpSlabFree:
		cfg, _ := in.M.CacheConfig(int(op.A))
		again = cfg.TypesafeByRCU || cfg.Destroyable
	}
	if again {
		return kern.NonMover
	}
	switch op.Kind {
	case kern.OpSlabAlloc, kern.OpKmalloc, kern.OpSlabFree:
		if op.Kind != kern.OpSlabFree {
			return kern.Local
		}
		return kern.LeftMover
	}
	return kern.PrimitiveOf(op.Kind).Mover
}

// folded returns how op moves in a folded search. Each case is a way in which somebody could tell that a
// right mover was carried out later than it was: by finding a lock held, by being waited for as a reader,
// or by what it knows. Then it is no mover.
func (r *movements) folded(op kern.Op, a *automaton) kern.Mover {
	p := kern.PrimitiveOf(op.Kind)
	mv := mover(op, a.inst)
	switch {
	case mv != kern.RightMover:
	case r.softirqsInterrupt && p.Waits.Spins() && p.BH == 0: // the softirq that comes between finds the lock held
		return kern.NonMover
	case (r.readers || a.lax) && readerFrom(p): // it may wait then as a reader, and others for it: taken later, fewer callbacks would
		return kern.NonMover
	case p.Waits != kern.NoLock && r.looked(op.Addr): // taken later, it would be found free
		return kern.NonMover
	case r.shared && p.Waits == kern.SemShared: // what the readers before it knew would count as known
		return kern.NonMover
	case a.lax && a.shares() && p.Waits != kern.NoLock && !p.Waits.Spins(): // who finds it held may give up its CPU, with preemption off
		return kern.NonMover
	case r.ref && op.Kind == kern.OpRefInc, r.list && p.Plain:
		return kern.NonMover
	}
	return mv
}

// readerFrom tells whether a grace period waits for who has carried a primitive out: it enters a reader, or turns off BH or
// preemption, also by taking a lock.
func readerFrom(p *kern.Primitive) bool { return p.RCU+p.BH+p.Preempt > 0 || p.Waits.Spins() }

// isRead tells whether op reads its words and leaves them as they are.
func isRead(k kern.OpKind) bool { return !kern.PrimitiveOf(k).Writes }

// isBarrier tells whether op is a barrier and nothing else.
func isBarrier(k kern.OpKind) bool { return kern.PrimitiveOf(k).Mover == kern.BothMover }

// wordUse is what the code of a model has been seen to do. Three rules rest on what it does not do: a reference that is
// taken moves right as long as the count is only ever counted, list operations do as long as nobody looks at a list
// without its lock, and taking a lock does as long as nobody tries that lock, or looks at its word. When code is met that
// breaks one, the search starts again without the rule.
type wordUse struct {
	counted map[kern.Addr]bool // taken or dropped as a reference
	other   map[kern.Addr]bool // read or changed otherwise
	locked  map[kern.Addr]bool // waited for as a lock
	peeked  map[kern.Addr]bool // tried as a lock, read or changed otherwise

	brokenRef, brokenList bool
	waited                bool               // somebody waits for what a callback may do: for a completion, to be woken, or in a loop
	halves                bool               // barriers that order reads alone, or writes, were met, or flush_work
	flushed               bool               // flush_work was met, or cancel_work_sync
	pairs                 pairing            // primitives were met that order in pairs
	servers               bool               // a callback or a work item has to do with the words of its CPU
	looked                map[kern.Addr]bool // locks that are tried, or looked at by other means
}

// stays is what folded steps do not move, though the rules have it move.
type stays struct {
	ref   bool        // counts of references are looked at by other means, too
	list  bool        // lists are looked at without their lock
	locks []kern.Addr // that are tried, or looked at by other means; sorted

	readers bool // whoever may keep grace periods waiting: somebody may wait for a callback

	shared bool // readers of semaphores: what they know is part of the state

	servers bool // nor are softirq CPUs and kworkers taken for each other: they have per-CPU words
}

func (s *stays) looked(l kern.Addr) bool {
	_, ok := slices.BinarySearch(s.locks, l)
	return ok
}

// breaks tells whether code was met that does what a rule excludes which holds so far.
func (u *wordUse) breaks(r *movements) bool {
	if u.servers && !r.servers {
		return true
	}
	if r.none { // nothing is folded
		return false
	}
	for l := range u.looked {
		if !r.looked(l) {
			return true
		}
	}
	return u.brokenRef && !r.ref || u.brokenList && !r.list || u.waited && !r.readers
}

// with returns what stays after such code was met.
func (s stays) with(u *wordUse) stays {
	locks := slices.AppendSeq(slices.Clone(s.locks), maps.Keys(u.looked))
	slices.Sort(locks)
	return stays{ref: s.ref || u.brokenRef, list: s.list || u.brokenList, locks: slices.Compact(locks),
		readers: s.readers || u.waited, shared: s.shared, servers: s.servers || u.servers}
}

// metWhatRulesForbid tells whether code was met that breaks a rule which holds so far.
func (a *automaton) metWhatRulesForbid() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.words.breaks(a.mode)
}

// note takes note of a primitive that the code was seen to carry out, wherever that was: the rules are
// about the model, not about a state.
func (u *wordUse) note(op kern.Op) {
	if u.counted == nil {
		u.counted, u.other = map[kern.Addr]bool{}, map[kern.Addr]bool{}
		u.locked, u.peeked, u.looked = map[kern.Addr]bool{}, map[kern.Addr]bool{}, map[kern.Addr]bool{}
	}
	u.noteLock(op)
	u.pairs |= pairOf(op.Kind)
	switch op.Kind {
	case kern.OpWaitForCompletion, kern.OpSchedule:
		u.waited = true
	case kern.OpFlushWork, kern.OpCancelWork:
		u.waited, u.halves, u.flushed = true, true, true
	}
	switch op.Kind {
	case kern.OpRefInc:
		u.counted[op.Addr] = true
	case kern.OpAddUnless:
		if op.B == 0 { // whether there is a reference: one more of those that there are does not change that
			return
		}
		u.other[op.Addr] = true
	case kern.OpRefDecTest, kern.OpRefDec, kern.OpRefAdd, kern.OpRefSubTest, kern.OpLoad, kern.OpStore:
		return
	case kern.OpRead, kern.OpWrite, kern.OpAdd, kern.OpXor, kern.OpCmpXchg, kern.OpXchg, kern.OpOr, kern.OpAndNot,
		kern.OpAddVoid, kern.OpXorVoid, kern.OpOrVoid, kern.OpAndNotVoid, kern.OpRefSet, kern.OpRefRead:
		u.other[op.Addr] = true
	case kern.OpListEmpty, kern.OpListAddRCU, kern.OpListAddTailRCU, kern.OpListDelRCU:
		u.brokenList = true
		return
	case kern.OpRMB, kern.OpWMB:
		u.halves = true
		return
	default:
		return
	}
	if u.counted[op.Addr] && u.other[op.Addr] {
		u.brokenRef = true
	}
}

// noteLock keeps track of which locks are looked at by other means than by waiting for them and releasing them.
func (u *wordUse) noteLock(op kern.Op) {
	p := kern.PrimitiveOf(op.Kind)
	switch {
	case p.Waits != kern.NoLock:
		u.locked[op.Addr] = true
	case p.Shape == kern.OneWord && p.Gives == kern.NoLock:
		u.peeked[op.Addr] = true
	}
	if u.locked[op.Addr] && u.peeked[op.Addr] {
		u.looked[op.Addr] = true
	}
}
