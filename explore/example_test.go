package explore_test

import (
	"fmt"

	"ptsim/explore"
	"ptsim/kern"
)

// stack is a lock-free stack of nodes whose first word is the next node: Treiber's, without the counter that it needs.
type stack struct{ head kern.Addr }

func (s stack) push(c *kern.CPU, node kern.Addr) {
	for {
		top := kern.ReadOnce(c, s.head)
		kern.WriteOnce(c, node, top)
		if kern.CmpXchg(c, s.head, top, uint32(node)) == top {
			return
		}
	}
}

func (s stack) pop(c *kern.CPU) kern.Addr {
	for {
		top := kern.ReadOnce(c, s.head)
		if top == 0 {
			return 0
		}
		next := kern.ReadOnce(c, kern.Addr(top))
		// Between the two, others may take top and next and put top back: head is what it was, and next is in use.
		if kern.CmpXchg(c, s.head, top, next) == top {
			return kern.Addr(top)
		}
	}
}

// hand is what a task has in its hands.
type hand struct{ first, second kern.Addr }

// takenTwice is a kind of violation of the stack's own.
var takenTwice = kern.NewKind(kern.KindInfo{
	Name:     "taken-twice",
	Sentence: "taken twice: %f takes %o, which %d",
	Headline: "BUG: node in two hands in %s",
})

// stackModel is two tasks on a stack of two nodes: one pops a node; the other pops two and puts the first back.
func stackModel() *explore.Model {
	return &explore.Model{Name: "stack", Tasks: 2, Build: func(cpus int, sched kern.Scheduler) *explore.Instance {
		m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 16, Scheduler: sched})
		c := m.CPU(0)
		nodes := m.NewCache(kern.CacheConfig{Name: "node", Words: 1})
		s := stack{head: m.NewCache(kern.CacheConfig{Name: "head", Words: 1}).Alloc(c)}
		held := m.NewCache(kern.CacheConfig{Name: "held", Words: 2}).Alloc(c) // who holds each node
		a, b := nodes.Alloc(c), nodes.Alloc(c)
		s.push(c, b)
		s.push(c, a)

		take := func(c *kern.CPU) kern.Addr {
			n := s.pop(c)
			if n != 0 && kern.AtomicAddReturn(c, held+(n-a)/(b-a), 1) != 1 {
				c.Report(&kern.Violation{Kind: takenTwice, Addr: n, Detail: "somebody holds already", Object: "a node"})
			}
			return n
		}
		put := func(c *kern.CPU, n kern.Addr) {
			kern.AtomicAddReturn(c, held+(n-a)/(b-a), ^uint32(0))
			s.push(c, n)
		}
		return &explore.Instance{M: m, Tasks: []explore.Task{
			{Name: "one", Start: hand{}, Ops: []explore.Operation{
				{Name: "pop", Run: func(c *kern.CPU, f explore.Frame) explore.Frame { return hand{first: take(c)} }},
			}},
			{Name: "two", Start: hand{}, Ops: []explore.Operation{
				{Name: "pop", Run: func(c *kern.CPU, f explore.Frame) explore.Frame { return hand{first: take(c)} }},
				{Name: "pop", Run: func(c *kern.CPU, f explore.Frame) explore.Frame {
					return hand{f.(hand).first, take(c)}
				}},
				{Name: "push", Run: func(c *kern.CPU, f explore.Frame) explore.Frame {
					if h := f.(hand); h.first != 0 {
						put(c, h.first)
					}
					return hand{second: f.(hand).second}
				}},
				{Name: "pop", Run: func(c *kern.CPU, f explore.Frame) explore.Frame {
					take(c)
					return hand{}
				}},
			}},
		}}
	}}
}

// A lock-free stack with the ABA flaw: the node that a pop saw behind the top is somebody's by the time the top is itself
// again.
func Example() {
	m := stackModel()
	r, err := explore.Shortest(m, explore.Defaults(), kern.NoViolation)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Verdict)

	tr, err := explore.Replay(m, explore.Defaults(), r.Schedule, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tr.Violation.Kind, "after", tr.Switches, "switches")
	column := map[string]int{"one": 0, "two": 28}
	for _, s := range tr.Steps {
		if s.Begins {
			continue
		}
		fmt.Printf("%*s%s: %s = %d\n", column[s.Task], "", s.Doing, s.Op.Kind, s.Result)
	}
	// Output:
	// violated
	// taken-twice after 3 switches
	// pop: read = 291
	// pop: read = 292
	//                             pop: read = 291
	//                             pop: read = 292
	//                             pop: cmpxchg = 291
	//                             pop: add = 1
	//                             pop: read = 292
	//                             pop: read = 0
	//                             pop: cmpxchg = 292
	//                             pop: add = 1
	//                             push: add = 0
	//                             push: read = 0
	//                             push: write = 0
	//                             push: cmpxchg = 0
	// pop: cmpxchg = 291
	//                             pop: read = 292
	//                             pop: read = 0
	//                             pop: cmpxchg = 292
	//                             pop: add = 2
}

// Exhaustive tells whether a model holds for every schedule.
func ExampleExhaustive() {
	count := func(add func(c *kern.CPU, a kern.Addr)) *explore.Model {
		return &explore.Model{Name: "counter", Tasks: 2, Build: func(cpus int, sched kern.Scheduler) *explore.Instance {
			m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 16, Scheduler: sched})
			a := m.NewCache(kern.CacheConfig{Name: "counter", Words: 1}).Alloc(m.CPU(0))
			op := explore.Operation{Name: "add", Run: func(c *kern.CPU, f explore.Frame) explore.Frame {
				add(c, a)
				return f
			}}
			return &explore.Instance{
				M:     m,
				Tasks: []explore.Task{{Name: "one", Ops: []explore.Operation{op}}, {Name: "two", Ops: []explore.Operation{op}}},
				Final: func() *kern.Violation {
					if n := m.Peek(a); n != 2 {
						return &kern.Violation{Kind: kern.Warned, Detail: fmt.Sprintf("the counter is %d", n)}
					}
					return nil
				},
			}
		}}
	}
	atomic := count(func(c *kern.CPU, a kern.Addr) { kern.AtomicAddReturn(c, a, 1) })
	torn := count(func(c *kern.CPU, a kern.Addr) { kern.WriteOnce(c, a, kern.ReadOnce(c, a)+1) })
	plain := count(func(c *kern.CPU, a kern.Addr) { kern.Store(c, a, kern.Load(c, a)+1) })
	for _, m := range []*explore.Model{atomic, torn, plain} {
		r, err := explore.Exhaustive(m, explore.Defaults())
		if err != nil {
			fmt.Println(err)
			return
		}
		if r.Violation == nil {
			fmt.Println(r.Verdict)
		} else {
			fmt.Println(r.Verdict, r.Violation.Kind)
		}
	}
	// Output:
	// safe
	// violated warning
	// violated data-race
}
