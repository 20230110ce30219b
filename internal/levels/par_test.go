package levels_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/labs"
	"ptsim/internal/levels"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/kern"
)

var update = flag.Bool("update", false, "rewrite testdata")

// search asks the explorer for the par of a level.
func search(t *testing.T, l *levels.Level) levels.Par {
	m, err := question.Model(l.Question.Scenario, l.Question.Version)
	require.NoError(t, err)
	opt := l.Question.Setting.Options()
	r, err := explore.Shortest(m, opt, l.Goal.Kind)
	require.NoError(t, err)
	if r.Verdict == explore.Violated {
		if l.Question.Scenario.Lab == labs.Default() { // another's level may be longer by a step or two than it must be
			require.LessOrEqual(t, r.States, uint64(20_000), "beyond it the explorer does not look for the fewest single steps")
		}
		s, err := stepper.Open(r.Schedule.Text(), scenario.Load)
		require.NoError(t, err)
		defer s.Close()
		tr, err := explore.Replay(m, opt, r.Schedule, nil)
		require.NoError(t, err)
		moves := tr.Count
		if tr.Steps[len(tr.Steps)-1].Local { // what breaks there is no step of a schedule, and a move of whoever plays
			moves++
		}
		assert.Equal(t, moves, s.View().Step, l.Name)
		return levels.Par{Possible: true, Switches: tr.Switches, Steps: moves, Schedule: s.Schedule(), States: r.States}
	}
	require.Equal(t, explore.Safe, r.Verdict)
	// That search was for this kind alone. Every schedule is tried once more: if nothing is broken at all, as the table of
	// verdicts counts it, else with all that breaks counted by kind.
	all, err := explore.Exhaustive(m, opt)
	require.NoError(t, err)
	if all.Verdict != explore.Safe {
		require.NotEqual(t, kern.NoViolation, l.Goal.Kind)
		opt.All = true
		all, err = explore.Exhaustive(m, opt)
		require.NoError(t, err)
		require.NotEmpty(t, all.Kinds)
		require.Zero(t, all.Kinds[l.Goal.Kind.String()])
	}
	return levels.Par{States: all.States}
}

// The pars are those that the explorer finds now.
func TestParsAreFresh(t *testing.T) {
	found := map[string]levels.Par{}
	for _, l := range levels.All() {
		found[l.Name] = search(t, l)
	}
	text, err := json.MarshalIndent(found, "", "  ")
	require.NoError(t, err)
	text = append(text, '\n')
	if *update {
		require.NoError(t, os.WriteFile("testdata/par.json", text, 0o644))
		return
	}
	have, err := os.ReadFile("testdata/par.json")
	require.NoError(t, err)
	assert.True(t, bytes.Equal(have, text), "par.json is stale; go test ./internal/levels -update searches again")
	for _, l := range levels.All() {
		p, err := l.Par()
		require.NoError(t, err)
		assert.Equal(t, found[l.Name], p, l.Name)
	}
}
