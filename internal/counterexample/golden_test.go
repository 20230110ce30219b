package counterexample_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/counterexample"
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/kern"
	"ptsim/pgalloc"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

// shortest returns the shortest schedule that breaks a scenario, as a case.
func shortest(t testing.TB, name string, v pgalloc.Variant, pin pgalloc.Pin, change func(*explore.Options)) *counterexample.Case {
	t.Helper()
	s, m := build(t, name, v, pin)
	opt := explore.Defaults()
	if change != nil {
		change(&opt)
	}
	r, err := explore.Shortest(m, opt, kern.NoViolation)
	require.NoError(t, err)
	require.Equal(t, explore.Violated, r.Verdict)
	c, err := counterexample.Replay(m, opt, r.Schedule, s, question.Version(v))
	require.NoError(t, err)
	return c
}

func build(t testing.TB, name string, v pgalloc.Variant, pin ...pgalloc.Pin) (*scenario.Scenario, *explore.Model) {
	t.Helper()
	s, err := scenario.Load(name)
	require.NoError(t, err)
	m, err := pagetable.Build(s, v, append(pin, "")[0])
	require.NoError(t, err)
	return s, m
}

func write(t testing.TB, c *counterexample.Case, opt counterexample.Options) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, c.Write(&b, opt))
	return b.String()
}

func any(o *explore.Options) { o.Grace = explore.GraceAny }
func cpu(o *explore.Options) { o.Softirqs = explore.SoftirqsOnCPU }

var goldens = []struct {
	file, scenario string
	variant        pgalloc.Variant
	pin            pgalloc.Pin
	change         func(*explore.Options)
	opt            counterexample.Options
}{
	{"S1-rfc", "S1", pgalloc.RFC, "", nil, counterexample.Options{Command: "ptsim explore --replay"}},
	{"S1-rfc-all", "S1", pgalloc.RFC, "", nil, counterexample.Options{Width: 120, All: true}},
	{"S1-rfc-narrow", "S1", pgalloc.RFC, "", nil, counterexample.Options{Width: 40}},
	{"S1-pinned-page", "S1", pgalloc.Pinned, pgalloc.PinPage, any, counterexample.Options{}},
	{"S1f-pinned-page-life", "S1f", pgalloc.Pinned, pgalloc.PinPageLife, nil, counterexample.Options{}},
	{"defer2-rfc-as-posted", "defer2", pgalloc.RFCAsPosted, "", nil, counterexample.Options{}},
	{"B4-rfc", "B4", pgalloc.RFC, "", cpu, counterexample.Options{}},
	{"walk-classic", "walk", pgalloc.Classic, "", nil, counterexample.Options{}},
	{"fork-rfc", "fork", pgalloc.RFC, "", nil, counterexample.Options{}},
}

// TestGoldens wants the shortest schedules to be drawn as testdata has them.
func TestGoldens(t *testing.T) {
	for _, tt := range goldens {
		t.Run(tt.file, func(t *testing.T) {
			got := write(t, shortest(t, tt.scenario, tt.variant, tt.pin, tt.change), tt.opt)
			path := filepath.Join("testdata", tt.file+".txt")
			if *update {
				require.NoError(t, os.MkdirAll("testdata", 0o755))
				require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, string(want), got)
		})
	}
}
