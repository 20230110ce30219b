package explore

import "time"

// Bounded tries every schedule with at most so many preemptions: changes of thread where the one that moved last could
// have gone on. If none breaks the model the search is incomplete: schedules with more preemptions were not tried.
func Bounded(m *Model, opt Options, preemptions int) (Result, error) {
	return restarting(m, opt, func(x *system) (Result, error) { return bounded(x, preemptions) })
}

func bounded(x *system, preemptions int) (r Result, err error) {
	start := time.Now()
	defer catch(&err)
	b := &bound{x: x, s: newState(x), seen: newVisited(1), start: start, states: newVisited(1)}
	b.visit(-1, preemptions)
	r = Result{
		Verdict: Incomplete, Why: "schedules with more than " + itoa(preemptions) + " preemptions were not tried",
		States: uint64(b.states.len()), Transitions: b.moves, Depth: b.depth, Elapsed: time.Since(start),
		Bytes: uint64(b.seen.bytes.Load() + b.states.bytes.Load()), Runs: x.auto.Runs,
	}
	switch {
	case b.found != nil:
		r.Verdict, r.Why = Violated, ""
		r.Violation, r.Schedule = b.found.v, x.schedule(b.found)
	case b.why != "":
		r.Why = b.why
	}
	return r, nil
}

// bound is a search with a bound on preemptions under way.
type bound struct {
	x      *system
	s      *state
	seen   *visited // states with the thread that moved last and what is left of the bound
	states *visited // states alone
	start  time.Time
	path   []trans
	moves  uint64
	depth  int
	found  *found
	why    string
}

// visit tries everything from the state on. last moved last; left is how many preemptions there may yet be.
func (b *bound) visit(last, left int) {
	b.states.add(b.s.key())
	key := b.s.fullKey()
	if last >= 0 {
		key = mix(key ^ b.s.threadHash(last))
	}
	if !b.seen.add(mix(key + uint64(left))) {
		return
	}
	b.depth = max(b.depth, len(b.path))
	order := b.s.candidates(nil)
	mark := b.s.mark()
	canGoOn := false
	if last >= 0 && !b.s.at[last].over() && !b.s.interrupted(last) {
		canGoOn = b.s.take(trans{t: uint8(last)}, folded) != blocked
		b.s.back(mark)
	}
	enabled := false
	for i := 0; i < len(order) && b.found == nil && b.why == ""; i++ {
		tr := order[i]
		st := b.s.take(tr, folded)
		if tr.alt == 0 {
			for alt := uint8(1); uint32(alt) < b.s.alts; alt++ {
				order = append(order, trans{tr.t, tr.item, alt})
			}
		}
		if st == blocked {
			b.s.back(mark)
			continue
		}
		enabled = true
		rest := left
		if canGoOn && int(tr.t) != last {
			rest--
		}
		if rest >= 0 {
			b.step(tr, st, rest)
		}
		b.s.back(mark)
	}
	if !enabled && b.why == "" {
		if v := b.s.final(); v != nil {
			b.found = &found{path: append([]trans(nil), b.path...), v: v}
		}
	}
}

// step goes on behind a transition that was just made.
func (b *bound) step(tr trans, st status, left int) {
	b.moves++
	b.path = append(b.path, tr)
	defer func() { b.path = b.path[:len(b.path)-1] }()
	if st == broken || !b.s.sound() {
		b.found = &found{path: append([]trans(nil), b.path...), v: b.s.viol, race: b.s.raced}
		return
	}
	if b.moves&0xfff == 0 {
		switch limit := b.x.opt.Memory; {
		case b.x.budget > 0 && b.moves > b.x.budget:
			b.why = tooMany
		case b.x.opt.Context.Err() != nil:
			b.why = "it was interrupted"
		case limit > 0 && uint64(b.seen.bytes.Load()+b.states.bytes.Load()) > limit:
			b.why = "the memory limit was reached"
		case b.x.opt.Progress != nil:
			b.x.opt.Progress(Progress{uint64(b.states.len()), b.moves, b.depth, 0, uint64(b.seen.bytes.Load()), time.Since(b.start)})
		}
	}
	b.visit(int(tr.t), left)
}
