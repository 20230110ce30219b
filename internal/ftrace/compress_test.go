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
