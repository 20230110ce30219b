package stepper_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/internal/verdicts"
	"ptsim/pgalloc"
)

// A state shows the same whether the session came to it straight on, or went back before and had to run the steps again:
// pages that were freed, too.
func TestBranchesShowTheSame(t *testing.T) {
	s1, err := scenario.Load("S1")
	require.NoError(t, err)
	for _, v := range []pgalloc.Variant{pgalloc.FullPage, pgalloc.RFC, pgalloc.Active} {
		open := func() *stepper.Session {
			s, err := stepper.New(stepper.Question{Scenario: s1, Version: verdicts.Version{Variant: v}, Setting: verdicts.Setting{Softirqs: 2}})
			require.NoError(t, err)
			t.Cleanup(s.Close)
			return s
		}
		straight, back := open(), open()
		freed := 0
		for i := 0; !straight.View().Ended; i++ {
			lanes := straight.View().Lanes
			l := &lanes[i%len(lanes)]
			if len(l.Moves) == 0 {
				continue
			}
			require.NoError(t, straight.Take(l.Moves[0].Text))
			for k := range lanes { // try another first, and come back
				if o := &back.View().Lanes[(i+1+k)%len(lanes)]; len(o.Moves) > 0 && o.Letter != l.Letter {
					require.NoError(t, back.Take(o.Moves[0].Text))
					require.True(t, back.Back())
					break
				}
			}
			require.NoError(t, back.Take(l.Moves[0].Text))
			assert.Equal(t, straight.View().Pages, back.View().Pages)
			assert.Equal(t, straight.View().MMs, back.View().MMs)
			assert.Equal(t, straight.View().Batches, back.View().Batches)
			assert.Equal(t, straight.View().Did.Changes, back.View().Did.Changes)
			for _, p := range straight.View().Pages {
				if p.Freed {
					freed++
				}
			}
		}
		assert.Positive(t, freed, "%s: no page was ever shown as freed", v)
	}
}
