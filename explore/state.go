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
// A step changes it in place and notes what was there before, so that it can be taken back.
type state struct {
	x    *system
	inst *Instance
	m    *kern.Machine
	env  environment

	at     [maxThreads]*node
	wait   [maxThreads]uint64 // by thread: the callbacks that may not run before it has left its reader
	queued uint64             // rcu_heads that are queued
	work   uint64             // work items that are pending
	alone  [maxThreads]uint64 // by thread: the locks that it holds alone: spin locks, semaphores as a writer
	shared [maxThreads]uint64 // by thread: the semaphores that it holds as a reader
	by     [maxSlots]uint8    // with softirqs on the CPUs of the tasks: the CPU whose queue a callback is in

	waits [maxThreads][waitKinds]uint64 // by thread: see graces.go
	rare  [maxThreads]uint64            // by thread: a fingerprint of that, and of its bit in begun
	begun uint32                        // by thread: it has begun to wait, see share.go

	prints [maxThreads]uint64 // by thread: the fingerprint of all that; see print
	sum    uint64             // of all prints
	stale  uint32             // the threads whose prints are out of date

	uses   wordUses  // what was done to each word
	spots  []spot    // by word; see depend.go
	queues *queues   // of stores, under total store order; else nil
	weak   *weak     // histories of words; nil under sequential consistency
	views  *views    // for the words that may race; nil if there are none
	raced  kern.Addr // the word for which the step under way races

	init  []uint32 // memory as it was at first
	life  []uint8  // by object
	inUse []uint64 // the page frames that are live, by their place in env.pages
	hash  uint64   // of memory and lives, relative to the first state

	checked []uint64 // hashes of memory that is sound, lately met
	checks  int      // that were made since there were so many

	log  []undo
	viol *kern.Violation // what the step under way ran into
	bad  bool            // viol comes out of code that ran elsewhere: it has no trace

	entries [2][maxSlots]entryPoint

	real *realCode // with a trace: the code itself runs, too

	below   bool    // the step under way is one of a thread that is interrupted: see interrupts.go
	peeking bool    // seen is kept
	seen    []*node // the nodes that the step under way went by, the one that blocked it last

	acc  []access  // what the step under way touched
	dep  deps      // the same, for who asks what it depends on
	alts uint32    // how many ways there were to go
	ops  int       // primitives in the step, local ones not counted
	took kern.Addr // the lock that it took, 0 if none; with sharedHold as a reader
	last kern.Op   // the last of them
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
