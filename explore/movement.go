package explore

import "ptsim/kern"

// movement says how a primitive may be moved against those of other threads without any schedule being lost that matters,
// after Lipton. A search that folds makes one step of a primitive that does not move, together with the right movers
// before it and the left movers behind it.
type movement uint8

const (
	// stays: what it does and what it sees depends on when it is done.
	stays movement = iota
	// local: it touches nothing that others may touch meanwhile, or is a plain access, and that is checked. No search makes
	// it a step of its own.
	local
	// right: done later it does the same, or there is a schedule that is worse. Taking a lock, taking a reference, entering
	// a reader; list operations, which are plain accesses.
	right
	// left: done earlier it does the same, or there is a schedule that is worse. Freeing, leaving a reader.
	left
)

// The two ways in which a search makes steps.
const (
	folded   = 0
	stepwise = 1
)

// movements are the rules of a search. They hold as long as nothing is met that they do not foresee; see wordUse.
type movements struct {
	softirqsInterrupt bool // a softirq may come between any two primitives while BH is on
	staysRef          bool // counts of references are looked at by other means, too
	staysList         bool // lists are looked at without their lock
	none              bool // fold nothing but what is local
}

func (r *movements) of(op kern.Op, a *automaton) [2]movement {
	step := stays
	if isLocal(op, a.inst.M) {
		step = local
	}
	if r.none {
		return [2]movement{step, step}
	}
	return [2]movement{r.folded(op, a), step}
}

// isLocal tells whether op is local wherever it is done.
func isLocal(op kern.Op, m *kern.Machine) bool {
	switch op.Kind {
	case kern.OpLoad, kern.OpStore, kern.OpMark, kern.OpChoose, kern.OpAllocPages:
		return true
	case kern.OpSlabAlloc: // from memory of the thread's own, unless a type-stable object is used again
		cfg, _ := m.CacheConfig(int(op.A))
		return !cfg.TypesafeByRCU
	}
	return false
}

func (r *movements) folded(op kern.Op, a *automaton) movement {
	if isLocal(op, a.inst.M) {
		return local
	}
	switch op.Kind {
	case kern.OpSpinLock:
		if r.softirqsInterrupt { // the softirq that comes between finds the lock held
			return stays
		}
		return right
	case kern.OpSpinLockBH, kern.OpDownRead, kern.OpDownWrite, kern.OpRCUReadLock, kern.OpBHDisable:
		return right
	case kern.OpRefInc:
		if !r.staysRef {
			return right
		}
	case kern.OpListInit, kern.OpListAdd, kern.OpListAddTail, kern.OpListDel, kern.OpListDelInit, kern.OpListFirst:
		if !r.staysList {
			return right
		}
	case kern.OpRCUReadUnlock, kern.OpBHEnable:
		return left
	case kern.OpSlabFree:
		if cfg, _ := a.inst.M.CacheConfig(int(op.A)); !cfg.TypesafeByRCU {
			return left
		}
	}
	return stays
}

// isPlain tells whether op's accesses are plain ones: such as no other thread may conflict with.
func isPlain(k kern.OpKind) bool {
	switch k {
	case kern.OpLoad, kern.OpStore,
		kern.OpListInit, kern.OpListAdd, kern.OpListAddTail, kern.OpListDel, kern.OpListDelInit, kern.OpListFirst:
		return true
	}
	return false
}

// isRead tells whether op reads its words and leaves them as they are.
func isRead(k kern.OpKind) bool {
	switch k {
	case kern.OpLoad, kern.OpRead, kern.OpListFirst, kern.OpListEmpty:
		return true
	}
	return false
}

// isLock tells whether op waits until a lock can be had.
func isLock(k kern.OpKind) bool {
	switch k {
	case kern.OpSpinLock, kern.OpSpinLockBH, kern.OpDownRead, kern.OpDownWrite:
		return true
	}
	return false
}

// wordUse is what the code of a model has been seen to do. Two rules rest on what it does not do: a reference that is
// taken moves right as long as the count is only ever counted, and list operations do as long as nobody looks at a list
// without its lock. When code is met that breaks one, the search starts again without the rule.
type wordUse struct {
	counted map[kern.Addr]bool // taken or dropped as a reference
	other   map[kern.Addr]bool // read or changed otherwise

	brokenRef, brokenList bool
}

func (u *wordUse) note(op kern.Op) {
	if u.counted == nil {
		u.counted, u.other = map[kern.Addr]bool{}, map[kern.Addr]bool{}
	}
	switch op.Kind {
	case kern.OpRefInc:
		u.counted[op.Addr] = true
	case kern.OpAddUnless:
		if op.B == 0 { // whether there is a reference: one more of those that there are does not change that
			return
		}
		u.other[op.Addr] = true
	case kern.OpRefDecTest, kern.OpLoad, kern.OpStore:
		return
	case kern.OpRead, kern.OpWrite, kern.OpAdd, kern.OpXor, kern.OpCmpXchg, kern.OpXchg, kern.OpOr, kern.OpAndNot:
		u.other[op.Addr] = true
	case kern.OpListEmpty:
		u.brokenList = true
		return
	default:
		return
	}
	if u.counted[op.Addr] && u.other[op.Addr] {
		u.brokenRef = true
	}
}
