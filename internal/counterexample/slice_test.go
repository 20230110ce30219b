package counterexample_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/explore"
	"ptsim/internal/counterexample"
	"ptsim/internal/question"
	"ptsim/kern"
	"ptsim/pgalloc"
)

// starred returns the lines with a star.
func starred(t *testing.T, c *counterexample.Case) []string {
	var lines []string
	for _, l := range columns(write(t, c, counterexample.Options{Width: 200})) {
		if l = strings.TrimLeft(l, " "); strings.HasPrefix(l, "* ") {
			lines = append(lines, strings.Join(strings.Fields(l[2:]), " "))
		}
	}
	return lines
}

// The flaw in seven lines: what a person would mark by hand.
func TestTheFlaw(t *testing.T) {
	assert.Equal(t, []string{
		"xor page1 +P1 -A1: P-|--|-A",
		"call_rcu(batch1, batch)",
		"softirq: batch(batch1)",
		"atomic_read(page1): P-|--|-A",
		"mmdrop 1: mm1->mm_count 1 -> 0",
		"kmem_cache_free(mm1)",
		"spin_lock_bh(&mm1->context.lock) <==",
	}, starred(t, shortest(t, "S1", pgalloc.RFC, "", nil)))
}

// With two mms, of which one breaks, nothing of the other matters, wherever it stands.
func TestTheOtherMMDoesNotMatter(t *testing.T) {
	var long *counterexample.Case
	for seed := uint64(1); long == nil || !strings.Contains(write(t, long, counterexample.Options{Width: 200}), "mm2"); seed++ {
		long = random(t, "S2", pgalloc.RFC, seed)
	}
	about := "mm1"
	if strings.Contains(long.Violation.Sentence(), "mm2") {
		about = "mm2"
	}
	other := map[string][]string{"mm1": {"mm2", "page2"}, "mm2": {"mm1", "page1"}}[about]
	lines := strings.Join(starred(t, long), "\n")
	assert.Contains(t, lines, "kmem_cache_free("+about+")")
	for _, name := range other {
		assert.NotContains(t, lines, name)
	}
}

// TestSlicesAreBackward checks each star against what it may be there for, by another way: walking forward, a step that
// matters has a later step that matters and touches what it changed, or is the last, or begins what a later one is in, or
// was read where a later one was decided.
func TestSlicesAreBackward(t *testing.T) {
	broken(t, func(t *testing.T, name string, c *counterexample.Case) {
		n := 0
		for i, m := range c.Matters {
			if !m {
				continue
			}
			n++
			locks := c.Violation.Kind == kern.Deadlock && kern.PrimitiveOf(c.Steps[i].Op.Kind).Waits != kern.NoLock
			assert.True(t, i == len(c.Steps)-1 || locks || hasReason(c, i), "%s: step %d, %v", name, i, c.Steps[i].Op)
		}
		assert.Positive(t, n, name)
		if c.Violation.Kind != kern.Deadlock { // abba takes two locks, and does nothing else
			assert.Less(t, n, len(c.Steps), "%s: all of it matters", name)
		}
	})
}

func hasReason(c *counterexample.Case, i int) bool {
	d := &c.Steps[i]
	if d.Op.Addr != 0 && d.Op.Addr == c.Violation.Addr {
		return true
	}
	if p := c.Violation.Page; p != 0 && d.Op.Addr >= p.Page() && d.Op.Addr < p.Page()+kern.FrameWords {
		return true
	}
	if k := d.Op.Kind; k == kern.OpSlabFree || k == kern.OpPutPage || k == kern.OpSpinLock {
		return true // a life, or a lock, of which the violation may be
	}
	for j := i + 1; j < len(c.Steps); j++ {
		e := &c.Steps[j]
		if !c.Matters[j] {
			continue
		}
		if e.Thread == d.Thread {
			return true // it decided that the thread came there
		}
		for _, w := range d.Words {
			if e.Begins && (w.Addr == e.Item || w.Addr == e.Item+1) {
				return true
			}
			for _, x := range e.Words {
				if x.Addr == w.Addr {
					return true
				}
			}
		}
	}
	return false
}

// random returns a schedule as a random search finds it.
func random(t *testing.T, name string, v pgalloc.Variant, seed uint64) *counterexample.Case {
	t.Helper()
	s, m := build(t, name, v)
	r, err := explore.Random(m, explore.Defaults(), explore.Sampling{Runs: 10_000, Seed: seed})
	if !assert.NoError(t, err) || r.Schedule == nil {
		return nil
	}
	c, err := counterexample.Replay(m, explore.Defaults(), r.Schedule, s, question.Version(v))
	assert.NoError(t, err)
	return c
}
