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
	for i, line := range c.Lines() {
		if i > 0 {
			line = "  " + line
		}
		fmt.Fprintln(w, line)
	}
}
