package command

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/levels"
	"ptsim/internal/quiz"
)

// typed plays a level with what somebody types, and returns what is shown.
func typed(t *testing.T, level string, in io.Reader, out io.Writer) error {
	l, err := levels.Get(level)
	require.NoError(t, err)
	cmd := &cobra.Command{}
	cmd.SetContext(t.Context())
	return playLevel(cmd, streams{in: in, out: out, err: io.Discard}, &face{}, l)
}

// Where the terminal can do no more a level is played line by line to its end, with detours.
func TestPlayByLine(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, typed(t, "lost", strings.NewReader("state\nA\n\nnonsense\nb\nAx4\nv\nBx6 s0\ns0x3\nq\n"), &out))
	for _, want := range []string{
		"The goal: lose the page", "Two khugepageds", "spin_lock_bh(&mm1->context.lock)", `"nonsense" is no command`, "VIOLATION: page lost", "Solved, 3 of 3 stars, at par",
	} {
		assert.Contains(t, out.String(), want)
	}
}

// Who gives up, or claims what is not so, has not solved it; who claims what is, has.
func TestPlayGivesUp(t *testing.T) {
	for _, lines := range []string{"quit\n", "", "A\ng\nA\nb\nq\n", "impossible\n"} {
		require.ErrorIs(t, typed(t, "munmap", strings.NewReader(lines), io.Discard), errFinding, lines)
	}
	var out bytes.Buffer
	require.NoError(t, typed(t, "one-cpu", strings.NewReader("A\nimpossible\n"), &out))
	assert.Contains(t, out.String(), "it is impossible")
}

// A schedule that ends without the goal says so, and can be taken back.
func TestPlayTheWrongThing(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, typed(t, "not-lost", strings.NewReader("Ax5 Bx6 s0 s0x3\nb\ng\nAx5 s0 s0x2 Bx7\ns0\n"), &out))
	assert.Contains(t, out.String(), "another kind of violation, page-lost")
	assert.Contains(t, out.String(), "Solved")
}

// Reading that fails, and writing that does, are errors and no verdict.
func TestLinesThatFail(t *testing.T) {
	assert.ErrorContains(t, typed(t, "lost", strings.NewReader("A\n"), full{}), "standard output: cannot write")
	items, err := quiz.Draw(1, 1)
	require.NoError(t, err)
	assert.ErrorContains(t, askItems(items, strings.NewReader(strings.Repeat("A", longestLine+2)), &bytes.Buffer{}, 80), "standard input")
	assert.ErrorContains(t, askItems(items, strings.NewReader("A\n"), full{}, 80), "standard output: cannot write")
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
	require.NoError(t, askItems(items, strings.NewReader(right.String()), &out, 80))
	assert.NotContains(t, out.String(), "wrong,")
	assert.Regexp(t, `\n(\d+) of (\d+) points, `, out.String())
	assert.Equal(t, questions, strings.Count(out.String(), "  right, "))
	out.Reset()
	require.NoError(t, askItems(items, strings.NewReader(wrong.String()), &out, 80))
	assert.NotContains(t, out.String(), "  right, ")
	assert.Equal(t, questions, strings.Count(out.String(), "  wrong, "))
}
