package explore

import (
	"fmt"
	"slices"
	"unsafe"

	"ptsim/kern"
)

// stop is what the recorder panics with to leave the code.
type stop struct{}

// passThrough carries everything out at once.
type passThrough struct{}

func (passThrough) Step(c *kern.CPU, op kern.Op) uint32 { return c.Exec(op) }

// Step hands the code the next recorded result or, when there is none left, takes note of what it asks for and stops it.
//
// It is the scheduler of the recorder's CPUs, so every primitive of the code comes by here. Effects on
// memory are not carried out: the recorded results are all that the code can see.
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
//
// What is learnt here goes into the journal too, for a search that goes on later must have the same nodes
// with the same numbers.
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
//
// It is double-checked: another worker may have learnt the edge while this one waited for the lock. The
// journal gets each edge in the order in which they were learnt, by which node numbers can be reproduced.
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
//
// The operation begins anew and is fed the recorded results; at the first primitive behind them it is
// stopped. If it makes fewer primitives than there are results, it is not a function of them: the model
// breaks its contract, and that is an error.
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
//
// The recorder leaves the code by a panic, which only this function catches. A panic of the code's own
// becomes an error of the model.
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
