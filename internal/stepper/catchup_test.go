package stepper_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/internal/verdicts"
)

// A step from a state that was come back to shows what it would have shown without going anywhere else: all that was freed
// before, or is freed just then, as well.
func TestViewsDoNotDependOnTheWayThere(t *testing.T) {
	s, err := scenario.Load("munmap")
	require.NoError(t, err)
	for _, v := range verdicts.Versions() {
		q := stepper.Question{Scenario: s, Version: v, Setting: verdicts.Setting{Softirqs: 1}}
		straight, err := stepper.New(q)
		require.NoError(t, err)
		detours, err := stepper.New(q)
		require.NoError(t, err)
		for !straight.View().Ended {
			var moves []string
			for _, l := range straight.View().Lanes {
				for _, m := range l.Moves {
					moves = append(moves, m.Text)
				}
			}
			require.NoError(t, straight.Take(moves[0]))
			here := detours.At().ID
			for _, m := range moves[1:] {
				require.NoError(t, detours.Take(m))
				require.NoError(t, detours.Jump(here))
			}
			require.NoError(t, detours.Jump(0)) // so that all is done again
			require.NoError(t, detours.Jump(here))
			require.NoError(t, detours.Take(moves[0]))
			a, b := *straight.View(), *detours.View()
			a.Did, b.Did = nil, nil
			require.Equal(t, a, b, v.String())
			assert.Equal(t, straight.View().Did.Sentence, detours.View().Did.Sentence)
			assert.Equal(t, straight.View().Did.Changes, detours.View().Did.Changes)
		}
		straight.Close()
		detours.Close()
	}
}
