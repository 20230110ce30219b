package explore

import (
	"math/bits"
	"strings"

	"ptsim/kern"
)

// deadlock says who waits for what, and who holds it, in a state in which nothing can move although not all is done.
func (s *state) deadlock() *kern.Violation {
	var waits []string
	kind := kern.Deadlock
	for t := range s.x.threads {
		n, name := s.at[t], s.x.threads[t].name
		switch {
		case n.over():
		case s.interrupted(t):
			waits = append(waits, name+" is interrupted")
		case n.spin != nil && s.spins(n):
			kind = kern.Livelock
			var words []string
			for _, r := range n.spin {
				words = append(words, s.m.NameOf(r.op.Addr))
			}
			waits = append(waits, name+" reads "+strings.Join(words, " and ")+" again and again")
		case isLock(n.op.Kind):
			waits = append(waits, name+" waits to "+n.op.Kind.String()+" "+s.m.NameOf(n.op.Addr)+s.holders(n.op.Kind, int(n.slot)))
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

// holders says who holds the lock with that number, which somebody waits to take by k, and how: ", which exit holds as a
// reader". It is "" if nobody does.
func (s *state) holders(k kern.OpKind, slot int) string {
	var alone, readers []string
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
	case len(alone) > 0 && kern.PrimitiveOf(k).Waits != kern.Spin:
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
