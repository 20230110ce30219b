package explore_test

import (
	"slices"

	"ptsim/kern"
)

// choices appends all that can be done next.
func (r *rig) choices(to []choice) []choice {
	for _, t := range r.threads {
		if t.irq != nil && t.irq.fn != 0 {
			continue
		}
		id := uint8(t.id)
		switch {
		case t.alive:
			if !r.blocked(t) {
				for alt := range r.ways(t) {
					to = append(to, choice{thread: id, alt: uint8(alt)})
				}
			}
		case t.role == rigWorker:
			for _, w := range r.work {
				to = append(to, choice{thread: id, item: w})
			}
		case t.role == rigSoftirq:
			if t.on != nil && t.on.bh > 0 {
				continue
			}
			for _, q := range r.queued {
				if q.wait == 0 && (t.on == nil || q.cpu == t.on.c.ID()) {
					to = append(to, choice{thread: id, item: q.head})
				}
			}
		}
	}
	return to
}

func (r *rig) ways(t *rigThread) int {
	switch op := t.parked; {
	case op.Kind == kern.OpChoose:
		return int(op.A)
	case op.Kind == kern.OpSlabAlloc && kern.GFP(op.B) == kern.GFPNowait && t.mayFail:
		return 2
	}
	return 1
}

func (r *rig) blocked(t *rigThread) bool {
	op := t.parked
	if o := r.objs[op.Addr]; o != nil && o.life == free {
		return false
	}
	switch op.Kind {
	case kern.OpSpinLock, kern.OpSpinLockBH:
		return !r.m.LockFree(op.Addr) && r.m.LockOwner(op.Addr) != t.c.ID()
	case kern.OpDownRead, kern.OpDownWrite:
		return !r.m.SemFree(op.Addr, op.Kind == kern.OpDownWrite)
	}
	return false
}

// take does what was chosen. The violation that it comes to is in r.viol.
func (r *rig) take(ch choice) {
	t := r.threads[ch.thread]
	r.cur = t
	op := kern.Op{}
	if ch.item != 0 {
		if t.role == rigWorker {
			r.work = slices.DeleteFunc(r.work, func(w kern.Addr) bool { return w == ch.item })
		} else {
			r.queued = slices.DeleteFunc(r.queued, func(q rigItem) bool { return q.head == ch.item })
		}
		a := ch.item
		if o := r.objs[a]; o != nil && o.life == free {
			t.c.Report(&kern.Violation{Kind: kern.UseAfterFree, Addr: a})
			return
		}
		if !kern.Addr(r.m.Peek(a + 1)).IsFunc() {
			t.c.Report(&kern.Violation{Kind: kern.UnionOverlap, Addr: a})
			return
		}
		fn := r.m.Disarm(a)
		t.at, t.fn, t.ended = uint32(a), uint32(fn), false
		r.begin(t, func() { r.m.Call(t.c, fn, a) })
	} else {
		op, t.alt = t.parked, uint32(ch.alt)
		t.next()
	}
	if !t.alive && t.role != rigTask {
		was := r.reading(t)
		t.at, t.fn, t.results, t.ended = 0, 0, t.results[:0], true
		if was {
			r.left(t)
		}
	}
	t.due = t.ended || isUnlockKind(op.Kind)
}

// check looks at the state that the last step led to, as often as a debugger that knows of locks may.
func (r *rig) check() {
	if r.viol == nil && r.in.Check != nil && r.cur.due {
		r.viol = r.in.Check()
	}
}

func isUnlockKind(k kern.OpKind) bool {
	switch k {
	case kern.OpSpinUnlock, kern.OpSpinUnlockBH, kern.OpUpRead, kern.OpUpWrite:
		return true
	}
	return false
}

// final judges a state in which nothing can be done.
func (r *rig) final() *kern.Violation {
	for _, t := range r.threads {
		if t.alive {
			return &kern.Violation{Kind: kern.Deadlock}
		}
	}
	if len(r.queued) > 0 || len(r.work) > 0 {
		return &kern.Violation{Kind: kern.Deadlock}
	}
	if r.in.Final != nil {
		return r.in.Final()
	}
	return nil
}
