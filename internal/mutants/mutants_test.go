package mutants_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/mutants"
)

var update = flag.Bool("update", false, "write docs/reference/mutants.md and, with PTSIM_MUTANTS=all, the lists' lines \"killed\"")

const root = "../.."

// sample is what a plain test does.
var sample = []string{
	"classic/alloc-takes-pending", "classic/free-one-step", "active/defer-not-active", "fullpage/defer-at-once",
	"rfc/relink-no-recheck", "rfc/callback-no-shift", "pinned/remove-pt_mm-late", "typesafe/remove-no-reader", "space/drop-not-atomic",
	"gather/flush-stays-open", "list/insert-tail-wrong",
}

func all(t testing.TB) []*mutants.Mutant {
	ms, err := mutants.All()
	require.NoError(t, err)
	return ms
}

// TestMutants wants each mutant to be killed as its list says, or to survive everything.
func TestMutants(t *testing.T) {
	ms := slices.DeleteFunc(all(t), func(m *mutants.Mutant) bool { return m.Tests != "" })
	everything := os.Getenv("PTSIM_MUTANTS") == "all"
	if !everything {
		ms = slices.DeleteFunc(ms, func(m *mutants.Mutant) bool { return !slices.Contains(sample, m.Name) })
		require.Len(t, ms, len(sample), "the sample names mutants that are not there")
	}
	e := newExperiment(t, ms, everything && *update)
	e.run(ms)
	if e.search {
		rewrite(t, e.kills)
	}
}

// experiment is a run of some mutants.
type experiment struct {
	t      *testing.T
	lab    *mutants.Lab
	search bool // find out what kills them, whatever the list says
	names  []string

	mu    sync.Mutex
	safe  map[string]bool   // jobs in which the original is safe
	kills map[string]string // the lines "killed"
}

// newExperiment has the original do all the jobs that the mutants will.
func newExperiment(t *testing.T, ms []*mutants.Mutant, search bool) *experiment {
	dir, err := filepath.Abs(root)
	require.NoError(t, err)
	e := &experiment{
		t: t, lab: mutants.NewLab(dir, t.TempDir()), search: search, safe: map[string]bool{}, kills: map[string]string{},
	}
	e.names, err = e.lab.Scenarios()
	require.NoError(t, err)
	original, err := e.lab.Build(t.Context(), nil)
	require.NoError(t, err)
	var jobs []string
	for _, m := range ms {
		for _, job := range e.jobs(m) {
			if !slices.Contains(jobs, job) {
				jobs = append(jobs, job)
			}
		}
	}
	found, err := e.lab.Run(t.Context(), original, false, jobs...)
	require.NoError(t, err)
	require.Len(t, found, len(jobs))
	for _, o := range found {
		require.Contains(t, []string{"safe", "violated"}, o.Verdict, o)
		e.safe[o.Job] = o.Verdict == "safe"
	}
	return e
}

// jobs returns what a mutant is run on: the job that is said to kill it, or all.
func (e *experiment) jobs(m *mutants.Mutant) []string {
	if !m.Survives() && !e.search {
		return []string{m.Killed.Job}
	}
	var jobs []string
	for _, version := range m.On {
		jobs = append(jobs, mutants.Jobs(e.names, version)...)
	}
	return jobs
}

// run does the mutants.
func (e *experiment) run(ms []*mutants.Mutant) {
	inPairs(ms, func(m *mutants.Mutant) { e.try(e.t.Context(), m) })
}

func (e *experiment) try(ctx context.Context, m *mutants.Mutant) {
	t := e.t
	if !m.Survives() && e.search {
		e.find(ctx, m)
		return
	}
	j, err := e.lab.Judge(ctx, m, e.names, func(job string) (bool, error) { return e.safe[job], nil })
	assert.NoError(t, err)
	assert.Emptyf(t, j.Wrong, "%s: mutant %s", m.At, m.Name)
}

// find finds out what kills a mutant.
func (e *experiment) find(ctx context.Context, m *mutants.Mutant) {
	t := e.t
	program, err := e.lab.Build(ctx, m)
	if !assert.NoError(t, err) {
		return
	}
	defer os.Remove(program)
	jobs := slices.DeleteFunc(e.jobs(m), func(job string) bool { return !e.safe[job] })
	found, err := e.lab.Run(ctx, program, true, jobs...)
	if !assert.NoErrorf(t, err, "%s: mutant %s", m.At, m.Name) || !assert.NotEmpty(t, found) {
		return
	}
	last := found[len(found)-1]
	if !last.Kills() {
		assert.Failf(t, "survived", "%s: mutant %s survives: %s", m.At, m.Name, last)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.kills[m.Name] = "killed " + last.Job + " " + last.Kind
}

// rewrite writes answers of the lists anew.
func rewrite(t *testing.T, kills map[string]string) {
	for _, list := range mutants.Lists() {
		text, err := os.ReadFile(list)
		require.NoError(t, err)
		changed, err := mutants.Rewrite(list, string(text), kills)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(list, []byte(changed), 0o644))
	}
}

// TestDocsAreFresh wants docs/reference/mutants.md to be what the lists make.
func TestDocsAreFresh(t *testing.T) {
	doc := filepath.Join(root, "docs", "reference", "mutants.md")
	want := mutants.Table(all(t))
	if *update {
		if os.Getenv("PTSIM_MUTANTS") == "all" {
			t.Skip("the lists have changed: once more without PTSIM_MUTANTS")
		}
		require.NoError(t, os.WriteFile(doc, []byte(want), 0o644))
	}
	text, err := os.ReadFile(doc)
	require.NoError(t, err)
	require.Equal(t, want, string(text), "docs/reference/mutants.md is stale: go test ./internal/mutants -update")
}

// TestListsFitTheSources wants each mutant to be one of the code as it is, and to have an answer.
func TestListsFitTheSources(t *testing.T) {
	ms := all(t)
	assert.Greater(t, len(ms), 300)
	killed := 0
	for _, m := range ms {
		source, err := os.ReadFile(filepath.Join(root, m.File))
		if !assert.NoError(t, err, m.At) {
			continue
		}
		changed, err := m.Apply(string(source))
		if !assert.NoError(t, err) {
			continue
		}
		assert.NotEqualf(t, string(source), changed, "%s: mutant %s changes nothing", m.At, m.Name)
		if m.Tests != "" {
			assert.Truef(t, m.Survives() || m.Test.Name != "", "%s: mutant %s has no answer; expected test or equal", m.At, m.Name)
			continue
		}
		if !m.Survives() {
			killed++
			assert.NotEmptyf(t, m.Killed.Job, "%s: mutant %s has no answer; expected killed, equal or blind", m.At, m.Name)
		}
		if m.Blind != "" {
			assert.NotEmptyf(t, m.Test.Name, "%s: mutant %s is wrong, no scenario sees it, and no test either", m.At, m.Name)
		}
	}
	assert.Greater(t, killed, 250)
}
