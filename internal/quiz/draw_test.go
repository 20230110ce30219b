package quiz_test

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/quiz"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
)

var update = flag.Bool("update", false, "rewrite testdata")

func draw(t testing.TB, seed uint64, n int) []*quiz.Item {
	items, err := quiz.Draw(seed, n)
	require.NoError(t, err)
	require.Len(t, items, n)
	return items
}

// The same seed draws the same, word for word; another draws others.
func TestDrawIsTheSameTwice(t *testing.T) {
	text := func(seed uint64) string {
		b, err := json.Marshal(draw(t, seed, 4))
		require.NoError(t, err)
		return string(b)
	}
	assert.Equal(t, text(3), text(3))
	assert.NotEqual(t, text(3), text(4))
}

// What seed 1 draws is in a file: it is the same on every machine, as long as the code and the scenarios are. Hints and
// sentences are left out; they are another package's words.
func TestDrawGolden(t *testing.T) {
	type asked struct {
		Prompt  string
		Choices []string `json:",omitempty"`
		Answer  string
	}
	type drawn struct {
		Title, Link string
		Difficulty  int
		Prose       []string
		Questions   []asked
	}
	var all []drawn
	for _, it := range draw(t, 1, 10) {
		d := drawn{Title: it.Context.Title, Link: it.Link, Difficulty: it.Difficulty, Prose: it.Context.Prose}
		for i := range it.Quiz.Questions {
			q := &it.Quiz.Questions[i]
			g, err := it.Quiz.Key(q.ID)
			require.NoError(t, err)
			d.Questions = append(d.Questions, asked{q.Prompt, q.Choices, q.AnswerText(g.Correct)})
		}
		all = append(all, d)
	}
	text, err := json.MarshalIndent(all, "", " ")
	require.NoError(t, err)
	golden(t, "testdata/seed1.json", append(text, '\n'))
}

func golden(t *testing.T, file string, text []byte) {
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, text, 0o644))
		return
	}
	have, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(have), string(text), "go test ./internal/quiz -update writes it")
}

// Two hundred items: none twice, difficulty rising from 1 to 5, topics, versions, sources and scenarios spread.
func TestDrawSpreads(t *testing.T) {
	items := many(t, 0)
	seen, topics, difficulties, sources := map[string]bool{}, map[string]int{}, map[int]int{}, map[string]int{}
	last := 0
	for i, it := range items {
		assert.Equal(t, i+1, it.Number)
		assert.GreaterOrEqual(t, it.Difficulty, last)
		last = it.Difficulty
		difficulties[it.Difficulty]++
		key := it.Context.Title + strings.Join(it.Context.Prose, "\n") + it.Link
		assert.False(t, seen[key], "twice: %s", key)
		seen[key] = true
		assert.NotEmpty(t, it.Quiz.Questions)
		assert.LessOrEqual(t, len(it.Quiz.Questions), 3)
		for j := range it.Quiz.Questions {
			topics[it.Quiz.Questions[j].Topic]++
			sound(t, it.Quiz, &it.Quiz.Questions[j])
		}
		source, version, found := strings.Cut(it.Context.Title, " on ")
		if !found {
			source, version, _ = strings.Cut(it.Context.Title, " in ")
		}
		version, _, _ = strings.Cut(version, ",")
		sources[source]++
		sources[version]++
	}
	for d := 1; d <= 5; d++ {
		assert.Greater(t, difficulties[d], 20, "difficulty %d", d)
	}
	for _, topic := range quiz.Topics() {
		assert.Greater(t, topics[topic], 50, topic)
	}
	for _, name := range []string{"classic", "rfc", "rfc-as-posted", "pinned/half", "pinned/page-life", "typesafe", "active", "fullpage"} {
		assert.Greater(t, sources[name], 6, name)
	}
	assert.Greater(t, sources["a page"], 50)
	assert.Greater(t, len(sources), 25, "scenarios and versions")
}

// The link of an item leads to what it shows.
func TestLinksLeadThere(t *testing.T) {
	for _, it := range draw(t, 5, 12) {
		if it.Link == "" {
			assert.Nil(t, it.Context.View)
			continue
		}
		s, err := stepper.Open(it.Link, scenario.Load)
		require.NoError(t, err, it.Link)
		have, err := json.Marshal(s.View())
		require.NoError(t, err)
		want, err := json.Marshal(it.Context.View)
		require.NoError(t, err)
		assert.JSONEq(t, string(want), string(have))
		q, err := quiz.Predict(s, it.Context.Move)
		require.NoError(t, err)
		for i := range it.Quiz.Questions {
			k := &it.Quiz.Questions[i]
			drawn, err := it.Quiz.Key(k.ID)
			require.NoError(t, err)
			predicted, err := q.Key(k.ID)
			require.NoError(t, err)
			assert.Equal(t, drawn.Correct, predicted.Correct, "%s: %s", it.Link, k.ID)
		}
		s.Close()
	}
}

func TestDrawBounds(t *testing.T) {
	for _, n := range []int{0, -1, quiz.MaxItems + 1} {
		_, err := quiz.Draw(1, n)
		assert.ErrorContains(t, err, "expected 1 to 200")
	}
}

// The first item of a long handout is as easy as of a short one, and any seed will do.
func TestDrawSeeds(t *testing.T) {
	for _, seed := range []uint64{1 << 63, ^uint64(0)} {
		assert.Equal(t, 1, draw(t, seed, 2)[0].Number)
	}
}
