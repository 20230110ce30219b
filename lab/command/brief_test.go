package command

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
)

// A command that a signal may end at once writes no file, and reads nothing but its arguments.
func TestBriefCommandsWriteNoFiles(t *testing.T) {
	n := 0
	for _, c := range commands {
		if !brief(c.name) {
			continue
		}
		n++
		cmd := c.build(streams{strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}}, new(int))
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			assert.NotContains(t, f.Usage, "file", "ptsim %s --%s", c.name, f.Name)
		})
	}
	assert.GreaterOrEqual(t, n, 6)
	assert.False(t, brief("explore") || brief("masks") || brief(""))
}
