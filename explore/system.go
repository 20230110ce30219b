package explore

import (
	"context"
	"fmt"
	"sync"
	"time"

	"ptsim/kern"
	weakmem "ptsim/memory"
)

// Grace says what a grace period waits for.
type Grace uint8

const (
	// GracePrecise waits for every reader that was inside when call_rcu ran: rcu_read_lock sections, regions with BH or preemption off,
	// spin locks of any kind that are held, since they turn preemption off, and softirq handlers.
	GracePrecise Grace = iota
	// GraceAny waits for rcu_read_lock sections only. It allows more than a kernel does, and finds code that leans on the
	// other readers.
	GraceAny
)

func (g Grace) String() string {
	if g == GraceAny {
		return "any"
	}
	return "precise"
}

// Races says how data races are judged.
type Races uint8

const (
	// RacesAuto is HappensBefore, if that needs few states more than Adjacent; Result.Races tells.
	RacesAuto Races = iota
	// HappensBefore finds two accesses that nothing orders, however far apart they are in the schedule that shows it. It
	// needs states that differ in what their threads know of each other's accesses.
	HappensBefore
	// Adjacent finds two accesses that are possible in one state. What it misses are accesses that are ordered in time by
	// READ_ONCE and WRITE_ONCE alone: a missing barrier.
	Adjacent
)

func (r Races) String() string { return [...]string{"auto", "happens-before", "adjacent"}[r] }

// SoftirqsOnCPU, as Options.Softirqs, has each callback run on the CPU that queued it, as an interrupt between any two
// steps of what runs there, unless BH is off.
const SoftirqsOnCPU = -1

// Options say how a model is run and searched. The zero Options are not valid; see Defaults.
type Options struct {
	Softirqs int   // CPUs of their own that run callbacks, or SoftirqsOnCPU
	Grace    Grace // what callbacks wait for
	Workers  int   // kworkers, which run work items
	Objects  int   // how many objects of each slab cache, and how many page frames, a task may allocate

	// Model is the memory model. Under another than sequential consistency nothing is folded; see weak.go.
	Model weakmem.Model
	LKMM  weakmem.Release // the kernel release whose memory model LKMM is
	// Edits are barriers that the code is run with beside its own, or without: what if? Each must be at a line that some schedule
	// comes to.
	Edits []kern.Edit

	Threads int    // how many threads search
	Memory  uint64 // bytes that a search may hold; 0 is no limit; see memory.go
	Races   Races  // how data races are judged
	Plain   bool   // fold nothing: every primitive a step of its own
	All     bool   // go on after a violation, and count them all
	// Programs has an exhaustive search keep what each task did: Reached.Programs. For that nothing may be merged: Plain, or a weak
	// memory model.
	Programs bool
	// Lax has a broken rule of the context happen, and not be a violation: a task that sleeps where it must not, or that ends
	// with something held. So a deadlock can be told from a rule that is broken without harm.
	Lax     bool
	NoMerge bool // places in the code with the same future are as many as there are, see merge.go
	// NoSymmetry tells apart states that differ only in which softirq CPU, or kworker, does what.
	NoSymmetry bool
	// NoSleep makes every transition of every state. Without it a search leaves out those of two orders of independent
	// transitions that lead to a state by another way, see sleep.go: it meets the same states, and violations, in less time.
	NoSleep  bool
	Progress func(Progress)
	Context  context.Context // ends the search early
	// Budget is how many states Shortest may meet before it gives up; 0 is no limit.
	Budget uint64
	// Checkpoint keeps how far Exhaustive, Shortest or Bounded has come, and goes on from there; nil keeps nothing.
	Checkpoint *Checkpoint

	words  int    // of a weak memory
	small  uint64 // how many states a search meets before it merges nodes, if not smallSearch
	keeps  bool   // states of a weak memory forget nothing that they could: see weak_future.go
	doubts bool   // an exhaustive search looks again at what states inherit, see interrupts.go
}

// Defaults are two softirq CPUs, precise grace periods and one thread.
func Defaults() Options {
	return Options{Softirqs: 2, Workers: 1, Objects: 6, Threads: 1}
}

// Memories returns the memory model with its release.
func (o *Options) Memories() weakmem.Spec {
	if o.Model != weakmem.LKMM {
		return weakmem.Spec{Model: o.Model}
	}
	return weakmem.Spec{Model: o.Model, Release: o.LKMM}
}

// system is what all searchers of a model share.
type system struct {
	model *Model
	opt   Options
	auto  *automaton
	cpus  int
	pools []struct{}

	weak *weakTable // what weak memories share; nil under sequential consistency

	mu     sync.Mutex
	halves bool        // views tell what smp_rmb and smp_wmb order
	pairs  pairing     // and what primitives order in pairs
	cyclic bool        // some state leads back to itself
	cut    *cut        // where a search is split, see split.go
	from   []trans     // the path to what it searches behind; nil: everything
	racy   []kern.Addr // the words for which states keep views
	budget uint64      // states after which a search gives up; 0: none
	states []*state    // that were made for this system
	tables []*visited  // the same; they may lie outside the heap
	uses   wordUses    // what states did before the search went on, nil if it did not
	start  time.Time   // of the search, less what it took before it went on
	key    string      // that tells the search from others in a checkpoint

	words, objects numbers // see depend.go

	threads    []thread
	firstOf    []int                            // the first thread of each thread's class
	endOf      []int                            // and the first behind them
	unique     uint32                           // the threads that are of a class of their own
	itemBits   [softirq + 1][drainItem + 1]int8 // see bit
	ontop      []int                            // with SoftirqsOnCPU: the softirq that runs on top of a thread, else -1
	underneath [][]int                          // and the other way round: the threads on the CPU of that softirq
	mates      [][]int                          // the other tasks on the CPU of a task: see share.go
	shares     bool                             // there are any
}

func newSystem(m *Model, opt Options, rules *movements) (x *system, err error) {
	defer catch(&err)
	d := Defaults()
	if opt.Workers == 0 {
		opt.Workers = d.Workers
	}
	if opt.Objects == 0 {
		opt.Objects = d.Objects
	}
	if opt.Threads <= 0 {
		opt.Threads = 1
	}
	if opt.Context == nil {
		opt.Context = context.Background()
	}
	if err := opt.checkWeak(); err != nil {
		return nil, err
	}
	servers := opt.Softirqs
	if opt.Softirqs == SoftirqsOnCPU {
		servers = m.Tasks + opt.Workers
	}
	if opt.Softirqs != SoftirqsOnCPU && opt.Softirqs < 1 {
		return nil, fmt.Errorf("%d softirq CPUs; expected at least 1", opt.Softirqs)
	}
	if n := m.Tasks + opt.Workers + servers; n > maxThreads {
		return nil, fmt.Errorf("%d tasks, %d kworkers and %d softirqs; expected at most %d in all", m.Tasks, opt.Workers, servers, maxThreads)
	}
	x = &system{model: m, opt: opt, cpus: m.Tasks + opt.Workers, start: time.Now()}
	if opt.Softirqs != SoftirqsOnCPU {
		x.cpus += opt.Softirqs
	}
	rules.softirqsInterrupt = opt.Softirqs == SoftirqsOnCPU
	rules.none, rules.weak = opt.Plain, opt.Model != weakmem.SC
	rules.edits = opt.Edits
	rules.manyWorkers = opt.Workers > 1
	rules.precise = opt.Grace == GracePrecise
	if opt.Model == weakmem.LKMM {
		x.weak = &weakTable{words: map[kern.Addr]int{}, objects: map[uint32]int{}}
	}
	x.racy, x.halves, x.pairs = rules.racy, rules.halves, rules.pairs
	x.auto = newAutomaton(m, x.cpus, rules, opt.Lax)
	if got := len(x.auto.inst.Tasks); got != m.Tasks {
		return nil, fmt.Errorf("model %s has %d tasks, and says that it has %d", m.Name, got, m.Tasks)
	}
	x.pools = make([]struct{}, m.Tasks+2)
	for i, t := range x.auto.inst.Tasks {
		x.add(thread{role: task, cpu: x.auto.cpuOf[i], name: t.Name, pool: i, fails: t.MayFail, first: x.auto.first(i)})
	}
	for i := range opt.Workers {
		x.add(thread{role: kworker, cpu: m.Tasks + i, name: "kworker", pool: m.Tasks, first: x.auto.idle(onWork)})
	}
	for i := range servers {
		cpu := i
		if opt.Softirqs != SoftirqsOnCPU {
			cpu = m.Tasks + opt.Workers + i
		}
		x.add(thread{role: softirq, cpu: cpu, name: "softirq", pool: m.Tasks + 1, first: x.auto.idle(onCallback)})
	}
	x.stack()
	if rules.weak && x.shares {
		return nil, fmt.Errorf("memory model %s: tasks that share a CPU are not modelled; expected each on its own", opt.Model)
	}
	x.number()
	return x, nil
}

// number gives transitions their bits, as far as they are the same in every state.
func (x *system) number() {
	for t := range x.threads {
		if x.endOf[t]-x.firstOf[t] == 1 {
			x.unique |= 1 << t
		}
	}
	for r := range x.itemBits {
		for item := range x.itemBits[r] {
			x.itemBits[r][item] = int8(x.bitOf(role(r), item))
		}
	}
}

// newVisited returns an empty table that is given up with the system.
func (x *system) newVisited(threads int, sets bool) *visited {
	v := newVisited(threads, sets)
	x.mu.Lock()
	x.tables = append(x.tables, v)
	x.mu.Unlock()
	return v
}

// release gives up all machines and tables: neither the system nor any of its states may be used any more.
func (x *system) release() {
	for _, s := range x.states {
		s.back(0)
		s.m.Release()
	}
	x.auto.inst.M.Release()
	for _, v := range x.tables {
		v.close()
	}
	x.states, x.tables = nil, nil
}

// add adds a thread. Servers of one kind are interchangeable, unless each belongs to a CPU.
func (x *system) add(t thread) {
	if t.role == task || !x.symmetric(t.role) {
		t.class = uint64(len(x.threads))<<56 | uint64(t.role)<<48
	} else {
		t.class = 0xff<<56 | uint64(t.role)<<48
	}
	first := len(x.threads)
	for first > 0 && x.threads[first-1].class == t.class {
		first--
	}
	x.firstOf = append(x.firstOf, first)
	x.threads = append(x.threads, t)
	x.endOf = append(x.endOf, 0)
	for u := first; u < len(x.threads); u++ {
		x.endOf[u] = len(x.threads)
		x.threads[u].alike = 1<<len(x.threads) - 1<<first
	}
}

// symmetric tells whether the threads of a role are interchangeable.
func (x *system) symmetric(r role) bool {
	if x.opt.NoSymmetry || x.auto.mode.servers {
		return false
	}
	return r == kworker && x.opt.Softirqs != SoftirqsOnCPU || r == softirq && x.opt.Softirqs != SoftirqsOnCPU
}
