package script_test

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/script"
	"ptsim/pgalloc"
)

// recording is one script of the corpus and what the C code did.
type recording struct {
	Script string
	Ops    []string
	Out    []json.RawMessage
}

func (r *recording) parse(t testing.TB) *script.Script {
	s, err := script.Parse(r.Script, strings.NewReader(strings.Join(r.Ops, "\n")))
	require.NoError(t, err)
	return s
}

// corpus reads all recordings of a version.
func corpus(t testing.TB, v pgalloc.Variant) []recording {
	f, err := os.Open(filepath.Join("..", "..", "testdata", "conformance", string(v)+".jsonl.gz"))
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var list []recording
	for d := json.NewDecoder(z); d.More(); {
		var r recording
		require.NoError(t, d.Decode(&r))
		list = append(list, r)
	}
	return list
}

// named returns the recording of that script.
func named(t testing.TB, v pgalloc.Variant, name string) recording {
	for _, r := range corpus(t, v) {
		if r.Script == name {
			return r
		}
	}
	t.Fatalf("no script %s", name)
	return recording{}
}

func recordedVariants() []pgalloc.Variant {
	return []pgalloc.Variant{pgalloc.Classic, pgalloc.RFCAsPosted, pgalloc.RFC, pgalloc.Active, pgalloc.FullPage}
}

// TestCorpus runs every script of every recorded version and compares each line.
func TestCorpus(t *testing.T) {
	for _, v := range recordedVariants() {
		t.Run(string(v), func(t *testing.T) {
			t.Parallel()
			recs := corpus(t, v)
			assert.Len(t, recs, 85)
			for _, rec := range recs {
				r, err := script.New(rec.parse(t), script.Options{Variant: v})
				require.NoError(t, err)
				n := 0
				err = r.Run(func(s *script.State) error {
					if !assert.Less(t, n, len(rec.Out), "%s goes on too long", rec.Script) {
						return assert.AnError
					}
					if !assert.Equal(t, string(rec.Out[n]), string(s.AppendJSON(nil)), "%s, operation %d", rec.Script, n) {
						return assert.AnError
					}
					n++
					return nil
				})
				if !assert.NoError(t, err, rec.Script) {
					continue
				}
				assert.Equal(t, len(rec.Out), n, "%s ends too early", rec.Script)
			}
		})
	}
}
