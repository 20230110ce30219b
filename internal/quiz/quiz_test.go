package quiz_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	_ "ptsim/internal/nofiles"
	"ptsim/internal/quiz"
)

// ask returns the questions about the first operation of defer2.
func ask(t testing.TB) *quiz.Quiz {
	q, err := quiz.Predict(session(t, "defer2", "rfc", 2), "A")
	require.NoError(t, err)
	require.Len(t, q.Questions, 5)
	return q
}

// A mask is graded bit by bit: a point for each that is right, whatever the others.
func TestGradePerBit(t *testing.T) {
	q := ask(t)
	key, err := q.Key("mask")
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.SliceOfN(rapid.Bool(), 6, 6).Draw(t, "bits")
		g, err := q.Grade("mask", quiz.Answer{Bits: bits})
		require.NoError(t, err)
		right := 0
		for i := range bits {
			assert.Equal(t, bits[i] == key.Correct.Bits[i], g.PerBit[i])
			if bits[i] == key.Correct.Bits[i] {
				right++
			}
		}
		assert.Equal(t, []int{right, 6}, []int{g.Score, g.Of})
		assert.Equal(t, right == 6, g.Right)
		assert.Equal(t, key.Correct, g.Correct)
		assert.Equal(t, key.Sentence, g.Sentence)
	})
}

func TestGradeChoices(t *testing.T) {
	q := ask(t)
	for i := range q.Questions {
		k := &q.Questions[i]
		if k.Bits != nil {
			continue
		}
		right := 0
		for c := range k.Choices {
			g, err := q.Grade(k.ID, quiz.Answer{Choice: c})
			require.NoError(t, err)
			assert.Equal(t, 1, g.Of)
			assert.Nil(t, g.PerBit)
			if g.Right {
				right++
				assert.Equal(t, c, g.Correct.Choice)
			}
		}
		assert.Equal(t, 1, right, k.ID)
	}
}

func TestGradeOfNonsense(t *testing.T) {
	q := ask(t)
	for _, k := range []struct {
		id  string
		a   quiz.Answer
		why string
	}{
		{"nosuch", quiz.Answer{}, `no question "nosuch"`},
		{"", quiz.Answer{}, "no question"},
		{"mask", quiz.Answer{}, "0 bits; expected 6"},
		{"mask", quiz.Answer{Bits: make([]bool, 7)}, "7 bits; expected 6"},
		{"list", quiz.Answer{Choice: 4}, "expected 0 to 3"},
		{"list", quiz.Answer{Choice: -1}, "expected 0 to 3"},
		{"list", quiz.Answer{Bits: make([]bool, 6), Choice: 99}, "expected 0 to 3"},
	} {
		_, err := q.Grade(k.id, k.a)
		assert.ErrorContains(t, err, k.why)
	}
	_, err := (&quiz.Quiz{}).Grade("mask", quiz.Answer{})
	assert.Error(t, err)
	_, err = (&quiz.Quiz{}).Key("mask")
	assert.Error(t, err)
}

func TestParseAnswer(t *testing.T) {
	q := ask(t)
	mask, list := &q.Questions[0], &q.Questions[1]
	for text, want := range map[string]string{
		"P-|--|-A": "P-|--|-A", "p-|--|-a": "P-|--|-A", "100001": "P-|--|-A", "P1 A0": "P-|--|-A", " a0, p1 ": "P-|--|-A",
		"10 00 01": "P-|--|-A", "none": "--|--|--", "000000": "--|--|--", "------": "--|--|--", "P1": "P-|--|--", "PPHHAA": "PP|HH|AA",
	} {
		a, err := mask.ParseAnswer(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, mask.AnswerText(a), text)
	}
	for _, text := range []string{"", "x", "1000", "1000012", "HHPPAA", "P2", "A", "P1 none", "\x00", "A|A|A|"} {
		_, err := mask.ParseAnswer(text)
		assert.Error(t, err, text)
	}
	for text, want := range map[string]int{"a": 0, "B": 1, " c ": 2, "4": 3, "1": 0} {
		a, err := list.ParseAnswer(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, a.Choice)
	}
	for _, text := range []string{"", "e", "0", "5", "-1", "ab", "1e1", "é"} {
		_, err := list.ParseAnswer(text)
		assert.Error(t, err, text)
	}
}

// Whatever somebody types is an answer that can be graded and written again, or an error of one line.
func FuzzParseAnswer(f *testing.F) {
	for _, s := range []string{"P-|--|-A", "100001", "P1 A0", "none", "a", "4", "", "🙂", "A0+A1", "||||||"} {
		f.Add(s)
	}
	q := ask(f)
	f.Fuzz(func(t *testing.T, text string) {
		for i := range q.Questions {
			k := &q.Questions[i]
			a, err := k.ParseAnswer(text)
			if err != nil {
				assert.NotContains(t, err.Error(), "\n")
				assert.Less(t, len(err.Error()), 300)
				continue
			}
			_, err = q.Grade(k.ID, a)
			require.NoError(t, err)
			again, err := k.ParseAnswer(k.AnswerText(a))
			require.NoError(t, err)
			assert.Equal(t, a, again)
		}
	})
}
