package labs_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/course"
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

// choice is a choice of a question in the same document: `LAB ROW`, and what the row does.
var choice = regexp.MustCompile("^`([a-z]+) ([A-Za-z0-9-]+)`: ")

// TestQuestionsSideBySide wants the right choices of the questions there to be those whose rows are safe.
func TestQuestionsSideBySide(t *testing.T) {
	l, err := course.Load("side-by-side")
	require.NoError(t, err)
	questions := 0
	for _, b := range l.Blocks {
		q, ok := b.(*course.Question)
		if !ok {
			continue
		}
		questions++
		for i, text := range q.Choices {
			m := choice.FindStringSubmatch(text)
			require.NotNil(t, m, text)
			l, err := labs.Get(m[1])
			require.NoError(t, err)
			at := slices.IndexFunc(l.Rows, func(r lab.Row) bool { return r.ID == m[2] })
			require.GreaterOrEqual(t, at, 0, text)
			assert.Equal(t, l.Rows[at].Expect == "safe", slices.Contains(q.Answer, i), "question %d: %s", q.Number, text)
		}
	}
	assert.GreaterOrEqual(t, questions, 3)
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
