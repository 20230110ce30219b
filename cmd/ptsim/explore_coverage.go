package main

import (
	"fmt"
	"io"

	"ptsim/internal/coverage"
)

// writeCoverage says what a safe verdict covers, and what it does not.
func (q *question) writeCoverage(w io.Writer, a *answer) {
	c := coverage.Of(q.scenario, &a.Result)
	if c == nil {
		return
	}
	failures := "no batch that finds no page"
	if c.FailuresTried {
		failures = "batches that find no page"
	}
	fmt.Fprintf(w, "covers %s, %s; odds of a hash clash %.0e\n", c.Model, failures, c.ClashOdds)
	for _, o := range c.Operations {
		fmt.Fprintf(w, "  no schedule came to a primitive in %s\n", o)
	}
	for _, call := range c.Calls {
		fmt.Fprintf(w, "  no schedule came to the primitive at %s, in %s\n", call, call.Func)
	}
}
