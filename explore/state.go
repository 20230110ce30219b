package explore

import (
	"sync/atomic"

	"ptsim/kern"
	weakmem "ptsim/memory"
)

const maxThreads = 21

// How many memories that are sound a state remembers: more of them as it meets more, since most searches are small.
const (
	fewChecked  = 1 << 9
	mostChecked = 1 << 13
)

// role is what kind of thread one is.
type role uint8

const (
	task role = iota
	kworker
	softirq
)

// thread is what does not change about a thread.
type thread struct {
	role  role
	cpu   int
	name  string
	class uint64 // threads of one class are interchangeable
	alike uint32 // the set of them
	first *node  // where it begins; where a server idles
	pool  int    // whose memory it allocates from
	fails bool   // its GFP_NOWAIT allocations may fail
}

// trans is one transition: a thread's step, the callback or work item that it begins if it is idle, and which way it goes
// where the step leaves a choice.
type trans struct {
	t    uint8
	item uint8 // slot + 1
	alt  uint8
}

// state is a machine in the middle of a schedule: the words of its memory, where each thread stands, what RCU waits for.
// A step changes it in place and logs what was there before, so that back can undo it. A worker of a search has one state
// and walks it up and down the tree of schedules; nothing of it is shared with other workers but what hangs off x.
//
// What two states are compared by is the sum of three things: hash (memory and lives of objects), sum (prints of threads),
// and the two sets queued and work; see key in fingerprint.go. A field that later steps depend on, and that is in none of
// these, would make two different states one and a search wrong. The comments below say for each field where it is counted.
type state struct {
	x    *system       // the model and the options; shared by all states of a search, and what it learns is under locks
	inst *Instance     // the model's own view: its checks, its names
	m    *kern.Machine // the words of memory. Only exec writes them, and logs each write by changed
	env  environment   // where objects, caches and frames are; fixed once the model is built

	// at is where each thread stands. With NoMerge off it may be a representative of the thread's own node, from which the
	// thread goes on in the same way; then it is one of the nodes that [automaton].merge has put into one class. In prints.
	at [maxThreads]*node

	// wait has a bit for each queued callback that thread t must leave its reader for. It is a subset of queued, and it is 0
	// for a thread that is no reader: tryWay clears it when a reader is left. In prints.
	wait [maxThreads]uint64

	queued uint64 // rcu_heads that are queued, by slot: a callback leaves when it begins. In key
	work   uint64 // work items that are pending, by slot. In key

	// alone and shared have a bit for each lock (by its slot in automaton.lockWords) that thread t holds. A lock is in alone of
	// at most one thread, and then in shared of none. The lock's word in memory says only that it is held. These say which
	// thread holds it; deadlocks, violations and the view of a thread name that one. In prints.
	alone  [maxThreads]uint64
	shared [maxThreads]uint64

	by [maxSlots]uint8 // with SoftirqsOnCPU: the CPU whose queue a callback is in. Counted with queued; of use while it is set there

	waits [maxThreads][waitKinds]uint64 // who waits for thread t in synchronize_rcu and the like: see graces.go. In rare
	rare  [maxThreads]uint64            // a fingerprint of waits[t], and of t's bit in begun; 0 for nearly all. In prints
	begun uint32                        // threads that have begun to wait where others of their CPU can tell: see share.go. In rare

	// prints and sum are computed lazily. A step that changes a field marked "In prints" sets the thread's bit in stale, and print
	// computes those prints again before the state is looked up. The sum does not depend on the order of the threads of a class:
	// this is the symmetry reduction.
	prints [maxThreads]uint64
	sum    uint64 // of all prints
	stale  uint32 // threads whose prints are out of date

	uses   wordUses  // what was seen done to each word on all paths: which words may race, see uses.go. Never undone: it only grows
	spots  []spot    // by word: who depends on it, for sleep sets; see depend.go
	queues *queues   // stores on their way to memory, under total store order; else nil. In key
	weak   *weak     // histories of words, under the kernel's model; nil under sequential consistency. In key
	views  *views    // what threads know of accesses to the words that may race; nil if there are none. In fullKey
	raced  kern.Addr // the word for which the step under way races; 0 if it does not. back clears it

	init  []uint32 // memory as it was at first. hash is relative to it, so that words that were never written cost nothing
	life  []uint8  // by object: unborn, live, freed, ... In hash
	inUse []uint64 // the frames that are live, by their place in env.pages; follows from life
	hash  uint64   // of memory and lives, relative to the first state. changed and setLife keep it up to date

	checked []uint64 // a cache: hashes of memory that Check found to be sound lately. Check depends on memory alone
	checks  int      // entries made since checked grew

	log []undo // what back undoes, oldest first. A mark is its length

	entries [2][maxSlots]entryPoint // a cache: where the function of each callback and work item begins

	real *realCode // in Replay and Stepper: the model's code itself, a coroutine a thread, run beside the automaton; else nil

	below   bool // the step under way is one of a thread that is interrupted: see interrupts.go
	peeking bool // outcome.seen is kept

	outcome
}

// outcome is what the last call of tryWay came to. The next one begins by clearing it, so whoever needs it takes it before.
// It is no part of the state: it is neither logged nor counted.
type outcome struct {
	viol *kern.Violation // what the step ran into, if it is broken
	bad  bool            // viol comes out of code that ran elsewhere, in the automaton: it has no trace

	acc  []access  // the words that the step touched, in order: what races are judged by
	dep  deps      // the same as a set, with what it touched besides words: what independence is judged by
	alts uint32    // how many ways there were to go; 1 without a choice
	ops  int       // primitives in the step, local ones not counted
	took kern.Addr // the lock that it took, 0 if none; with sharedHold as a reader
	last kern.Op   // the last primitive that was not local
	seen []*node   // with peeking: the nodes that the step went by, the one that blocked it last
}

// entryPoint is where a callback's or work item's function begins.
type entryPoint struct {
	fn  kern.Func
	n   *node
	bad *kern.Violation // what the function itself reports before its first primitive
}

// status is how a step went.
type status uint8

const (
	moved status = iota
	blocked
	broken
	parked // within take alone
)

func newState(x *system) *state {
	s := &state{x: x}
	s.inst, s.env = build(x)
	s.m = s.inst.M
	x.mu.Lock()
	if x.words.of == nil {
		x.words.of = make([]atomic.Uint32, s.env.words)
		x.objects.of = make([]atomic.Uint32, len(s.env.objects))
	}
	x.states = append(x.states, s)
	x.mu.Unlock()
	s.m.WarningsAreViolations()
	s.m.OnReport(func(v *kern.Violation) {
		if s.viol == nil {
			s.viol = v
		}
	})
	s.inst.Alive = func(a kern.Addr) bool {
		o := s.env.object(a)
		return o == 0 || s.life[o] == live || s.life[o] == unwritten || s.life[o] == idleTypesafe || s.life[o] == idleAgain
	}
	s.inst.Frames = func(f func(p kern.PFN)) {
		for i, word := range s.inUse {
			for ; word != 0; word &= word - 1 {
				f(s.env.pages[i*64+lowest(word)])
			}
		}
	}
	s.inst.Objects = func(f func(cache string, a kern.Addr)) {
		for o := range s.env.objects {
			if ob := &s.env.objects[o]; s.used(uint32(o)) && ob.cache >= 0 {
				f(s.env.caches[ob.cache].name, ob.base)
			}
		}
	}
	s.inst.ObjectAt = func(a kern.Addr) (cache int, base kern.Addr, ok bool) {
		ob := &s.env.objects[s.env.object(a)]
		return ob.cache, ob.base, ob.cache >= 0
	}
	s.checked = make([]uint64, fewChecked)
	s.life = append([]uint8(nil), s.env.life...)
	s.inUse = make([]uint64, len(s.env.pages)/64+1)
	for o := range s.life {
		s.noteUse(uint32(o))
	}
	s.init = make([]uint32, s.env.words)
	for a := range s.init {
		s.init[a] = s.m.Peek(kern.Addr(a))
	}
	for i := range x.threads {
		s.at[i] = x.threads[i].first
	}
	s.stale = 1<<len(x.threads) - 1
	s.uses = newWordUses(s.env.words)
	s.spots = make([]spot, s.env.words)
	s.track(x.racy)
	switch {
	case x.opt.Model == weakmem.TSO:
		s.queues = &queues{s: s}
	case x.weak != nil:
		s.weak = newWeak(s)
	}
	return s
}

// track has the state keep views for these words. It is at its first state.
func (s *state) track(words []kern.Addr) {
	s.views = nil
	if len(words) > 0 {
		s.views = newViews(words, s.env.words, len(s.env.objects))
	}
}

// held tells whether anybody holds a lock.
func (s *state) held(slot int) bool {
	for t := range s.x.threads {
		if (s.alone[t]|s.shared[t])>>slot&1 != 0 {
			return true
		}
	}
	return false
}
