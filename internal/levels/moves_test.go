package levels_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/levels"
	"ptsim/internal/stepper"
)

func TestParseMoves(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "",
		"A":                      "A",
		"Ax3 B":                  "A A A B",
		"B?1-Bx2,s0!12c0x2\ts0":  "B?1 B B s0!12c0 s0!12c0 s0",
		"A # a comment\n# B\nC":  "A C",
		" - , \r\n":              "",
		"?? !!":                  "?? !!", // whether there is such a move, the session says
		"Ax1x2":                  "Ax1 Ax1",
		strings.Repeat("A ", 10): strings.TrimSpace(strings.Repeat("A ", 10)),
	} {
		moves, err := levels.ParseMoves(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, strings.Join(moves, " "), text)
	}
	for text, why := range map[string]string{
		"x": "line 1", "Ax": "expected one such as", "A\nBx0": "line 2", "Ax-1": "expected one such as", "Axy": `"Axy"`,
		"Ax5001": "more than 5000", "Ax9999999999999999999": "expected one such as", "Ax5000 B": "more than 5000",
	} {
		_, err := levels.ParseMoves(text)
		assert.ErrorContains(t, err, why, text)
	}
}

// A letter alone begins the one callback that there is; of two it does not choose.
func TestLetterAlone(t *testing.T) {
	l, err := levels.Get("munmap")
	require.NoError(t, err)
	s := play(t, l, "A", "A", "A", "A")
	require.NoError(t, levels.Take(s, "s1"))
	assert.Equal(t, "s1!1100", s.View().Did.Move)
	require.NoError(t, s.Seek(4))
	for range 4 {
		require.NoError(t, levels.Take(s, "A"))
	}
	assert.ErrorContains(t, levels.Take(s, "s0"), "expected s0!")
	assert.ErrorContains(t, levels.Play(s, []string{"A", "Z"}), `move 2: "Z": `)
	assert.Equal(t, 9, s.View().Step, "the moves before it were taken")
}

// Whatever is given as moves either plays, or is an error of one line; what played is played again by the schedule that the
// session names, with the same judgement.
func FuzzMoves(f *testing.F) {
	for _, text := range []string{"Ax4 s0 s0 Ax6 s0", "Ax4-s1-s0-s0-A", "A,A#x\ns0", "Bx9", "s0!1100", "Ax4x2", "A?1", "\xff"} {
		f.Add(text)
	}
	l, err := levels.Get("munmap")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, text string) {
		moves, err := levels.ParseMoves(text)
		if err != nil {
			assert.NotContains(t, err.Error(), "\n")
			return
		}
		assert.LessOrEqual(t, len(moves), stepper.MaxSteps)
		s, err := l.Open()
		require.NoError(t, err)
		defer s.Close()
		if err := levels.Play(s, moves); err != nil {
			assert.NotContains(t, err.Error(), "\n")
			assert.False(t, len(err.Error()) > 400, err.Error())
		}
		j := l.Judge(s)
		assert.Equal(t, j.Reached, s.View().Violation != nil)
		_, path, _ := strings.Cut(s.View().Path, "@")
		path = path[strings.LastIndexByte(path, ':')+1:]
		again, err := levels.ParseMoves(path)
		require.NoError(t, err, path)
		other, err := l.Open()
		require.NoError(t, err)
		defer other.Close()
		require.NoError(t, levels.Play(other, again))
		assert.Equal(t, j, l.Judge(other))
	})
}
