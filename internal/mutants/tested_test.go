package mutants_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/mutants"
)

// Mutants that the tests of their package judge: those of the emulator, the traces, the account at the end of a scenario
// and the searcher itself.

// testedSample is what a plain test does.
var testedSample = []string{
	"fork/child-not-linked", "addrspace/front-keeps-offset", "mmslot/exit-does-not-wait", "scan/madvise-no-reference",
	"retract/anon-not-again", "final/count-fine", "process/vm-not-counted", "headers/cut-short-is-fine",
	"file/damage-unseen", "touch/brute-one-server",
}

// TestTestedMutants wants each mutant to be killed by the test that its list names, or to survive its package's tests.
// PTSIM_MUTANTS=all does all, PTSIM_MUTANTS=s390sim/ or fork/child those whose source or name begins like that, and
// several of them with commas between, and PTSIM_MUTANTS=new those without an answer. With -update it finds out which test kills them.
func TestTestedMutants(t *testing.T) {
	which := os.Getenv("PTSIM_MUTANTS")
	ms := slices.DeleteFunc(all(t), func(m *mutants.Mutant) bool {
		switch which {
		case "all":
			return m.Tests == ""
		case "":
			return m.Tests == "" || !slices.Contains(testedSample, m.Name)
		case "new":
			return m.Tests == "" || m.Survives() || m.Test.Name != ""
		}
		return m.Tests == "" || !slices.ContainsFunc(strings.Split(which, ","), func(w string) bool {
			return strings.HasPrefix(m.File, w) || strings.HasPrefix(m.Name, w)
		})
	})
	if which == "" {
		require.Len(t, ms, len(testedSample), "the sample names mutants that are not there")
	}
	require.NotEmptyf(t, ms, "PTSIM_MUTANTS=%s; expected all, or the beginning of a source or a name", which)
	dir, err := filepath.Abs(root)
	require.NoError(t, err)
	lab := mutants.NewLab(dir, t.TempDir())
	if which != "" && *update {
		rewrite(t, killers(t, lab, ms))
		return
	}
	inPairs(ms, func(m *mutants.Mutant) { tryTested(t.Context(), t, lab, m) })
}

func tryTested(ctx context.Context, t *testing.T, lab *mutants.Lab, m *mutants.Mutant) {
	j, err := lab.Judge(ctx, m, nil, nil)
	assert.NoError(t, err)
	assert.Emptyf(t, j.Wrong, "%s: mutant %s", m.At, m.Name)
}

// killers finds out which test kills each mutant: the one that the list names if it does, else the first.
func killers(t *testing.T, lab *mutants.Lab, ms []*mutants.Mutant) map[string]string {
	answers := map[string]string{}
	var mu sync.Mutex
	inPairs(ms, func(m *mutants.Mutant) {
		if m.Survives() || m.Test.Name != "" && m.Test.Package != m.Tests {
			tryTested(t.Context(), t, lab, m)
			return
		}
		if m.Test.Name != "" {
			if fails, err := lab.Test(t.Context(), m); err == nil && fails {
				return
			}
		}
		failed, err := lab.TestAll(t.Context(), m)
		if !assert.NoError(t, err) || !assert.NotEmptyf(t, failed, "%s: mutant %s survives all tests of %s", m.At, m.Name, m.Tests) {
			return
		}
		t.Logf("%s: %s", m.Name, failed)
		mu.Lock()
		defer mu.Unlock()
		answers[m.Name] = "test " + failed
	})
	return answers
}

// inPairs calls f for the mutants, two at a time.
func inPairs(ms []*mutants.Mutant, f func(m *mutants.Mutant)) {
	todo := make(chan *mutants.Mutant)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for m := range todo {
				f(m)
			}
		})
	}
	for _, m := range ms {
		todo <- m
	}
	close(todo)
	wg.Wait()
}
