package explore

import (
	"errors"
	"fmt"
	"sync"

	"ptsim/kern"
	weakmem "ptsim/memory"
)

// Under a weak memory model ([Options].Model) a state also holds the histories of its words: package memory has the machine.
// kern's memory holds the newest value of each word, which is what invariants look at. A load of an older store, and a store
// into the middle of coherence order, are ways of a step, as kern.Choose and a failing allocation are: the newest is way 0.
//
// Each primitive is a step, and smp_mb is one, too. A fully ordered RMW is up to three: the barrier before it, the RMW, and
// the barrier behind it, since barriers of other CPUs may come in between. A step that is such a barrier leaves its thread
// where it is.
//
// What is newest only: locks (who takes one reads the store of who released it last), and the words that a primitive with
// several of them touches, such as a list operation. Those are plain accesses, and so are Load and Store: if one of them may
// read another than the newest store, or may go around one, that is a data race.
//
// weak_exec.go carries out primitives, weak_barrier.go barriers, weak_events.go has the rest that the machine is told.
//
// Total store order has no machine here: see store_queue.go.
//
// Not modelled, and refused: softirqs on the CPUs of tasks, tasks that share a CPU, SRCU.

// weakWords is how many words may be touched.
const (
	weakWords = 24 // at first; a search that touches more begins again with twice as many
	mostWords = 200
)

// errWeakWords says that steps touched more words than the machine has.
var errWeakWords = &ModelError{"steps touch more words than a weak memory model can keep"}

// withWords runs a search with as many words as it needs: copying those that are not needed takes time.
func withWords(opt Options, run func(Options) (Result, error)) (Result, error) {
	if err := opt.checkWeak(); err != nil {
		return Result{}, err
	}
	for opt.words = weakWords; ; opt.words = min(2*opt.words, mostWords) {
		r, err := run(opt)
		r.Model, r.LKMM = opt.Model, opt.LKMM
		if !errors.Is(err, errWeakWords) || opt.words == mostWords {
			return r, err
		}
	}
}

// weakObjects is how many objects a thread may know a pointer's dependency of. For more there is none, which allows more.
const weakObjects = 24

// weakTable numbers the words that the steps of a search have touched, and the objects that a pointer was read of.
type weakTable struct {
	mu      sync.Mutex
	words   map[kern.Addr]int
	objects map[uint32]int

	foresight foresight
}

// weak is the memory of one state.
type weak struct {
	s       *state
	table   *weakTable
	machine weakmem.Machine
	threads [maxThreads]weakThread

	saved  []savedWeak
	free   []weakmem.Machine
	buf    []weakmem.Way
	key    []byte
	stamp  int  // of the step under way, for people
	within bool // a step is changing words that it has accounted for
	older  int  // loads of the transition under way that returned another store than the newest
	fresh  bool // nothing of the transition under way has been saved yet

	live    bool              // it forgets what makes no difference to what is still to come
	noted   [][]weakAccess    // by node: see touches
	lapsed  []bool            // by word: see lapses
	futures []*weakmem.Future // see settle
}

// savedWeak is what save keeps.
type savedWeak struct {
	machine weakmem.Machine
	threads [maxThreads]weakThread
}

func newWeak(s *state) *weak {
	x := s.x
	w := &weak{s: s, table: x.weak, live: x.weak.foresight.on, lapsed: make([]bool, x.opt.words)}
	w.machine = weakmem.New(x.opt.Model, weakmem.Config{
		CPUs: len(x.threads), Registers: weakObjects, Words: make([]int64, x.opt.words), Domains: 1, Release: x.opt.LKMM,
		Messages: 2 * maxSlots, NewestLocks: true,
	})
	for t := range x.threads {
		if x.threads[t].role != task {
			w.machine.Finish(t)
		}
	}
	return w
}

// checkWeak refuses what the machine does not model, and turns off what is proved for sequential consistency only.
func (o *Options) checkWeak() error {
	switch {
	case o.Model == weakmem.SC:
		return nil
	case o.Model == weakmem.TSO && o.Workers > 1:
		return fmt.Errorf("memory model tso: several kworkers are not modelled; expected 1, not %d", o.Workers)
	case o.Softirqs == SoftirqsOnCPU:
		return fmt.Errorf("memory model %s: callbacks that interrupt tasks are not modelled; expected softirq CPUs of their own", o.Model)
	}
	if o.words == 0 { // one schedule
		o.words = mostWords
	}
	o.Plain, o.NoMerge, o.NoSymmetry, o.NoSleep, o.Races = true, true, true, true, Adjacent
	return nil
}

// word returns the number of a word in the machine, whose values are those of memory relative to what it was at first.
func (w *weak) word(a kern.Addr) int {
	t := w.table
	t.mu.Lock()
	defer t.mu.Unlock()
	n, ok := t.words[a]
	if !ok {
		if n = len(t.words); n == w.s.x.opt.words {
			panic(errWeakWords)
		}
		t.words[a] = n
	}
	return n
}

func (w *weak) relative(a kern.Addr, v uint32) int64 { return int64(v ^ w.s.init[a]) }

func (w *weak) absolute(a kern.Addr, v int64) uint32 { return uint32(v) ^ w.s.init[a] }

// register returns the number of the object that an address is in, for the dependencies of pointers to it.
func (w *weak) register(a kern.Addr) int {
	o := w.s.env.object(a)
	if o == 0 {
		return -1
	}
	t := w.table
	t.mu.Lock()
	defer t.mu.Unlock()
	n, ok := t.objects[o]
	if !ok {
		if n = len(t.objects); n == weakObjects {
			return -1
		}
		t.objects[o] = n
	}
	return n
}

// save keeps the machine as it is, to be taken back to: once in each transition, since those are taken back as a whole.
func (w *weak) save() {
	if !w.fresh {
		return
	}
	w.fresh = false
	var c weakmem.Machine
	if last := len(w.free) - 1; last >= 0 {
		c, w.free = w.free[last], w.free[:last]
		c.Assign(w.machine)
	} else {
		c = w.machine.Clone()
	}
	w.saved = append(w.saved, savedWeak{c, w.threads})
	w.s.log = append(w.s.log, undo{what: undoWeak})
}

// back takes the machine to where it was when it was last saved.
func (w *weak) back() {
	last := len(w.saved) - 1
	w.free = append(w.free, w.machine)
	w.machine, w.threads = w.saved[last].machine, w.saved[last].threads
	w.saved = w.saved[:last]
}

// hash is the part of the machine in the fingerprint of the state.
func (w *weak) hash() uint64 {
	k := w.machine.Key(w.key[:0])
	for t := range w.s.x.threads {
		flags := byte(0)
		for i, b := range [...]bool{w.threads[t].first, w.threads[t].owes, w.threads[t].before, w.threads[t].fails} {
			if b {
				flags |= 1 << i
			}
		}
		k = append(k, flags, byte(w.threads[t].last))
	}
	w.key = k
	h := uint64(0x9ae16a3b2f90404f)
	for ; len(k) >= 8; k = k[8:] {
		h = mix(h ^ (uint64(k[0]) | uint64(k[1])<<8 | uint64(k[2])<<16 | uint64(k[3])<<24 | uint64(k[4])<<32 | uint64(k[5])<<40 | uint64(k[6])<<48 | uint64(k[7])<<56))
	}
	for i, b := range k {
		h = mix(h ^ uint64(b)<<(8*i) ^ 0x77)
	}
	return h
}

// staleRead is how many steps a stale read counts as in the length of a schedule: more than any schedule has that people read. So of
// schedules with as many switches the shortest is the one with the fewest stale reads, and of those the one with the fewest steps.
const staleRead = 1 << 12

// reads returns what the stale reads of the transition under way add to the length of a schedule.
func (w *weak) reads() int {
	if w == nil {
		return 0
	}
	return w.older * staleRead
}
