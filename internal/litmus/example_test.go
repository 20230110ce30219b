package litmus_test

import (
	"context"
	"fmt"

	"ptsim/internal/litmus"
	"ptsim/memory"
)

func ExampleRun() {
	test, err := litmus.Parse("SB.litmus", `C SB
{}
P0(int *x, int *y) { WRITE_ONCE(*x, 1); smp_mb(); int r0 = READ_ONCE(*y); }
P1(int *x, int *y) { WRITE_ONCE(*y, 1); int r0 = READ_ONCE(*x); }
exists (0:r0=0 /\ 1:r0=0)
`)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range []memory.Model{memory.SC, memory.TSO, memory.LKMM} {
		r, err := litmus.Run(context.Background(), test, litmus.Options{Model: m})
		fmt.Println(m, r.Verdict(), err)
	}
	// Output:
	// sc Never <nil>
	// tso Sometimes <nil>
	// lkmm Sometimes <nil>
}
