package explain_test

import (
	"fmt"

	"ptsim/explore"
	"ptsim/internal/explain"
	"ptsim/kern"
	"ptsim/lab"
)

// A step of a lab with one rule, and a step that no rule of it is about.
func Example() {
	l := &lab.Lab{Rules: []lab.Rule{
		{ID: "top-alone", Text: "The top of a stack changes by cmpxchg alone.", Source: "R. K. Treiber, 1986", Steps: []string{"top"}},
	}}
	f := &lab.Facts{
		Who: "one", Does: "changes s->top from a to b if it is a: done", Object: "s", Field: "top", Alive: true,
		Step: &explore.Step{Op: kern.Op{Kind: kern.OpCmpXchg}},
	}
	told := explain.Step(f, l)
	fmt.Println(told.Text)
	fmt.Println("  rule:", told.Rule)
	fmt.Println("  from:", told.Cites[0].Where)
	f = &lab.Facts{Who: "two", Does: "reads a->next: b", Object: "a", Field: "next", Alive: true, Step: &explore.Step{Op: kern.Op{Kind: kern.OpRead}}}
	told = explain.Step(f, l)
	fmt.Println(told.Text)
	fmt.Println("  rule:", told.Rule)
	// Output:
	// one changes s->top from a to b if it is a: done.
	//   rule: The top of a stack changes by cmpxchg alone.
	//   from: R. K. Treiber, 1986
	// two reads a->next: b.
	//   rule: READ_ONCE() is one access and orders nothing else.
}
