package coverage_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/coverage"
	"ptsim/internal/labs/labtest"
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/scenario"
	"ptsim/pgalloc"
)

func search(t *testing.T, s *scenario.Scenario, v pgalloc.Variant, pin pgalloc.Pin) *explore.Result {
	t.Helper()
	m, err := pagetable.Build(s, v, pin)
	require.NoError(t, err)
	opt := explore.Defaults()
	opt.NoMerge = true // a line is reached by itself, not by another one with the same future
	r, err := explore.Exhaustive(m, opt)
	require.NoError(t, err)
	return &r
}

// An operation that never does anything is told of, and so is the branch of the allocator that nothing takes.
func TestVacuous(t *testing.T) {
	s, err := scenario.Parse("empty.scn", `title Nothing there
mm 1
page 1 t0 -
file f
vma v f 1 -
task exit
take v -> x
free x
free t0
mmput 1
`)
	require.NoError(t, err)
	r := search(t, s, pgalloc.Classic, "")
	require.Equal(t, explore.Safe, r.Verdict)
	c := coverage.Of(s, r)
	require.NotNil(t, c)
	assert.Equal(t, []coverage.Operation{{Task: "exit", Op: "free x", Line: 8}}, c.Operations)
	assert.NotEmpty(t, c.Calls, "of page_table_free")
	assert.Equal(t, "happens-before", c.Races)
	lines := c.Lines()
	require.Len(t, lines, 1+len(c.Operations)+len(c.Calls))
	assert.Regexp(t, `^covers sequential consistency; every batch finds a page; data races by happens-before; odds of a hash clash \de-\d+$`, lines[0])
	assert.Equal(t, "no schedule came to a primitive in exit: free x (line 8)", lines[1])
	assert.Regexp(t, `^no schedule came to the primitive at pgalloc/\w+\.go:\d+, in \w+$`, lines[2])
	assert.False(t, c.FailuresTried)
	assert.InDelta(t, float64(r.States*r.States)/36893488147419103232, c.ClashOdds, 1e-20)

	f, err := scenario.Load("fallback")
	require.NoError(t, err)
	assert.True(t, search(t, f, pgalloc.Classic, "").Reached.Failed, "a batch finds no page")
	walk, err := scenario.Load("walk")
	require.NoError(t, err)
	r = search(t, walk, pgalloc.Classic, "")
	require.Equal(t, explore.Violated, r.Verdict)
	assert.Nil(t, coverage.Of(walk, r), "what is violated covers nothing")
}

// idle are operations of scenarios in which nothing ever happens, and why they are there.
var idle = map[string]string{
	"fork:32: free c": "it is what a fault does that comes second, and nobody else is at that pmd",
}

// TestAllocatorIsReached wants some scenario, on some version, to reach every line of pgalloc that calls a primitive; see
// labtest.Reached.
func TestAllocatorIsReached(t *testing.T) {
	at := labtest.Lines{}
	for _, name := range scenario.Names() {
		if strings.HasPrefix(name, "S2") || strings.HasPrefix(name, "S3") { // large, and they reach nothing more
			continue
		}
		s, err := scenario.Load(name)
		require.NoError(t, err)
		did := map[string]bool{} // the operations of the scenario in which something is done
		for _, v := range pgalloc.Variants() {
			pins := []pgalloc.Pin{""}
			if v.Variant == pgalloc.Pinned {
				pins = pgalloc.Pins()
			}
			for _, pin := range pins {
				reached := search(t, s, v.Variant, pin).Reached
				for i := range s.Tasks {
					for j, op := range s.Tasks[i].Flat() {
						what := fmt.Sprintf("%s:%d: %s", name, op.Number, op)
						did[what] = did[what] || reached.Ops[i][j]
					}
				}
				at.Add(reached)
			}
		}
		for what, done := range did {
			assert.Equal(t, idle[what] == "", done, "on no version does anything happen in %s; or there is a reason for that, and it does", what)
		}
	}
	labtest.Reached(t, []string{"pgalloc"}, at, 50)
}
