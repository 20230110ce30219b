package pagetable_test

import (
	"math/rand"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/scenario"
	"ptsim/kern"
	"ptsim/pgalloc"
)

// broken says what the operations of a scenario, each run as a whole, break in a version whatever their order.
func mayBreak(name string, v version) kern.Kind {
	switch {
	case v.variant == pgalloc.RFCAsPosted:
		return kern.PageLost // both halves deferred
	case (name == "walk" || name == "walk2") && v.variant == pgalloc.Classic:
		return pgalloc.ReaderUseAfterFree
	}
	return kern.NoViolation
}

// TestStraight runs every scenario on every version with the tasks one after the other, so that only the set-up, the
// operations and the account at the end can be wrong.
func TestStraight(t *testing.T) {
	for _, name := range scenario.Names() {
		s := load(t, name)
		for _, v := range versions() {
			if got := start(t, s, v, nil).straight(); got != nil {
				assert.Equal(t, mayBreak(name, v), got.Kind, "%s on %s: %s", name, v, got.Splat())
			}
		}
	}
}

// TestShuffled interleaves whole operations, callbacks and work items at random.
func TestShuffled(t *testing.T) {
	kinds := map[string]map[kern.Kind]int{}
	for _, name := range scenario.Names() {
		s := load(t, name)
		for _, v := range versions() {
			for seed := range int64(10) {
				rng := rand.New(rand.NewSource(seed))
				got := start(t, s, v, rng).shuffled(rng)
				if got == nil {
					continue
				}
				if name != "abba" || got.Kind != kern.Deadlock {
					require.Equal(t, mayBreak(name, v), got.Kind, "%s on %s, seed %d: %s", name, v, seed, got.Splat())
				}
				if kinds[name+" "+v.String()] == nil {
					kinds[name+" "+v.String()] = map[kern.Kind]int{}
				}
				kinds[name+" "+v.String()][got.Kind]++
			}
		}
	}
	assert.Positive(t, kinds["defer2 rfc-as-posted"][kern.PageLost])
	assert.Positive(t, kinds["abba classic"][kern.Deadlock])
	assert.Positive(t, kinds["walk classic"][pgalloc.ReaderUseAfterFree])
	assert.Positive(t, kinds["S3r rfc-as-posted"][kern.PageLost])
}
