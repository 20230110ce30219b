package web_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/course"
	"ptsim/internal/levels"
	"ptsim/internal/quiz"
	"ptsim/internal/web"
)

// Each level is begun by its link; par solves it where it can be solved, and the claim where it cannot.
func TestLevels(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	list := answer[[]web.Level](t, s, "GET", "/api/levels", nil)
	require.Len(t, list, len(levels.All()))
	possible := 0
	for i, l := range levels.All() {
		par, err := l.Par()
		require.NoError(t, err)
		line := answer[web.Line](t, s, "POST", "/api/line", web.Place{Link: list[i].Link})
		assert.Equal(t, l.Question.Name(), line.Question.Scenario+"/"+line.Question.Version)
		assert.Len(t, line.Views.Frames, 1)
		claim := answer[web.Verdict](t, s, "POST", "/api/judge", web.Played{Level: l.Name, Claim: true})
		assert.Equal(t, !par.Possible, claim.Reached, l.Name)
		assert.Equal(t, l.Asks == levels.Repair, len(list[i].Answers) > 0)
		if l.Asks == levels.Repair {
			for _, a := range list[i].Answers {
				want, err := l.Repair(string(a.Way))
				require.NoError(t, err)
				v := answer[web.Verdict](t, s, "POST", "/api/judge", web.Played{Level: l.Name, Repair: string(a.Way)})
				assert.Equal(t, want, v.Judgement)
				assert.Equal(t, want.Reached, v.Schedule == "", "what does not hold can be stepped through")
			}
			continue
		}
		assert.Equal(t, claim.Reached, claim.Par != "", "par is told once it gives nothing away")
		assert.Equal(t, claim.Reached, len(claim.Covers) >= 2, "what is impossible says what that covers")
		v := answer[web.Verdict](t, s, "POST", "/api/judge", web.Played{Level: l.Name, Place: web.Place{Link: list[i].Link}})
		assert.False(t, v.Reached)
		assert.Empty(t, v.Par)
		if !par.Possible {
			continue
		}
		possible++
		v = answer[web.Verdict](t, s, "POST", "/api/judge", web.Played{Level: l.Name, Place: web.Place{Link: par.Schedule}})
		assert.True(t, v.Reached, l.Name)
		assert.Equal(t, levels.MaxStars, v.Stars)
		assert.Equal(t, par.Steps, v.Steps)
	}
	assert.Positive(t, possible)
	assert.Less(t, possible, len(list))
	refused(t, s, 422, "POST", "/api/judge", web.Played{Level: "nothing", Claim: true})
	refused(t, s, 422, "POST", "/api/judge", web.Played{Level: "repair", Repair: "pins"})
	refused(t, s, 422, "POST", "/api/judge", web.Played{Level: "lost", Repair: "pin"})
}

// A question about a step is graded against what the step then does.
func TestPredict(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	at := web.Place{Link: flaw + "#1"} // B holds the lock, and is about to change the mask
	q := answer[quiz.Quiz](t, s, "POST", "/api/predict", web.Predict{Place: at, Move: "B"})
	var mask *quiz.Question
	for i := range q.Questions {
		if q.Questions[i].ID == "mask" {
			mask = &q.Questions[i]
		}
	}
	require.NotNil(t, mask)
	assert.Equal(t, []string{"P1", "P0", "H1", "H0", "A1", "A0"}, mask.Bits)
	assert.NotEmpty(t, mask.Hint)
	assert.NotEmpty(t, mask.Cites)
	line := answer[web.Line](t, s, "POST", "/api/line", at)
	after := views(t, line.Views)[2]["pages"].([]any)[0].(map[string]any)["mask"].(string)
	after = strings.ReplaceAll(after, "|", "")
	for wrong := range 7 {
		var a quiz.Answer
		for i, c := range after {
			a.Bits = append(a.Bits, (c != '-') != (i < wrong))
		}
		g := answer[quiz.Grade](t, s, "POST", "/api/predict", web.Predict{Place: at, Move: "B", ID: mask.ID, Answer: &a})
		assert.Equal(t, wrong == 0, g.Right)
		assert.Equal(t, 6-wrong, g.Score)
		for i := range after {
			assert.Equal(t, i >= wrong, g.PerBit[i])
		}
		assert.NotEmpty(t, g.Sentence)
	}
	refused(t, s, 422, "POST", "/api/predict", web.Predict{Place: at, Move: "s0"})
	refused(t, s, 422, "POST", "/api/predict", web.Predict{Place: at, Move: "B", ID: "nothing", Answer: &quiz.Answer{}})
	refused(t, s, 422, "POST", "/api/predict", web.Predict{Place: at, Move: "B", ID: mask.ID, Answer: &quiz.Answer{Bits: []bool{true}}})
}

// The page's quiz of a seed is the one that package quiz draws, and graded as it does.
func TestQuiz(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	want, err := quiz.Draw(7, 3)
	require.NoError(t, err)
	got := answer[[]*quiz.Item](t, s, "GET", "/api/quiz?seed=7&n=3", nil)
	require.Len(t, got, 3)
	for i, item := range want {
		assert.Equal(t, plain(t, item), plain(t, got[i]))
		for _, q := range item.Quiz.Questions {
			key, err := item.Quiz.Key(q.ID)
			require.NoError(t, err)
			g := answer[quiz.Grade](t, s, "POST", "/api/grade", web.Drawn{Seed: 7, N: 3, Item: item.Number, ID: q.ID, Answer: key.Correct})
			assert.True(t, g.Right)
			assert.Equal(t, g.Of, g.Score)
		}
		if item.Link != "" {
			assert.Empty(t, answer[web.Line](t, s, "POST", "/api/line", web.Place{Link: item.Link}).Stale)
		}
	}
	assert.Contains(t, refused(t, s, 400, "POST", "/api/grade", web.Drawn{Seed: 7, N: 3, Item: 4}), "expected one of 3")
}

// Every lesson arrives with all its parts, and no markup that does anything; every answer is graded as the course says.
func TestCourse(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	list := answer[[]web.Lesson](t, s, "GET", "/api/course", nil)
	require.Len(t, list, len(course.All()))
	questions, runs := 0, 0
	for _, entry := range list {
		want, err := course.Load(entry.Slug)
		require.NoError(t, err)
		l := answer[web.Lesson](t, s, "GET", "/api/course/"+entry.Slug, nil)
		require.Len(t, l.Blocks, len(want.Blocks))
		for i, b := range l.Blocks {
			for _, html := range append([]string{b.HTML, b.Answer}, b.Choices...) {
				for _, evil := range []string{"<script", "javascript:", "onerror", "<iframe", "<img", "style="} {
					assert.NotContains(t, html, evil)
				}
			}
			switch k := want.Blocks[i].(type) {
			case *course.Run:
				runs++
				line := answer[web.Line](t, s, "POST", "/api/line", web.Place{Link: b.Link})
				assert.Empty(t, line.Stale, "%s: %s", l.Slug, b.Link)
			case *course.Question:
				questions++
				if b.Link != "" {
					assert.Empty(t, answer[web.Line](t, s, "POST", "/api/line", web.Place{Link: b.Link}).Stale, "%s, question %d", l.Slug, b.Number)
				}
				m := answer[web.Marked](t, s, "POST", "/api/answer", web.Answered{Lesson: l.Slug, Question: k.Number, Choices: k.Answer})
				assert.True(t, m.Right)
				assert.NotEmpty(t, m.Why)
				m = answer[web.Marked](t, s, "POST", "/api/answer", web.Answered{Lesson: l.Slug, Question: k.Number, Choices: []int{77}})
				assert.False(t, m.Right)
				assert.Equal(t, k.Answer, m.Answer)
			}
		}
	}
	assert.Greater(t, questions, 10)
	assert.Greater(t, runs, 5)
	refused(t, s, 404, "GET", "/api/course/nothing", nil)
	refused(t, s, 400, "POST", "/api/answer", web.Answered{Lesson: list[0].Slug, Question: 99})
}

// Every sentence that the page can show along the flaw has its rule and its sources.
func TestSentencesHaveTheirSources(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	line := answer[web.Line](t, s, "POST", "/api/line", web.Place{Link: flaw})
	for i, v := range views(t, line.Views)[1:] {
		sentence := v["did"].(map[string]any)["sentence"].(map[string]any)
		assert.NotEmpty(t, sentence["text"], "step %d", i+1)
		cites, _ := sentence["cites"].([]any)
		assert.NotEmpty(t, cites, "step %d", i+1)
		for _, c := range cites {
			assert.Contains(t, []string{"kernel", "mail", "docs"}, c.(map[string]any)["kind"])
		}
	}
}
