package explore

import "ptsim/kern"

// expand goes to the end of a path and takes every step that is possible there. Then it follows the thread that moved last,
// which costs no way back, as long as that leads to where nobody was by fewer steps.
//
// An entry whose state was reached by a shorter path after it was queued is skipped: then seen has another
// distance than the entry's.
func (d *dijkstra) expand(e int32, switches, steps int) {
	if !d.seen.expand(d.entries.at(e).key, distance(switches, steps)) {
		return
	}
	d.goTo(e)
	d.follow(e, switches, steps)
}

// follow takes every step that is possible in the state at the end of e. Then it goes on with the thread that moved last, and does
// the same in the next state, until nobody needs to go further that way.
//
// When a switch gives a path as many switches as the best schedule has, only paths without another switch can still be better. So
// the thread is followed at once. In the queue the path would have to be replayed when its turn comes.
//
// It changes the order in which states are expanded, and so breaks Dijkstra's invariant: a state may be
// expanded by a length that is not the least. If a shorter path to it turns up, seen.expand lets it be
// expanded once more, so no shorter schedule is lost; a state may be counted twice.
func (d *dijkstra) follow(e int32, switches, steps int) {
	for {
		from := len(d.chains)
		next, at := d.successors(e, switches, steps)
		for i := from; i < len(d.chains); i++ {
			if c := d.chains[i]; d.seen.expand(d.entries.at(c.e).key, distance(switches+1, int(c.steps))) {
				d.advance(d.entries.at(c.e).tr)
				n := len(d.path)
				d.follow(c.e, switches+1, int(c.steps))
				d.retreat(n - 1)
			}
		}
		d.chains = d.chains[:from]
		if next < 0 || !d.seen.expand(d.entries.at(next).key, distance(switches, at)) {
			return
		}
		d.advance(d.entries.at(next).tr)
		e, steps = next, at
	}
}

// successors takes every step that is possible in the state at the end of e. It returns the first entry that it made for the
// CPU that moved last, which is in no queue, or -1.
//
// The state may have been expanded before, with another thread that moved last, by no more switches and steps. Then a step that
// is a switch now led to the same state by no more than it would now: it was one switch at most. Only the steps that are no
// switch are taken again. Races are the exception, since two steps are weighed together: the steps of a state with a race, or
// whatever else ends the search behind one of its steps, are all taken.
//
// Order of the checks: the transition is taken and compared for races with those before it; then its
// violation counts as a candidate; then a softirq's race with what it interrupts; then the state that it
// led to, if it is reached by less than before.
//
// The state is an end if no transition is possible. Those in left were not taken, so they are tried for
// that question alone.
//
// At the end the state counts as expanded whole, unless something was left out or a violation was found
// here: the argument above rests on every transition having led to where it leads.
func (d *dijkstra) successors(e int32, switches, steps int) (next int32, at int) {
	s := d.s
	next = -1
	last := -1
	if n := len(d.path); n > 0 {
		last = int(d.path[n-1].t)
	}
	d.states++
	d.depth = max(d.depth, len(d.path))
	mark := s.mark()
	enabled := false
	again, before, dist := false, d.candidates, distance(switches, steps)
	var whole uint64
	if d.better(switches+1, steps) {
		whole = s.fullKey()
		d.whole.expect(whole)
	}
	d.races.cut(0)
	d.order = d.sameServer(s.candidates(d.order[:0]), last)
	d.left = d.left[:0]
	if whole != 0 {
		again = *d.whole.slot(whole) <= dist
	}
	for i := 0; i < len(d.order); i++ {
		tr := d.order[i]
		sw := switches
		if last >= 0 && d.x.switched(last, int(tr.t)) {
			sw++
		}
		if sw > switches && again {
			enabled = true
			continue
		}
		if !d.better(sw, steps) {
			d.left = append(d.left, tr)
			continue
		}
		st := s.take(tr, d.how)
		ops := steps + s.ops + s.weak.reads()
		if tr.item > 0 {
			ops++
		}
		var key uint64
		if st == moved {
			key = mix(s.fullKey() ^ s.print(int(tr.t)))
			d.seen.expect(key)
		}
		for alt := uint8(1); tr.alt == 0 && uint32(alt) < s.alts; alt++ {
			d.order = append(d.order, trans{tr.t, tr.item, alt})
		}
		races := d.race(tr, st)
		if races != nil {
			races = s.inOrder(races, d.how, mark)
			st = s.take(tr, d.how)
		}
		for _, c := range races {
			sw := d.switches(switches, last, []trans{c.first, c.second})
			more := 0
			if c.readers { // whoever looks on by single steps, or with views, finds a schedule that shows it
				more = 1
			}
			v := &kern.Violation{Kind: kern.DataRace, Addr: c.a}
			d.candidate(&found{race: c.a, adjacent: true, v: v}, sw+more, steps+c.ops+more, c.first, c.second)
		}
		switch st {
		case broken:
			enabled = true
			d.candidate(&found{v: s.viol, race: s.raced}, sw, ops, tr)
		case moved:
			enabled = true
			d.moves++
			if f, more := s.interrupts(tr, d.how, mark); f != nil {
				d.candidate(f, d.switches(switches, last, f.path), steps+more)
				break
			}
			if !d.better(sw, ops) || !d.seen.closer(key, distance(sw, ops)) {
				break
			}
			if !s.sound() {
				d.candidate(&found{v: s.viol}, sw, ops, tr)
				break
			}
			switch made := d.entries.add(entry{key, e, tr}); {
			case sw == switches && next < 0 && last >= 0:
				next, at = made, ops
			case sw > switches && d.best != nil && sw == d.bestSwitches && d.queue.tree:
				d.chains = append(d.chains, pathEnd{made, int32(ops)})
			default:
				d.queue.push(made, sw, ops)
			}
		}
		s.back(mark)
	}
	for i := 0; !enabled && i < len(d.left); i++ { // is it an end?
		enabled = s.take(d.left[i], d.how) != blocked
		s.back(mark)
	}
	if !enabled {
		if v := s.final(); v != nil && !(v.Kind == kern.Deadlock && d.racesBefore()) {
			d.candidate(&found{v: v}, switches, steps)
		}
	}
	if !again && whole != 0 && len(d.left) == 0 && d.candidates == before {
		*d.whole.slot(whole) = dist
	}
	return next, at
}

// switches returns how many there are on a path, and more behind it.
func (d *dijkstra) switches(n, last int, more []trans) int {
	for _, tr := range more {
		if last >= 0 && d.x.switched(last, int(tr.t)) {
			n++
		}
		last = int(tr.t)
	}
	return n
}

// race returns how a transition races with an earlier one of the same state. Where states have views, those tell.
//
// With views a race is a violation of the transition itself (state.raced), found when the second access is
// made.
func (d *dijkstra) race(tr trans, st status) []conflict {
	if d.s.views != nil {
		return nil
	}
	return d.races.note(tr, st, d.s, 0)
}

// sameServer lets the server that moved last begin the next callback, too, where another stands for all that are idle:
// it is the one whose beginning is no switch.
//
// Symmetry would have the search count a switch that a kernel need not make: of the idle servers of a
// class candidates lets the first move, which may not be the one that moved last.
func (d *dijkstra) sameServer(order []trans, last int) []trans {
	if last < 0 || !d.s.at[last].over() || d.x.threads[last].role == task {
		return order
	}
	for _, tr := range order {
		if tr.item > 0 && int(tr.t) != last && d.x.threads[tr.t].class == d.x.threads[last].class {
			order = append(order, trans{t: uint8(last), item: tr.item})
		}
	}
	return order
}
