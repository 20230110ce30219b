package explore

import (
	"slices"

	"ptsim/kern"
)

// again makes a transition that was made before.
//
// A transition that is possible once is possible whenever the same path led there: the code is
// deterministic, and a state holds all that steps depend on. If that fails the model breaks its contract,
// and no verdict would mean anything.
func (w *worker) again(tr trans) {
	if w.s.take(tr, w.how) != moved {
		panic("explore: a schedule does not lead where it led before")
	}
}

// behind searches everything behind the frames that there are.
//
// This is the depth-first search itself, without recursion: it tries the next transition of the top frame,
// which may push a frame, and leaves a frame that has nothing left. It returns when the stack is empty or
// the search stops; in the latter case it can be called again.
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
//
// The prints of the state must be up to date, since bits of interchangeable servers are ranks of prints
// (state.bit). A transition without a bit is never recorded in the table. It is made on the first visit of
// the state and on no other: a visit makes it awake, so that nothing that it leads to is left out for its
// sake.
//
// A frame of which something was left out counts as enabled. What sleeps is possible, since it was made
// before from a state where it was independent of all that came between.
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
//
// The order of its checks matters. A race is looked for even if the transition is blocked, because on its
// way to the lock it may have made plain accesses that nothing keeps waiting. Then the softirq's race with
// the thread beneath it, then what the step itself broke, and only then the visited table: a violation is
// reported on every path that shows it, whether its state is new or not. The model's own check asks about
// the state alone, so a new state is checked once.
//
// It always comes back to the state of f, unless it pushed a frame.
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
//
// How many ways there are is known only after the first was taken, since a choice may stand behind other
// primitives of a folded step. The new transitions go to the end of the arena, where those of f end, since
// f is the top frame.
func (w *worker) addWays(f *frame, tr trans) {
	for alt := uint8(1); uint32(alt) < w.s.alts; alt++ {
		w.arena = append(w.arena, trans{tr.t, tr.item, alt})
	}
	f.end = len(w.arena)
}

// visit tells whether the state is new, and which of its transitions need not be made: those that sleep, and those that were
// made before. all says that none is left. A state counts once, whatever its views.
//
// There are three cases. With views every combination of state and views is expanded, by all its
// transitions. Unmatched, a state is expanded when it is new, by what does not sleep; the proof in
// sleep.go wants that no state leads back to one on the stack, so if one does the search is given up and
// begins again, matched. Matched, a state is expanded whenever something awake was not made from it
// before, and only by that. What an earlier visit made is taken out of child: it must be awake behind what
// this visit makes.
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
//
// The state goes back to the frame below, whose next transition is tried then.
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
//
// onFinal is the caller's code, which is not told to expect several threads. So it runs with mu held.
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
//
// If something is left to do but nothing can move, that is a deadlock. It is none under a weak memory that
// has come to a dead end of its own: the choices that the explorer made there belong to no execution.
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
//
// The bottom frame has no transition that led to it: path does.
func (w *worker) schedule(more ...trans) []trans {
	path := append([]trans(nil), w.path...)
	for _, f := range w.frames[1:] {
		path = append(path, f.chosen)
	}
	return append(path, more...)
}

// report notes a violation, and ends the search unless all violations are to be counted or the search is a
// split, whose parts are wanted in any case.
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
//
// Depth is a maximum, which needs a loop of compare-and-swap; the others are sums.
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
//
// It may be late by shareEvery transitions for each worker, and tables ask before they double
// (visited.fits), so the limit is kept to within what the stacks take meanwhile.
func (w *worker) checkMemory() {
	w.count()
	if limit := w.x.opt.Memory; limit > 0 && (slices.ContainsFunc(w.sets(), (*visited).isFull) || w.held().total() > limit) {
		w.full.Store(true)
		w.halt()
	}
}

// share gives away what is left at the first frame that has anything left, if somebody has nothing to do.
//
// The lowest such frame has the largest subtree, as a rule, so jobs are few and large. It gives away all
// that is left there: the transitions of one frame sleep behind each other in their order, and two owners
// would have to agree on that. The top frame is kept, for its owner to go on with.
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
