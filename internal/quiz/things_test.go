package quiz_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/labs"
	"ptsim/internal/question"
	"ptsim/internal/quiz"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
)

// TestFieldsOfOtherLabs asks about each step of the first schedule of one scenario of each lab, and holds the key against what the view
// shows once the step is taken.
func TestFieldsOfOtherLabs(t *testing.T) {
	for _, l := range labs.All()[1:] {
		s, err := scenario.Load(scenario.NamesOf(l)[0])
		require.NoError(t, err)
		q := question.Question{Scenario: s, Version: question.Version(l.First()), Setting: question.Setting{Softirqs: 1}}
		ses, err := stepper.New(q)
		require.NoError(t, err)
		defer ses.Close()
		p, err := quiz.NewPredictor(q)
		require.NoError(t, err)
		defer p.Close()
		asked := 0
		for range 60 {
			move := ""
			for _, lane := range ses.View().Lanes {
				if len(lane.Moves) > 0 {
					move = lane.Moves[0].Text
					break
				}
			}
			if move == "" {
				break
			}
			before := ses.At()
			k, err := p.Predict(ses, move)
			require.NoError(t, err)
			require.Same(t, before, ses.At(), "it changes neither the place nor the tree")
			require.NoError(t, ses.Take(move))
			field := slices.IndexFunc(k.Questions, func(q quiz.Question) bool { return q.Topic == quiz.TopicField })
			if field < 0 {
				assert.Empty(t, changed(ses.View()), "%s at step %d: something changes, and nothing is asked", l.Name, ses.View().Step)
				continue
			}
			asked++
			g, err := k.Key(quiz.TopicField)
			require.NoError(t, err)
			said := k.Questions[field].Choices[g.Correct.Choice]
			shown := changed(ses.View())
			if len(shown) > 0 {
				assert.Equal(t, shown[0], said, "%s at step %d: %s", l.Name, ses.View().Step, k.Questions[field].Prompt)
			}
			assert.Greater(t, len(k.Questions[field].Choices), 1)
		}
		assert.Greater(t, asked, 3, l.Name)
	}
}

// changed are the values of the fields that a step changed.
func changed(v *stepper.View) []string {
	var list []string
	for _, t := range v.Things {
		for _, f := range t.Fields {
			if f.Change == stepper.Changed && t.Change == stepper.Changed {
				list = append(list, f.Value)
			}
		}
	}
	return list
}
