package tell_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/stepper"
	"ptsim/pgalloc"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The court convicts: a sentence in which one word is turned into another that a view can refute is found out, whatever word it is.
func TestLiesAreFoundOut(t *testing.T) {
	lies := []struct{ truth, lie string }{
		{"lower half of page1 (t0)", "upper half of page1 (t0)"},
		{"from allocated", "from free"},
		{"to pending,", "to allocated,"},
		{"upper half is allocated", "upper half is free"},
		{"upper half is free", "upper half is pending"},
		{"mask is now P", "mask is now -"},
		{"takes page1 off", "takes page2 off"},
		{"at the front of", "at the end of"},
		{"stays off the list", "has to leave the list"},
		{"takes mm1's context.lock", "releases mm1's context.lock"},
		{"releases mm1's context.lock", "takes mm1's context.lock"},
		{"with BH off", "with BH on"},
		{"mm_users is now 0", "mm_users is now 1"},
		{"mm_count is now 1", "mm_count is now 2"},
		{"no reader is inside", "its grace period waits for A exit on CPU0"},
		{"waits for s0 softirq", "waits for s1 softirq"},
		{"pte_free_now0", "pte_free_now1"},
		{"looks at page1 without a lock: its lower half", "looks at page1 without a lock: its upper half"},
		{"no half is allocated", "its lower half is allocated"},
		{"frees page1", "frees page2"},
		{"frees mm1 with", "frees mm2 with"},
		{"batch1", "batch2"},
		{"for reading", "for writing"},
		{"finds v's pmd empty: there", "empties v's pmd: only it has t0 now, there"},
		{"only it has t0", "only it has t1"},
		{"freed at step 1", "freed at step 2"},
		{"list empty", "list full"},
		{"khugepaged", "exit"},
		{"CPU3", "CPU9"},
	}
	found, tried := map[string]bool{}, map[string]bool{}
	for _, c := range []struct {
		scenario string
		variant  pgalloc.Variant
	}{
		{"S1", pgalloc.RFC}, {"S1", pgalloc.Classic}, {"munmap", pgalloc.RFC}, {"defer2", pgalloc.RFC}, {"relink", pgalloc.RFC},
		{"S1", pgalloc.Typesafe}, {"gather", pgalloc.RFC}, {"ipi", pgalloc.RFC}, {"page", pgalloc.RFC},
		{"munmap", pgalloc.Pinned},
	} {
		ses := open(t, c.scenario, question.Version(c.variant), 2, explore.GracePrecise)
		defer ses.Close()
		for seed := range uint64(6) {
			require.NoError(t, ses.Jump(0))
			w := walker{ses: ses, r: rand.New(rand.NewPCG(seed, 3))}
			w.walk(t, func(before, after *stepper.View) {
				did := *after.Did
				for _, l := range lies {
					if !strings.Contains(did.Sentence.Text, l.truth) {
						continue
					}
					v := *after
					d := did
					d.Sentence.Text = strings.Replace(did.Sentence.Text, l.truth, l.lie, 1)
					v.Did = &d
					tried[l.truth] = true
					if checked, wrong := claims(ses, before, &v); len(wrong) > 0 || checked == 0 {
						found[l.truth] = true
					} else {
						assert.Fail(t, "not found out", "%s", d.Sentence.Text)
					}
				}
			})
		}
	}
	for _, l := range lies {
		assert.Truef(t, tried[l.truth], "no sentence has %q", l.truth)
		assert.Truef(t, found[l.truth] || !tried[l.truth], "%q", l.truth)
	}
}
