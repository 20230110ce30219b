package pagetable_test

import (
	"fmt"

	"ptsim/internal/labs/pagetable"
	"ptsim/internal/scenario"
)

// What a scenario of the page tables means is a program: pages, mms and operations, with what the forms say put into fields.
func Example() {
	s, err := scenario.Load("S1")
	if err != nil {
		fmt.Println(err)
		return
	}
	p := pagetable.Of(s)
	fmt.Println("users:", p.MMs[0].Users, "tables:", p.Pages[0].Tables)
	fmt.Println(p.Tasks[0].Ops[1].Kind, "of", p.Tasks[0].Ops[1].VMA)
	variant, pin, err := pagetable.Split("pinned")
	fmt.Println(variant, pin, err)
	// Output:
	// users: 0 tables: [t0 t1]
	// retract of v
	// pinned half <nil>
}
