package pagetable_test

import (
	"fmt"
	"strings"

	"ptsim/explore"
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/scenario"
	"ptsim/pgalloc"
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

// A question that no kernel answered: what if khugepaged of classic had waited for a grace period, and not interrupted every CPU? The walker
// that reads too late under the one is in time under the other.
func Example_synchronizeRCU() {
	s, err := scenario.Load("walk")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, way := range []string{"ipi", "synchronize_rcu"} {
		text := strings.Replace(s.Source, "defer x", way+"\n  free x", 1)
		what, err := scenario.Parse("way.scn", text)
		if err != nil {
			fmt.Println(err)
			return
		}
		m, err := pagetable.Build(what, pgalloc.Classic, "")
		if err != nil {
			fmt.Println(err)
			return
		}
		r, err := explore.Exhaustive(m, explore.Defaults())
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(way, r.Verdict)
	}
	// Output:
	// ipi violated
	// synchronize_rcu safe
}
