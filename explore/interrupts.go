package explore

import "ptsim/kern"

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
	}
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
