package shrinker_test

import (
	"fmt"

	"ptsim/explore"
	"ptsim/internal/scenario"
	"ptsim/lab"
)

// A walk against an umount, on the second version of the series and on what was merged.
func Example() {
	s, err := scenario.Load("shrinker/walk")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range []string{"v2", "v6.7"} {
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
	// v2 violated use-after-free
	// v6.7 safe
}
