// Package stack is the lab of the lock-free stack: the smallest there is, and the one to copy from. The protocol is package
// ptsim/stack, which knows nothing of labs; this is the table that tells the faces about it.
//
// Its question is the one that all labs ask. A pop obtains a pointer, the top; it observes a fact, what is below it; and it acts on
// the fact later, by a compare-and-swap. Nothing connects the time of the second to the time of the third: the compare-and-swap
// only sees that the pointer is the same. The three versions are a flaw and two repairs: to make a fact that has become old show
// (a counter), and to keep others out meanwhile (a lock).
//
// # What there is
//
// Nouns are stacks and nodes, verbs are push and pop. What must hold: no node is held by two tasks, and none is on two stacks, or on
// one and held. When all is quiet every node is on a stack or held. The states of one search are a few hundred.
//
// # What it does not do
//
// It has no weak memory, no callbacks and no context to break: other labs have.
//
// # Where to start
//
// The Example. Then copy this file.
package stack

import (
	_ "embed"
	"fmt"

	"ptsim/kern"
	"ptsim/lab"
	"ptsim/stack"
)

//go:embed lesson.md
var lesson string

// Lab is the lab.
func Lab() *lab.Lab {
	return &lab.Lab{
		Name: "stack", Title: "a lock-free stack",
		About: "A pop reads the node on top and the one below it, and makes the second the top if the first is still there. What keeps " +
			"others from taking both in between, and putting the first back?",
		Versions: []lab.Version{
			{
				Name: string(stack.Treiber), Year: 1986, Source: "R. K. Treiber, IBM RJ 5118, without its counter",
				About: "push and pop by a compare-and-swap of the top",
			},
			{
				Name: string(stack.Counted), Year: 1983, Source: "IBM System/370 Principles of Operation, appendix A",
				About: "the top has a counter beside it that goes up with every change",
			},
			{
				Name: string(stack.LList), Year: 2011, Source: "include/linux/llist.h, Linux v3.1",
				About: "those that pop keep each other out by a lock",
			},
		},
		Nouns: []lab.Noun{
			{
				Form: "stack NAME", About: "a stack",
				Make: func(w *lab.World, c *kern.CPU, _ *lab.Line) uint32 { return uint32(stacks(w).NewStack(c)) },
			},
			{
				Form: "node NAME [on STACK]", About: "a node, on top of a stack, or held by the task that is to push it",
				Make: func(w *lab.World, c *kern.CPU, l *lab.Line) uint32 {
					n := stacks(w).NewNode(c)
					if st := w.Of(l, "STACK"); st != 0 {
						stacks(w).Push(c, stack.Stack(st), n)
					}
					return uint32(n)
				},
			},
		},
		Verbs: []lab.Verb{
			{
				Form: "push STACK NODE", About: "llist_add(): puts a node that the task holds on top; if it stands for none, does nothing",
				Do: func(c *lab.Call) {
					if n := c.Value("NODE"); n != 0 {
						stacks(c.World).Push(c.CPU, stack.Stack(c.Value("STACK")), stack.Node(n))
					}
				},
			},
			{
				Form: "pop STACK -> NODE", About: "llist_del_first(): takes the node on top; NODE stands for none if the stack is empty",
				Do: func(c *lab.Call) {
					c.Give(uint32(stacks(c.World).Pop(c.CPU, stack.Stack(c.Value("STACK")))))
				},
			},
		},
		Ends: []lab.End{
			{Form: "on STACK NODE", About: "the node is on that stack", Holds: isOn},
		},
		Setup: func(w *lab.World) { w.Protocol = stack.New(w.M, stack.Version(w.Version)) },
		Final: whole,
		Rows: []lab.Row{
			{ID: "T1", Scenario: "aba", Version: "treiber", Expect: "violated assertion", Note: "the top is what it was, and what was below it is taken"},
			{ID: "T2", Scenario: "aba", Version: "counted", Expect: "safe", Note: "the counter tells that the top is another one"},
			{ID: "T3", Scenario: "aba", Version: "llist", Expect: "safe", Note: "no pop comes between two steps of a pop"},
			{ID: "T4", Scenario: "pops", Version: "treiber", Expect: "safe", Note: "without a push nothing comes back"},
			{ID: "T5", Scenario: "pushes", Version: "treiber", Expect: "safe", Note: "one that pops, as llist allows without a lock"},
		},
		Rules: []lab.Rule{
			{
				ID: "top-again", Text: "A compare-and-swap that succeeds says that the top is the same node, not that nothing happened to it.",
				Source: "M. M. Michael and M. L. Scott, PODC 1996, section 1", Verbs: []string{"pop"}, Versions: []string{"treiber"},
				Steps: []string{"cmpxchg"},
			},
			{
				ID: "counted", Text: "The counter goes up with every change of the top, so one that succeeds says that nothing happened.",
				Source: "IBM System/370 Principles of Operation, appendix A", Versions: []string{"counted"}, Steps: []string{"cmpxchg"},
			},
			{
				ID: "one-consumer", Text: "llist_del_first needs a lock where several may call it; llist_add never does.",
				Source: "include/linux/llist.h", Versions: []string{"llist"},
			},
			{
				ID: "push-any-time", Text: "A push does not care what happened meanwhile: whatever is on top goes below the new node.",
				Source: "R. K. Treiber, IBM RJ 5118", Verbs: []string{"push"},
			},
		},
		Levels: []lab.Level{{
			Name: "aba", Title: "The same top twice", Scenario: "aba", Version: "treiber", Kind: "assertion",
			Goal: "make two tasks hold one node",
			Hint: "Stop the first task between its two reads and its compare-and-swap. What must the top be when it goes on?",
			Story: `
A stack of two nodes. One task pops the node on top. The other pops both, and pushes the first one back.

A pop checks that the top is still the node that it read. Let it check, and still be wrong.`,
		}, {
			Name: "counted", Title: "The same top, counted", Scenario: "aba", Version: "counted", Claim: true,
			Goal: "make two tasks hold one node",
			Hint: "What does the first task compare, and what has the second task done to it by then?",
			Story: `
The same two tasks. The top has a counter beside it, and both are compared and swapped at once.

Make two tasks hold one node, or say that it is impossible.`,
		}, {
			Name: "repair", Title: "What says that nothing happened?", Scenario: "aba", Also: []string{"pops", "pushes"}, Version: "treiber", Kind: "assertion",
			Goal: "repair the pop",
			Hint: "The compare-and-swap asks whether the top is the same node. What should it ask?",
			Story: `
A pop reads the top and what is below it, and swaps the one for the other if the top is what it was. In between somebody may have taken
both and put the first one back.

There are two repairs. Choose, and the explorer tries every schedule.`,
			Answers: []lab.Answer{
				{Way: lab.Recheck, Version: "counted", About: "A counter beside the top goes up with every change, and a pop checks both at once."},
				{Way: lab.Wait, Version: "llist", About: "A lock makes the tasks that pop wait for each other. Tasks that push do not wait."},
			},
		}},
		Lessons: []lab.Lesson{{Slug: "stack", Text: lesson}},
		Boxes:   map[string]lab.Drawing{stack.StackCache: lab.Chain, stack.NodeCache: lab.Chain},
	}
}

func stacks(w *lab.World) *stack.Stacks { return w.Protocol.(*stack.Stacks) }

// isOn looks whether a node is on a stack.
func isOn(w *lab.World, l *lab.Line) *kern.Violation {
	on := false
	stacks(w).Walk(w.M, stack.Stack(w.Of(l, "STACK")), func(n stack.Node) bool {
		on = on || uint32(n) == w.Of(l, "NODE")
		return true
	})
	if on {
		return nil
	}
	return &kern.Violation{
		Kind: kern.ListCorruption, Addr: kern.Addr(w.Of(l, "NODE")), Object: l.Get("NODE"),
		Detail: fmt.Sprintf("leaves %%o off the stack %s", l.Get("STACK")),
	}
}

// whole wants every node that was on a stack to be on one stack, or held by one task.
func whole(w *lab.World) *kern.Violation {
	k := stacks(w)
	on := map[stack.Node]int{}
	for _, st := range w.All("stack") {
		if !k.Walk(w.M, stack.Stack(st), func(n stack.Node) bool { on[n]++; return true }) {
			return &kern.Violation{Kind: kern.ListCorruption, Addr: kern.Addr(st), Object: w.NameOf(st), Detail: "makes a ring of %o"}
		}
	}
	for _, a := range w.All("node") {
		n := stack.Node(a)
		if sum := on[n] + k.Holders(w.M, n); sum != 1 {
			return &kern.Violation{
				Kind: kern.ListCorruption, Addr: kern.Addr(a), Object: w.NameOf(a),
				Detail: fmt.Sprintf("leaves %%o on %d stacks, and held by %d tasks", on[n], k.Holders(w.M, n)),
			}
		}
	}
	return nil
}
