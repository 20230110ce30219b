package stepper

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/scenario"
)

// A link that holds the text of its scenario needs no file, and does not ask for one.
func TestALinkHoldsItsScenario(t *testing.T) {
	text := "title Mine\nmm 1\npage 1 t0 -\ntask only\n  free t0\n  mmput 1\n"
	code, err := scenario.Encode(text)
	require.NoError(t, err)
	s, err := Open("own/rfc@2,precise:s:00000000:Ax2#1~"+code, func(string) (*scenario.Scenario, error) {
		assert.Fail(t, "the link has its scenario")
		return nil, nil
	})
	require.NoError(t, err)
	defer s.Close()
	assert.Equal(t, "Mine", s.Question.Scenario.Title)
	assert.Equal(t, 1, s.View().Step)
	for _, c := range []struct{ link, want string }{
		{"own/rfc@2,precise:s:00000000:~" + code[:7], "the scenario in the link is cut short or changed; expected all of what follows its ~"},
		{"../x/rfc@2,precise:s:00000000:~" + code, "expected"},
	} {
		_, err := Open(c.link, scenario.Load)
		require.Error(t, err)
		assert.Contains(t, err.Error(), c.want)
	}
}
