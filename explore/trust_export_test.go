package explore

import (
	"encoding/binary"
	"fmt"
	"slices"

	"ptsim/kern"
)

// VerifyMemo explores a model and then runs its code once more for all that the search had learnt: each edge of each
// node, on a machine of its own. It returns how many there were, and an error if the code did something else this time.
func VerifyMemo(m *Model, opt Options) (edges int, err error) {
	rules := movements{}
	x, err := newSystem(m, opt, &rules)
	if err != nil {
		return 0, err
	}
	newSearch(x, single).run()
	again := newAutomaton(m, x.cpus, &rules, opt.Lax)
	for s, n := range x.auto.byKey {
		if n.over() {
			continue
		}
		edges++
		key := s
		if to, _ := again.run(&key, nil); sameNode(n, to) != nil {
			return edges, fmt.Errorf("%s: %w", x.auto.doing(&key), sameNode(n, to))
		}
	}
	for _, n := range x.auto.nodes {
		for e := range n.each {
			edges++
			s := *n.start
			to, bad := again.run(&s, append(slices.Clone(n.hist), e.result))
			if err := sameNode(e.to, to); err != nil {
				return edges, fmt.Errorf("%s after %v: %w", x.auto.doing(n.start), append(slices.Clone(n.hist), e.result), err)
			}
			if (bad == nil) != (e.bad == nil) || bad != nil && bad.Kind != e.bad.Kind {
				return edges, fmt.Errorf("%s after %v: violation %v, and %v again", x.auto.doing(n.start), n.hist, e.bad, bad)
			}
		}
	}
	return edges, nil
}

func sameNode(a, b *node) error {
	switch {
	case a.op != b.op:
		return fmt.Errorf("%s, and %s again", a.op, b.op)
	case *a.start != *b.start:
		return fmt.Errorf("%+v, and %+v again", *a.start, *b.start)
	case !slices.Equal(a.hist, b.hist):
		return fmt.Errorf("%v, and %v again", a.hist, b.hist)
	case a.depth != b.depth:
		return fmt.Errorf("%+v, and %+v again", a.depth, b.depth)
	}
	return nil
}

// Orbits are the states of a model counted in four ways.
type Orbits struct {
	Searched int // by the search, which takes servers of a kind for interchangeable
	Met      int // of those, how many differ in more than the order of servers
	All      int // with every server its own, told apart by all their words
	Distinct int // of those, how many differ in more than the order of servers
	Loose    int // the same, but with the waits of servers not moved along with them: too few, if it makes a difference
}

// CountOrbits counts.
func CountOrbits(m *Model, opt Options) (o Orbits, err error) {
	r, err := Exhaustive(m, opt)
	if err != nil {
		return o, err
	}
	o.Searched = int(r.States)
	rules := movements{}
	x, err := newSystem(m, opt, &rules)
	if err != nil {
		return o, err
	}
	s := newState(x)
	all, distinct, loose := map[string]bool{}, map[string]bool{}, map[string]bool{}
	s.reach(s.everything, func() bool {
		k := s.dump(0)
		if all[k] {
			return false
		}
		all[k], distinct[s.dump(1)], loose[s.dump(2)] = true, true, true
		return true
	})
	keys, met := map[uint64]bool{}, map[string]bool{}
	s.reach(func() []trans { return s.candidates(nil) }, func() bool {
		if keys[s.key()] {
			return false
		}
		keys[s.key()], met[s.dump(1)] = true, true
		return true
	})
	if len(keys) != o.Searched {
		return o, fmt.Errorf("the search met %d states, and steps of its kind lead to %d", o.Searched, len(keys))
	}
	for k := range met {
		if !distinct[k] {
			return o, fmt.Errorf("the search met a state that there is not")
		}
	}
	o.Met, o.All, o.Distinct, o.Loose = len(met), len(all), len(distinct), len(loose)
	return o, nil
}

// reach goes to every state that is new when it is met.
func (s *state) reach(steps func() []trans, isNew func() bool) {
	type entry struct {
		before int
		tr     trans
	}
	entries := []entry{{before: -1}}
	s.back(0)
	isNew()
	for i := 0; i < len(entries); i++ {
		var path []trans
		for j := i; entries[j].before >= 0; j = entries[j].before {
			path = append(path, entries[j].tr)
		}
		s.back(0)
		for _, tr := range slices.Backward(path) {
			s.take(tr, folded)
		}
		mark := s.mark()
		todo := steps()
		for j := 0; j < len(todo); j++ {
			st := s.take(todo[j], folded)
			if todo[j].alt == 0 {
				for alt := uint8(1); uint32(alt) < s.alts; alt++ {
					todo = append(todo, trans{todo[j].t, todo[j].item, alt})
				}
			}
			if st == moved && isNew() {
				entries = append(entries, entry{i, todo[j]})
			}
			s.back(mark)
		}
	}
}

// everything is what any thread could do, whoever else could do the same.
func (s *state) everything() []trans {
	var to []trans
	for t := range s.x.threads {
		switch {
		case s.interrupted(t):
		case !s.at[t].over():
			to = append(to, trans{t: uint8(t)})
		case s.x.threads[t].role != task:
			for r := s.ready(t); r != 0; r &= r - 1 {
				to = append(to, trans{t: uint8(t), item: uint8(lowest(r)) + 1})
			}
		}
	}
	return to
}

// dump is the whole state as text: as it is; with servers of a kind in an order that does not depend on their numbers; or
// the same with where they stand and what waits for them ordered each for itself.
func (s *state) dump(how int) string {
	var b []byte
	for a := range s.init {
		v := s.m.Peek(kern.Addr(a))
		if how > 0 && kern.IsLockOwner(v) && s.m.LockOwner(kern.Addr(a)) >= s.x.model.Tasks {
			v = kern.AnyLockOwner // a server: which one, is told by what it holds
		}
		b = binary.AppendUvarint(b, uint64(v))
	}
	b = append(b, s.life...)
	b = binary.AppendUvarint(binary.AppendUvarint(b, s.queued), s.work)
	var threads, waits []string
	for t := range s.x.threads {
		who := string(binary.AppendUvarint([]byte{byte(s.x.threads[t].role)}, uint64(t)))
		if how > 0 && s.x.threads[t].role != task {
			who = string([]byte{byte(s.x.threads[t].role)})
		}
		at := who + string(binary.AppendUvarint(nil, uint64(s.at[t].id)))
		at += string(binary.AppendUvarint(binary.AppendUvarint(nil, s.alone[t]), s.shared[t]))
		wait := string(binary.AppendUvarint(nil, s.wait[t]))
		if how == 2 {
			threads, waits = append(threads, at), append(waits, who+wait)
			continue
		}
		threads = append(threads, at+"/"+wait)
	}
	if how > 0 {
		slices.Sort(threads)
		slices.Sort(waits)
	}
	return fmt.Sprintf("%s|%q|%q", b, threads, waits)
}
