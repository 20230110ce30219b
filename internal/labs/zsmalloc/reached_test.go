package zsmalloc_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim"
	"ptsim/explore"
	"ptsim/internal/coverage"
	"ptsim/internal/labs/labtest"
	zs "ptsim/internal/labs/zsmalloc"
	"ptsim/lab"
)

// TestLinesAreReached wants every call of a primitive in the protocol to be come to by some schedule of some row, or to have a reason in
// testdata/unreached.txt: file, line and reason, parted by tabs.
func TestLinesAreReached(t *testing.T) {
	at := map[string]map[int]bool{}
	for _, r := range zs.Lab().Rows {
		if large(r) {
			continue
		}
		m, err := lab.Build(labtest.Scenario(t, root, zs.Lab(), r.Scenario), r.Version)
		require.NoError(t, err)
		opt := labtest.Options(&r)
		opt.NoMerge, opt.Races, opt.All = true, explore.Adjacent, true // no line counts as reached by its like, and what is wrong is gone on from
		got, err := explore.Exhaustive(m, opt)
		require.NoError(t, err)
		for _, p := range got.Reached.Places {
			if at[p.File] == nil {
				at[p.File] = map[int]bool{}
			}
			at[p.File][p.Line] = true
		}
	}
	text, err := os.ReadFile("testdata/unreached.txt")
	require.NoError(t, err)
	reasons := map[string]int{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		require.Len(t, fields, 3, line)
		reasons[fields[0]+"\t"+fields[1]]++
	}
	calls := coverage.Calls("zsmalloc")
	require.Greater(t, len(calls), 150)
	for _, c := range calls {
		if at[c.File][c.Line] {
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
