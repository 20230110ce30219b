package stepper_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
)

// A step from a state that was come back to shows what it would have shown without going anywhere else: all that was freed
// before, or is freed just then, as well.
func TestViewsDoNotDependOnTheWayThere(t *testing.T) {
	s, err := scenario.Load("munmap")
	require.NoError(t, err)
	for _, v := range question.Versions() {
		q := stepper.Question{Scenario: s, Version: v, Setting: question.Setting{Softirqs: 1}}
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

// What was tried before, on this session alone, changes nothing either: two callbacks that it met in the other order first
// are shown, and offered, in the same one.
func TestViewsDoNotDependOnWhatWasTried(t *testing.T) {
	s1, err := scenario.Load("S1")
	require.NoError(t, err)
	rfc, err := question.ParseVersion("rfc")
	require.NoError(t, err)
	open := func() *stepper.Session {
		s, err := stepper.New(stepper.Question{Scenario: s1, Version: rfc, Setting: question.Setting{Softirqs: 2}})
		require.NoError(t, err)
		t.Cleanup(s.Close)
		return s
	}
	take := func(s *stepper.Session, letter string, until func(v *stepper.View) bool) {
		for !until(s.View()) {
			move := letter
			for _, l := range s.View().Lanes {
				if l.Letter == letter {
					require.NotEmpty(t, l.Moves, l.Why)
					move = l.Moves[len(l.Moves)-1].Text // of a choice: there is a batch
				}
			}
			require.NoError(t, s.Take(move))
		}
	}
	queued := func(n int) func(v *stepper.View) bool { return func(v *stepper.View) bool { return len(v.RCU) == n } }
	orders := [][2]string{{"A", "B"}, {"B", "A"}}
	var fresh [2]*stepper.View
	for i, o := range orders {
		s := open()
		take(s, o[0], queued(1))
		take(s, o[1], queued(2))
		fresh[i] = s.View()
	}
	require.NotEqual(t, fresh[0].Path, fresh[1].Path)
	tried := open()
	for _, i := range []int{0, 1, 0} {
		require.NoError(t, tried.Seek(0))
		take(tried, orders[i][0], queued(1))
		take(tried, orders[i][1], queued(2))
		v := tried.View()
		require.Equal(t, fresh[i].RCU, v.RCU)
		require.Equal(t, fresh[i].Lanes, v.Lanes)
	}
}
