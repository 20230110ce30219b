package command

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/export"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
)

// TestShareStrings opens the strings that the text about sharing shows, and wants its table to have every format.
func TestShareStrings(t *testing.T) {
	text, err := os.ReadFile("../../docs/share.md")
	require.NoError(t, err)
	links := regexp.MustCompile(`[A-Za-z0-9]+/[a-z/-]+@\S+:s:\S+`).FindAllString(string(text), -1)
	require.NotEmpty(t, links)
	for _, link := range links {
		s, err := stepper.Open(link, scenario.Load)
		require.NoError(t, err, link)
		assert.Equal(t, link, s.Link())
		assert.Equal(t, 11, s.View().Step)
		s.Close()
	}
	for _, f := range export.Formats() {
		assert.Contains(t, string(text), "| `"+f+"` |")
	}
}
