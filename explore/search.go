package explore

import (
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
	matched bool   // what is made from a state depends on what was made from it before; see sleep.go
	cutAt   int    // how deep it goes, 0 for all the way; see split.go
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
	cyclic  atomic.Bool // a state leads back to itself, and the search is not matched
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
	s          *state
	how        int
	path       []trans // to the first frame
	frames     []frame
	arena      []trans
	made       []made       // by the states of the frames
	races      raceLog      // what those touched
	asleep     []int32      // the transitions in made that the frames leave out
	stack      [4096]uint16 // how many frames have such a key; more than 16 bits count do not fit in memory
	child      []int32      // those that the state under way leaves out
	under      []int32      // in beneath: of the threads that the transition under way interrupts
	beneath    []beneath    // of the states of the frames
	beneathAcc []access     // what they would touch

	states, viewed, moves, depth uint64 // not yet added to the search's
	ticks                        uint64 // transitions since it looked around

	answered uint32        // how often it told its frontier
	frontier atomic.Int64  // transitions known and not yet tried
	untried  atomic.Int64  // the depth of the first state that has one
	stacks   atomic.Uint64 // bytes
}

// frame is one state on the path, with what can be done there.
type frame struct {
	next, end           int // in the arena
	mark                int
	made                int // where the transitions made from it begin
	asleep              int // where those that it leaves out begin
	beneath, beneathAcc int // where what is known of threads beneath softirqs begins
	key                 uint64
	enabled             int
	chosen              trans
}

func newSearch(x *system, now phase) *search {
	sr := &search{x: x, phase: now, threads: x.opt.Threads, budget: x.budget, kinds: map[string]int{}}
	if len(x.racy) > 0 {
		sr.views = x.newVisited(x.opt.Threads, false)
	}
	if now == small {
		sr.budget, sr.threads = smallSearch, 1
		if x.opt.small > 0 {
			sr.budget = x.opt.small
		}
	}
	// What the first few states teach decides which nodes are merged, so nothing that they could teach is left out.
	sr.wakeful = now == small || x.opt.NoSleep || x.opt.All || x.opt.NoSymmetry || x.cut.wakes(x)
	sr.cutAt = x.cut.begin()
	sr.matched = (x.cyclic || sr.threads > 1) && !sr.wakeful && sr.views == nil
	sr.seen = x.newVisited(x.opt.Threads, sr.matched)
	sr.wake = sync.NewCond(&sr.mu)
	sr.jobs = []job{{}}
	return sr
}

// close gives up the states that the search has met.
func (sr *search) close() {
	for _, v := range sr.sets() {
		v.close()
	}
}

// run searches until all is done or the search is stopped. From time to time all workers stop where they are, for the
// checkpoint to be written, and go on.
func (sr *search) run() {
	for len(sr.workers) < sr.threads {
		sr.workers = append(sr.workers, &worker{search: sr})
	}
	for _, v := range sr.sets() {
		v.room = sr.room
	}
	if sr.overBudget() { // it was interrupted right there
		return
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
		if !sr.cutShort() {
			w.checkBudget()
		}
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
		if w.x.from == nil {
			w.visit(w.s.key())
		}
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
	w.beneath, w.beneathAcc = w.beneath[:0], w.beneathAcc[:0]
	w.races.cut(0)
	w.child = w.child[:0]
	clear(w.stack[:])
	if j.stack != nil {
		w.restack(j.stack)
	} else if j.rest == nil && w.x.from != nil {
		w.follow(w.x.from)
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
