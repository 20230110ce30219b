// Package stack is a lock-free stack in three versions: the smallest protocol that can break, and the one to look at first. It is
// what other protocols here are, in small: code that knows kern alone, in which one access to shared memory is one step.
//
// # The structure
//
// A stack is one word, the address of the node on top. A node has the address of the node below it, and a count of those that hold
// it, which no stack needs: it is how a node that two have at once is found out.
//
//	stack   top ----> node   next ----> node   next ----> 0
//	                         held 0            held 0
//
// A node is on one stack, or held by one task. [Stack.Push] gives a node to the stack, [Stack.Pop] takes the top one. Nodes are
// never freed, so no access of a pop is one of freed memory, whatever else goes wrong.
//
// # The flaw
//
// Pop reads the top, reads what is below it, and makes that the top, if the top is still what it was. Between the first read and the
// last write others may pop both nodes and push the first again. Then the top is what it was, and what was below it is somebody's.
// That is ABA: a compare-and-swap compares values, and not what happened in between.
//
// # The versions
//
//	Treiber   R. K. Treiber, Systems Programming: Coping with Parallelism, IBM RJ 5118, 1986, without its counter
//	Counted   the same with the counter of IBM System/370's Principles of Operation (1983): it goes up with every change of the top
//	LList     include/linux/llist.h of Linux v3.1: push is lock-free, and those that pop keep each other out by a lock
//
// # Locks
//
// LList has one, the stack's, which nothing is taken inside. The others have none.
//
// # What is not modelled
//
// llist_del_all, which takes all nodes at once and needs no lock; memory that is freed behind a pop; a counter that wraps.
//
// # Where to start
//
// Pop, then the Example.
package stack

import "ptsim/kern"

// Version is one of the versions.
type Version string

// The versions.
const (
	Treiber Version = "treiber"
	Counted Version = "counted"
	LList   Version = "llist"
)

// Stacks are the stacks and nodes of a machine.
type Stacks struct {
	version       Version
	stacks, nodes kern.Cache
}

// The words of a stack and of a node.
const (
	top  = 0
	lock = 1

	next = 0
	held = 1
)

// The caches, by name.
const (
	StackCache = "stack"
	NodeCache  = "node"
)

// counter is where a counted top keeps its counter: above the 16 bits of an address.
const counter = 16

// New prepares a machine for stacks of a version.
func New(m *kern.Machine, v Version) *Stacks {
	return &Stacks{
		version: v,
		stacks: m.NewCache(kern.CacheConfig{Name: StackCache, Fields: []kern.Field{
			{Name: "top", Kind: kern.FieldPointer, To: NodeCache}, {Name: "lock", Kind: kern.FieldLock},
		}}),
		nodes: m.NewCache(kern.CacheConfig{Name: NodeCache, Fields: []kern.Field{
			{Name: "next", Kind: kern.FieldPointer, To: NodeCache}, {Name: "held", Kind: kern.FieldRefcount},
		}}),
	}
}

// Stack is a stack, by its address.
type Stack kern.Addr

// Node is a node, by its address; 0 is none.
type Node kern.Addr

// NewStack makes a stack without nodes.
func (s *Stacks) NewStack(c *kern.CPU) Stack { return Stack(s.stacks.Alloc(c)) }

// NewNode makes a node that the caller holds.
func (s *Stacks) NewNode(c *kern.CPU) Node {
	n := s.nodes.Alloc(c)
	kern.WriteOnce(c, n+held, 1)
	return Node(n)
}

// Push puts a node that the caller holds on top of a stack: llist_add.
func (s *Stacks) Push(c *kern.CPU, st Stack, n Node) {
	kern.AtomicAddReturn(c, kern.Addr(n)+held, ^uint32(0))
	for {
		old := kern.ReadOnce(c, kern.Addr(st)+top)
		kern.WriteOnce(c, kern.Addr(n)+next, s.node(old))
		if kern.CmpXchg(c, kern.Addr(st)+top, old, s.after(old, uint32(n))) == old {
			return
		}
	}
}

// Pop takes the node on top of a stack, 0 if there is none: llist_del_first. The caller holds it from then on.
func (s *Stacks) Pop(c *kern.CPU, st Stack) Node {
	if s.version != LList {
		return s.pop(c, st)
	}
	kern.SpinLock(c, kern.Addr(st)+lock)
	n := s.pop(c, st)
	kern.SpinUnlock(c, kern.Addr(st)+lock)
	return n
}

func (s *Stacks) pop(c *kern.CPU, st Stack) Node {
	for {
		old := kern.ReadOnce(c, kern.Addr(st)+top)
		n := s.node(old)
		if n == 0 {
			return 0
		}
		below := kern.ReadOnce(c, kern.Addr(n)+next)
		// Here others may pop both, and push the first again: the top is what it was, and what was below it is somebody's.
		if kern.CmpXchg(c, kern.Addr(st)+top, old, s.after(old, below)) == old {
			s.take(c, Node(n))
			return Node(n)
		}
	}
}

// take notes that the caller has a node. Two that have the same one is what a stack is there to rule out.
func (s *Stacks) take(c *kern.CPU, n Node) {
	if kern.AtomicAddReturn(c, kern.Addr(n)+held, 1) != 1 {
		c.Report(&kern.Violation{Kind: kern.Assertion, Addr: kern.Addr(n), Func: "pop", Detail: "took %o, which somebody else holds"})
	}
}

// node is the node that a top is the address of.
func (s *Stacks) node(top uint32) uint32 {
	if s.version == Counted {
		return top & (1<<counter - 1)
	}
	return top
}

// after is the top that follows another one, with a node on top.
func (s *Stacks) after(old, n uint32) uint32 {
	if s.version == Counted {
		return (old>>counter+1)<<counter | n
	}
	return n
}

// Walk calls f for each node of a stack, from the top, until f returns false. It reads memory as a debugger, and returns whether
// it came to the end: a stack that is a ring has none.
func (s *Stacks) Walk(m *kern.Machine, st Stack, f func(n Node) bool) bool {
	const most = 64
	n := s.node(m.Peek(kern.Addr(st) + top))
	for range most {
		if n == 0 || !f(Node(n)) {
			return true
		}
		n = m.Peek(kern.Addr(n) + next)
	}
	return false
}

// Holders is how many tasks hold a node.
func (s *Stacks) Holders(m *kern.Machine, n Node) int { return int(m.Peek(kern.Addr(n) + held)) }
