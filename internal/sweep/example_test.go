package sweep_test

import (
	"context"
	"fmt"
	"time"

	"ptsim/internal/sweep"
)

// What two tables per page save where a process has one table, and where it has four.
func Example() {
	for _, tables := range []int{1, 4} {
		p := sweep.Point{Processes: 8, Tables: tables, Lifetime: 100 * time.Millisecond, Grace: 10 * time.Millisecond, CPUs: 4}
		rows, err := sweep.Run(context.Background(), p, 1)
		if err != nil {
			fmt.Println(err)
			return
		}
		r := sweep.Result{Point: p, Rows: rows}
		fmt.Printf("%s: %.0f%% saved\n", p.Name(), 100*r.Saved())
	}
	// Output:
	// p8.t1.l100ms.c0.g10ms.n4: 0% saved
	// p8.t4.l100ms.c0.g10ms.n4: 50% saved
}
