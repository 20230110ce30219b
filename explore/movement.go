package explore

import "ptsim/kern"

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

	racy []kern.Addr // the words that may race; see views
}

// of returns how op moves, folded and stepwise.
func (r *movements) of(op kern.Op, a *automaton) [2]kern.Mover {
	step := kern.NonMover
	if mover(op, a.inst.M) == kern.Local {
		step = kern.Local
	}
	if r.none {
		return [2]kern.Mover{step, step}
	}
	return [2]kern.Mover{r.folded(op, a), step}
}

// mover is what the table of primitives says of op, with what depends on the slab cache: an allocation is from memory of
// the thread's own, and a free one that nobody may use any more, unless the objects are type-stable.
func mover(op kern.Op, m *kern.Machine) kern.Mover {
	switch op.Kind {
	case kern.OpSlabAlloc, kern.OpSlabFree:
		if cfg, _ := m.CacheConfig(int(op.A)); cfg.TypesafeByRCU {
			return kern.NonMover
		}
		if op.Kind == kern.OpSlabAlloc {
			return kern.Local
		}
		return kern.LeftMover
	}
	return kern.PrimitiveOf(op.Kind).Mover
}

func (r *movements) folded(op kern.Op, a *automaton) kern.Mover {
	p := kern.PrimitiveOf(op.Kind)
	mv := mover(op, a.inst.M)
	switch {
	case mv != kern.RightMover:
	case r.softirqsInterrupt && p.Waits == kern.Spin && p.BH == 0: // the softirq that comes between finds the lock held
		return kern.NonMover
	case r.staysRef && op.Kind == kern.OpRefInc, r.staysList && p.Plain:
		return kern.NonMover
	}
	return mv
}

// isRead tells whether op reads its words and leaves them as they are.
func isRead(k kern.OpKind) bool { return !kern.PrimitiveOf(k).Writes }

// isLock tells whether op waits until it gets a lock.
func isLock(k kern.OpKind) bool { return kern.PrimitiveOf(k).Waits != kern.NoLock }

// wordUse is what the code of a model has been seen to do. Two rules rest on what it does not do: a reference that is
// taken moves right as long as the count is only ever counted, and list operations do as long as nobody looks at a list
// without its lock. When code is met that breaks one, the search starts again without the rule.
type wordUse struct {
	counted map[kern.Addr]bool // taken or dropped as a reference
	other   map[kern.Addr]bool // read or changed otherwise

	brokenRef, brokenList bool
}

// metWhatRulesForbid tells whether code was met that breaks a rule which holds so far.
func (a *automaton) metWhatRulesForbid() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.words.brokenRef && !a.mode.staysRef || a.words.brokenList && !a.mode.staysList
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
