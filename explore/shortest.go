package explore

import (
	"slices"
	"time"

	"ptsim/kern"
)

// Shortest finds, of all schedules that break a model, one with the fewest switches and of those one with the fewest
// steps; under a weak memory model, with the fewest stale reads before that. A switch is a change of CPU between two consecutive steps,
// or of the task on one.
//
// It is Dijkstra's algorithm over (state, CPU that moved last). A state is reached again by doing its path once more from
// the start, so that only the paths are kept. The search folds steps, which never costs a switch: what moves right can be
// done when its thread is on the CPU again. If that was cheap (cheapSearch), a second search, with every primitive a step of
// its own, looks for a schedule with fewer steps, and then both figures are the least there are. Without it the switches are,
// but for a deadlock: its threads stand where a folded step would begin that ends at a lock, and what they could do before the
// lock is neither done nor counted. kind is the kind of violation to look for, kern.NoViolation for any.
//
// The order of lengths is lexicographic, and a transition never makes one shorter, so Dijkstra's algorithm
// applies with a bucket for each length. It knows what it has reached by the state and the thread that
// moved last: that thread decides whether the next transition is a switch. Views, if there are any, are
// part of the state.
//
// Nothing sleeps here. A transition that a sleep set leaves out is made in another order, by a path that
// may have more switches.
func Shortest(m *Model, opt Options, kind kern.Kind) (Result, error) {
	return restarting(m, opt, "shortest to "+kind.String(), func(x *system) (Result, error) { return shortest(x, kind) })
}

// cheapSearch is how many states a folded search may have met for a search by single steps to follow.
//
// A stepwise search takes many more transitions, and gives a schedule that is shorter by a
// few steps, with the same number of switches.
const cheapSearch = 20_000

// dijkstra is a search for the shortest schedule under way.
//
// It has one state, which goes from the end of one path to the end of the next (goTo), and runs on one
// thread.
type dijkstra struct {
	x *system
	s *state
	// seen has, for each state with the thread that moved last, the shortest length by which it was
	// reached, and whether it was expanded by that length.
	seen *distances
	// whole has, for each state whoever moved last, the length by which all its transitions were taken. If
	// the state comes up again with another thread that moved last, the transitions that are switches then
	// need not be taken again; see successors.
	whole *distances
	// entries are the paths that were found worth keeping, as a tree: each knows the one before it.
	entries entries
	// queue has the entries that are still to be expanded. Those that were reached by a shorter path meanwhile
	// stay in it, and expand skips them.
	queue  queue
	moves  uint64
	states uint64
	depth  int
	kind   kern.Kind // of violation looked for
	// how is folded in the first search and stepwise in the second.
	how int
	// path and marks say where the state stands: at the end of path, and marks[i] is the log's length
	// before transition i.
	path  []trans
	marks []int // before each of its transitions
	ahead []trans
	// base is the mark that the search begins at. It is not 0 in a search from within a Stepper.
	base int
	// inOrder is the number of states up to which paths are taken in the order of their length. After it
	// they come in the order of their tree (see queue), and those that have as many switches as the best are
	// followed at once (see follow). Small searches keep the order of length, so that among equally short
	// schedules they find the one that they always found.
	inOrder  uint64
	limit    uint64 // states after which it gives up; 0: none
	expanded int
	peak     uint64 // bytes
	pace     pace

	best         *found
	bestSwitches int
	// foldedSwitches is the number of switches of the best folded schedule. The second search may have
	// raised bestSwitches for a deadlock, and puts it back if it finds nothing better.
	foldedSwitches int
	bestSteps      int
	candidates     uint64 // how many violations were found
	// other says that a violation of another kind was met. It ends its path, and by single steps a
	// violation of the wanted kind may come before it.
	other  bool
	races  raceLog
	order  []trans
	chains []pathEnd
	// left has the transitions of the state under way that were not taken since they cannot lead to
	// anything better than the best. They still count when the question is whether the state is an end.
	left []trans
}

// length is how long a schedule is: switches count first.
type length struct{ switches, steps int }

// The order is total, and adding a transition to both sides keeps it: so the first time that a state comes
// to the front of the queue, no shorter path to it exists.
func (a *length) less(b *length) bool {
	return a.switches < b.switches || a.switches == b.switches && a.steps < b.steps
}

func shortest(x *system, kind kern.Kind) (r Result, err error) {
	defer catch(&err)
	at, err := x.goOn()
	if err != nil {
		return Result{}, err
	}
	if at == nil {
		x.foresees()
	}
	d := &dijkstra{x: x, kind: kind, s: newState(x), limit: x.budget, inOrder: cheapSearch, races: raceLog{threads: x.threads}}
	if x.opt.small > 0 {
		d.inOrder = x.opt.small
	}
	if b := x.opt.Budget; b > 0 && (d.limit == 0 || b < d.limit) {
		d.limit = b
	}
	d.begin(folded)
	if err := d.goOn(at); err != nil {
		return Result{}, err
	}
	why := ""
	if d.how == folded {
		why = d.run()
	}
	if d.how == stepwise || why == "" && (d.best != nil || d.other) && d.states <= cheapSearch && !x.opt.Plain {
		why = d.bySingleSteps()
	}
	if why == "" && x.surprised() { // once more, by what it has learnt
		return shortest(x, kind)
	}
	r = Result{
		Verdict: Safe, States: d.states, Transitions: d.moves, Depth: d.depth, Elapsed: time.Since(x.start),
		Bytes: d.peak, Runs: x.auto.Runs, Why: why, CutShort: d.cutShort(why),
	}
	if r.CutShort {
		last := d.progress()
		r.Last = &last
	}
	switch {
	case d.best != nil:
		r.Verdict, r.Violation, r.Schedule = Violated, d.best.v, x.schedule(d.best)
		r.length = &length{d.bestSwitches, d.bestSteps}
	case why != "":
		r.Verdict = Incomplete
	}
	return r, nil
}

// bySingleSteps searches for something better than the best so far. A deadlock in which threads have right movers to make
// before they come to the lock that they wait for is none yet by single steps: to get there each may need the CPU once more.
//
// It goes on with such a search if there is one.
func (d *dijkstra) bySingleSteps() (why string) {
	if d.how == folded {
		d.foldedSwitches = d.bestSwitches
		if d.best != nil && d.best.v.Kind == kern.Deadlock {
			d.bestSwitches += len(d.x.threads)
		}
		d.begin(stepwise)
	}
	why = d.run()
	if d.best != nil && d.best.how == folded {
		d.bestSwitches = d.foldedSwitches
	}
	return why
}

// search searches with folded or single steps, for something better than the best so far.
//
// A violation that an earlier search found stays the best until this one finds a better one; its length
// bounds the search from the beginning.
func (d *dijkstra) search(how int) (why string) {
	d.begin(how)
	return d.run()
}

// begin begins a search with folded or single steps.
//
// What was found stays; what was visited does not, since folded and single steps reach different states.
func (d *dijkstra) begin(how int) {
	d.s.back(d.base)
	d.path, d.marks = nil, nil
	d.how, d.seen, d.whole, d.entries = how, newDistances(), newDistances(), entries{}
	d.queue, d.expanded = queue{}, 0
	d.entries.add(entry{before: -1})
	d.seen.closer(0, 0)
	d.queue.push(0, 0, 0)
}

// run takes the paths in order until none can be better than the best. It tells why it gave up, if it did.
func (d *dijkstra) run() string {
	why := d.untilEnd()
	d.peak = max(d.peak, d.held().total())
	if d.cutShort(why) {
		d.save()
	}
	return why
}

// untilEnd expands the paths of the queue until it is empty, or no number of switches to come is better than the best, or look gives
// a reason to stop. A path that has more steps than the best is left out: in the order of the tree, shorter ones may come after it.
func (d *dijkstra) untilEnd() string {
	for {
		if d.how == folded && d.states > d.inOrder {
			d.queue.followTree()
		}
		switches, steps, ok := d.queue.next()
		if !ok || !d.better(switches, 0) {
			return ""
		}
		if !d.better(switches, steps) {
			d.queue.pop()
			continue
		}
		if why := d.look(); why != "" {
			return why
		}
		d.expand(d.queue.pop(), switches, steps)
		d.expanded++
	}
}

// look looks from time to time whether the search is to end, and is between two paths where it may be kept.
//
// Between two paths the queue, the tables and the entries are consistent, and the state stands at the end
// of a path that can be found again. So a checkpoint is written here and nowhere else.
func (d *dijkstra) look() string {
	if d.limit > 0 && d.states > d.limit {
		return tooMany
	}
	if d.expanded&0xff != 0 || d.expanded == 0 {
		return ""
	}
	if d.x.opt.Context.Err() != nil {
		return interrupted
	}
	h := d.held()
	d.peak = max(d.peak, h.total())
	if limit := d.x.opt.Memory; limit > 0 && h.total()+d.seen.growth()+d.whole.growth() > limit {
		return h.shortage(limit)
	}
	d.pace.note(counts{time.Now(), d.states, d.moves, d.queue.waiting})
	if d.x.opt.Progress != nil && d.expanded&0xfff == 0 {
		d.x.opt.Progress(d.progress())
	}
	if d.x.opt.Checkpoint.isDue() {
		d.save()
	}
	return ""
}

// cutShort tells whether a search that gave up for this reason could go on.
//
// A search that met its budget would meet it again.
func (d *dijkstra) cutShort(why string) bool { return why != "" && why != tooMany }

func (d *dijkstra) progress() Progress {
	p := Progress{States: d.states, Transitions: d.moves, Depth: d.depth, Frontier: d.queue.waiting, Bytes: d.held().total(), Elapsed: time.Since(d.x.start),
		Untried: d.queue.switches, Shortest: true}
	d.pace.tell(&p)
	return p
}

// better tells whether so many switches and steps are fewer than those of the best schedule so far.
func (d *dijkstra) better(switches, steps int) bool {
	return d.best == nil || switches < d.bestSwitches || switches == d.bestSwitches && steps < d.bestSteps
}

// candidate takes a violation at the end of the path that is being expanded, and more behind it, for the best so far, if it
// is better.
//
// A violation of another kind than the wanted one ends its path all the same: behind it the kernel's state
// means nothing.
func (d *dijkstra) candidate(f *found, switches, steps int, more ...trans) {
	d.candidates++
	if d.kind != kern.NoViolation && f.v.Kind != d.kind {
		d.other = true
		return
	}
	if !d.better(switches, steps) {
		return
	}
	f.how = d.how
	f.path = slices.Concat(d.path, f.path, more)
	d.best, d.bestSwitches, d.bestSteps = f, switches, steps
}
