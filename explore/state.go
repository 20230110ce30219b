package explore

import (
	"math/bits"
	"sync/atomic"

	"ptsim/kern"
)

const maxThreads = 21

// checkedMemories is how many memories that are sound a state remembers.
const checkedMemories = 1 << 13

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

	uses  wordUses  // what was done to each word
	spots []spot    // by word; see depend.go
	views *views    // for the words that may race; nil if there are none
	raced kern.Addr // the word for which the step under way races

	init  []uint32 // memory as it was at first
	life  []uint8  // by object
	inUse []uint64 // the page frames that are live, by their place in env.pages
	hash  uint64   // of memory and lives, relative to the first state

	checked [checkedMemories]uint64 // hashes of memory that is sound, lately met

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

// undo is one thing to take back.
type undo struct {
	what uint8
	i    uint32
	v    uint64
	n    *node
}

const (
	undoWord uint8 = iota
	undoLife
	undoNode
	undoWait
	undoQueued
	undoWork
	undoBy
	undoAlone
	undoShared
	undoView
	undoSync
	undoWaits
	undoBegun
)

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
	return s
}

// track has the state keep views for these words. It is at its first state.
func (s *state) track(words []kern.Addr) {
	s.views = nil
	if len(words) > 0 {
		s.views = newViews(words, s.env.words, len(s.env.objects))
	}
}

// mark is a point to come back to.
func (s *state) mark() int { return len(s.log) }

// back takes back all that was done since the mark.
func (s *state) back(mark int) {
	for len(s.log) > mark {
		u := &s.log[len(s.log)-1]
		switch u.what {
		case undoWord:
			s.m.Poke(kern.Addr(u.i), uint32(u.v))
		case undoLife:
			s.life[u.i] = uint8(u.v)
			s.noteUse(u.i)
		case undoNode:
			s.at[u.i] = u.n
			s.stale |= 1 << u.i
			s.hash = u.v
		case undoWait:
			s.wait[u.i] = u.v
			s.stale |= 1 << u.i
		case undoQueued:
			s.queued = u.v
		case undoWork:
			s.work = u.v
		case undoBy:
			s.by[u.i] = uint8(u.v)
		case undoAlone:
			s.alone[u.i] = u.v
			s.stale |= 1 << u.i
		case undoShared:
			s.shared[u.i] = u.v
			s.stale |= 1 << u.i
		case undoView:
			s.views.put(int(u.i), u.v)
		case undoWaits:
			s.putWaits(int(u.i)/waitKinds, int(u.i)%waitKinds, u.v)
		case undoBegun:
			s.begun = uint32(u.v)
			s.rare[u.i] ^= begunHash
			s.stale |= 1 << u.i
		case undoSync:
			s.views.unsync(kern.Addr(u.i))
		}
		s.log = s.log[:len(s.log)-1]
	}
	s.viol, s.bad, s.raced = nil, false, 0
}

// changed notes that the word at a was old and is something else now.
func (s *state) changed(a kern.Addr, old uint32) {
	now := s.m.Peek(a)
	if now == old {
		return
	}
	s.log = append(s.log, undo{what: undoWord, i: uint32(a), v: uint64(old)})
	s.hash ^= s.zobrist(a, old) ^ s.zobrist(a, now)
}

func (s *state) setLife(o uint32, l uint8) {
	s.dep.life(uint32(s.x.objects.get(o)))
	s.log = append(s.log, undo{what: undoLife, i: o, v: uint64(s.life[o])})
	s.hash ^= lifeHash(o, s.life[o]) ^ lifeHash(o, l)
	s.life[o] = l
	s.noteUse(o)
}

// noteUse keeps track of whether an object is a page frame that is in use.
func (s *state) noteUse(o uint32) {
	p := s.env.objects[o].page - 1
	if p < 0 {
		return
	}
	if s.life[o] == live {
		s.inUse[p/64] |= 1 << (p % 64)
	} else {
		s.inUse[p/64] &^= 1 << (p % 64)
	}
}

func (s *state) setQueued(v uint64) {
	s.log = append(s.log, undo{what: undoQueued, v: s.queued})
	s.queued = v
}

func (s *state) setWork(v uint64) {
	s.log = append(s.log, undo{what: undoWork, v: s.work})
	s.work = v
}

func (s *state) setWait(t int, v uint64) {
	if s.wait[t] != v {
		s.log = append(s.log, undo{what: undoWait, i: uint32(t), v: s.wait[t]})
		s.wait[t] = v
		s.stale |= 1 << t
	}
}

// noteLock keeps track of which locks each thread holds. A spin lock's word names its owner; a semaphore's word says only that
// it is held. Where a thread stands in the code does not tell either: it may have taken the lock in an earlier operation.
func (s *state) noteLock(t int, p *kern.Primitive, slot uint8, result uint32) {
	bit := uint64(1) << slot
	takes := p.Waits
	if result != 0 {
		takes |= p.Tries // no primitive does both
	}
	switch {
	case takes.Shared():
		s.setShared(t, s.shared[t]|bit)
	case takes != kern.NoLock:
		s.setAlone(t, s.alone[t]|bit)
	case p.Gives.Shared():
		s.setShared(t, s.shared[t]&^bit)
	case p.Gives != kern.NoLock:
		s.setAlone(t, s.alone[t]&^bit)
	}
}

func (s *state) setAlone(t int, v uint64) {
	if s.alone[t] != v {
		s.log = append(s.log, undo{what: undoAlone, i: uint32(t), v: s.alone[t]})
		s.alone[t] = v
		s.stale |= 1 << t
	}
}

func (s *state) setShared(t int, v uint64) {
	if s.shared[t] != v {
		s.log = append(s.log, undo{what: undoShared, i: uint32(t), v: s.shared[t]})
		s.shared[t] = v
		s.stale |= 1 << t
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

func mix(x uint64) uint64 {
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	return x ^ x>>32
}

// zobrist is the part of a word in the hash of a state, after Zobrist: the hash is the xor of all parts, so a change of one
// word costs two calls. A word with its first value has part 0. A held spin lock has one part whoever owns it: the owner is in
// the threads' hashes, where interchangeable servers count as one.
func (s *state) zobrist(a kern.Addr, v uint32) uint64 {
	if int(a) < len(s.init) && s.init[a] == v {
		return 0
	}
	if kern.IsLockOwner(v) {
		v = kern.AnyLockOwner
	}
	return mix(uint64(a)<<32 | uint64(v))
}

func lifeHash(o uint32, l uint8) uint64 { return mix(1<<63 | uint64(o)<<8 | uint64(l)) }

// key is the fingerprint of the state: of its memory, of the life of each object, of where each thread stands with the locks
// that it holds and the callbacks that wait for it, and of what is queued. Threads of one class are summed up, so that states
// which differ only in which of them does what have the same.
func (s *state) key() uint64 {
	s.refresh()
	sum := s.hash + s.sum + mix(s.queued^0x5851f42d4c957f2d) + mix(s.work^0x14057b7ef767814f)
	if s.x.opt.Softirqs == SoftirqsOnCPU {
		for q := s.queued; q != 0; q &= q - 1 {
			h := lowest(q)
			sum += mix(3<<61 | uint64(h)<<8 | uint64(s.by[h]))
		}
	}
	return mix(sum)
}

// fullKey is the fingerprint of the state with its views.
func (s *state) fullKey() uint64 {
	if s.views == nil {
		return s.key()
	}
	return mix(s.key() ^ s.viewHash())
}

// print is the fingerprint of where a thread stands, with what it holds and who waits for it. A step changes that of few
// threads, so each state keeps all of them, and works out anew those that are stale.
func (s *state) print(t int) uint64 {
	return mix(s.x.threads[t].class ^ uint64(s.at[t].id)<<8 ^ s.wait[t]*0x9e3779b97f4a7c15 ^
		s.alone[t]*0xc2b2ae3d27d4eb4f ^ s.shared[t]*0x165667b19e3779f9 ^ s.rare[t])
}

// refresh brings the prints of all threads up to date.
func (s *state) refresh() {
	for d := s.stale; d != 0; d &= d - 1 {
		t := bits.TrailingZeros32(d)
		now := s.print(t)
		s.sum += now - s.prints[t]
		s.prints[t] = now
	}
	s.stale = 0
}

// waiting returns the callbacks that some reader keeps from running.
func (s *state) waiting() uint64 {
	w := uint64(0)
	for i := range s.x.threads {
		w |= s.wait[i]
	}
	return w
}

// ready returns what a thread could begin that has nothing to do: an idle softirq CPU or kworker.
func (s *state) ready(t int) uint64 {
	th := &s.x.threads[t]
	switch {
	case th.role == kworker:
		return s.startable()
	case th.role == task || s.queued == 0:
		return 0
	}
	q := s.queued &^ s.waiting()
	if s.x.opt.Softirqs != SoftirqsOnCPU || q == 0 {
		return q
	}
	for _, under := range s.x.underneath[t] {
		if s.bhOff(under) {
			return 0
		}
	}
	for r := q; r != 0; r &= r - 1 {
		if h := lowest(r); int(s.by[h]) != th.cpu {
			q &^= 1 << h
		}
	}
	return q
}

// startable returns the pending work items that a kworker may begin: those that none runs.
func (s *state) startable() uint64 {
	w := s.work
	if s.x.opt.Workers == 1 {
		return w
	}
	for r := w; r != 0; r &= r - 1 {
		if s.runs(s.x.auto.slots[1].addrs[lowest(r)]) >= 0 {
			w &^= 1 << lowest(r)
		}
	}
	return w
}

// candidates appends the transitions that may be possible, each with its first way to go. Of softirq CPUs that stand at the
// same place one is enough.
func (s *state) candidates(to []trans) []trans {
	s.refresh()
	for t := range s.x.threads {
		if !s.at[t].over() {
			if !s.twin(t) && !s.interrupted(t) && (!s.x.shares || s.keeper(t) < 0) {
				to = append(to, trans{t: uint8(t)})
			}
			continue
		}
		r := s.ready(t)
		if r == 0 || s.twin(t) || s.interrupted(t) {
			continue
		}
		for ; r != 0; r &= r - 1 {
			to = append(to, trans{t: uint8(t), item: uint8(lowest(r)) + 1})
		}
	}
	return to
}

// interrupted tells whether a softirq is running on top of the thread.
func (s *state) interrupted(t int) bool {
	over := s.x.ontop[t]
	return over >= 0 && !s.at[over].over()
}

// onTop tells whether a thread is a softirq on top of one that is in the middle of something.
func (s *state) onTop(t int) bool {
	for _, under := range s.x.underneath[t] {
		if !s.at[under].over() {
			return true
		}
	}
	return false
}

// twin tells whether an earlier thread of the same class stands where t does, and holds the same. The prints are up to date.
func (s *state) twin(t int) bool {
	if s.x.unique>>t&1 != 0 {
		return false
	}
	for u := s.x.firstOf[t]; u < t; u++ {
		if s.prints[u] == s.prints[t] && !isGrace(s.at[t].op.Kind) && (s.views == nil || s.views.alike(t, u) && s.unlocksAlike(t, u)) {
			return true
		}
	}
	return false
}

// quiet tells whether there is nothing left to do.
func (s *state) quiet() bool {
	for t := range s.x.threads {
		if !s.at[t].over() {
			return false
		}
	}
	return s.queued == 0 && s.work == 0
}
