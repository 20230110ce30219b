package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPlayDoc wants what docs/play.md shows to be what the commands say.
func TestPlayDoc(t *testing.T) {
	path, err := filepath.Abs("../../docs/play.md")
	require.NoError(t, err)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	blocks := consoleBlock.FindAllStringSubmatch(string(text), -1)
	require.Len(t, blocks, 6)
	fresh := string(text)
	for _, m := range blocks {
		t.Run(m[1], func(t *testing.T) {
			out, code := runAtTop(t, strings.Fields(m[1])[1:]...)
			assert.Equal(t, exitOK, code)
			out = elide(out, m[2])
			if *update {
				fresh = strings.Replace(fresh, m[2], out, 1)
				return
			}
			assert.Equal(t, out, m[2])
		})
	}
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(fresh), 0o644))
	}
}
