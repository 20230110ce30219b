package explore_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
)

// TestScheduleIsData wants the text of a schedule to be read without a model, and to be written as it was; what is no schedule is told in
// one line.
func TestScheduleIsData(t *testing.T) {
	for _, c := range []struct {
		text   string
		moves  []string
		single bool
	}{
		{"S1/pinned/half@2,precise:s:1592e5da:B?1-Bx2-s0!12c0-s0", []string{"B?1", "B", "B", "s0!12c0", "s0"}, true},
		{"zswap/unplug/v5.12@cpu,any:f:00000000:A-w0!430-w0-s7", []string{"A", "w0!430", "w0", "s7"}, false},
		{"x@1,precise,lkmm:frlk1f+20x3c:0000002a:Ax3", []string{"A", "A", "A"}, false},
		{"x@1,precise:s:00000000:", nil, true},
	} {
		s, err := explore.ParseSchedule(c.text)
		require.NoError(t, err, c.text)
		moves, single := s.Moves()
		assert.Equal(t, c.moves, moves, c.text)
		assert.Equal(t, c.single, single, c.text)
		if c.text[0] != 'x' {
			assert.Equal(t, c.text, s.Text())
		}
		again, err := explore.ParseSchedule(s.Text())
		require.NoError(t, err, s.Text())
		assert.Equal(t, s, again)
	}
	s, err := explore.ParseSchedule("S1/rfc@2,precise:s:00000000:A-Cx2-w1!30")
	require.NoError(t, err)
	assert.NoError(t, s.Fits(3, 2))
	assert.ErrorContains(t, s.Fits(2, 2), `steps "C"`)
	assert.ErrorContains(t, s.Fits(3, 1), `steps "w1"`)
	assert.Equal(t, "S1/rfc@2,precise", s.Question())
	for _, text := range []string{"", "S1", "S1/rfc@2,precise:s:00000000:a", "S1/rfc@2,precise:s:00000000:A-", "S1/rfc@2,precise:s:00000000:Ax0", "S1/rfc@2,precise:s:00000000:s01", "S1/rfc@2,precise:s:00000000:wx2"} {
		_, err := explore.ParseSchedule(text)
		require.Error(t, err, text)
		assert.NotContains(t, err.Error(), "\n")
	}
}
