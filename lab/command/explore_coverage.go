package command

import (
	"fmt"
	"io"

	"ptsim/internal/coverage"
	"ptsim/internal/prose"
)

// writeCoverage says what a safe verdict covers, and what it does not.
func (q *inquiry) writeCoverage(w io.Writer, a *answer, width int) {
	c := coverage.Of(q.Scenario, &a.Result)
	if c == nil {
		return
	}
	for i, line := range c.Lines() {
		first := ""
		if i > 0 {
			first = "  "
		}
		fmt.Fprint(w, prose.Hang(first, "  ", line, width))
	}
}
