package explore_test

import (
	"slices"

	"ptsim/kern"
)

// bruteFound is what all schedules of a program come to.
type bruteFound struct {
	finals      map[brutePicture]bool
	kinds       map[kern.Kind]bool
	adjacent    bool // two steps that are possible in one state race: where clocks are kept, looked for where one breaks in another way
	schedules   int
	steps       int
	tooMany     bool
	nearest     map[kern.Kind][2]int // by kind, what shortest is of any
	shortest    [2]int               // the fewest switches to a violation, and the fewest steps with so many; {-1} if there is none
	preemptions int                  // the fewest to a violation, -1 if there is none
}

// brutePicture is a final state: memory, and which objects there are. What each task saw is in the words where they tell it.
type brutePicture struct {
	mem  [bruteMemory]uint32
	life [bruteObjects]bool
}

// draw makes a picture of what reads as get says. Of a lock only whether it is held is shown.
func (w *bruteWorld) draw(get func(a kern.Addr) uint32, alive func(o int) bool) (p brutePicture) {
	for o := 1; o < len(w.bases); o++ {
		base := w.bases[o]
		if p.life[o] = alive(o); !p.life[o] {
			continue
		}
		for a := base; int(w.object[a]) == o; a++ {
			i := w.index[a]
			if i == 0 {
				continue
			}
			v := get(a)
			if w.isLock(o, a-base) && v != 0 {
				v = 1
			}
			p.mem[i] = v
		}
	}
	return p
}

func (w *bruteWorld) isLock(o int, offset kern.Addr) bool {
	switch w.caches[o] {
	case sharedCache:
		return offset < bruteSems || offset == bruteMutex || offset == bruteRW || offset >= bruteCPULock && offset < bruteDone
	case nodeCache:
		return offset == nodeLock
	case stableCache:
		return offset == stableLock
	}
	return false
}

// bruteEnumeration goes through all schedules, one after the other, and remembers no state.
type bruteEnumeration struct {
	*bruteWorld
	found *bruteFound
	bruteHow
	limit  int
	levels []bruteLevel
}

// bruteHow is how schedules are enumerated.
type bruteHow struct {
	whole  bool // transitions as the explorer's, which take local primitives along; else every primitive is one
	clocks bool // a data race is a violation; else nobody sees it

	adjacent bool // look in each state for steps that race
}

// bruteLevel is the machine after so many transitions.
type bruteLevel struct {
	m     bruteMachine
	c     bruteClocks
	moves []bruteMove
}

// enumerate tries every schedule of a world, and gives up after limit steps.
func (w *bruteWorld) enumerate(how bruteHow, limit int, levels []bruteLevel) (*bruteFound, []bruteLevel) {
	how.clocks = how.clocks && w.mayRace()
	e := &bruteEnumeration{bruteWorld: w, bruteHow: how, limit: limit, levels: levels, found: &bruteFound{
		finals: map[brutePicture]bool{}, kinds: map[kern.Kind]bool{}, nearest: map[kern.Kind][2]int{}, shortest: [2]int{-1, 0}, preemptions: -1,
	}}
	if len(e.levels) == 0 {
		e.levels = make([]bruteLevel, 160)
	}
	e.levels[0].m = w.first
	if e.clocks {
		e.levels[0].c = bruteClocks{w: w}
	}
	e.visit(0, -1, 0, 0, 0)
	return e.found, e.levels
}

func (e *bruteEnumeration) at(depth int) *bruteRun {
	r := &bruteRun{bruteWorld: e.bruteWorld, m: &e.levels[depth].m}
	if e.clocks {
		r.c = &e.levels[depth].c
	}
	return r
}

// copyTo makes the next level's machine that of this one.
func (e *bruteEnumeration) next(depth int) *bruteRun {
	e.levels[depth+1].m = e.levels[depth].m
	if e.clocks {
		e.levels[depth+1].c = e.levels[depth].c
	}
	return e.at(depth + 1)
}

func (e *bruteEnumeration) visit(depth, last, switches, steps, preemptions int) {
	r := e.at(depth)
	lv := &e.levels[depth]
	lv.moves = r.moves(lv.moves[:0], e.whole)
	if e.adjacent && !e.found.adjacent {
		for _, mv := range lv.moves {
			e.found.adjacent = e.found.adjacent || e.conflicts(depth, mv)
		}
	}
	if len(lv.moves) == 0 {
		e.found.schedules++
		if !r.quiet() {
			e.bad(kern.Deadlock, switches, steps, preemptions)
			return
		}
		e.found.finals[e.draw(r.get, func(o int) bool { return r.m.life[o] != bruteUnborn && r.m.life[o] != bruteDead })] = true
		return
	}
	goesOn := false
	for _, mv := range lv.moves {
		goesOn = goesOn || int(mv.t) == last && mv.item == 0
	}
	for _, mv := range lv.moves {
		if e.found.steps++; e.found.steps > e.limit {
			e.found.tooMany = true
			return
		}
		n := e.next(depth)
		n.take(mv, e.whole)
		sw, pre := switches, preemptions
		if last >= 0 && e.switched(last, int(mv.t)) {
			sw++
		}
		if goesOn && int(mv.t) != last {
			pre++
		}
		if n.viol != kern.NoViolation {
			e.found.schedules++
			e.bad(n.viol, sw, steps+n.steps, pre)
			if e.clocks && n.viol != kern.DataRace && !e.found.adjacent {
				e.found.adjacent = e.conflicts(depth, mv)
			}
			continue
		}
		e.visit(depth+1, int(mv.t), sw, steps+n.steps, pre)
	}
}

// conflicts tells whether a move has a word in common with another thread's of the same state, so that the two race.
func (e *bruteEnumeration) conflicts(depth int, mv bruteMove) bool {
	accesses := func(mv bruteMove) []bruteAccess {
		m := e.levels[depth].m
		r := &bruteRun{bruteWorld: e.bruteWorld, m: &m, noting: true}
		r.take(mv, e.whole)
		return r.accesses
	}
	mine := accesses(mv)
	others := e.levels[depth].moves
	for _, u := range e.under[mv.t] { // it interrupts that thread, which has no move
		if e.at(depth).over(u) || e.at(depth).keptOff(u) {
			continue
		}
		if th := e.levels[depth].m.threads[u]; th.bh == 0 {
			for way := range e.at(depth).ways(u, e.at(depth).next(u)) {
				others = append(others[:len(others):len(others)], bruteMove{t: uint8(u), way: uint8(way)})
			}
		}
	}
	for _, other := range others {
		if other.t == mv.t || e.cpus[other.t] == e.cpus[mv.t] && e.roles[other.t] != e.roles[mv.t] && !slices.Contains(e.under[mv.t], int(other.t)) {
			continue
		}
		for _, b := range accesses(other) {
			for _, a := range mine {
				if a.a == b.a && !(a.own && b.own && e.cpus[mv.t] == e.cpus[other.t]) && (a.write || b.write) && (a.plain || b.plain) {
					return true
				}
			}
		}
	}
	return false
}

func (e *bruteEnumeration) bad(k kern.Kind, switches, steps, preemptions int) {
	f := e.found
	f.kinds[k] = true
	if s, ok := f.nearest[k]; !ok || switches < s[0] || switches == s[0] && steps < s[1] {
		f.nearest[k] = [2]int{switches, steps}
	}
	if s := f.shortest; s[0] < 0 || switches < s[0] || switches == s[0] && steps < s[1] {
		f.shortest = [2]int{switches, steps}
	}
	if f.preemptions < 0 || preemptions < f.preemptions {
		f.preemptions = preemptions
	}
}

// moves appends all that can be done next.
func (r *bruteRun) moves(to []bruteMove, whole bool) []bruteMove {
	for _, mv := range r.candidates(nil) {
		if mv.item != 0 {
			to = append(to, mv)
			continue
		}
		if whole {
			to = append(to, r.wholeMoves(mv.t)...)
			continue
		}
		op := r.next(int(mv.t))
		if r.blocked(int(mv.t), op) {
			if r.waitsNow(int(mv.t), op) {
				to = append(to, mv)
			}
			continue
		}
		for way := range r.ways(int(mv.t), op) {
			to = append(to, bruteMove{t: mv.t, way: uint8(way)})
		}
	}
	return to
}

// wholeMoves returns the ways of a whole transition. It waits if each way leads to a lock that is held.
func (r *bruteRun) wholeMoves(t uint8) []bruteMove {
	var list []bruteMove
	moves := false
	for way, ways := 0, 1; way < ways; way++ {
		m, c := *r.m, r.c
		if c != nil {
			cc := *c
			c = &cc
		}
		try := &bruteRun{bruteWorld: r.bruteWorld, m: &m, c: c}
		how := try.transition(int(t), way)
		ways = max(ways, how.ways)
		if how.waits && ways == 1 {
			return nil
		}
		moves = moves || !how.waits
		list = append(list, bruteMove{t: t, way: uint8(way)})
	}
	if !moves {
		return nil
	}
	return list
}

// bruteWent is how a transition went: how many ways it had, and whether it came to a lock that is held.
type bruteWent struct {
	ways  int
	waits bool
}

// transition carries local primitives out and then one that is not. It has one choice at most.
func (r *bruteRun) transition(t, way int) bruteWent {
	how := bruteWent{ways: 1}
	for !r.over(t) && r.viol == kern.NoViolation {
		op := r.next(t)
		if r.blocked(t, op) {
			if r.waitsNow(t, op) {
				r.do(t, 0)
				return how
			}
			how.waits = true
			return how
		}
		ways, go1 := r.ways(t, op), 0
		if ways > 1 {
			if how.ways > 1 {
				return how
			}
			how.ways, go1 = ways, way
		}
		local := r.local(t, op)
		r.do(t, go1)
		if !local {
			for r.viol == kern.NoViolation && !r.over(t) && bruteFence(r.next(t)) {
				r.do(t, 0)
			}
			return how
		}
	}
	return how
}

// take makes a move.
func (r *bruteRun) take(mv bruteMove, whole bool) {
	t := int(mv.t)
	switch {
	case mv.item != 0:
		r.begin(t, int(mv.item)-1)
	case whole:
		r.transition(t, int(mv.way))
	default:
		r.do(t, int(mv.way))
	}
	if whole {
		return
	}
	// Nobody else touches the word where a task tells what it saw. Its end, behind that, is nothing to see if it has left nothing.
	for r.viol == kern.NoViolation && !r.over(t) && r.roles[t] == bruteTask && r.balanced(&r.m.threads[t]) {
		if i := r.code(t)[r.m.threads[t].pc]; i.kind != kern.OpStore || i.x != tellWord {
			return
		}
		r.do(t, 0)
	}
}
