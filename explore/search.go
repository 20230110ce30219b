package explore

import (
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"ptsim/kern"
)

// Verdict is the outcome of a search.
type Verdict string

// The verdicts.
const (
	Safe       Verdict = "safe"       // no schedule breaks the model
	Violated   Verdict = "violated"   // one does
	Incomplete Verdict = "incomplete" // none of those that were tried does
)

// found is a schedule that ends in a violation.
type found struct {
	path []trans
	how  int // folded or stepwise
	v    *kern.Violation
	race kern.Addr // the word for which the last step of the path races with an earlier one

	adjacent bool // with the step right before it, which was possible in the same state
}

// search is an exhaustive search under way: every state that can be reached, once.
type search struct {
	x       *system
	seen    *visited
	views   *visited // states with their views, if states have any
	phase   phase
	threads int
	workers []*worker
	pace    pace
	wakeful bool   // no transition is left out
	ordered bool   // what sleeps depends on the order of transitions alone; see sleep.go
	budget  uint64 // states that may be met, 0 for any number
	onFinal func(*Instance)

	mu    sync.Mutex
	wake  *sync.Cond
	jobs  []job
	idle  int
	first *found
	kinds map[string]int // with Options.All: the violations, by what they are
	err   error

	stop    atomic.Bool
	pausing atomic.Bool // only to be written into the checkpoint
	cyclic  atomic.Bool // a state leads back to itself, which only an ordered search allows for
	full    atomic.Bool // the limit of memory was reached
	spent   atomic.Bool // the budget was
	hungry  atomic.Int32
	states  atomic.Uint64
	moves   atomic.Uint64
	viewed  atomic.Uint64
	depth   atomic.Int64
	asked   atomic.Uint32 // how often progress was asked for
}

// job is a part of a search: what is left to try after a path. All there is, if rest is nil.
type job struct {
	path  []trans
	rest  []trans
	made  []made      // the transitions that were made there before, or sleep there
	races raceLog     // what they touched
	stack *savedStack // a worker's that was in the middle of it
}

// shareEvery is how often a worker looks whether another has nothing to do: after so many transitions, and 1.
var shareEvery uint64 = 1<<12 - 1

// worker searches with a state of its own.
type worker struct {
	*search
	s      *state
	how    int
	path   []trans // to the first frame
	frames []frame
	arena  []trans
	made   []made      // by the states of the frames
	races  raceLog     // what those touched
	asleep []int32     // the transitions in made that the frames leave out
	stack  [4096]uint8 // how many frames have such a key
	child  []int32     // those that the state under way leaves out

	states, viewed, moves, depth uint64 // not yet added to the search's

	answered uint32        // how often it told its frontier
	frontier atomic.Int64  // transitions known and not yet tried
	untried  atomic.Int64  // the depth of the first state that has one
	stacks   atomic.Uint64 // bytes
}

// frame is one state on the path, with what can be done there.
type frame struct {
	next, end int // in the arena
	mark      int
	made      int // where the transitions made from it begin
	asleep    int // where those that it leaves out begin
	key       uint64
	enabled   int
	chosen    trans
}

func newSearch(x *system, now phase) *search {
	sr := &search{x: x, seen: newVisited(x.opt.Threads), phase: now, threads: x.opt.Threads, budget: x.budget, kinds: map[string]int{}}
	if len(x.racy) > 0 {
		sr.views = newVisited(x.opt.Threads)
	}
	if now == small {
		sr.budget, sr.threads = smallSearch, 1
		if x.opt.small > 0 {
			sr.budget = x.opt.small
		}
	}
	// What the first few states teach decides which nodes are merged, so nothing that they could teach is left out.
	sr.wakeful = now == small || x.opt.NoSleep || x.opt.All || x.opt.NoSymmetry
	sr.wake = sync.NewCond(&sr.mu)
	sr.jobs = []job{{}}
	return sr
}

// run searches until all is done or the search is stopped. From time to time all workers stop where they are, for the
// checkpoint to be written, and go on.
func (sr *search) run() {
	for len(sr.workers) < sr.threads {
		sr.workers = append(sr.workers, &worker{search: sr})
	}
	sr.ordered = sr.x.cyclic || sr.threads > 1
	for _, v := range sr.sets() {
		v.room = sr.room
	}
	for {
		sr.stop.Store(false)
		sr.idle = 0
		sr.round()
		pausing := sr.pausing.Swap(false)
		if !pausing || sr.err != nil || sr.first != nil && !sr.x.opt.All || sr.cutShort() || sr.spent.Load() || sr.cyclic.Load() {
			break
		}
		sr.save()
	}
	if sr.err == nil && sr.cutShort() && !sr.cyclic.Load() {
		sr.save()
	}
	for _, w := range sr.workers {
		w.flush()
	}
}

// round has the workers search until they stop.
func (sr *search) round() {
	done := make(chan struct{})
	var wg, watching sync.WaitGroup
	watching.Go(func() { sr.watch(done) })
	for _, w := range sr.workers {
		wg.Go(func() {
			if err := w.work(); err != nil {
				sr.mu.Lock()
				sr.err = err
				sr.mu.Unlock()
				sr.halt()
			}
		})
	}
	wg.Wait()
	close(done)
	watching.Wait()
}

// cutShort tells whether the search ended although there may be more to search.
func (sr *search) cutShort() bool { return sr.full.Load() || sr.x.opt.Context.Err() != nil }

// watch reports progress, and stops the search when the context ends or the checkpoint is due.
func (sr *search) watch(done chan struct{}) {
	opt := &sr.x.opt
	every := 100 * time.Millisecond
	if opt.Checkpoint != nil {
		every = min(every, max(opt.Checkpoint.every()/4, time.Millisecond))
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-opt.Context.Done():
			sr.halt()
			return
		case <-tick.C:
			sr.asked.Add(1)
			sr.pace.note(sr.counts())
			if opt.Progress != nil {
				opt.Progress(sr.progress())
			}
			if opt.Checkpoint.isDue() {
				sr.pausing.Store(true)
				sr.halt()
				return
			}
		}
	}
}

func (sr *search) halt() {
	sr.stop.Store(true)
	sr.mu.Lock()
	sr.wake.Broadcast()
	sr.mu.Unlock()
}

// work goes on where the worker stopped, and takes jobs until there are none and nobody can make any.
func (w *worker) work() (err error) {
	defer catch(&err)
	if w.s == nil {
		w.s, w.races.threads = newState(w.x), w.x.threads
		w.visit(w.s.key())
	}
	w.behind()
	for {
		j, ok := w.take()
		if !ok {
			return nil
		}
		w.do(j)
	}
}

func (sr *search) take() (job, bool) {
	sr.mu.Lock()
	defer sr.mu.Unlock()
	sr.idle++
	for {
		if sr.stop.Load() {
			return job{}, false
		}
		if n := len(sr.jobs); n > 0 {
			j := sr.jobs[n-1]
			sr.jobs = sr.jobs[:n-1]
			sr.idle--
			sr.hungry.Store(int32(sr.idle))
			return j, true
		}
		if sr.idle == sr.threads {
			sr.wake.Broadcast()
			sr.stop.Store(true)
			return job{}, false
		}
		sr.hungry.Store(int32(sr.idle))
		sr.wake.Wait()
	}
}

// do searches everything behind a job.
func (w *worker) do(j job) {
	w.s.back(0)
	w.path = j.path
	for _, tr := range j.path {
		w.again(tr)
	}
	w.arena, w.frames, w.made, w.asleep = w.arena[:0], w.frames[:0], w.made[:0], w.asleep[:0]
	w.races.cut(0)
	w.child = w.child[:0]
	clear(w.stack[:])
	if j.stack != nil {
		w.restack(j.stack)
	} else if j.rest == nil {
		w.push(trans{}, w.s.key(), 0, true)
	} else { // somebody else makes the others
		w.arena = append(w.arena, j.rest...)
		w.made = append(w.made, j.made...)
		for i := range j.made {
			w.races.take(&j.races, i)
		}
		w.frames = append(w.frames, frame{end: len(w.arena), mark: w.s.mark(), key: w.s.key(), enabled: 1})
		w.stack[w.s.key()%uint64(len(w.stack))]++
	}
	w.behind()
}

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
		if w.moves&shareEvery == shareEvery {
			w.flush()
			w.checkMemory()
			w.share()
		}
	}
}

// push makes a frame of the state, to try all of its transitions but those in skip.
func (w *worker) push(by trans, key uint64, skip uint32, isNew bool) {
	first := len(w.arena)
	w.arena = w.s.candidates(w.arena)
	if w.ordered {
		w.sort(w.arena[first:])
	}
	f := frame{next: first, mark: w.s.mark(), made: len(w.made), asleep: len(w.asleep), chosen: by, key: key}
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
		w.arena, f.enabled = w.arena[:to], 1
	}
	f.end = len(w.arena)
	w.frames = append(w.frames, f)
	w.depth = max(w.depth, uint64(len(w.path)+len(w.frames)-1))
}

// try makes one transition from the state of the top frame.
func (w *worker) try(f *frame, tr trans) {
	idle := 0
	if tr.item > 0 {
		idle = w.idle(int(tr.t))
	}
	bit := w.s.bit(tr.t, tr.item)
	st := w.s.take(tr, w.how)
	key := uint64(0)
	if st == moved {
		key = w.s.key()
		w.seen.expect(key)
	}
	if w.s.alts > 1 && tr.alt == 0 {
		at := len(w.arena)
		if w.ordered {
			at = f.next
		}
		for alt := uint8(1); uint32(alt) < w.s.alts; alt++ {
			w.arena = slices.Insert(w.arena, at, trans{tr.t, tr.item, alt})
			at++
		}
		f.end = len(w.arena)
	}
	if w.s.views == nil {
		if races := w.note(f, tr, st, bit, idle); races != nil {
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
	if st == moved {
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
	w.push(tr, key, skip, isNew)
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
	isNew, had := w.seen.visit(key, everyBit&^sleep)
	if isNew {
		w.states++
		return true, sleep, false
	}
	if !w.ordered && w.onStack(key) {
		w.cyclic.Store(true)
		w.halt()
		return false, 0, true
	}
	left := everyBit &^ sleep &^ had
	if left == 0 {
		return false, 0, true
	}
	if !w.ordered {
		return false, ^left, false
	}
	skip = sleep &^ had
	to := w.child[:0]
	for _, i := range w.child {
		if tr := w.made[i].tr; skip>>w.s.bit(tr.t, tr.item)&1 != 0 {
			to = append(to, i)
		}
	}
	w.child = to
	return false, skip | ^(1<<bits.Len32(left) - 1), false
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
	if !w.x.opt.All {
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
	if w.budget > 0 && max(w.search.states.Load(), w.search.viewed.Load()) >= w.budget {
		w.spent.Store(true)
		w.halt()
	}
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
