package swap_test

import (
	"fmt"

	"ptsim/explore"
	"ptsim/internal/scenario"
	"ptsim/lab"
	"ptsim/memory"
)

// The first swapon against a user, without smp_rmb(): nothing is wrong under sequential consistency.
func Example() {
	s, err := scenario.Load("swap/on")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, version := range []string{"no-rmb", "v5.14"} {
		for _, model := range []memory.Model{memory.SC, memory.LKMM} {
			m, err := lab.Build(s, version)
			if err != nil {
				fmt.Println(err)
				return
			}
			opt := explore.Defaults()
			opt.Model = model
			r, err := explore.Exhaustive(m, opt)
			if err != nil {
				fmt.Println(err)
				return
			}
			fmt.Println(version, "under", model, "is", r.Verdict)
		}
	}
	// Output:
	// no-rmb under sc is safe
	// no-rmb under lkmm is violated
	// v5.14 under sc is safe
	// v5.14 under lkmm is safe
}
