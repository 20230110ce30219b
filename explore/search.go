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

// found is a schedule that ends in a violation. Its path means something only together with how: one
// folded transition stands for several primitives, which a stepwise search would name one by one.
type found struct {
	// path leads from the first state to the violation. Its last transition is the one that breaks the
	// model, so no state lies behind it, unless the state that it leads to is itself unsound or an end.
	path []trans
	// how is folded or stepwise: how take must be called to repeat the path.
	how int
	v   *kern.Violation
	// race is the word of a data race, or 0. The last step of the path makes one of the two accesses.
	race kern.Addr

	// adjacent says that the two racing accesses are the last two transitions, and that both were enabled
	// in the state before them. So either order of them is a schedule.
	adjacent bool
}

// search is an exhaustive search under way: a depth-first search that visits every reachable state once,
// by one worker or by several that share the table of visited states. Workers also share the work: one
// that has nothing to do gets a subtree of another (share, take).
//
// What is atomic may be read and written by any worker at any time. What stands behind mu is touched only
// with mu held. Everything else is fixed before the workers start.
type search struct {
	// x is the model with its options. The automata that it holds grow while workers run; they have a lock
	// of their own.
	x *system
	// seen has the fingerprint of each state that was met, without views. In a matched search it also has,
	// for each state, the set of the transitions that were made from it. Result.States is the number of
	// new entries.
	seen *visited
	// views has the fingerprints of states with their views, and is nil if states have none. Then it
	// decides whether a state is expanded, and seen only counts: two visits with different views may find
	// different races.
	views *visited
	// phase says whether nodes are merged, and what follows if the search meets more states than its
	// budget; see searchAll.
	phase   phase
	threads int
	workers []*worker
	pace    pace
	// wakeful says that no transition sleeps. It holds where a search wants all transitions: to learn
	// automata before they are merged, to count every violation (Options.All), or because the user says so
	// (NoSleep, NoSymmetry).
	wakeful bool
	// matched says that sleep sets are matched against the visited table: a state that is met again is
	// expanded by what was not made from it before. With one thread and no cycle that is never needed; see
	// the proof in sleep.go.
	matched bool
	// cutAt is the depth at which a split cuts the tree: paths of that length become parts and are not
	// followed. 0 follows all; see split.go.
	cutAt int
	// budget is how many states may be met before the search gives up, 0 for any number. It is checked
	// every shareEvery transitions, so a search may meet some more.
	budget uint64
	// onFinal is called with mu held for each final state that is no violation.
	onFinal func(*Instance)

	// mu guards wake, jobs, idle, first, kinds and err. No worker holds it while it takes a transition.
	mu   sync.Mutex
	wake *sync.Cond
	// jobs are subtrees that nobody searches yet; the last one is taken first.
	jobs []job
	// idle is the number of workers that wait for a job. If all of them do and there is no job, the search
	// is over.
	idle int
	// first is the first violation that was reported. With several threads it depends on their timing
	// which one that is; whether there is one does not.
	first *found
	kinds map[string]int // with Options.All: the violations, by what they are
	err   error

	// stop asks all workers to return from where they are. Their stacks stay, so that they can go on
	// later.
	stop    atomic.Bool
	pausing atomic.Bool // only to be written into the checkpoint
	cyclic  atomic.Bool // a state leads back to itself, and the search is not matched
	full    atomic.Bool // the limit of memory was reached
	spent   atomic.Bool // the budget was
	// hungry is a copy of idle for workers to look at without mu.
	hungry atomic.Int32
	// states, moves, viewed and depth are sums over the workers, as of their last flush.
	states atomic.Uint64
	moves  atomic.Uint64
	viewed atomic.Uint64
	depth  atomic.Int64
	asked  atomic.Uint32 // how often progress was asked for
}

// job is a subtree: the untried transitions of the state that path leads to. A nil rest means all
// transitions of that state.
type job struct {
	path []trans
	rest []trans
	// made are the transitions of that state that are not in rest: each was made by somebody else, or
	// sleeps there. They begin to sleep behind the transitions in rest, as they would have if one worker
	// had made all of them.
	made []made
	// races holds what those touched, since each transition in rest is compared with them for adjacent
	// races, too.
	races raceLog
	// stack is the whole stack of a worker that a checkpoint interrupted; then rest and made are of no
	// use.
	stack *savedStack
}

// shareEvery is how often a worker looks whether another has nothing to do: after so many transitions, and 1.
var shareEvery uint64 = 1<<12 - 1

// worker searches depth-first with a state of its own. It keeps the stack of the search in frames, and
// goes back by the state's log of changes, so that a step costs no copy of a state.
//
// Between two tries s is in the state of the top frame, and frames[i+1].chosen leads from the state of
// frames[i] to that of frames[i+1]. The slices arena, made, asleep, beneath and beneathAcc are stacks in
// parallel with frames: each frame notes where its part begins, and leave cuts them back. Only the top
// frame grows.
type worker struct {
	*search
	s *state
	// how is folded or stepwise, for all transitions of the search.
	how int
	// path leads from the first state to that of the bottom frame. It comes with the job and is never
	// backtracked.
	path   []trans
	frames []frame
	// arena has the untried transitions of all frames; those of frame f are arena[f.next:f.end].
	arena []trans
	// made has the transitions that were tried from the states of the frames, in their order. A later one
	// of the same frame may let an earlier one sleep.
	made []made
	// races has what those touched, at the same indices as made.
	races raceLog
	// asleep has the sleep sets of the frames, as indices into made: transitions that need not be made
	// from that state, since the search has been where they lead.
	asleep []int32
	// stack counts the frames by some bits of their keys. A count of 0 proves that no frame has that key,
	// so that onStack rarely looks through the frames. A stack that could overflow a count does not fit
	// into memory.
	stack [4096]uint16
	// child is the sleep set of the state that the transition under way leads to: note computes it, visit
	// wakes some of it, and push stores it.
	child []int32
	// under has the entries of beneath for the threads that the transition under way interrupts. It is
	// empty unless softirqs run on the CPUs of tasks.
	under []int32
	// beneath has what threads under softirqs would touch next, for the states of the frames; see
	// lookBeneath.
	beneath []beneath
	// beneathAcc has the accesses that beneath refers to.
	beneathAcc []access

	// states, viewed, moves and depth are counts that flush has not yet added to the search's. They are
	// kept apart so that workers do not fight for a cache line at each transition.
	states, viewed, moves, depth uint64
	// ticks counts transitions since the worker last looked whether another one is hungry.
	ticks uint64

	answered uint32        // how often it told its frontier
	frontier atomic.Int64  // transitions known and not yet tried
	untried  atomic.Int64  // the depth of the first state that has one
	stacks   atomic.Uint64 // bytes
}

// frame is one state on the stack, with what is left to do there. The integers say where its parts of the
// worker's stacks begin.
type frame struct {
	// next and end delimit its untried transitions in arena. For the top frame end is the end of the
	// arena, which addWays relies on.
	next, end int
	// mark is the length of the state's log in this state: back(mark) returns to it from any state of its
	// subtree.
	mark                int
	made                int // where the transitions made from it begin
	asleep              int // where those that it leaves out begin
	beneath, beneathAcc int // where what is known of threads beneath softirqs begins
	key                 uint64
	// enabled is not 0 if some transition of the state is possible: one was made that was not blocked, or
	// some sleep, or somebody else makes some. If it is 0 when the frame is left, the state is an end, and
	// ended judges it.
	enabled int
	// chosen is the transition that led here from the frame below.
	chosen trans
}

// It decides which reductions are sound for this search. Views need every transition, since two visits of
// a state may differ in what they order; so sleep sets are neither built nor matched with them (try).
// Several threads need matched sleep sets, and so does a state space with a cycle.
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
//
// A pause keeps every worker's stack: round starts them again, and each goes on in behind with the frames
// that it has. So how often a search pauses changes neither its states nor its transitions, if it has one
// thread.
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
//
// An error of one worker stops all of them. When it returns no worker runs, so that its caller may read
// what they own.
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

// halt asks all workers to stop, and wakes those that wait for a job so that they notice.
func (sr *search) halt() {
	sr.stop.Store(true)
	sr.mu.Lock()
	sr.wake.Broadcast()
	sr.mu.Unlock()
}

// work goes on where the worker stopped, and takes jobs until there are none and nobody can make any.
//
// The first state counts as met before anybody expands it. Each worker visits it, and only one finds it
// new.
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

// take returns a job, and waits for one while others work that may still give some away. It returns false
// when the search is over: when it was stopped, or when all workers wait here. The last one to come here
// ends the search for all, since a worker that waits creates no jobs.
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
//
// The job's path is run again from the first state: that is cheaper than to send a copy of a state, since
// jobs are few. A frame for a part of a state's transitions counts as enabled, since whoever gave the job
// away has made a transition there, or will.
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
