package zswap_test

import (
	"fmt"

	"ptsim/explore"
	"ptsim/internal/scenario"
	"ptsim/lab"
)

// One load, on v5.11 and on v5.12: what sleeps where it must not needs no second task.
func Example() {
	s, err := scenario.Load("zswap/load")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range []string{"v5.11", "v5.12"} {
		m, err := lab.Build(s, v)
		if err != nil {
			fmt.Println(err)
			return
		}
		r, err := explore.Exhaustive(m, explore.Defaults())
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Print(v, " ", r.Verdict)
		if r.Violation != nil {
			fmt.Print(" ", r.Violation.Kind)
		}
		fmt.Println()
	}
	// Output:
	// v5.11 violated sleep-in-atomic
	// v5.12 safe
}
