package labs_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/labs"
	"ptsim/internal/scenario"
	"ptsim/lab"
)

// cell is what a cell of the table in docs/labs/README.md says of a row: `LAB ROW` and a verdict.
var cell = regexp.MustCompile("`([a-z]+) ([A-Za-z0-9/-]+)` (safe|violated)")

// TestSideBySide wants each cell of the table that puts the protocols side by side to be a row of a lab, with the verdict that the row
// has. The page tables' cells are a scenario and a version, which are explored.
func TestSideBySide(t *testing.T) {
	text, err := os.ReadFile("../../docs/labs/README.md")
	require.NoError(t, err)
	cells := cell.FindAllStringSubmatch(string(text), -1)
	assert.Greater(t, len(cells), 20)
	seen := map[string]int{}
	for _, m := range cells {
		l, err := labs.Get(m[1])
		if !assert.NoError(t, err) {
			continue
		}
		seen[m[1]]++
		if m[1] == "pagetable" {
			name, version, _ := strings.Cut(m[2], "/")
			assert.Equal(t, m[3], string(explored(t, name, version)), m[0])
			continue
		}
		found := false
		for _, r := range l.Rows {
			if r.ID == m[2] {
				found = true
				assert.True(t, strings.HasPrefix(r.Expect, m[3]), "%s: the row expects %q", m[0], r.Expect)
			}
		}
		assert.True(t, found, "%s: lab %s has no such row", m[0], m[1])
	}
	for _, name := range []string{"pagetable", "zsmalloc", "zswap", "shrinker", "swap"} {
		assert.Greater(t, seen[name], 3, "cells of %s", name)
	}
}

func explored(t *testing.T, name, version string) explore.Verdict {
	t.Helper()
	file := "../../testdata/scenarios/" + name + ".scn"
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	s, err := scenario.Parse(file, string(text))
	require.NoError(t, err)
	mo, err := lab.Build(s, version)
	require.NoError(t, err)
	r, err := explore.Exhaustive(mo, explore.Defaults())
	require.NoError(t, err)
	return r.Verdict
}
