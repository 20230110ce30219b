package gunzip_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/gunzip"
)

// TestPaddedGzip: gzip takes zeros behind the last member, and so does this; anything else there is damage.
func TestPaddedGzip(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte("one\n"))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	one := b.String()
	for name, c := range map[string]struct {
		data, want string
		fails      bool
	}{
		"plain": {one, "one\n", false}, "padded": {one + strings.Repeat("\x00", 5000), "one\n", false},
		"two": {one + one, "one\none\n", false}, "two, padded": {one + one + "\x00", "one\none\n", false},
		"garbage": {one + "x", "one\n", true}, "cut": {one[:len(one)-3], "one\n", true}, "cut second": {one + one[:4], "one\n", true},
	} {
		r, err := gunzip.NewReader(strings.NewReader(c.data))
		require.NoError(t, err, name)
		text, err := io.ReadAll(r)
		assert.Equal(t, c.want, string(text), name)
		assert.Equal(t, c.fails, err != nil, "%s: %v", name, err)
	}
}
