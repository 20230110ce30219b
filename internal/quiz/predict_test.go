package quiz_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/quiz"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
)

func session(t testing.TB, name, version string, softirqs int) *stepper.Session {
	sc, err := scenario.Load(name)
	require.NoError(t, err)
	v, err := question.ParseVersion(version)
	require.NoError(t, err)
	s, err := stepper.New(stepper.Question{Scenario: sc, Version: v, Setting: question.Setting{Softirqs: softirqs}})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

var sessions = []struct {
	scenario, version string
	softirqs          int
}{
	{"S1", "rfc", 2},
	{"S1f", "pinned/page", 1},
	{"defer2", "rfc-as-posted", 2},
	{"fault", "classic", 2},
	{"defer2", "active", 2},
	{"fork", "fullpage", 2},
	{"B4", "rfc", explore.SoftirqsOnCPU},
	{"relink", "typesafe", 2},
	{"pgste", "pinned/half", 2},
	{"recycle", "rfc", 2},
}

// moves are all that can be decided in a view.
func moves(v *stepper.View) []string {
	var list []string
	for _, l := range v.Lanes {
		for _, m := range l.Moves {
			list = append(list, m.Text)
		}
	}
	return list
}

// state is everything of a session that a face could show.
func state(t *testing.T, s *stepper.Session) string {
	var line, tries []int
	for _, k := range s.Line() {
		line = append(line, k.ID)
	}
	for _, k := range s.Tries() {
		tries = append(tries, k.ID, len(k.Children))
	}
	view, err := json.Marshal(s.View())
	require.NoError(t, err)
	return fmt.Sprint(s.At().ID, line, tries, s.Link(), s.Schedule(), string(view))
}

// To predict leaves no trace in the session; and what a question about one step or one operation says comes true when the
// moves are made.
func TestPredictComesTrue(t *testing.T) {
	for _, k := range sessions {
		t.Run(k.scenario+" "+k.version, func(t *testing.T) {
			t.Parallel()
			s := session(t, k.scenario, k.version, k.softirqs)
			p, err := quiz.NewPredictor(s.Question)
			require.NoError(t, err)
			defer p.Close()
			rng := rand.New(rand.NewPCG(1, 7))
			asked := map[string]int{}
			for range 2 {
				require.NoError(t, s.Seek(0))
				for !s.View().Ended && s.View().Step < 40 {
					can := moves(s.View())
					before := state(t, s)
					// The move that is taken then, and one that is not.
					i := rng.IntN(len(can))
					var q *quiz.Quiz
					for _, mv := range []string{can[rng.IntN(len(can))], can[i]} {
						var err error
						q, err = p.Predict(s, mv)
						require.NoError(t, err)
						for i := range q.Questions {
							sound(t, q, &q.Questions[i])
							asked[q.Questions[i].Topic]++
						}
					}
					require.Equal(t, before, state(t, s))
					require.NoError(t, s.Take(can[i]))
					comesTrue(t, s, q)
				}
			}
			assert.NotEmpty(t, asked)
			t.Log(asked)
		})
	}
}

// comesTrue looks at what can be seen right after the one step that was asked about.
func comesTrue(t *testing.T, s *stepper.Session, q *quiz.Quiz) {
	for i := range q.Questions {
		k := &q.Questions[i]
		found := flips.FindStringSubmatch(k.Prompt)
		if k.Topic != "mask" || found == nil {
			continue
		}
		g, err := q.Key(k.ID)
		require.NoError(t, err)
		for _, p := range s.View().Pages {
			if p.Name == found[1] {
				assert.Equal(t, p.Mask, k.AnswerText(g.Correct), k.Prompt)
			}
		}
	}
}

// sound wants of a question what any face may rely on.
func sound(t *testing.T, quiz *quiz.Quiz, q *quiz.Question) {
	g, err := quiz.Key(q.ID)
	require.NoError(t, err)
	assert.True(t, g.Right, q.Prompt)
	assert.Equal(t, g.Of, g.Score)
	assert.Equal(t, q.ID, q.Topic)
	assert.NotEmpty(t, g.Sentence)
	assert.NotEmpty(t, q.Hint, "%s: %s", q.ID, q.Prompt)
	assert.NotEmpty(t, q.Cites, "%s: %s", q.ID, q.Prompt)
	if q.Bits != nil {
		assert.Nil(t, q.Choices)
		assert.Len(t, g.Correct.Bits, 6)
		assert.NotContains(t, q.Hint, q.AnswerText(g.Correct), "the hint gives the mask away")
		return
	}
	assert.GreaterOrEqual(t, len(q.Choices), 3, q.Prompt)
	seen := map[string]bool{}
	for _, c := range q.Choices {
		assert.False(t, seen[c], "%q twice in %q", c, q.Prompt)
		seen[c] = true
		assert.NotContains(t, q.Hint, c, "the hint gives a choice away")
	}
}

// The shorthand, which makes a session for one question, gives the same as a Predictor that goes along.
func TestPredictTwice(t *testing.T) {
	s := session(t, "S1", "rfc", 2)
	p, err := quiz.NewPredictor(s.Question)
	require.NoError(t, err)
	defer p.Close()
	for _, mv := range []string{"B?1", "B", "B", "B", "B", "B", "B", "s0!12c0", "s0", "B"} {
		one, err := quiz.Predict(s, mv)
		require.NoError(t, err)
		other, err := p.Predict(s, mv)
		require.NoError(t, err)
		assert.Equal(t, one, other)
		require.NoError(t, s.Take(mv))
	}
}

// A user who went back and elsewhere is asked about where he is.
func TestPredictOnABranch(t *testing.T) {
	s := session(t, "munmap", "rfc", 2)
	p, err := quiz.NewPredictor(s.Question)
	require.NoError(t, err)
	defer p.Close()
	first, err := p.Predict(s, "A")
	require.NoError(t, err)
	for range 9 {
		require.NoError(t, s.Take("A"))
	}
	_, err = p.Predict(s, "A")
	require.NoError(t, err)
	require.NoError(t, s.Seek(0))
	again, err := p.Predict(s, "A")
	require.NoError(t, err)
	assert.Equal(t, first, again)
	line := s.Line()
	assert.Len(t, line, 10, "what lies ahead of the user is still there")
}

func TestPredictOfWhatIsNotPossible(t *testing.T) {
	s := session(t, "S1", "rfc", 2)
	for mv, why := range map[string]string{
		"s0": "no callback is queued", "Z": "no thread Z", "": "expected", "B?7": "not possible", "A x": "expected",
	} {
		_, err := quiz.Predict(s, mv)
		assert.ErrorContains(t, err, why, mv)
	}
	assert.Len(t, s.Tries(), 1)
	q, err := quiz.Predict(s, "A")
	require.NoError(t, err)
	assert.NotNil(t, q.Questions, "nothing to ask about down_read: an empty list, not null")
	assert.Empty(t, q.Questions)
}

// The flaw: in the RFC the callback takes the lock of an mm that is freed, and the question says so; earlier it is alive.
func TestPredictTheFlaw(t *testing.T) {
	right := func(s *stepper.Session) string {
		q, err := quiz.Predict(s, "s0")
		require.NoError(t, err)
		require.Len(t, q.Questions, 1)
		assert.Equal(t, "mm", q.Questions[0].Topic)
		g, err := q.Key("mm")
		require.NoError(t, err)
		return q.Questions[0].Choices[g.Correct.Choice]
	}
	s := session(t, "S1", "rfc", 2)
	for _, mv := range []string{"B?1", "B", "B", "B", "B", "B", "B", "s0!12c0", "s0"} {
		require.NoError(t, s.Take(mv))
	}
	assert.Equal(t, "mm1 is still alive when its lock is taken", right(s))
	for range 6 {
		require.NoError(t, s.Take("B"))
	}
	assert.Equal(t, "mm1 is freed already: this takes a lock in freed memory", right(s))
}

// The second half of a page to be deferred is not queued: that is left to the first one's callback, which as posted does
// not do it, so that nobody frees the page.
func TestPredictTheLostPage(t *testing.T) {
	for version, fate := range map[string]string{"rfc": "a callback that is", "rfc-as-posted": "nobody, ever"} {
		s := session(t, "defer2", version, 2)
		for range 5 {
			require.NoError(t, s.Take("A"))
		}
		q, err := quiz.Predict(s, "B")
		require.NoError(t, err)
		for topic, want := range map[string]string{"rcu": "nothing now: the other half", "free": fate, "list": "nothing: it stays"} {
			g, err := q.Key(topic)
			require.NoError(t, err)
			for _, k := range q.Questions {
				if k.ID == topic {
					assert.Contains(t, k.Choices[g.Correct.Choice], want, version)
				}
			}
		}
		g, err := q.Key("mask")
		require.NoError(t, err)
		assert.Equal(t, []bool{true, true, true, true, false, false}, g.Correct.Bits)
	}
}
