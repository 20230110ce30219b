package course_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/course"
	"ptsim/internal/masks"
	"ptsim/internal/mutants"
	"ptsim/internal/question"
	"ptsim/pgalloc"
)

// inTheLab are the exercises' mutants that a plain test builds and runs; PTSIM_MUTANTS=all has it do all.
var inTheLab = []string{"classic/free-no-del"}

// TestExercisesInTheLab builds mutants that exercises are about, and has them found out as the lists say.
func TestExercisesInTheLab(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	dir, err := filepath.Abs(root)
	require.NoError(t, err)
	lab := mutants.NewLab(dir, t.TempDir())
	var names []string
	for _, l := range lessons(t) {
		for _, e := range each[*course.Exercise](l) {
			for _, c := range e.Checks {
				if c.What == "mutant" && c.Want != "survives" && !slices.Contains(names, c.Args[0]) {
					names = append(names, c.Args[0])
				}
			}
		}
	}
	assert.GreaterOrEqual(t, len(names), 9, "mutants in the exercises")
	for _, name := range inTheLab {
		require.Contains(t, names, name)
	}
	if os.Getenv("PTSIM_MUTANTS") != "all" {
		names = inTheLab
	}
	for _, name := range names {
		t.Run(strings.ReplaceAll(name, "/", "-"), func(t *testing.T) {
			m := mutant(t, name)
			program, err := lab.Build(context.Background(), m)
			require.NoError(t, err)
			defer os.Remove(program)
			found, err := lab.Run(context.Background(), program, true, m.Killed.Job)
			require.NoError(t, err)
			require.Len(t, found, 1)
			assert.True(t, found[0].Kills())
			assert.Equal(t, m.Killed.Kind, found[0].Kind)
		})
	}
}

// maskTable is what internal/masks finds out about a version by experiment.
func maskTable(t testing.TB, version string) *masks.Table {
	t.Helper()
	v, err := question.ParseVersion(version)
	require.NoError(t, err)
	table, err := masks.Build(pgalloc.Variant(v.Variant()), pgalloc.Pin(v.Pin()))
	require.NoError(t, err)
	return table
}

func parseMask(t testing.TB, hex string) pgalloc.Mask {
	t.Helper()
	n, err := strconv.ParseUint(hex, 16, 6)
	require.NoError(t, err)
	return pgalloc.Mask(n)
}

func parseOp(t testing.TB, name string) masks.Op {
	t.Helper()
	i := slices.IndexFunc(masks.Ops(), func(o masks.Op) bool { return o.String() == name })
	require.GreaterOrEqualf(t, i, 0, "operation %q", name)
	return masks.Ops()[i]
}

// legalMasks counts the masks that a version allows, as "9 of 64".
func legalMasks(t *masks.Table) string {
	legal, all := 0, 0
	for _, s := range t.States {
		if s.Active {
			continue
		}
		all++
		if s.Legal {
			legal++
		}
	}
	return fmt.Sprintf("%d of %d", legal, all)
}

// holds looks a version up in the table of docs/reference/verdicts.md, which has all scenarios and settings.
func holds(t testing.TB, version string) string {
	t.Helper()
	doc, err := os.ReadFile(filepath.Join(root, "docs", "reference", "verdicts.md"))
	require.NoError(t, err)
	found := 0
	for _, line := range strings.Split(string(doc), "\n") {
		cells := strings.Split(line, " | ")
		if cells[0] != "| "+version || !strings.Contains(line, "safe") {
			continue
		}
		found++
		require.Len(t, cells, 7, line)
		if strings.Contains(line, "**") {
			return "not"
		}
	}
	require.Greaterf(t, found, 20, "%s in docs/reference/verdicts.md", version)
	return "always"
}
