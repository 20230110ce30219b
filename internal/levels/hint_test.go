package levels

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whoever follows the hints of a level solves it at par, or is told that it is impossible.
func TestHintsSolveTheLevels(t *testing.T) {
	said := map[string]bool{}
	for _, l := range All() {
		s, err := l.Open()
		require.NoError(t, err)
		defer s.Close()
		first, err := l.Hint(1, s)
		require.NoError(t, err)
		assert.True(t, first.More, l.Name)
		assert.Regexp(t, `^[A-Za-z].*[.?]$`, first.Text, l.Name)
		assert.NotContains(t, strings.ToLower(first.Text), "impossible", "%s: the first hint tells nothing away", l.Name)
		assert.False(t, said[first.Text], "%s has the hint of another level", l.Name)
		said[first.Text] = true
		par, err := l.Par()
		require.NoError(t, err)
		second, err := l.Hint(2, s)
		require.NoError(t, err)
		if !par.Possible {
			assert.Contains(t, second.Text, "cannot be done", l.Name)
			assert.False(t, second.More)
			assert.True(t, l.Claim().Reached, l.Name)
			continue
		}
		assert.Contains(t, second.Text, par.Text(), l.Name)
		for {
			h, err := l.Hint(3, s)
			require.NoError(t, err, l.Name)
			if h.Move == "" {
				assert.False(t, h.More)
				break
			}
			require.NoError(t, s.Take(h.Move), l.Name)
		}
		j := l.Judge(s)
		if l.Asks == Repair {
			assert.NotNil(t, s.View().Violation, "%s: whoever follows the hints sees how it breaks", l.Name)
			continue
		}
		assert.True(t, j.Reached, l.Name)
		assert.Equal(t, "at par", j.Against, l.Name)
	}
}

// A schedule that went another way is told where.
func TestHintBack(t *testing.T) {
	l, err := Get("munmap")
	require.NoError(t, err)
	s, err := l.Open()
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, Play(s, []string{"A", "A", "A", "A", "A"}))
	h, err := l.Hint(9, s)
	require.NoError(t, err)
	assert.Contains(t, h.Text, "left the shortest solution after step 4")
	assert.Contains(t, h.Text, "s0 softirq: ")
	assert.Empty(t, h.Move)
	require.NoError(t, s.Seek(4))
	h, err = l.Hint(3, s)
	require.NoError(t, err)
	assert.Equal(t, "s0!1100", h.Move, h.Text)
}
