package rcuhead

import "ptsim/kern"

// Head is an rcu_head: two words that queue a callback.
type Head kern.Addr

// Call is call_rcu(): fn runs in softirq context once every reader that is inside now has left. It needs no lock.
func (h Head) Call(c *kern.CPU, fn kern.Func) { kern.CallRCU(c, kern.Addr(h), fn) }

// Queued tells whether the head waits for its callback. It is for rendering and checks, no step of a CPU.
func (h Head) Queued(m *kern.Machine) bool { return m.NodeState(kern.Addr(h)) == kern.Queued }

// Union is the pair of words that struct page uses as lru while the page is on a list, and as rcu_head while a callback
// is queued: never both. The second word tells which: lru.prev is the address of a node, rcu_head.func that of a
// function.
type Union kern.Addr

// UnionOf returns the union in the frame's struct page.
func UnionOf(p kern.PFN) Union { return Union(p.Page() + kern.PageLRU) }

// PFN returns the frame whose struct page holds the union: container_of(head, struct page, rcu_head).
func (u Union) PFN() kern.PFN { return kern.PFN(u / kern.FrameWords) }

// LRU returns the union as a list node.
func (u Union) LRU() kern.Addr { return kern.Addr(u) }

// Head returns the union as an rcu_head.
func (u Union) Head() Head { return Head(u) }

// State tells what the words are in use for, as a debugger would.
func (u Union) State(m *kern.Machine) kern.ListState { return m.NodeState(kern.Addr(u)) }
