package coverage_test

import (
	"fmt"

	"ptsim/explore"
	"ptsim/internal/coverage"
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/scenario"
	"ptsim/pgalloc"
)

func Example() {
	s, err := scenario.Load("grab")
	if err != nil {
		panic(err)
	}
	m, err := pagetable.Build(s, pgalloc.Typesafe, "")
	if err != nil {
		panic(err)
	}
	r, err := explore.Exhaustive(m, explore.Defaults())
	if err != nil {
		panic(err)
	}
	c := coverage.Of(s, &r)
	fmt.Println(c.Model, c.FailuresTried, len(c.Operations))
	// Output: sequential consistency false 0
}
