package levels_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/labs"
	"ptsim/internal/levels"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
)

// holds are the repairs, by level and way: what breaks them, "" if they hold. The search must come to that.
var holds = map[string]map[string]string{
	"repair":               {"pin": "", "recheck": "", "wait": "use-after-free", "leave": ""},
	"stack/repair":         {"recheck": "", "wait": ""},
	"zsmalloc/repair":      {"pin": "", "recheck": "use-after-free", "wait": "sleep-in-atomic", "leave": "null-deref"},
	"shrinker/repair":      {"pin": "use-after-free", "recheck": "use-after-free", "wait": "", "leave": ""},
	"swap/repair":          {"pin": "", "recheck": "sleep-in-atomic", "wait": "use-after-free", "leave": ""},
	"zswap/repair-map":     {"pin": "", "recheck": "sleep-in-atomic", "wait": "livelock", "leave": ""},
	"zswap/repair-context": {"pin": "deadlock", "recheck": "", "wait": "null-deref", "leave": ""},
}

// Each repair comes to what it must. One that does not hold is shown a schedule, which breaks it when it is played.
func TestRepairs(t *testing.T) {
	seen := 0
	for _, l := range levels.All() {
		if l.Asks != levels.Repair {
			_, err := l.Repair("pin")
			require.ErrorContains(t, err, "asks for no repair")
			continue
		}
		seen++
		require.Len(t, l.Answers, len(holds[l.Name]), l.Name)
		good, bad := 0, 0
		for _, a := range l.Answers {
			j, err := l.Repair(string(a.Way))
			require.NoError(t, err, l.Name)
			want, known := holds[l.Name][string(a.Way)]
			require.True(t, known, "%s %s", l.Name, a.Way)
			assert.Equal(t, want == "", j.Reached, "%s %s: %s", l.Name, a.Way, j.Sentence)
			assert.NotEqual(t, string(l.Question.Version), a.Version, "%s: the answer is what is to be repaired", l.Name)
			if j.Reached {
				good++
				assert.Equal(t, levels.MaxStars, j.Stars)
				assert.NotEmpty(t, j.Covers)
				assert.Empty(t, j.Schedule)
				continue
			}
			bad++
			s, err := stepper.Open(j.Schedule, scenario.Load)
			require.NoError(t, err, j.Schedule)
			require.NotNil(t, s.View().Violation, "%s %s", l.Name, a.Way)
			assert.Equal(t, want, s.View().Violation.Kind, "%s %s", l.Name, a.Way)
			assert.Contains(t, j.Sentence, s.View().Violation.Sentence)
			assert.Equal(t, a.Version, string(s.Question.Version))
			s.Close()
		}
		assert.Positive(t, good, "%s has no answer", l.Name)
		if l.Question.Scenario.Lab.Name != "stack" {
			assert.Positive(t, bad, "%s: every answer is right", l.Name)
		}
		_, err := l.Repair("pn")
		assert.ErrorContains(t, err, "level "+l.Name+` has no repair "pn"; `)
		// To break it is not to repair it, and nor is to say that it cannot be broken.
		j := l.Judge(follow(t, l))
		assert.False(t, j.Reached)
		assert.Contains(t, j.Sentence, "this is how it breaks")
		assert.Contains(t, j.Sentence, l.Goal.Text)
		assert.False(t, l.Claim().Reached)
	}
	assert.Equal(t, len(holds), seen)
}

// Each of the labs has levels of each kind; of those that may be impossible some are, and some are not.
func TestKinds(t *testing.T) {
	can, cannot := 0, 0
	kinds := map[string]map[levels.Asks]int{}
	for _, l := range levels.All() {
		p, err := l.Par()
		require.NoError(t, err)
		name := l.Question.Scenario.Lab.Name
		if kinds[name] == nil {
			kinds[name] = map[levels.Asks]int{}
		}
		kinds[name][l.Asks]++
		assert.Equal(t, l.Asks == levels.Claim, strings.Contains(l.Story, "or say that it is\nimpossible") || strings.Contains(l.Story, "or say that it is impossible"), "%s: its story says what it asks", l.Name)
		switch {
		case l.Asks != levels.Claim:
			assert.True(t, p.Possible, "%s cannot be done, and does not say that this may be", l.Name)
		case p.Possible:
			can++
		default:
			cannot++
		}
	}
	assert.GreaterOrEqual(t, can, 3)
	assert.GreaterOrEqual(t, cannot, 10)
	for _, l := range labs.All() {
		for _, a := range []levels.Asks{levels.Break, levels.Claim, levels.Repair} {
			assert.Positive(t, kinds[l.Name][a], "lab %s has no level that asks to %s", l.Name, a.Says())
		}
	}
}
