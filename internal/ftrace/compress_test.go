package ftrace

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/ulikunitz/xz"
)

// bzipped is fault1 + wakeup as bzip2 packs it: the library only unpacks.
const bzipped = "QlpoOTFBWSZTWZCEdggAABBbgHAQQGN+kgAKr+7ewCAAkhCo0/ETU21TBMmQwek0Eqm00psU02UyeoNDCaNM8cEOSBUPJECsUiTLyUW+ZpIUUtKu5cPdaMhQcNOhQP7GcGijCIgrysmIUOJ1NdYH1PdbN5CoHnJCdPeGpCz940g2b3RlB5DJTQp21K4EKhBU1pTxA3fmApx7qGA9C7kinChISEI7BAA="

// A trace means the same however it is packed, and with a byte-order mark before it.
func TestPackings(t *testing.T) {
	text := fault1 + wakeup
	pack := func(open func(w io.Writer) (io.WriteCloser, error)) string {
		var b bytes.Buffer
		w, err := open(&b)
		require.NoError(t, err)
		_, err = io.WriteString(w, text)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return b.String()
	}
	bz, err := base64.StdEncoding.DecodeString(bzipped)
	require.NoError(t, err)
	for name, packed := range map[string]string{
		"plain":             text,
		"byte-order mark":   "\xef\xbb\xbf" + text,
		"carriage returns":  string(bytes.ReplaceAll([]byte(text), []byte("\n"), []byte("\r\n"))),
		"gzip":              pack(func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }),
		"xz":                pack(func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) }),
		"zstd":              pack(func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }),
		"bzip2":             string(bz),
		"packed twice over": pack(func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }) + pack(func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }),
	} {
		all, _, err := readAll(strings.NewReader(packed))
		require.NoError(t, err, name)
		events := 0
		for _, e := range all {
			if e.Kind == PageFaultUser {
				assert.EqualValues(t, 0x1000, e.Addr, name)
				events++
			}
		}
		want := 1
		if name == "packed twice over" {
			want = 2
		}
		assert.Equal(t, want, events, name)
	}
}

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
		r, err := newGunzip(strings.NewReader(c.data))
		require.NoError(t, err, name)
		text, err := io.ReadAll(r)
		assert.Equal(t, c.want, string(text), name)
		assert.Equal(t, c.fails, err != nil, "%s: %v", name, err)
	}
}
