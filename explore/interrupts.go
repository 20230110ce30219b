package explore

import (
	"slices"

	"ptsim/kern"
)

// With softirqs on the CPUs of the tasks, a thread and the softirq on top of it take turns: while the softirq runs the thread
// has no step. Its next plain access can all the same come before any of the softirq's, which interrupts it right behind
// that access, or after the last. So each step of a softirq is compared with what the thread below it would touch if it went
// on. What that touches with BH off is left out: the softirq keeps away from it.

// interrupts returns how a step of a softirq, which was just made from mark on, races with the next step of the thread that it
// interrupts: as a path from mark that runs the softirq to its end, and then that thread. It makes the step again.
func (s *state) interrupts(tr trans, how, mark int) (found *found, ops int) {
	if len(s.x.underneath[tr.t]) == 0 || s.views != nil {
		return nil, 0
	}
	acc := append([]access(nil), s.acc...)
	var below trans
	var word kern.Addr
	last := 0 // primitives of the thread's step, up to the word
	s.back(mark)
	s.below = true // what it interrupts finds the softirq's locks held, and waits
	for _, under := range s.x.underneath[tr.t] {
		if s.at[under].over() || s.keeper(under) >= 0 {
			continue
		}
		for alt, ways := uint32(0), uint32(1); alt < ways && word == 0; alt++ {
			below = trans{t: uint8(under), alt: uint8(alt)}
			s.tryWay(below, how)
			ways = s.alts
			word, last = meets(acc, s.acc)
			s.back(mark)
		}
		if word != 0 {
			break
		}
	}
	s.below = false
	if word != 0 {
		var did []access
		if found, did, ops = s.after(tr, how); found.v == nil {
			if s.at[tr.t].over() { // what it did may have led the thread to other words, as another neighbour on a list
				s.take(below, how)
				if shown, n := meets(did, s.acc); shown != 0 {
					word, last = shown, n
				}
			}
			found.path = append(found.path, below)
			found.race, found.v = word, &kern.Violation{Kind: kern.DataRace, Addr: word}
			ops += last
		}
		s.back(mark)
	}
	s.take(tr, how)
	return found, ops
}

// wouldTouch notes the accesses of a primitive that is not carried out: what it returned with a softirq's work half done would
// teach the automaton what never happens.
func (s *state) wouldTouch(t int, op kern.Op) {
	p := kern.PrimitiveOf(op.Kind)
	var f kern.Footprint
	for i, a := range s.m.Footprint(s.x.threads[t].cpu, op, &f) {
		write, plain := p.Access(i)
		s.acc = append(s.acc, access{a: a, write: write, plain: plain, own: p.Shape == kern.PerCPUWord, bh: s.at[t].depth.BH > 0, ops: uint16(s.ops) + 1})
		s.touches(a, false)
		s.looksAt(s.env.object(a))
	}
}

// wouldWait notes what a thread depends on that waits where an interrupted one would go on.
func (s *state) wouldWait(n *node) {
	if n.prim.Waits == kern.NoLock || n.spin != nil {
		s.dep.all()
		return
	}
	s.touches(n.op.Addr, false)
	s.looksAt(s.env.object(n.op.Addr))
}

// beneath is what a thread would touch if it went on, which a softirq interrupts.
type beneath struct {
	t           uint8
	first, last int  // its accesses, by any of its ways, in worker.beneathAcc
	deps        deps // what they depend on
}

// goOn appends what a thread would touch next if no softirq kept it off, and returns what that depends on.
func (s *state) goOn(t, how int, to []access) ([]access, deps) {
	mark, all := s.mark(), noDeps
	s.below = true
	for alt, ways := uint32(0), uint32(1); alt < ways; alt++ {
		s.tryWay(trans{t: uint8(t), alt: uint8(alt)}, how)
		ways = s.alts
		to = append(to, s.acc...)
		all.union(&s.dep)
		s.back(mark)
	}
	s.below = false
	return to, all
}

// lookBeneath finds out what the thread beneath a softirq would touch in the state of the top frame, before that makes a step. It
// looks only where no earlier state of the path tells: what a thread would do is as it was while nobody changed what that depends
// on.
func (w *worker) lookBeneath(f *frame, tr trans) {
	w.under = w.under[:0]
	if len(w.x.underneath[tr.t]) == 0 || w.s.views != nil || w.x.shares {
		return
	}
	for _, t := range w.x.underneath[tr.t] {
		if w.s.at[t].over() {
			continue
		}
		i := f.beneath + slices.IndexFunc(w.beneath[f.beneath:], func(b beneath) bool { return int(b.t) == t })
		if i < f.beneath {
			i = len(w.beneath)
			b := beneath{t: uint8(t), first: len(w.beneathAcc)}
			w.beneathAcc, b.deps = w.s.goOn(t, w.how, w.beneathAcc)
			b.last = len(w.beneathAcc)
			w.beneath = append(w.beneath, b)
		}
		w.under = append(w.under, int32(i))
	}
}

// inherit takes over, for the state that a transition led to, what is known of the threads beneath softirqs.
func (w *worker) inherit(from, end int, by trans) {
	for i := from; i < end; i++ {
		if b := &w.beneath[i]; b.t != by.t && !b.deps.conflict(&w.s.dep) {
			w.beneath = append(w.beneath, *b)
		}
	}
}

// doubt looks again at what the state of the top frame has been told of the threads beneath softirqs, and that no softirq's step
// sleeps that races with one of them.
func (w *worker) doubt(f *frame) {
	for _, b := range w.beneath[f.beneath:] {
		if acc, _ := w.s.goOn(int(b.t), w.how, nil); !slices.Equal(acc, w.beneathAcc[b.first:b.last]) {
			panic("explore: a thread beneath a softirq would touch something else than before")
		}
	}
	for _, i := range w.asleep[f.asleep:] {
		tr := w.made[i].tr
		w.lookBeneath(f, tr)
		if w.s.take(tr, w.how) == moved && len(w.under) > 0 && w.mayInterrupt(tr) {
			panic("explore: a step of a softirq sleeps that races with what it interrupts")
		}
		w.s.back(f.mark)
	}
}

// mayInterrupt tells whether a softirq that just made a step may race with the next one of a thread beneath it.
func (w *worker) mayInterrupt(tr trans) bool {
	if w.x.shares {
		return true
	}
	for _, i := range w.under {
		b := &w.beneath[i]
		if word, _ := meets(w.s.acc, w.beneathAcc[b.first:b.last]); word != 0 {
			return true
		}
	}
	return false
}

// meets returns a word on which two steps race, the second of which the first interrupts, and how many primitives of the second
// there are up to that.
func meets(acc, below []access) (word kern.Addr, ops int) {
	for _, b := range below {
		for _, a := range acc {
			if !b.bh && !(a.own && b.own) && a.a == b.a && (a.write || b.write) && (a.plain || b.plain) {
				return a.a, int(b.ops)
			}
		}
	}
	return 0, 0
}

// after runs a softirq to its end, and returns what it touched. What keeps it waiting is run, too. A violation that this comes to
// is the one that is found.
func (s *state) after(tr trans, how int) (f *found, did []access, ops int) {
	f = &found{}
	step := func(next trans) bool {
		at := s.mark()
		st := s.take(next, how)
		if st == blocked {
			s.back(at)
			return false
		}
		f.path = append(f.path, next)
		if ops += s.ops; next.item > 0 {
			ops++
		}
		if next.t == tr.t {
			did = append(did, s.acc...)
		}
		if st == broken {
			f.v = s.viol
		}
		return true
	}
	for goes := step(tr); goes && f.v == nil && !s.at[tr.t].over(); {
		if goes = step(trans{t: tr.t}); goes {
			continue
		}
		for _, other := range s.candidates(nil) {
			if goes = step(other); goes {
				break
			}
		}
	}
	return f, did, ops
}
