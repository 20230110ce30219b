package explore

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"

	"ptsim/kern"
)

// node is a place where a thread stands: what it is about to do, and implicitly all that it remembers. Its code is run
// for real once for each result that its next primitive can return; after that the answer is looked up.
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
	delays  bool          // synchronize_rcu waits for a thread that stands here: a reader, or who holds a spin lock
	splits  bool          // there may be several ways to carry the op out
	oneWord bool          // the op touches one word, at its address

	rep   *node     // that stands for its class, see merge.go; the node itself if there is no other
	start *start    // the operation that it is in the middle of, or about to begin
	hist  []uint32  // what that operation's primitives have returned so far
	where []uintptr // the calls that led there
	from  *node     // the node before it in the same operation, nil at its beginning
}

// edge is what becomes of a node's thread when its op has returned result.
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

func (n *node) find(result uint32) *edge {
	e := n.edges.Load()
	for e != nil && e.result != result {
		e = e.more.Load()
	}
	return e
}

// isReader tells whether a thread at n is a reader that grace periods wait for.
func (n *node) isReader(precise bool) bool {
	if n.depth.RCU > 0 {
		return true
	}
	return precise && (n.depth.BH > 0 || n.depth.Preempt > 0 || n.start.task == onCallback && !n.over())
}

// over tells whether the thread has nothing left to do here.
func (n *node) over() bool { return n.op.Kind == kern.OpNone }

// automaton learns what the threads of a model do. A thread between two primitives is a function of where it was and of
// what its last primitive returned; the function is learnt by running the code on recorded results and stopping it at the
// first primitive beyond them.
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

// stop is what the recorder panics with to leave the code.
type stop struct{}

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

// passThrough carries everything out at once.
type passThrough struct{}

func (passThrough) Step(c *kern.CPU, op kern.Op) uint32 { return c.Exec(op) }

// Step hands the code the next recorded result or, when there is none left, takes note of what it asks for and stops it.
func (a *automaton) Step(_ *kern.CPU, op kern.Op) uint32 {
	if a.halted { // a deferred call, on the way out
		panic(stop{})
	}
	if a.used == len(a.results) {
		a.stopped, a.halted = op, true
		a.where = a.below.callers()
		panic(stop{})
	}
	r := a.results[a.used]
	a.used++
	a.depth = a.depth.Plus(kern.PrimitiveOf(op.Kind), r)
	return r
}

// first returns the node at which a task begins.
func (a *automaton) first(task int) *node {
	a.mu.Lock()
	defer a.mu.Unlock()
	n, bad := a.begin(start{task: task, frame: a.inst.Tasks[task].Start})
	if bad != nil {
		panic(&ModelError{"a violation before the first primitive: " + bad.Sentence()})
	}
	return n
}

// entry returns the node at which a callback or a work item begins, and what its code reports before that.
func (a *automaton) entry(who int, fn kern.Func, obj kern.Addr) (*node, *kern.Violation) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := start{task: who, fn: fn, obj: obj}
	_, known := a.byKey[s]
	n, bad := a.begin(s)
	if !known {
		a.journal = append(a.journal, learnt{Node: -1, Who: int8(who), Fn: fn, Obj: obj})
	}
	return n, bad
}

// begin returns the node of a start: the first primitive of its operation, or of a later one if it has none.
func (a *automaton) begin(s start) (*node, *kern.Violation) {
	if n := a.byKey[s]; n != nil {
		return n, a.early[s]
	}
	key := s
	n, bad := a.run(&key, nil)
	a.byKey[s] = n
	if bad != nil {
		a.early[s] = bad
	}
	return n, bad
}

// next returns the edge that the result leads along.
func (a *automaton) next(n *node, result uint32) *edge {
	if e := n.find(result); e != nil {
		return e
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if e := n.find(result); e != nil {
		return e
	}
	if len(n.hist) >= maxPrimitives {
		panic(&ModelError{fmt.Sprintf("%s makes more than %d primitives without an end: a loop that waits for something, and not by reading "+
			"the same words again; expected an operation that ends, or a lock", a.doing(n.start), maxPrimitives)})
	}
	to, bad := a.run(n.start, append(slices.Clip(slices.Clone(n.hist)), result))
	if bad == nil && len(to.hist) == len(n.hist)+1 && to.from == nil {
		to.from = n
		a.findSpin(to)
	}
	last := &n.edges
	for e := range n.each {
		last = &e.more
	}
	e := &edge{result: result, to: to, rep: to.rep, bad: bad, left: a.left}
	last.Store(e)
	a.journal = append(a.journal, learnt{Node: int32(n.id), Result: result})
	return e
}

// run runs an operation for real on what its primitives returned, and tells where that leads.
func (a *automaton) run(s *start, results []uint32) (*node, *kern.Violation) {
	a.Runs++
	a.results, a.used, a.bad, a.halted = results, 0, nil, false
	a.depth, a.left = s.depth, kern.Depths{}
	frame, ended := a.call(s)
	if a.used != len(results) {
		panic(&ModelError{fmt.Sprintf("%s is not deterministic: it made %d steps where it had made %d before", a.doing(s), a.used, len(results))})
	}
	bad := a.bad
	if !ended {
		return a.node(s, results), bad
	}
	var n *node
	a.left = a.depth
	switch {
	case s.task < 0:
		n = a.ended(start{task: s.task})
	case s.pos+1 >= len(a.inst.Tasks[s.task].Ops):
		n = a.ended(start{task: s.task, pos: s.pos + 1})
	default:
		var later *kern.Violation
		n, later = a.begin(start{task: s.task, pos: s.pos + 1, frame: frame, depth: a.depth})
		if bad == nil {
			bad = later
		}
	}
	return n, bad
}

// ended returns the node of a thread that has nothing left to do: a task at its end, or an idle softirq or kworker.
func (a *automaton) ended(s start) *node {
	if n := a.byKey[s]; n != nil {
		return n
	}
	a.stopped, a.where = kern.Op{}, nil
	a.depth = kern.Depths{}
	n := a.node(&s, nil)
	a.byKey[s] = n
	return n
}

// idle returns the node at which a softirq CPU or a kworker waits for something to do.
func (a *automaton) idle(who int) *node {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ended(start{task: who})
}

// call runs the operation until it is stopped or ends.
func (a *automaton) call(s *start) (frame Frame, ended bool) {
	c := a.irq
	switch {
	case s.task >= 0:
		c = a.tasks[s.task]
	case s.task == onWork:
		c = a.work
	}
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(stop); !ok {
				panic(&ModelError{fmt.Sprintf("%s panics: %v", a.doing(s), r)})
			}
		}
	}()
	if s.task < 0 {
		a.inst.M.Call(c, s.fn, s.obj)
		return nil, true
	}
	return a.inst.Tasks[s.task].Ops[s.pos].Run(c, s.frame), true
}

// node makes a node of where the code was stopped.
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
	n.delays = n.reader || a.mode.precise && n.depth.Spins > 0
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

// nodeBytes is what a node takes, with an edge to it and what the automaton's tables have of it.
const nodeBytes = int(unsafe.Sizeof(node{})+unsafe.Sizeof(edge{})+unsafe.Sizeof(learnt{})) + 64

// doing says what a start is the beginning of.
func (a *automaton) doing(s *start) string {
	if s.task < 0 {
		return a.inst.M.FuncName(s.fn)
	}
	t := &a.inst.Tasks[s.task]
	if s.pos >= len(t.Ops) {
		return "end"
	}
	return t.Ops[s.pos].Name
}

// maxSlots is how many different rcu_heads, and work items, a model may arm.
const maxSlots = 64

// slotTable numbers the rcu_heads or work items of a model in the order in which they were first met.
type slotTable struct {
	addrs [maxSlots]kern.Addr
	n     atomic.Int32
}

// all returns the items that have been met, by number.
func (t *slotTable) all() []kern.Addr { return t.addrs[:t.n.Load()] }

// of returns the number of the item at a. The automaton's lock is held.
func (t *slotTable) of(a kern.Addr) uint8 {
	for i, b := range t.all() {
		if a == b {
			return uint8(i)
		}
	}
	return t.add(a, func(uint8) {})
}

// add adds an item, of which note takes note before anybody else can see it.
func (t *slotTable) add(a kern.Addr, note func(n uint8)) uint8 {
	n := int(t.n.Load())
	if n == maxSlots {
		panic(&ModelError{fmt.Sprintf("there are more than %d locks, callbacks or work items", maxSlots)})
	}
	note(uint8(n))
	t.addrs[n] = a
	t.n.Store(int32(n + 1))
	return uint8(n)
}
