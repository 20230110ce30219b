package quiz_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/labs"
	"ptsim/internal/question"
	"ptsim/internal/quiz"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/lab"
)

// TestDrawOfLabs wants the quiz to draw items of every lab, the same each time, whose choices differ and of which one is right, and
// whose answer is what the step does: taken again on a session, the move gives the field the value that the key says.
func TestDrawOfLabs(t *testing.T) {
	for _, l := range labs.All()[1:] {
		items, err := quiz.DrawFrom(quiz.From{Lab: l}, 3, 6)
		require.NoError(t, err, l.Name)
		require.Len(t, items, 6, l.Name)
		again, err := quiz.DrawFrom(quiz.From{Lab: l}, 3, 6)
		require.NoError(t, err)
		for i, it := range items {
			assert.Equal(t, it.Link, again[i].Link)
			require.NotEmpty(t, it.Quiz.Questions)
			after := taken(t, it)
			for _, q := range it.Quiz.Questions {
				assert.Contains(t, quiz.LabTopics(l), q.Topic)
				sorted := slices.Clone(q.Choices)
				slices.Sort(sorted)
				assert.Len(t, slices.Compact(sorted), len(q.Choices), "%s: two choices are one", q.Prompt)
				g, err := it.Quiz.Key(q.ID)
				require.NoError(t, err)
				right := q.Choices[g.Correct.Choice]
				assert.NotEmpty(t, q.Look())
				switch q.Topic {
				case quiz.TopicField:
					name := strings.TrimSuffix(strings.TrimPrefix(q.Prompt, "What does "), " hold then?")
					thing, field, _ := strings.Cut(name, "->")
					assert.Equal(t, lab.Find(after.Things, thing).Get(field).Value, right, it.Link)
				case quiz.TopicRule:
					assert.Equal(t, after.Did.Sentence.Rule, right, it.Link)
				case quiz.TopicEnd:
					assert.Equal(t, after.Violation != nil, right != "nothing breaks", it.Link)
				}
			}
		}
	}
}

// taken takes the move of an item on a session of its own.
func taken(t *testing.T, it *quiz.Item) *stepper.View {
	s, err := stepper.Open(it.Link, scenario.Load)
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Take(it.Context.Move))
	return s.View()
}

// TestLabAsksItself wants a lab's own questions to be asked of whole operations, with what was there before and after, and to be
// graded with the rules that they name.
func TestLabAsksItself(t *testing.T) {
	stack, err := labs.Get("stack")
	require.NoError(t, err)
	own := *stack
	var seen []*lab.Move
	own.Questions = []lab.Question{{Topic: "node", About: "who has a node", Look: "Look at held.", Ask: func(m *lab.Move) *lab.Asked {
		seen = append(seen, m)
		if m.Line == nil || m.Line.Word != "pop" || !m.Whole {
			return nil
		}
		right, wrong := "nobody has it", "the task has it"
		if a := lab.Find(m.After, "a").Get("held"); a != nil && a.Value == "1" {
			right, wrong = wrong, right
		}
		return &lab.Asked{Prompt: "Who has a then?", Right: right, Wrong: []string{wrong}, Rules: []string{own.Rules[0].ID}}
	}}}
	s, err := scenario.Load("stack/aba")
	require.NoError(t, err)
	mine := *s
	mine.Lab = &own
	session, err := stepper.New(stepper.Question{Scenario: &mine, Version: "treiber", Setting: question.Setting{Softirqs: 2}})
	require.NoError(t, err)
	defer session.Close()
	q, err := quiz.Predict(session, "A")
	require.NoError(t, err)
	i := slices.IndexFunc(q.Questions, func(k quiz.Question) bool { return k.Topic == "node" })
	require.GreaterOrEqual(t, i, 0)
	assert.Equal(t, "A (one on CPU0) begins pop s -> x. Suppose that no other thread moves until that is done. Who has a then?", q.Questions[i].Prompt)
	assert.Equal(t, "Look at held.", q.Questions[i].Look())
	assert.Equal(t, own.Rules[0].Text, q.Questions[i].Hint)
	g, err := q.Key("node")
	require.NoError(t, err)
	assert.Equal(t, "the task has it", q.Questions[i].Choices[g.Correct.Choice])
	require.Len(t, seen, 1)
	assert.Equal(t, "0", lab.Find(seen[0].Before, "a").Get("held").Value)
	assert.Greater(t, len(seen[0].Steps), 1)
	assert.Contains(t, quiz.LabTopics(&own), "node")
}
