package explore

import "fmt"

// Follow takes the steps of a schedule from the first state, all as single steps. each, if not nil, is called after every
// one with what was done. A schedule that does not fit the model any more gives a *StaleError, and the Stepper stands where
// it stopped.
func (p *Stepper) Follow(sched *Schedule, each func(mv Move, did []Step)) error {
	if len(p.path) > 0 || p.stale != nil {
		if err := p.Reset(); err != nil {
			return err
		}
	}
	path, ends, stale := p.unfold(sched)
	rules := sched.rules()
	p.x.halves, p.x.pairs = rules.halves, rules.pairs
	p.s.track(rules.racy)
	for i, m := range path {
		at := ends(i)
		switch {
		case p.bad != nil && p.race != 0: // it showed before the last transition was complete
			return p.ends(sched)
		case p.bad != nil:
			return &StaleError{at, "there was a violation already: " + p.bad.Sentence()}
		case p.ended:
			return &StaleError{at, "everything is done already"}
		}
		if at == len(sched.path)-1 {
			p.race, p.adjacent = sched.race, sched.adjacent
		}
		mv := p.x.move(m)
		did, err := p.Take(mv)
		if err != nil {
			return &StaleError{at, err.Error()}
		}
		if each != nil {
			each(mv, did)
		}
	}
	if stale != nil {
		return stale
	}
	return p.ends(sched)
}

// ends tells whether what was done is what the schedule did.
func (p *Stepper) ends(sched *Schedule) error {
	if sum := p.r.trace.sum(); sched.sum != 0 && sum != sched.sum {
		return &StaleError{len(sched.path), "it leads elsewhere now: the code or the scenario has changed since it was found"}
	}
	return nil
}

// unfold returns the single steps that a schedule is made of, and of which of its transitions each is a part. Those that
// do not fit the model are left out, with an error.
func (p *Stepper) unfold(sched *Schedule) (path []move, of func(int) int, err error) {
	if sched.how == stepwise {
		return sched.path, func(i int) int { return i }, nil
	}
	defer catch(&err)
	s := p.s // which is at its first state, and goes back there
	if sched.ref || sched.list || sched.readers || sched.locks != nil {
		x, err := newSystem(p.model, p.x.opt, &movements{stays: sched.stays})
		if err != nil {
			return nil, nil, err
		}
		s = newState(x)
	}
	defer s.back(0)
	var from []int
	of = func(i int) int { return from[i] }
	for i, m := range sched.path {
		singles, err := s.singles(m, sched.race != 0 && i == len(sched.path)-1)
		if err != nil {
			return path, of, &StaleError{i, err.Error()}
		}
		for _, one := range singles {
			path, from = append(path, one), append(from, i)
		}
	}
	return path, of, nil
}

// singles takes a folded step, as single ones, and returns those. One that ends in a race need not come to its end.
func (s *state) singles(m move, races bool) ([]move, error) {
	tr, err := s.resolve(m)
	if err != nil {
		return nil, err
	}
	mark := s.mark()
	st := s.take(tr, folded)
	ops, ways := s.ops, s.alts
	s.back(mark)
	switch name := s.x.threads[tr.t].name; {
	case st == blocked && !races:
		return nil, fmt.Errorf("%s cannot take its step: it waits for a lock", name)
	case st == blocked:
		ops++
	case m.alt > 0 && uint32(m.alt) >= ways:
		return nil, fmt.Errorf("%s has no choice number %d there", name, m.alt)
	}
	var list []move
	if tr.item > 0 {
		list = append(list, move{t: m.t, item: m.item})
		s.take(trans{t: tr.t, item: tr.item}, stepwise)
		if s.x.threads[tr.t].role == kworker || s.x.opt.Plain { // to begin it is all
			return list, nil
		}
	}
	for range max(ops, 1) {
		at := s.mark()
		one := move{t: m.t}
		if s.take(trans{t: tr.t}, stepwise); s.alts > 1 && m.alt > 0 {
			s.back(at)
			one.alt = m.alt
			s.take(trans{t: tr.t, alt: m.alt}, stepwise)
		}
		list = append(list, one)
	}
	return list, nil
}
