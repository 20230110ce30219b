package explore

import (
	"math/bits"
	"strings"

	"ptsim/kern"
)

// deadlock says who waits for what, and who holds it, in a state in which nothing can move although not all is done.
//
// It looks, and changes nothing. The kind is a livelock if some thread reads in a loop: on a machine it
// would spin, and not sleep.
func (s *state) deadlock() *kern.Violation {
	var waits []string
	kind := kern.Deadlock
	for t := range s.x.threads {
		n, name := s.at[t], s.x.threads[t].name
		switch {
		case n.over():
		case s.interrupted(t):
			waits = append(waits, name+" is interrupted")
		case s.keeper(t) >= 0:
			waits = append(waits, name+" cannot go on, "+s.keptOff(t))
		case n.spin != nil && s.spins(n):
			kind = kern.Livelock
			var words []string
			for _, r := range n.spin {
				words = append(words, s.m.NameOf(r.op.Addr))
			}
			waits = append(waits, name+" reads "+strings.Join(words, " and ")+" again and again")
		case isGrace(n.op.Kind):
			waits = append(waits, name+s.delays(t, n.op))
		case n.waits:
			waits = append(waits, name+" waits "+what(n.op.Kind)+" "+s.m.NameOf(n.op.Addr)+s.holders(n))
		default: // take makes no step to a place where the thread would wait whichever way it went
			waits = append(waits, name+" waits before "+n.op.Kind.String()+", since each way leads to a lock that is held")
		}
	}
	switch w := bits.OnesCount64(s.waiting() & s.queued); w {
	case 0:
	case 1:
		waits = append(waits, "a callback waits for a reader")
	default:
		waits = append(waits, itoa(w)+" callbacks wait for a reader")
	}
	return &kern.Violation{Kind: kind, Detail: strings.Join(waits, "; ")}
}

// what says what somebody waits for: "to down_read", "in wait_on_page_locked".
func what(k kern.OpKind) string {
	switch p := kern.PrimitiveOf(k); {
	case k == kern.OpSchedule:
		return "to be woken on"
	case k == kern.OpWriteLockWait:
		return "to write_lock"
	case p.Waits|p.Tries != kern.NoLock:
		return "to " + p.Name
	default:
		return "in " + p.Name
	}
}

// holders says who holds the lock that a thread at n waits for, and how: ", which exit holds as a reader". It is "" if nobody
// does.
//
// The word of a lock says at most one holder, so the sets alone and shared are asked.
func (s *state) holders(n *node) string {
	var alone, readers []string
	p, slot := kern.PrimitiveOf(n.op.Kind), int(n.slot)
	lock := p.Waits | p.Tries
	if lock == kern.NoLock && !isBitLock(n.op.Kind) {
		return ""
	}
	for t := range s.x.threads {
		name := s.x.threads[t].name
		if s.alone[t]>>slot&1 != 0 {
			alone = append(alone, name)
		}
		if s.shared[t]>>slot&1 != 0 {
			readers = append(readers, name)
		}
	}
	switch {
	case len(alone) > 0 && (lock.Shared() || lock == kern.SemAlone || lock == kern.WriteAlone):
		return ", which " + both(alone) + " as a writer"
	case len(alone) > 0:
		return ", which " + both(alone)
	case len(readers) == 1:
		return ", which " + both(readers) + " as a reader"
	case len(readers) > 1:
		return ", which " + both(readers) + " as readers"
	}
	return ""
}

// both names who holds a lock: "exit holds", "exit and fork hold", "exit, fork and munmap hold".
func both(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0] + " holds"
	}
	return strings.Join(names[:last], ", ") + " and " + names[last] + " hold"
}
