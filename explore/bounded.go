package explore

import "time"

// Bounded tries every schedule with at most so many preemptions: changes of thread where the one that moved last could
// have gone on. If none breaks the model the search is incomplete: schedules with more preemptions were not tried.
//
// The idea is that of CHESS: most faults need few preemptions, and the number of schedules with k of them
// is polynomial in their length. A switch away from a thread that has to wait costs nothing.
func Bounded(m *Model, opt Options, preemptions int) (Result, error) {
	return restarting(m, opt, "bounded by "+itoa(preemptions), func(x *system) (Result, error) { return bounded(x, preemptions) })
}

// bounded searches depth-first on one thread, without sleep sets: a transition that sleeps was made in an
// order that may have had more preemptions, and so may not have been made at all.
func bounded(x *system, preemptions int) (r Result, err error) {
	defer catch(&err)
	b := &bound{x: x, s: newState(x), seen: x.newVisited(1, false), states: x.newVisited(1, false)}
	at, err := x.goOn()
	if err != nil {
		return Result{}, err
	}
	if at == nil {
		b.visit(-1, preemptions, trans{})
	} else if err := b.goOn(at); err != nil {
		return Result{}, err
	}
	b.states.room, b.seen.room = b.room, b.room
	b.run()
	r = Result{
		Verdict: Incomplete, Why: "schedules with more than " + itoa(preemptions) + " preemptions were not tried",
		States: b.met, Transitions: b.moves, Depth: b.depth, Elapsed: time.Since(x.start), Bytes: b.held().total(), Runs: x.auto.Runs,
	}
	switch {
	case b.found != nil:
		r.Verdict, r.Why = Violated, ""
		r.Violation, r.Schedule = b.found.v, x.schedule(b.found)
	case b.why != "":
		r.Why, r.CutShort = b.why, b.why != tooMany
	}
	if r.CutShort {
		last := b.progress()
		r.Last = &last
		b.save()
	}
	return r, nil
}

// bound is a search with a bound on preemptions under way. It keeps its own stack, which can be written into a checkpoint.
//
// A state is met again with another thread that moved last, or with more preemptions left, as a state of
// its own: more may be reached from there.
type bound struct {
	x      *system
	s      *state
	seen   *visited // states with the thread that moved last and what is left of the bound
	states *visited // states alone
	met    uint64   // how many those are
	frames []boundFrame
	arena  []trans
	moves  uint64
	depth  int
	found  *found
	why    string
	pace   pace
}

// boundFrame is a state on the path, with what can be done there.
//
// canGoOn says whether the thread that moved last could move here. Only then is it a preemption to let
// another one move.
type boundFrame struct {
	next, end int // in the arena
	mark      int
	last      int // the thread that moved last, -1 at first
	left      int // preemptions that there may yet be
	canGoOn   bool
	enabled   bool
	chosen    trans // what led here
}

// run tries everything behind the frames that there are.
func (b *bound) run() {
	for len(b.frames) > 0 && b.found == nil && b.why == "" {
		f := &b.frames[len(b.frames)-1]
		if f.next == f.end {
			b.leave(f)
			continue
		}
		tr := b.arena[f.next]
		f.next++
		b.try(f, tr)
	}
}

// visit makes a frame of the state, unless it was met. last moved last; left is how many preemptions there may yet be.
//
// The key has what is left of the bound in it, so a state is expanded once for each number of preemptions
// that are left.
func (b *bound) visit(last, left int, by trans) bool {
	if b.states.add(b.s.key()) {
		b.met++
	}
	key := b.s.fullKey()
	if last >= 0 {
		key = mix(key ^ b.s.print(last))
	}
	if !b.seen.add(mix(key + uint64(left))) {
		return false
	}
	f := boundFrame{next: len(b.arena), mark: b.s.mark(), last: last, left: left, chosen: by}
	b.depth = max(b.depth, len(b.frames))
	b.arena = b.s.candidates(b.arena)
	f.end = len(b.arena)
	if last >= 0 && !b.s.at[last].over() && !b.s.interrupted(last) {
		f.canGoOn = b.s.take(trans{t: uint8(last)}, folded) != blocked
		b.s.back(f.mark)
	}
	b.frames = append(b.frames, f)
	return true
}

// try makes one transition from the state of the top frame.
//
// What would cost more preemptions than are left is not made, but counts as possible, so that the state is
// no end.
func (b *bound) try(f *boundFrame, tr trans) {
	st := b.s.take(tr, folded)
	if tr.alt == 0 {
		for alt := uint8(1); uint32(alt) < b.s.alts; alt++ {
			b.arena = append(b.arena, trans{tr.t, tr.item, alt})
		}
		f.end = len(b.arena)
	}
	if st == blocked {
		b.s.back(f.mark)
		return
	}
	f.enabled = true
	left := f.left
	if f.canGoOn && int(tr.t) != f.last {
		left--
	}
	if left < 0 {
		b.s.back(f.mark)
		return
	}
	b.moves++
	if st == broken || !b.s.sound() {
		b.found = &found{path: b.path(tr), v: b.s.viol, race: b.s.raced}
		return
	}
	mark := f.mark
	if !b.visit(int(tr.t), left, tr) {
		b.s.back(mark)
	}
	if b.moves&0xfff == 0 {
		b.look()
	}
}

// look looks from time to time whether the search is to end.
//
// It is asked every 4,096 transitions.
func (b *bound) look() {
	limit := b.x.opt.Memory
	b.pace.note(counts{time.Now(), b.met, b.moves, b.untried()})
	switch h := b.held(); {
	case b.x.budget > 0 && b.moves > b.x.budget:
		b.why = tooMany
	case b.x.opt.Context.Err() != nil:
		b.why = interrupted
	case limit > 0 && (b.seen.full.Load() || b.states.full.Load() || h.total() > limit):
		b.why = h.shortage(limit)
	case b.x.opt.Progress != nil:
		b.x.opt.Progress(b.progress())
	}
	if b.why == "" && b.x.opt.Checkpoint.isDue() {
		b.save()
	}
}

// room tells whether there is memory for so much more.
func (b *bound) room(more uint64) bool {
	limit := b.x.opt.Memory
	return limit == 0 || b.held().total()+more <= limit
}

// untried is how many transitions are known and not yet tried.
func (b *bound) untried() int {
	n := 0
	for i := range b.frames {
		n += b.frames[i].end - b.frames[i].next
	}
	return n
}

func (b *bound) progress() Progress {
	p := Progress{States: b.met, Transitions: b.moves, Depth: b.depth, Frontier: b.untried(), Bytes: b.held().total(), Elapsed: time.Since(b.x.start)}
	for i := range b.frames {
		if b.frames[i].next < b.frames[i].end {
			p.Untried = i
			break
		}
	}
	b.pace.tell(&p)
	return p
}

// path returns the path to the top frame, and more behind it.
func (b *bound) path(more ...trans) []trans {
	var path []trans
	for _, f := range b.frames[1:] {
		path = append(path, f.chosen)
	}
	return append(path, more...)
}

// leave gives up the top frame, of which all has been tried.
func (b *bound) leave(f *boundFrame) {
	if !f.enabled {
		if v := b.s.final(); v != nil {
			b.found = &found{path: b.path(), v: v}
			return
		}
	}
	b.frames = b.frames[:len(b.frames)-1]
	first := 0
	if n := len(b.frames); n > 0 {
		top := &b.frames[n-1]
		first = top.end
		b.s.back(top.mark)
	}
	b.arena = b.arena[:first]
}
