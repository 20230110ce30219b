package labtest

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim"
	"ptsim/explore"
	"ptsim/internal/coverage"
)

// Lines are lines of source files: FILE, and then the number.
type Lines map[string]map[int]bool

// Add adds the lines that a search reached.
func (l Lines) Add(reached *explore.Reached) {
	for _, p := range reached.Places {
		if l[p.File] == nil {
			l[p.File] = map[int]bool{}
		}
		l[p.File][p.Line] = true
	}
}

// Reached wants every line of some packages that calls a primitive to be among those that were reached, or to have a reason in the
// test's testdata/unreached.txt: the file, the text of the line and the reason, with tabs between them. Each of several lines with
// the same text needs a reason of its own. atLeast is how many calls the packages must have, so that none is overlooked.
func Reached(t *testing.T, pkgs []string, reached Lines, atLeast int) {
	t.Helper()
	text, err := os.ReadFile("testdata/unreached.txt")
	require.NoError(t, err)
	reasons := map[string]int{} // how many lines with that text are unreached
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		require.Len(t, fields, 3, line)
		reasons[fields[0]+"\t"+fields[1]]++
	}
	var calls []coverage.Call
	for _, pkg := range pkgs {
		calls = append(calls, coverage.Calls(pkg)...)
	}
	require.Greater(t, len(calls), atLeast)
	for _, c := range calls {
		if reached[c.File][c.Line] {
			continue
		}
		source, err := ptsim.Source.ReadFile(c.File)
		require.NoError(t, err)
		key := c.File + "\t" + strings.TrimSpace(strings.Split(string(source), "\n")[c.Line-1])
		reasons[key]--
		assert.GreaterOrEqual(t, reasons[key], 0, "no schedule reaches %s, in %s, and there is no reason why:\n%s", c, c.Func, key)
	}
	for key, left := range reasons {
		assert.LessOrEqual(t, left, 0, "reached, or no more there: %s", key)
	}
}
