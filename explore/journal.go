package explore

import (
	"fmt"
	"hash/fnv"
	"slices"

	"ptsim/kern"
)

// learnt is one thing that an automaton learnt: where the function of a callback or a work item begins, or where a result leads.
// The number of a node is part of every fingerprint, and is a matter of the order in which things were learnt. An automaton that
// learns the same in the same order has the same nodes.
type learnt struct {
	Node   int32 // whose edge it is, -1 if it is an entry
	Result uint32
	Who    int8
	Fn     kern.Func
	Obj    kern.Addr
}

// savedAutomaton is an automaton in a checkpoint.
type savedAutomaton struct {
	Journal []learnt
	Reps    []uint32 // by node: its representative
	Runs    int
	Check   uint64 // a fingerprint of all nodes
}

// keep returns what relearn needs. Nobody may be learning.
func (a *automaton) keep() savedAutomaton {
	k := savedAutomaton{Journal: a.journal, Runs: a.Runs, Check: a.fingerprint()}
	for _, n := range a.nodes {
		k.Reps = append(k.Reps, n.rep.id)
	}
	return k
}

// relearn has a new automaton learn what another did. It is not ok if the code does not do what it did.
func (a *automaton) relearn(k *savedAutomaton) (ok bool) {
	defer func() {
		if e := recover(); e != nil {
			if _, is := e.(*ModelError); !is {
				panic(e)
			}
			ok = false
		}
	}()
	for _, l := range k.Journal {
		switch {
		case l.Node < 0:
			a.entry(int(l.Who), l.Fn, l.Obj)
		case int(l.Node) >= len(a.nodes):
			return false
		default:
			a.next(a.nodes[l.Node], l.Result)
		}
	}
	if len(k.Reps) != len(a.nodes) || a.fingerprint() != k.Check || slices.Max(k.Reps) >= uint32(len(a.nodes)) {
		return false
	}
	for i, n := range a.nodes {
		n.rep = a.nodes[k.Reps[i]]
	}
	a.follow()
	a.Runs = k.Runs
	return true
}

// fingerprint is one of all nodes: what they are about to do, and where they are.
func (a *automaton) fingerprint() uint64 {
	h := fnv.New64a()
	for _, n := range a.nodes {
		s := n.start
		fmt.Fprintln(h, n.op.Kind, n.op.Addr, n.op.A, n.op.B, n.depth, n.slot, n.hist, s.task, s.pos, s.fn, s.obj)
	}
	return h.Sum64()
}
