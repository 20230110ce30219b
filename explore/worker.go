package explore

import (
	"slices"

	"ptsim/kern"
)

// again makes a transition that was made before.
func (w *worker) again(tr trans) {
	if w.s.take(tr, w.how) != moved {
		panic("explore: a schedule does not lead where it led before")
	}
}

// behind searches everything behind the frames that there are.
func (w *worker) behind() {
	for len(w.frames) > 0 && !w.stop.Load() {
		f := &w.frames[len(w.frames)-1]
		if f.next == f.end {
			w.leave(f)
			continue
		}
		tr := w.arena[f.next]
		f.next++
		w.try(f, tr)
		if w.ticks >= shareEvery {
			w.flush()
			w.checkBudget()
			w.checkMemory()
			w.share()
		}
	}
}

// push makes a frame of the state, to try all of its transitions but those in skip.
func (w *worker) push(by trans, key uint64, skip uint32, isNew bool) {
	first := len(w.arena)
	w.arena = w.s.candidates(w.arena)
	asleep, enabled := len(w.asleep), 0
	w.stack[key%uint64(len(w.stack))]++
	w.asleep = append(w.asleep, w.child...)
	if skip != 0 {
		to := first
		for _, tr := range w.arena[first:] {
			if b := w.s.bit(tr.t, tr.item); b == noBit && isNew || b != noBit && skip>>b&1 == 0 {
				w.arena[to] = tr
				to++
			}
		}
		w.arena, enabled = w.arena[:to], 1
	}
	w.frames = append(w.frames, frame{})
	f := &w.frames[len(w.frames)-1] // filled where it stands, see touchAs
	f.next, f.end, f.mark, f.made, f.asleep = first, len(w.arena), w.s.mark(), len(w.made), asleep
	f.key, f.enabled, f.chosen = key, enabled, by
	f.beneath, f.beneathAcc = len(w.beneath), len(w.beneathAcc)
	if n := len(w.frames); n > 1 && f.beneath > 0 {
		w.inherit(w.frames[n-2].beneath, f.beneath, by)
	}
	w.depth = max(w.depth, uint64(len(w.path)+len(w.frames)-1))
	if w.x.opt.doubts {
		w.doubt(f)
	}
}

// try makes one transition from the state of the top frame.
func (w *worker) try(f *frame, tr trans) {
	idle := 0
	if tr.item > 0 {
		idle = w.idle(int(tr.t))
	}
	w.lookBeneath(f, tr)
	st := w.s.take(tr, w.how)
	key := uint64(0)
	if st == moved {
		key = w.s.key()
		w.seen.expect(key)
	}
	if w.s.alts > 1 && tr.alt == 0 {
		w.addWays(f, tr)
	}
	if w.s.views == nil {
		if races := w.note(f, tr, st, idle); races != nil {
			c := &w.s.inOrder(races, w.how, f.mark)[0]
			w.report(&found{path: w.schedule(c.first, c.second), race: c.a, adjacent: true, v: &kern.Violation{Kind: kern.DataRace, Addr: c.a}})
			w.s.back(f.mark)
			f.enabled++
			return
		}
	}
	if st == blocked {
		w.s.back(f.mark)
		return
	}
	f.enabled++
	w.moves++
	w.ticks++
	if st == moved && w.mayInterrupt(tr) {
		if found, _ := w.s.interrupts(tr, w.how, f.mark); found != nil {
			found.path = w.schedule(found.path...)
			w.report(found)
			w.s.back(f.mark)
			return
		}
	}
	if st == broken {
		w.report(&found{path: w.schedule(tr), v: w.s.viol, race: w.s.raced})
		w.s.back(f.mark)
		return
	}
	isNew, skip, all := w.visit(key)
	if all {
		w.s.back(f.mark)
		return
	}
	if isNew && !w.s.sound() {
		w.report(&found{path: w.schedule(tr), v: w.s.viol})
		w.s.back(f.mark)
		return
	}
	if w.cutAt > 0 && len(w.frames) >= w.cutAt {
		w.x.cut.found = append(w.x.cut.found, w.schedule(tr))
		w.s.back(f.mark)
		return
	}
	w.push(tr, key, skip, isNew)
}

// addWays has the other ways of a transition be tried, too.
func (w *worker) addWays(f *frame, tr trans) {
	for alt := uint8(1); uint32(alt) < w.s.alts; alt++ {
		w.arena = append(w.arena, trans{tr.t, tr.item, alt})
	}
	f.end = len(w.arena)
}

// visit tells whether the state is new, and which of its transitions need not be made: those that sleep, and those that were
// made before. all says that none is left. A state counts once, whatever its views.
func (w *worker) visit(key uint64) (isNew bool, skip uint32, all bool) {
	if w.s.views != nil {
		if w.seen.add(key) {
			w.states++
			isNew = true
		}
		if w.views.add(mix(key ^ w.s.viewHash())) {
			w.viewed++
			return isNew, 0, false
		}
		return isNew, 0, true
	}
	sleep := w.sleepers(w.child)
	if !w.matched {
		if w.seen.add(key) {
			w.states++
			return true, sleep, false
		}
		if w.onStack(key) {
			w.cyclic.Store(true)
			w.halt()
		}
		return false, 0, true
	}
	isNew, had := w.seen.visit(key, everyBit&^sleep)
	if isNew {
		w.states++
	}
	if had != 0 { // what was made from here before must not sleep behind what wakes now
		w.child = slices.DeleteFunc(w.child, func(i int32) bool {
			tr := w.made[i].tr
			return had>>w.s.bit(tr.t, tr.item)&1 != 0
		})
	}
	skip = sleep | had
	return isNew, skip, !isNew && skip == everyBit
}

// leave gives up the top frame, of which all has been tried.
func (w *worker) leave(f *frame) {
	if f.enabled == 0 {
		w.ended()
	}
	first := 0
	w.stack[f.key%uint64(len(w.stack))]--
	w.made, w.asleep = w.made[:f.made], w.asleep[:f.asleep]
	w.races.cut(f.made)
	w.beneath, w.beneathAcc = w.beneath[:f.beneath], w.beneathAcc[:f.beneathAcc]
	w.frames = w.frames[:len(w.frames)-1]
	if n := len(w.frames); n > 0 {
		top := &w.frames[n-1]
		first = top.end
		w.s.back(top.mark)
	}
	w.arena = w.arena[:first]
}

// ended judges a state in which nothing can move.
func (w *worker) ended() {
	v := w.s.final()
	if w.onFinal != nil && v == nil {
		w.mu.Lock()
		w.onFinal(w.s.inst)
		w.mu.Unlock()
	}
	if v != nil {
		w.report(&found{path: w.schedule(), v: v})
	}
}

// final returns what is wrong with a state in which nothing can move.
func (s *state) final() *kern.Violation {
	if !s.quiet() {
		if s.weak != nil && s.weak.lost() {
			return nil
		}
		return s.deadlock()
	}
	if s.inst.Final != nil {
		return s.inst.Final()
	}
	return nil
}

// schedule returns the path to the top frame, and more behind it.
func (w *worker) schedule(more ...trans) []trans {
	path := append([]trans(nil), w.path...)
	for _, f := range w.frames[1:] {
		path = append(path, f.chosen)
	}
	return append(path, more...)
}

func (w *worker) report(f *found) {
	f.how = w.how
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kinds[f.v.Kind.String()]++
	if w.first == nil {
		w.first = f
	}
	if !w.x.opt.All && w.cutAt == 0 {
		w.stop.Store(true)
		w.wake.Broadcast()
	}
}

// flush adds this worker's counts to the search's.
func (w *worker) flush() {
	w.search.states.Add(w.states)
	w.search.moves.Add(w.moves)
	w.search.viewed.Add(w.viewed)
	w.states, w.moves, w.viewed = 0, 0, 0
	for {
		d := w.search.depth.Load()
		if int64(w.depth) <= d || w.search.depth.CompareAndSwap(d, int64(w.depth)) {
			break
		}
	}
	w.tell()
}

// checkBudget ends the search if it has met as many states as it may. It is asked after every so many transitions, and at the
// end, so that a search by one thread ends in the same state however often it was interrupted.
func (w *worker) checkBudget() {
	w.ticks = 0
	if w.overBudget() {
		w.halt()
	}
}

// overBudget tells whether the search has met as many states as it may.
func (sr *search) overBudget() bool {
	if sr.budget == 0 || max(sr.states.Load(), sr.viewed.Load()) < sr.budget {
		return false
	}
	sr.spent.Store(true)
	return true
}

// checkMemory ends the search if it holds too much.
func (w *worker) checkMemory() {
	w.count()
	if limit := w.x.opt.Memory; limit > 0 && (slices.ContainsFunc(w.sets(), (*visited).isFull) || w.held().total() > limit) {
		w.full.Store(true)
		w.halt()
	}
}

// share gives away what is left at the first frame that has anything left, if somebody has nothing to do.
func (w *worker) share() {
	if w.hungry.Load() == 0 {
		return
	}
	for i := range w.frames[:max(0, len(w.frames)-1)] {
		f := &w.frames[i]
		if f.next == f.end {
			continue
		}
		j := job{path: append([]trans(nil), w.path...), rest: append([]trans(nil), w.arena[f.next:f.end]...)}
		for _, g := range w.frames[1 : i+1] {
			j.path = append(j.path, g.chosen)
		}
		w.hand(&j, i)
		f.next = f.end
		w.mu.Lock()
		w.jobs = append(w.jobs, j)
		w.wake.Signal()
		w.mu.Unlock()
		return
	}
}
