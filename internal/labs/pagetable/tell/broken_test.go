package tell_test

import (
	"context"
	"strings"
	"testing"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/kern"
	"ptsim/pgalloc"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The shortest schedules to what is known to break, and the rules that the last sentence has to name.
func TestEveryViolation(t *testing.T) {
	u := &used{by: map[string]map[string]int{}}
	for _, c := range []struct {
		scenario, version string
		softirqs          int
		grace             explore.Grace
		kind              kern.Kind
		rule              string
		text              string // what the sentence of the last step has in it
	}{
		{"S1", "rfc", 1, explore.GracePrecise, kern.UseAfterFree, "callback-is-no-reference", "freed at step 15: at its look the lower half of page1 was allocated"},
		{"munmap", "rfc", 1, explore.GracePrecise, kern.UseAfterFree, "callback-is-no-reference", "this is the flaw"},
		{"munmap", "rfc-as-posted", 1, explore.GracePrecise, kern.UseAfterFree, "callback-is-no-reference", "this is the flaw"},
		{"recycle", "rfc", 1, explore.GracePrecise, kern.UseAfterFree, "callback-is-no-reference", "this is the flaw"},
		{"defer2", "rfc-as-posted", 1, explore.GracePrecise, kern.PageLost, "chain-as-posted", "is lost with mask"},
		{"walk2", "rfc-as-posted", 1, explore.GracePrecise, kern.PageLost, "chain-as-posted", "nobody has queued its callback"},
		{"B4", "rfc", explore.SoftirqsOnCPU, explore.GracePrecise, kern.SoftirqDeadlock, "flush-with-bh-on", "which A munmap on CPU0, the task that it interrupted, holds with BH on"},
		{"full", "rfc", explore.SoftirqsOnCPU, explore.GracePrecise, kern.SoftirqDeadlock, "flush-with-bh-on", "forever"},
		{"walk", "classic", 1, explore.GracePrecise, pgalloc.ReaderUseAfterFree, "khugepaged-ipi", "lower half of page1, which is free by now"},
		{"walk2", "classic", 1, explore.GracePrecise, pgalloc.ReaderUseAfterFree, "khugepaged-ipi", "upper half of page1, which is free by now"},
		{"S1", "pinned/page", 2, explore.GraceAny, kern.UseAfterFree, "pin-page", "context.lock"},
		{"S1f", "pinned/page", 1, explore.GracePrecise, kern.UseAfterFree, "pin-page", "context.lock"},
		{"munmap", "pinned/page-life", 2, explore.GraceAny, kern.UseAfterFree, "pin-page-life", "context.lock"},
		{"S1f", "pinned/page-life", 1, explore.GracePrecise, kern.UseAfterFree, "pin-page-life", "context.lock"},
	} {
		t.Run(c.scenario+"/"+c.version, func(t *testing.T) {
			v, err := question.ParseVersion(c.version)
			require.NoError(t, err)
			ses := open(t, c.scenario, v, c.softirqs, c.grace)
			defer ses.Close()
			a, err := ses.Run(context.Background(), 1_000_000)
			require.NoError(t, err)
			require.Equal(t, "violated", a.Verdict, a.Sentence)
			line := ses.Line()
			for i := range line[1:] {
				inspect(t, ses, line[i].View, line[i+1].View, u)
			}
			last := ses.View()
			require.Equal(t, c.kind.String(), last.Violation.Kind)
			s := last.Did.Sentence
			t.Log(s.Text)
			assert.Equal(t, c.rule, s.ID)
			assert.Contains(t, s.Text, c.text)
			assert.NotContains(t, s.Text, "VIOLATION", "it is told in words of its own")
			for _, try := range line[1 : len(line)-1] {
				assert.False(t, strings.Contains(try.View.Did.Sentence.Text, "this is the flaw"))
			}
		})
	}
}
