package litmus_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/litmus"
	"ptsim/memory"
)

// suite returns a file of the folder with public test suites, which are other people's text and not part of this module.
func suite(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("PTSIM_LITMUS")
	if dir == "" {
		t.Skip("PTSIM_LITMUS names no folder with public litmus suites")
	}
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("PTSIM_LITMUS has no %s", name)
	}
	return path
}

func runModel(t *testing.T, test *litmus.Test, o litmus.Options) *litmus.Result {
	t.Helper()
	r, err := litmus.Run(context.Background(), test, o)
	require.NoError(t, err)
	return r
}

// each runs every test of a suite that can be read, and returns how many cannot.
func each(t *testing.T, path string, o litmus.Options, f func(path string, test *litmus.Test, r *litmus.Result)) (refused int) {
	t.Helper()
	require.NoError(t, litmus.Collect(path, func(path, text string) error {
		test, err := litmus.Parse(path, text)
		if err != nil {
			t.Log(err)
			refused++
			return nil
		}
		f(path, test, runModel(t, test, o))
		return nil
	}))
	return refused
}

var lkmm = litmus.Options{Model: memory.LKMM}

// TestKernelSuite runs the kernel's own tests, whose comments tell their results. The machine excludes load buffering.
func TestKernelSuite(t *testing.T) {
	excluded := []string{"LB+poonceonces"}
	n := 0
	refused := each(t, suite(t, "kernel-6.1.tar.xz"), lkmm, func(path string, test *litmus.Test, r *litmus.Result) {
		n++
		want := test.Result
		require.NotEmpty(t, want, path)
		if slices.Contains(excluded, test.Name) {
			want = "Never"
		}
		assert.Equal(t, want, r.Verdict(), path)
	})
	assert.Zero(t, refused)
	assert.Equal(t, 38, n)
}

// TestCatalogue compares the final states with herd7's. Those that are missing need a store that overtakes an earlier load.
func TestCatalogue(t *testing.T) {
	path := suite(t, "herd-catalogue.tar.xz")
	overtaking := map[string][]string{
		"C-LB+o-o+o-o":   {"0:r2=2; 1:r2=2;"},
		"LB+poonceonces": {"0:r0=1; 1:r0=1;"},
	}
	want := herdStates(t, path)
	n := 0
	refused := each(t, path, lkmm, func(path string, test *litmus.Test, r *litmus.Result) {
		states, ok := want[filepath.Base(path)]
		require.True(t, ok, path)
		have := overtaking[test.Name]
		for _, v := range r.Finals {
			have = append(have, test.FinalState(v))
		}
		assert.ElementsMatch(t, states, have, path)
		n++
	})
	assert.Zero(t, refused)
	assert.Equal(t, 79, n)
	for name, states := range overtaking {
		t.Log(name, "is not reached, because a store would overtake a load:", states)
	}
}

var herdOutput = regexp.MustCompile(`(?s)States \d+\n(.*?)\n(?:Ok|No)\n`)

// TestMcKenney compares with what herd7 says: no false alarm under linux-kernel.cat, and the same answer under the file with
// the line that the machine follows.
func TestMcKenney(t *testing.T) {
	table, err := os.ReadFile(suite(t, "mckenney.tsv"))
	require.NoError(t, err)
	type answers struct{ cat, changed bool }
	want := map[string]answers{}
	for _, line := range strings.Split(string(table), "\n") {
		if f := strings.Split(line, "\t"); len(f) == 4 && f[0][0] != '#' {
			want[f[0]] = answers{f[2] == "yes", f[3] == "yes"}
		}
	}
	for _, release := range []memory.Release{memory.Linux61, memory.Linux612} {
		n := 0
		refused := each(t, suite(t, "mckenney.tar.xz"), litmus.Options{Model: memory.LKMM, Release: release}, func(path string, test *litmus.Test, r *litmus.Result) {
			w, ok := want[path]
			if !ok {
				return
			}
			n++
			reached := r.Positive > 0
			if test.Quantifier == "forall" { // what can happen is that it fails
				reached = r.Positive < len(r.Finals)
			}
			assert.False(t, reached && !w.cat, "%s: a false alarm", path)
			assert.Equal(t, w.changed, reached, path)
		})
		assert.GreaterOrEqual(t, n*100, 98*len(want), "%d tests were refused", refused)
	}
}
