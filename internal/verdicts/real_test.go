package verdicts_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/verdicts"
	"ptsim/kern"
)

// TestWhatTheKernelDid wants the verdicts on the scenarios that follow docs/real.md to be what a real kernel did with the
// same code: KASAN, lockdep and lost pages on one side, and no report on the other.
func TestWhatTheKernelDid(t *testing.T) {
	softirqCPU := []int{1, 2}
	ownCPU := []int{explore.SoftirqsOnCPU}
	for _, c := range []struct {
		scenario string
		versions []string
		softirqs []int
		kind     kern.Kind // NoViolation: safe
		where    string    // the function that does it
	}{
		{"migrate", []string{"rfc", "rfc-as-posted"}, softirqCPU, kern.UseAfterFree, "__tlb_remove_table"},
		{"migrate", []string{"rfc", "rfc-as-posted"}, ownCPU, kern.UseAfterFree, "__tlb_remove_table"},
		{"migrate", []string{"classic", "pinned/half", "active"}, []int{1, 2, explore.SoftirqsOnCPU}, kern.NoViolation, ""},
		{"lazy", []string{"rfc", "rfc-as-posted"}, softirqCPU, kern.UseAfterFree, "__tlb_remove_table"},
		{"lazy", []string{"classic", "pinned/half", "active"}, softirqCPU, kern.NoViolation, ""},
		{"defer2", []string{"rfc-as-posted"}, softirqCPU, kern.PageLost, ""},
		{"defer2", []string{"pinned/half", "active"}, softirqCPU, kern.NoViolation, ""},
		{"exec", []string{"rfc", "rfc-as-posted"}, ownCPU, kern.SoftirqDeadlock, "__tlb_remove_table"},
		{"exec", []string{"classic", "pinned/half", "active"}, ownCPU, kern.NoViolation, ""},
		// One CPU for all: it takes the move to another for the callback to be late.
		{"lazy", []string{"rfc"}, ownCPU, kern.NoViolation, ""},
	} {
		out, err := verdicts.Run(cells(t, []string{c.scenario}), verdicts.Options{})
		require.NoError(t, err)
		seen := 0
		for i := range out {
			o := &out[i]
			if !slices.Contains(c.versions, o.Version.String()) || !slices.Contains(c.softirqs, o.Setting.Softirqs) || o.Setting.Grace != explore.GracePrecise {
				continue
			}
			seen++
			name := c.scenario + " on " + o.Version.String() + ", " + o.Setting.String()
			if c.kind == kern.NoViolation {
				assert.Equal(t, explore.Safe, o.Verdict, name)
				continue
			}
			if assert.Equal(t, explore.Violated, o.Verdict, name) {
				assert.Equal(t, c.kind, o.Violation.Kind, name)
				if c.where != "" {
					assert.Equal(t, c.where, o.Violation.Func, name)
				}
			}
		}
		assert.Equal(t, len(c.versions)*len(c.softirqs), seen, c.scenario)
	}
}
