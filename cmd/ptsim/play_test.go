package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/levels"
	"ptsim/internal/quiz"
)

// typed plays a level with what somebody types, and returns what is shown.
func typed(t *testing.T, level, lines string) (string, error) {
	l, err := levels.Get(level)
	require.NoError(t, err)
	var out bytes.Buffer
	err = playByLine(l, strings.NewReader(lines), &out)
	return out.String(), err
}

// A level is played line by line to its end, with detours.
func TestPlayByLine(t *testing.T) {
	out, err := typed(t, "lost", `help
story
pages
A

nonsense
back
forward
Ax3
ahead
Bx6
s0
s0x3
never read
`)
	require.NoError(t, err)
	for _, want := range []string{
		"goal: lose the page", "what every page, mm and callback looks like", "Two khugepageds", "page1 of mm1: --|--|AA", "spin_lock_bh(&mm1->context.lock)", "nonsense",
		"steps from here", "s0!11", "VIOLATION: page lost", "solved: page lost", "at par  ***",
	} {
		assert.Contains(t, out, want)
	}
	assert.NotContains(t, out, "never")
}

// Who gives up, or claims what is not so, has not solved it; who claims what is, has.
func TestPlayGivesUp(t *testing.T) {
	for _, lines := range []string{"quit\n", "", "A\nrestart\nback\nq\n", "impossible\n"} {
		out, err := typed(t, "munmap", lines)
		require.ErrorIs(t, err, errFinding, lines)
		assert.Contains(t, out, "not solved: ")
	}
	out, err := typed(t, "one-cpu", "A\nimpossible\n")
	require.NoError(t, err)
	assert.Contains(t, out, "solved: it is impossible")
}

// A schedule that ends without the goal says so, and can be taken back.
func TestPlayTheWrongThing(t *testing.T) {
	out, err := typed(t, "not-lost", "Ax5 Bx6 s0 s0x3\nback\nrestart\nAx5 s0 s0x2 Bx7\ns0\n")
	require.NoError(t, err)
	assert.Contains(t, out, "another kind of violation, page-lost")
	assert.Contains(t, out, "back goes back, restart begins again")
	assert.Contains(t, out, "solved: use after free")
}

// Reading that fails, and writing that does, are errors and no verdict.
func TestLinesThatFail(t *testing.T) {
	l, err := levels.Get("lost")
	require.NoError(t, err)
	err = playByLine(l, strings.NewReader(strings.Repeat("A", longestLine+2)), &bytes.Buffer{})
	require.Error(t, err)
	assert.False(t, errors.Is(err, errFinding))
	assert.ErrorContains(t, err, "standard input")
	assert.ErrorContains(t, playByLine(l, strings.NewReader("A\n"), full{}), "standard output: cannot write")

	items, err := quiz.Draw(1, 1)
	require.NoError(t, err)
	assert.ErrorContains(t, askItems(items, strings.NewReader(strings.Repeat("A", longestLine+2)), &bytes.Buffer{}), "standard input")
	assert.ErrorContains(t, askItems(items, strings.NewReader("A\n"), full{}), "standard output: cannot write")
}

// All answers of the key are full marks, all others are not.
func TestAskItems(t *testing.T) {
	items, err := quiz.Draw(5, 3)
	require.NoError(t, err)
	var right, wrong strings.Builder
	questions := 0
	for _, it := range items {
		for i := range it.Quiz.Questions {
			q := &it.Quiz.Questions[i]
			g, err := it.Quiz.Key(q.ID)
			require.NoError(t, err)
			right.WriteString(q.AnswerText(g.Correct) + "\n")
			other := g.Correct
			if q.Bits == nil {
				other.Choice = (other.Choice + 1) % len(q.Choices)
			} else {
				other.Bits = append([]bool{!other.Bits[0]}, other.Bits[1:]...)
			}
			wrong.WriteString(q.AnswerText(other) + "\n")
			questions++
		}
	}
	var out bytes.Buffer
	require.NoError(t, askItems(items, strings.NewReader(right.String()), &out))
	assert.NotContains(t, out.String(), "wrong,")
	assert.Regexp(t, `\n(\d+) of (\d+) points, `, out.String())
	assert.Equal(t, questions, strings.Count(out.String(), "  right, "))
	out.Reset()
	require.NoError(t, askItems(items, strings.NewReader(wrong.String()), &out))
	assert.NotContains(t, out.String(), "  right, ")
	assert.Equal(t, questions, strings.Count(out.String(), "  wrong, "))
}
