package explore

import (
	"cmp"
	"slices"
)

// Two nodes with different pasts often have the same future: which mask an xor returned does not matter any more once the
// code has drawn its conclusions. To take such nodes for one makes a search two or three times smaller.
//
// What the future of a node is cannot be known before it has been asked for everything. So a search that is not small
// first runs some random schedules, to learn most of the automata, and then merges the nodes whose futures, as far as
// they are known, are the same. The search asks the one node of each class only; when it is done, it is checked that every
// other node of the class would have given the same answers to all that was asked. If not, the search is done again with
// no nodes merged.

// merge gives every node the representative of its class: the coarsest partition in which two nodes of one class are
// about to do the same and, for the same results, have edges into the same classes. Nodes of which nothing is known
// stay alone.
//
// It is partition refinement, as for minimising a finite automaton: start with what nodes are about to do,
// and split classes by where their edges lead, until no class is split. Two nodes of one class are
// bisimilar as far as the automata are known. Colours are hashes, so a clash could merge too much; same
// would find that.
func (a *automaton) merge() {
	color := make([]uint64, len(a.nodes))
	for i, n := range a.nodes {
		if color[i] = n.looks(); a.itemsMatter() {
			color[i] = mix(color[i] ^ uint64(n.start.obj)<<32)
		}
	}
	for classes := 0; ; {
		next := make([]uint64, len(color))
		seen := map[uint64]bool{}
		for i, n := range a.nodes {
			next[i] = n.futures(color)
			seen[next[i]] = true
		}
		color = next
		if len(seen) == classes {
			break
		}
		classes = len(seen)
	}
	first := map[uint64]*node{}
	for i, n := range a.nodes {
		if first[color[i]] == nil {
			first[color[i]] = n
		}
		n.rep = first[color[i]]
	}
	a.follow()
}

// follow brings what edges know of representatives up to date.
func (a *automaton) follow() {
	for _, n := range a.nodes {
		for e := range n.each {
			if e.to != nil {
				e.rep = e.to.rep
			}
		}
	}
}

// itemsMatter tells whether it matters which work item a kworker runs: somebody may wait for it, or keep another from it.
func (a *automaton) itemsMatter() bool { return a.words.flushed || a.mode.manyWorkers }

// part makes every node its own representative again.
//
// It undoes merge after a check has failed.
func (a *automaton) part() {
	for _, n := range a.nodes {
		n.rep = n
	}
	a.follow()
}

// looks is a hash of what a node is about to do. Of a node of which nothing is known it is like no other.
//
// The depths are in it, since they decide who is a reader and who may sleep. The history is not: that is
// what merging forgets.
func (n *node) looks() uint64 {
	if n.edges.Load() == nil {
		return mix(uint64(n.id) | 1<<62)
	}
	h := mix(uint64(n.op.Order)<<40 | uint64(n.op.Kind)<<32 | uint64(n.op.Addr))
	h = mix(h ^ uint64(n.op.A)<<32 ^ uint64(n.op.B))
	for _, r := range n.spin {
		h = mix(h ^ uint64(r.op.Addr)<<32 ^ uint64(r.result) ^ 1<<63)
	}
	return mix(h ^ uint64(uint8(n.depth.BH))<<16 ^ uint64(uint8(n.depth.RCU))<<8 ^ uint64(n.start.role()) ^
		uint64(uint8(n.depth.Spins))<<24 ^ uint64(uint8(n.depth.Preempt))<<32)
}

// role tells what kind of thread runs the operation.
func (s *start) role() role {
	switch s.task {
	case onCallback:
		return softirq
	case onWork:
		return kworker
	}
	return task
}

// futures is a hash of what is known of a node's future, given one of each node's.
func (n *node) futures(color []uint64) uint64 {
	h := color[n.id]
	byResult := func(x, y *edge) int { return cmp.Compare(x.result, y.result) }
	for _, e := range slices.SortedFunc(n.each, byResult) {
		h = mix(h ^ uint64(e.result)<<1)
		if e.bad != nil {
			h = mix(h ^ uint64(e.bad.Kind))
			continue
		}
		h = mix(h + color[e.to.id])
	}
	return h
}

// same checks that every merged node answers as its representative did to all that it was asked, and that what follows is
// the same, too. It is the check of two automata for equality by Hopcroft and Karp.
//
// The question is whether two nodes are bisimilar in what the search asked. It runs the code for answers
// that only one of the two was ever asked for, and unites classes (union-find) instead of comparing pairs
// again, so that it ends even where automata have cycles.
func (a *automaton) same() (yes bool) {
	defer func() {
		if e := recover(); e != nil {
			if _, ok := e.(*ModelError); !ok {
				panic(e)
			}
			yes = false // code that never gets such an answer need not be able to take it
		}
	}()
	type pair struct{ n, like *node }
	var todo []pair
	class := map[*node]*node{}
	var find func(n *node) *node
	find = func(n *node) *node {
		c, ok := class[n]
		if !ok || c == n {
			return n
		}
		c = find(c)
		class[n] = c
		return c
	}
	join := func(n, like *node) {
		if x, y := find(n), find(like); x != y {
			class[x] = y
			todo = append(todo, pair{n, like})
		}
	}
	for _, n := range slices.Clone(a.nodes) {
		if n.rep != n {
			join(n, n.rep)
		}
	}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if p.n.over() || p.like.over() || p.n.op != p.like.op || p.n.depth != p.like.depth ||
			p.n.start.role() != p.like.start.role() || a.itemsMatter() && p.n.start.obj != p.like.start.obj {
			return false
		}
		for _, n := range [2]*node{p.like, p.n} { // whichever of the two was asked
			for e := range n.each {
				x, y := a.next(p.n, e.result), a.next(p.like, e.result)
				if (x.bad == nil) != (y.bad == nil) || x.bad != nil && x.bad.Kind != y.bad.Kind {
					return false
				}
				if x.bad == nil {
					join(x.to, y.to)
				}
			}
		}
	}
	return true
}
