package pagetable_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/scenario"
	"ptsim/kern"
	"ptsim/pgalloc"
)

// The RFC's callback reads an mm that the exiting task frees meanwhile. Where the callback interrupts the task that queued it, and
// the exiting task is on the same CPU, nothing comes in between: with one CPU the bug does not show. It does as soon as the other
// task, or the callback, has a CPU of its own.
func TestTasksOnOneCPU(t *testing.T) {
	text, err := os.ReadFile("../../../testdata/scenarios/S1.scn")
	require.NoError(t, err)
	for _, c := range []struct {
		first, second string
		softirqs      int
		want          explore.Verdict
	}{
		{"", "", explore.SoftirqsOnCPU, explore.Violated},
		{" on cpu0", " on cpu0", explore.SoftirqsOnCPU, explore.Safe},
		{" on cpu1", " on cpu1", explore.SoftirqsOnCPU, explore.Safe},
		{" on cpu1", " on cpu0", explore.SoftirqsOnCPU, explore.Violated},
		{" on cpu0", " on cpu0", 1, explore.Violated},
	} {
		s := parse(t, strings.NewReplacer("task khugepaged", "task khugepaged"+c.first, "task exit", "task exit"+c.second).Replace(string(text)))
		again := parse(t, scenario.Format(s))
		for i := range s.Tasks {
			assert.Equal(t, s.Tasks[i].On, again.Tasks[i].On, "it is written as it was read")
		}
		mo, err := pagetable.Build(s, pgalloc.RFC, "")
		require.NoError(t, err)
		opt := explore.Defaults()
		opt.Softirqs = c.softirqs
		r, err := explore.Exhaustive(mo, opt)
		require.NoError(t, err)
		assert.Equal(t, c.want, r.Verdict, "%+v", c)
		if r.Violation != nil {
			assert.Equal(t, kern.UseAfterFree, r.Violation.Kind, "%+v", c)
		}
	}
}
