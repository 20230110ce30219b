package explore

import (
	"sync"
	"sync/atomic"

	"ptsim/kern"
)

// node is a place where a thread stands: what it is about to do, and implicitly all that it remembers. Its code is run
// for real once for each result that its next primitive can return; after that the answer is looked up.
//
// A thread's local state is its node and nothing else: the code is deterministic, so what it remembers is
// a function of the start of its operation, with the Frame, and of the results since. That is what makes a
// state small and a step a look-up.
//
// Nodes are never removed and never change but for edges, rep and moves. A search reads them without a
// lock; edges are published by an atomic store.
type node struct { // what each step asks of a node comes first, and lies in one line of the cache
	op      kern.Op              // what it is about to do; OpNone if it has nothing left to do
	prim    *kern.Primitive      // the same, described
	edges   atomic.Pointer[edge] // the first
	spin    []spun               // what it has read in vain, if it is in a loop that waits for others
	id      uint32
	depth   kern.Depths   // how deep it is in what keeps it from sleeping
	moves   [2]kern.Mover // how the op moves, folded and step by step
	slot    uint8         // which rcu_head or work item the op arms, or which lock it takes or releases, counted from 0
	never   bool          // it is about to sleep where it must not
	waits   bool          // it may have to wait here
	keeps   bool          // its thread is a task that keeps the others of its CPU off; see share.go
	told    bool          // what it does depends on what kern's CPU must be told first
	reader  bool          // a thread that stands here is a reader that grace periods wait for
	splits  bool          // there may be several ways to carry the op out
	oneWord bool          // the op touches one word, at its address

	rep   *node     // that stands for its class, see merge.go; the node itself if there is no other
	start *start    // the operation that it is in the middle of, or about to begin
	hist  []uint32  // what that operation's primitives have returned so far
	where []uintptr // the calls that led there
	from  *node     // the node before it in the same operation, nil at its beginning
}

// edge is what becomes of a node's thread when its op has returned result.
//
// Edges of a node are a linked list, and most nodes have one or two. An edge whose bad is set leads
// nowhere: the code has broken the model by then.
type edge struct {
	result uint32
	left   kern.Depths     // where the thread has come to its end: what it has not left
	rep    *node           // the representative of where it leads
	bad    *kern.Violation // what the code itself reported before its next primitive
	more   atomic.Pointer[edge]
	to     *node
}

// each yields the edges of a node in the order in which they were learnt.
func (n *node) each(yield func(*edge) bool) {
	for e := n.edges.Load(); e != nil && yield(e); e = e.more.Load() {
	}
}

// start is where an operation begins: what a thread remembers there is the frame alone.
//
// It is a key of a map, so a Frame must be comparable. Two tasks with equal frames at one operation stand
// at one node.
type start struct {
	task  int   // the number of the task, onCallback or onWork
	pos   int   // which of the task's operations
	frame Frame // what the task keeps
	fn    kern.Func
	obj   kern.Addr
	depth kern.Depths
}

const (
	onCallback = -1
	onWork     = -2
)

// find returns the edge of a result, nil if it is not known yet.
func (n *node) find(result uint32) *edge {
	e := n.edges.Load()
	for e != nil && e.result != result {
		e = e.more.Load()
	}
	return e
}

// isReader tells whether a thread at n is a reader that grace periods wait for.
//
// With GracePrecise everything that turns preemption off is a reader, as it is in a kernel without
// preemptible RCU. A softirq is one for as long as it runs.
func (n *node) isReader(precise bool) bool {
	if n.depth.RCU > 0 {
		return true
	}
	return precise && (n.depth.BH > 0 || n.depth.Preempt > 0 || n.depth.Spins > 0 || n.start.task == onCallback && !n.over())
}

// over tells whether the thread has nothing left to do here.
func (n *node) over() bool { return n.op.Kind == kern.OpNone }

// automaton learns what the threads of a model do. A thread between two primitives is a function of where it was and of
// what its last primitive returned; the function is learnt by running the code on recorded results and stopping it at the
// first primitive beyond them.
//
// All workers share one. Look-ups take no lock; mu is held while something is learnt, which happens a few
// thousand times in a search of any length. It has a machine of its own, on which the recorded operations
// run: no state of a search is touched by learning.
type automaton struct {
	mu    sync.Mutex
	inst  *Instance
	tasks []*kern.CPU
	irq   *kern.CPU // a softirq's view
	work  *kern.CPU
	cpuOf []int  // by task
	share []bool // by task: others are on its CPU
	nodes []*node
	byKey map[start]*node
	early map[start]*kern.Violation // what the code itself reports between a start and its first primitive
	slots [2]slotTable              // rcu_heads and work items, by the number that states know them by
	words wordUse

	lockWords lockTable // the locks that the code takes
	journal   []learnt  // all that was learnt, in order
	mode      *movements
	lax       bool          // see Options
	edited    []atomic.Bool // by edit: it changed something

	// the run under way
	results []uint32
	used    int
	depth   kern.Depths
	left    kern.Depths // at the end of what a thread runs
	stopped kern.Op
	halted  bool // the code is being left
	where   []uintptr
	below   below
	bad     *kern.Violation
	Runs    int

	bytes atomic.Int64 // about what all nodes take
}

// The machine is built with all CPUs that the model's tasks and servers need, so that per-CPU words have
// the addresses that states have.
func newAutomaton(m *Model, cpus int, mode *movements, lax bool) *automaton {
	a := &automaton{byKey: map[start]*node{}, early: map[start]*kern.Violation{}, mode: mode, lax: lax, edited: make([]atomic.Bool, len(mode.edits))}
	a.inst = m.Build(cpus, passThrough{})
	a.inst.M.WarningsAreViolations()
	a.inst.M.OnReport(func(v *kern.Violation) {
		if a.bad == nil {
			a.bad = v
		}
	})
	a.cpuOf = placeTasks(a.inst.Tasks)
	a.share = shared(a.cpuOf)
	code := kern.Edited(a, mode.edits, a.edited)
	for _, cpu := range a.cpuOf {
		a.tasks = append(a.tasks, a.inst.M.Context(cpu, false, code))
	}
	a.irq = a.inst.M.Context(cpus-1, true, code)
	a.work = a.inst.M.Context(cpus-1, false, code)
	return a
}

// node makes a node of where the code was stopped.
//
// Everything that a step asks of its primitive is worked out here, once, and kept in the node.
func (a *automaton) node(s *start, hist []uint32) *node {
	n := &node{id: uint32(len(a.nodes)), start: s, hist: hist, op: a.stopped, where: a.where, depth: a.depth}
	switch n.op.Kind {
	case kern.OpCallRCU:
		n.slot = a.slots[0].of(n.op.Addr)
	case kern.OpQueueWork, kern.OpFlushWork, kern.OpCancelWork:
		n.slot = a.slots[1].of(n.op.Addr)
	case kern.OpSlabFree, kern.OpSlabReclaim:
		if cfg, _ := a.inst.M.CacheConfig(int(n.op.A)); cfg.TypesafeByRCU {
			n.slot = a.slots[0].of(n.op.Addr + cfg.RCUHead)
		}
	}
	a.words.note(n.op)
	if s.task < 0 && isPerCPU(n.op.Kind) {
		a.words.servers = true
	}
	n.rep = n
	n.reader = n.isReader(a.mode.precise)
	p := kern.PrimitiveOf(n.op.Kind)
	n.prim = p
	n.oneWord = p.Shape == kern.OneWord && n.op.Addr.IsPlace()
	n.splits = splits(n.op.Kind)
	if p.Waits|p.Tries|p.Gives != kern.NoLock || n.op.Kind == kern.OpWaitOnPageLocked {
		n.slot = a.lockWords.of(n.op)
	}
	n.waits, n.told = p.MayWait(), tells(n.op.Kind)
	n.never = !a.lax && (n.op.Sleeps() && n.depth.Atomic(s.task == onCallback) != "" || n.op.Kind == kern.OpMutexTrylock && s.task == onCallback)
	n.moves = a.mode.of(n.op, a)
	if s.task >= 0 && a.share[s.task] {
		if n.keeps = keepsCPU(n.op, n.depth); !n.keeps && p.Plain { // others of its CPU may come in between
			n.moves = [2]kern.Mover{kern.NonMover, kern.NonMover}
		}
	}
	a.nodes = append(a.nodes, n)
	a.bytes.Add(int64(nodeBytes + 4*len(hist) + 8*len(n.where)))
	return n
}
