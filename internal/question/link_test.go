package question_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/question"
)

func TestCut(t *testing.T) {
	for link, want := range map[string][3]any{
		"S1/rfc@2,precise:f:0:A":         {"S1/rfc@2,precise:f:0:A", -1, ""},
		"S1/rfc@2,precise:f:0:A#3":       {"S1/rfc@2,precise:f:0:A", 3, ""},
		"mine/rfc@2,precise:f:0:A#0~x-y": {"mine/rfc@2,precise:f:0:A", 0, "x-y"},
	} {
		schedule, step, code, err := question.Cut(link)
		require.NoError(t, err)
		assert.Equal(t, want, [3]any{schedule, step, code})
	}
	for link, want := range map[string]string{
		"S1/rfc@2,precise:f:0:A#":   `step ""; expected a number`,
		"S1/rfc@2,precise:f:0:A#-1": `step "-1"; expected a number`,
		"S1/rfc@2,precise:f:0:A~":   "a link ends with ~; expected all of what follows its ~",
	} {
		_, _, _, err := question.Cut(link)
		assert.EqualError(t, err, want)
	}
}

func TestVersionIn(t *testing.T) {
	v, err := question.VersionIn("stack/aba/treiber@2,precise:f:00000000:A#0")
	require.NoError(t, err)
	assert.Equal(t, question.Version("treiber"), v)
	_, err = question.VersionIn("S1/mine@2,precise:f:00000000:A")
	assert.ErrorContains(t, err, `model "S1/mine"; expected SCENARIO/VERSION: `)
	_, err = question.VersionIn("S1")
	assert.ErrorContains(t, err, "schedule: ")
}
