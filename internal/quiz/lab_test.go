package quiz_test

import (
	"fmt"
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

// TestAskerAsksInPlace wants the questions of a lab's Asker, and no others: of moves, with where the schedule comes to, and on cards. Words of
// no lab are in them but its own.
func TestAskerAsksInPlace(t *testing.T) {
	stack, err := labs.Get("stack")
	require.NoError(t, err)
	own := *stack
	var seen []*lab.Sight
	asked := func(topic, prompt string) lab.Asked {
		return lab.Asked{Topic: topic, Prompt: prompt, Right: "both bits are set", Bits: []string{"X", "Y"}, Set: []bool{true, true}, Hint: "A rule.", Why: "Because."}
	}
	own.Asker = &lab.Asker{
		Topics: []lab.Topic{{Name: "bits", Look: "Look at both."}},
		Ask: func(s *lab.Sight) (*lab.Inquiry, error) {
			seen = append(seen, s)
			if !s.Whole {
				return nil, nil
			}
			came, err := s.RunOut(func(*lab.Scene) bool { return false })
			assert.False(t, came.Came)
			return &lab.Inquiry{Lead: s.Who + " begins " + s.Doing + ".", Difficulty: 2, Asked: []lab.Asked{asked("bits", "Which bits?")}}, err
		},
		Walks: []lab.Walk{{Scenario: "stack/aba", Softirqs: 1}},
		Cards: func(version string) (list []*lab.Card, _ error) {
			for _, hard := range []int{1, 2, 3, 4, 9} {
				list = append(list, &lab.Card{ID: fmt.Sprint(version, hard), Title: "a card of " + version, Prose: "Two bits.", Inquiry: lab.Inquiry{
					Lead: "Both are turned.", Difficulty: hard, Asked: []lab.Asked{asked("bits", "Which are set?")},
				}})
			}
			return list, nil
		},
	}
	assert.Equal(t, []string{"bits"}, quiz.LabTopics(&own))
	s, err := scenario.Load("stack/aba")
	require.NoError(t, err)
	mine := *s
	mine.Lab = &own
	session, err := stepper.New(stepper.Question{Scenario: &mine, Version: "treiber", Setting: question.Setting{Softirqs: 2}})
	require.NoError(t, err)
	defer session.Close()
	q, err := quiz.Predict(session, "A")
	require.NoError(t, err)
	require.Len(t, q.Questions, 1)
	k := &q.Questions[0]
	assert.Equal(t, "A (one on CPU0) begins pop s -> x. Which bits?", k.Prompt)
	assert.Equal(t, "bits", k.ID)
	assert.Equal(t, "Look at both.", k.Look())
	assert.Equal(t, "A rule.", k.Hint)
	g, err := q.Grade("bits", quiz.Answer{Bits: []bool{true, false}})
	require.NoError(t, err)
	assert.Equal(t, []bool{true, false}, g.PerBit)
	assert.Equal(t, "Both bits are set. Because.", g.Sentence)
	require.Len(t, seen, 1)
	assert.True(t, seen[0].Task)
	assert.Len(t, seen[0].Seen, len(seen[0].Texts))
	assert.Empty(t, seen[0].Earlier())

	items, err := quiz.DrawFrom(quiz.From{Lab: &own}, 1, 6)
	require.NoError(t, err)
	cards := 0
	for _, it := range items {
		assert.LessOrEqual(t, it.Difficulty, 5)
		if strings.HasPrefix(it.Context.Title, "a card of ") {
			cards++
			assert.Equal(t, []string{"Two bits.", "Both are turned."}, it.Context.Prose)
		}
	}
	assert.Equal(t, 3, cards, "cards and schedules are asked about in turn")
}
