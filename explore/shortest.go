package explore

import (
	"slices"
	"time"

	"ptsim/kern"
)

// Shortest finds, of all schedules that break a model, one with the fewest switches and of those one with the fewest
// steps. A switch is a change of CPU between two consecutive steps, or of the task on one.
//
// It is Dijkstra's algorithm over (state, CPU that moved last). A state is reached again by doing its path once more from
// the start, so that only the paths are kept. The search folds steps, which never costs a switch: what moves right can be
// done when its thread is on the CPU again. If that was cheap (cheapSearch), a second search, with every primitive a step of
// its own, looks for a schedule with fewer steps, and then both figures are the least there are. Without it the switches are,
// but for a deadlock: its threads stand where a folded step would begin that ends at a lock, and what they could do before the
// lock is neither done nor counted. kind is the kind of violation to look for, kern.NoViolation for any.
func Shortest(m *Model, opt Options, kind kern.Kind) (Result, error) {
	return restarting(m, opt, "shortest to "+kind.String(), func(x *system) (Result, error) { return shortest(x, kind) })
}

// cheapSearch is how many states a folded search may have met for a search by single steps to follow.
const cheapSearch = 20_000

// dijkstra is a search for the shortest schedule under way.
type dijkstra struct {
	x       *system
	s       *state
	seen    *distances
	whole   *distances // by which a state was expanded whole, by its fingerprint without the thread that moved last
	entries entries
	queue   [][][]int32 // by switches, by steps
	queued  uint64      // bytes that the queue takes
	waiting int         // entries in it that have not been come to
	moves   uint64
	states  uint64
	depth   int
	kind    kern.Kind // of violation looked for
	how     int
	path    []trans // that the state is at the end of
	marks   []int   // before each of its transitions
	ahead   []trans
	base    int    // the mark that the search begins at
	inOrder uint64 // states up to which every path waits for its turn
	limit   uint64 // states after which it gives up; 0: none
	// where it is in the queue
	at       queuePlace
	expanded int
	peak     uint64 // bytes
	pace     pace

	best           *found
	bestSwitches   int
	foldedSwitches int // those of the best by folded steps, once single ones are made
	bestSteps      int
	candidates     uint64 // how many violations were found
	other          bool   // there are violations of other kinds, which may end a folded step before one of this kind shows
	races          raceLog
	order          []trans
	chains         []chain
	left           []trans // of a state: what leads to nothing better than the best
}

// length is how long a schedule is: switches count first.
type length struct{ switches, steps int }

func (a *length) less(b *length) bool {
	return a.switches < b.switches || a.switches == b.switches && a.steps < b.steps
}

func shortest(x *system, kind kern.Kind) (r Result, err error) {
	defer catch(&err)
	d := &dijkstra{x: x, kind: kind, s: newState(x), limit: x.budget, inOrder: cheapSearch, races: raceLog{threads: x.threads}}
	if x.opt.small > 0 {
		d.inOrder = x.opt.small
	}
	if b := x.opt.Budget; b > 0 && (d.limit == 0 || b < d.limit) {
		d.limit = b
	}
	at, err := x.goOn()
	if err != nil {
		return Result{}, err
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
func (d *dijkstra) search(how int) (why string) {
	d.begin(how)
	return d.run()
}

// begin begins a search with folded or single steps.
func (d *dijkstra) begin(how int) {
	d.s.back(d.base)
	d.path, d.marks = nil, nil
	d.how, d.seen, d.whole, d.entries = how, newDistances(), newDistances(), entries{}
	d.queue, d.queued, d.waiting, d.at, d.expanded = nil, 0, 0, queuePlace{}, 0
	d.entries.add(entry{before: -1})
	d.seen.closer(0, 0)
	d.push(0, 0, 0)
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

func (d *dijkstra) untilEnd() string {
	for ; d.at.switches < len(d.queue); d.at.switches, d.at.steps = d.at.switches+1, 0 {
		for ; d.at.steps < len(d.queue[d.at.switches]); d.at.steps, d.at.n = d.at.steps+1, 0 {
			if !d.better(d.at.switches, d.at.steps) {
				return ""
			}
			bucket := &d.queue[d.at.switches][d.at.steps]
			for ; d.at.n < len(*bucket); d.at.n++ {
				if why := d.look(); why != "" {
					return why
				}
				d.waiting--
				d.expand((*bucket)[d.at.n], d.at.switches, d.at.steps)
				d.expanded++
			}
			d.queued -= uint64(cap(*bucket)) * 4
			*bucket = nil
		}
	}
	return ""
}

// look looks from time to time whether the search is to end, and is between two paths where it may be kept.
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
	d.pace.note(counts{time.Now(), d.states, d.moves, d.waiting})
	if d.x.opt.Progress != nil && d.expanded&0xfff == 0 {
		d.x.opt.Progress(d.progress())
	}
	if d.x.opt.Checkpoint.isDue() {
		d.save()
	}
	return ""
}

// cutShort tells whether a search that gave up for this reason could go on.
func (d *dijkstra) cutShort(why string) bool { return why != "" && why != tooMany }

func (d *dijkstra) progress() Progress {
	p := Progress{States: d.states, Transitions: d.moves, Depth: d.depth, Frontier: d.waiting, Bytes: d.held().total(), Elapsed: time.Since(d.x.start),
		Untried: d.at.switches, Shortest: true}
	d.pace.tell(&p)
	return p
}

// better tells whether so many switches and steps are fewer than those of the best schedule so far.
func (d *dijkstra) better(switches, steps int) bool {
	return d.best == nil || switches < d.bestSwitches || switches == d.bestSwitches && steps < d.bestSteps
}

// candidate takes a violation at the end of the path that is being expanded, and more behind it, for the best so far, if it
// is better.
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
