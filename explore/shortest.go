package explore

import (
	"slices"
	"time"

	"ptsim/kern"
)

// Shortest finds, of all schedules that break a model, one with the fewest switches and of those one with the fewest
// steps. A switch is a change of CPU between two consecutive steps.
//
// It is Dijkstra's algorithm over (state, CPU that moved last). A state is reached again by doing its path once more from
// the start, so that only the paths are kept. The search folds steps, which never costs a switch: what moves right can be
// done when its thread is on the CPU again. If that was cheap (cheapSearch), a second search, with every primitive a step of
// its own, looks for a schedule with fewer steps, and then both figures are the least there are. Without it the switches are,
// but for a deadlock: its threads stand where a folded step would begin that ends at a lock, and what they could do before the
// lock is neither done nor counted. kind is the kind of violation to look for, kern.NoViolation for any.
func Shortest(m *Model, opt Options, kind kern.Kind) (Result, error) {
	return restarting(m, opt, func(x *system) (Result, error) { return shortest(x, kind) })
}

// cheapSearch is how many states a folded search may have met for a search by single steps to follow.
const cheapSearch = 20_000

// entry is a path: its last transition, and the entry of the path before it.
type entry struct {
	key    uint64 // of the state that it leads to, with the thread that moved last
	before int32
	tr     trans
}

// dijkstra is a search for the shortest schedule under way.
type dijkstra struct {
	x       *system
	s       *state
	seen    *distances
	entries []entry
	queue   [][][]int32 // by switches, by steps
	moves   uint64
	states  uint64
	depth   int
	kind    kern.Kind // of violation looked for
	how     int
	path    []trans // that the state is at the end of
	marks   []int   // before each of its transitions
	ahead   []trans
	base    int    // the mark that the search begins at
	limit   uint64 // states after which it gives up; 0: none

	best         *found
	bestSwitches int
	bestSteps    int
	races        raceLog
	order        []trans
}

// length is how long a schedule is: switches count first.
type length struct{ switches, steps int }

func (a *length) less(b *length) bool {
	return a.switches < b.switches || a.switches == b.switches && a.steps < b.steps
}

func shortest(x *system, kind kern.Kind) (r Result, err error) {
	start := time.Now()
	defer catch(&err)
	d := &dijkstra{x: x, kind: kind, s: newState(x), limit: x.budget, races: raceLog{threads: x.threads}}
	why := d.search(folded, start)
	if why == "" && d.best != nil && d.states <= cheapSearch && !x.opt.Plain {
		d.bySingleSteps(start)
	}
	r = Result{
		Verdict: Safe, States: d.states, Transitions: d.moves, Depth: d.depth, Elapsed: time.Since(start),
		Bytes: d.bytes(), Runs: x.auto.Runs,
	}
	switch {
	case d.best != nil:
		r.Verdict, r.Violation, r.Schedule = Violated, d.best.v, x.schedule(d.best)
		r.length = &length{d.bestSwitches, d.bestSteps}
	case why != "":
		r.Verdict, r.Why = Incomplete, why
	}
	return r, nil
}

// bySingleSteps searches for something better than the best so far. A deadlock in which threads have right movers to make
// before they come to the lock that they wait for is none yet by single steps: to get there each may need the CPU once more.
func (d *dijkstra) bySingleSteps(start time.Time) {
	best, switches := d.best, d.bestSwitches
	if best.v.Kind == kern.Deadlock {
		d.bestSwitches += len(d.x.threads)
	}
	if d.search(stepwise, start); d.best == best {
		d.bestSwitches = switches
	}
}

// search searches with folded or single steps, for something better than the best so far.
func (d *dijkstra) search(how int, start time.Time) (why string) {
	d.s.back(d.base)
	d.path, d.marks = nil, nil
	d.how, d.seen, d.entries, d.queue = how, newDistances(), []entry{{before: -1}}, nil
	d.seen.closer(0, 0)
	d.push(0, 0, 0)
	return d.run(start)
}

func (d *dijkstra) bytes() uint64 {
	return uint64(d.seen.bytes()) + uint64(cap(d.entries))*16 + uint64(len(d.entries))*4
}

// run takes the paths in order until none can be better than the best. It tells why it gave up, if it did.
func (d *dijkstra) run(start time.Time) string {
	expanded := 0
	for switches := 0; switches < len(d.queue); switches++ {
		for steps := 0; steps < len(d.queue[switches]); steps++ {
			if !d.better(switches, steps) {
				return ""
			}
			for i := 0; i < len(d.queue[switches][steps]); i++ {
				d.expand(d.queue[switches][steps][i], switches, steps)
				if d.limit > 0 && d.states > d.limit {
					return tooMany
				}
				if expanded++; expanded&0xff != 0 {
					continue
				}
				if d.x.opt.Context.Err() != nil {
					return "it was interrupted"
				}
				if d.x.opt.Memory > 0 && d.bytes() > d.x.opt.Memory {
					return "the memory limit was reached"
				}
				if d.x.opt.Progress != nil && expanded&0xfff == 0 {
					d.x.opt.Progress(Progress{d.states, d.moves, d.depth, len(d.entries) - int(d.states), d.bytes(), time.Since(start)})
				}
			}
			d.queue[switches][steps] = nil
		}
	}
	return ""
}

func (d *dijkstra) push(e int32, switches, steps int) {
	for len(d.queue) <= switches {
		d.queue = append(d.queue, nil)
	}
	for len(d.queue[switches]) <= steps {
		d.queue[switches] = append(d.queue[switches], nil)
	}
	d.queue[switches][steps] = append(d.queue[switches][steps], e)
}

// expand goes to the end of a path and takes every step that is possible there. Then it follows the thread that moved last,
// which costs no way back, as long as that leads to where nobody was by fewer steps.
func (d *dijkstra) expand(e int32, switches, steps int) {
	if !d.seen.expand(d.entries[e].key, distance(switches, steps)) {
		return
	}
	d.goTo(e)
	for {
		next, at := d.successors(e, switches, steps)
		if next < 0 || !d.seen.expand(d.entries[next].key, distance(switches, at)) {
			return
		}
		d.advance(d.entries[next].tr)
		e, steps = next, at
	}
}

// successors takes every step that is possible in the state at the end of e. It returns the first entry that it made for the
// CPU that moved last, which is in no queue, or -1.
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
	d.races.cut(0)
	d.order = d.sameServer(s.candidates(d.order[:0]), last)
	for i := 0; i < len(d.order); i++ {
		tr := d.order[i]
		sw := switches
		if last >= 0 && d.x.threads[last].cpu != d.x.threads[tr.t].cpu {
			sw++
		}
		st := s.take(tr, d.how)
		ops := steps + s.ops
		if tr.item > 0 {
			ops++
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
			key := mix(s.fullKey() ^ s.threadHash(int(tr.t)))
			if !d.better(sw, ops) || !d.seen.closer(key, distance(sw, ops)) {
				break
			}
			if !s.sound() {
				d.candidate(&found{v: s.viol}, sw, ops, tr)
				break
			}
			d.entries = append(d.entries, entry{key, e, tr})
			if made := int32(len(d.entries) - 1); sw == switches && next < 0 && last >= 0 {
				next, at = made, ops
			} else {
				d.push(made, sw, ops)
			}
		}
		s.back(mark)
	}
	if !enabled {
		if v := s.final(); v != nil {
			d.candidate(&found{v: v}, switches, steps)
		}
	}
	return next, at
}

// switches returns how many there are on a path, and more behind it.
func (d *dijkstra) switches(n, last int, more []trans) int {
	for _, tr := range more {
		if last >= 0 && d.x.threads[last].cpu != d.x.threads[tr.t].cpu {
			n++
		}
		last = int(tr.t)
	}
	return n
}

// race returns how a transition races with an earlier one of the same state. Where states have views, those tell.
func (d *dijkstra) race(tr trans, st status) []conflict {
	if d.s.views != nil {
		return nil
	}
	return d.races.note(tr, st, d.s, 0)
}

// better tells whether so many switches and steps are fewer than those of the best schedule so far.
func (d *dijkstra) better(switches, steps int) bool {
	return d.best == nil || switches < d.bestSwitches || switches == d.bestSwitches && steps < d.bestSteps
}

// advance takes one more step along the path.
func (d *dijkstra) advance(tr trans) {
	d.path, d.marks = append(d.path, tr), append(d.marks, d.s.mark())
	if d.s.take(tr, d.how) != moved {
		panic("explore: a path does not lead where it led before")
	}
}

// goTo takes the state to the end of a path, from where it parts from the path that the state is at the end of.
func (d *dijkstra) goTo(e int32) {
	d.ahead = d.ahead[:0]
	for i := e; d.entries[i].before >= 0; i = d.entries[i].before {
		d.ahead = append(d.ahead, d.entries[i].tr)
	}
	n := len(d.ahead)
	common := 0
	for common < len(d.path) && common < n && d.path[common] == d.ahead[n-1-common] {
		common++
	}
	if common < len(d.path) {
		d.s.back(d.marks[common])
	}
	d.path, d.marks = d.path[:common], d.marks[:common]
	for _, tr := range slices.Backward(d.ahead[:n-common]) {
		d.advance(tr)
	}
}

// sameServer lets the server that moved last begin the next callback, too, where another stands for all that are idle:
// it is the one whose beginning is no switch.
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

// candidate takes a violation at the end of the path that is being expanded, and more behind it, for the best so far, if it
// is better.
func (d *dijkstra) candidate(f *found, switches, steps int, more ...trans) {
	if d.kind != kern.NoViolation && f.v.Kind != d.kind {
		return
	}
	if !d.better(switches, steps) {
		return
	}
	f.how = d.how
	f.path = slices.Concat(d.path, f.path, more)
	d.best, d.bestSwitches, d.bestSteps = f, switches, steps
}
