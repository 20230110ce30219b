package workload_test

import (
	"context"
	"fmt"
	"strings"

	"ptsim/internal/workload"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// A text, run on two versions.
func ExampleRun() {
	spec, err := workload.Parse("pairs", strings.NewReader(`
		duration 1s
		process worker
		count 10
		anon 6M          # six page tables each
	`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range []pgalloc.Variant{pgalloc.Active, pgalloc.FullPage} {
		out, err := workload.Run(context.Background(), spec, workload.Options{Seed: 1, Machine: s390sim.Config{Variant: v, Checks: true}})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %d tables on %d pages, %d violations\n", out.Name, out.Figures.PeakTables, out.Figures.PeakPages, out.Total)
	}
	// Output:
	// active: 60 tables on 30 pages, 0 violations
	// fullpage: 60 tables on 60 pages, 0 violations
}
