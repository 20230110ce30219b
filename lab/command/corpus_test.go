package command

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRunMatchesTheCorpus runs every recorded script of every recorded version through the command and compares its
// output, line for line, with what the C code did.
func TestRunMatchesTheCorpus(t *testing.T) {
	files, err := filepath.Glob("../../testdata/conformance/*.jsonl.gz")
	require.NoError(t, err)
	require.Len(t, files, 5)
	for _, file := range files {
		version := strings.TrimSuffix(filepath.Base(file), ".jsonl.gz")
		t.Run(version, func(t *testing.T) {
			f, err := os.Open(file)
			require.NoError(t, err)
			defer f.Close()
			z, err := gzip.NewReader(f)
			require.NoError(t, err)
			scripts := 0
			lines := bufio.NewScanner(z)
			lines.Buffer(nil, 64<<20)
			for lines.Scan() {
				var recorded struct {
					Script string
					Ops    []string
					Out    []json.RawMessage
				}
				require.NoError(t, json.Unmarshal(lines.Bytes(), &recorded))
				var want, got, errOut bytes.Buffer
				for _, state := range recorded.Out {
					want.Write(state)
					want.WriteByte('\n')
				}
				in := strings.NewReader(strings.Join(recorded.Ops, "\n"))
				code := run(context.Background(), []string{"run", "-", "--format", "jsonl", "--variant", version}, streams{in, &got, &errOut})
				assert.LessOrEqual(t, code, exitFinding, recorded.Script)
				assert.Empty(t, errOut.String(), recorded.Script)
				if !bytes.Equal(want.Bytes(), got.Bytes()) {
					assert.Equal(t, firstDifference(want.String(), got.String()), "", recorded.Script)
				}
				scripts++
			}
			require.NoError(t, lines.Err())
			assert.Equal(t, 85, scripts)
		})
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range w {
		if i >= len(g) || w[i] != g[i] {
			return "want " + w[i] + "\ngot  " + strings.Join(g[i:min(i+1, len(g))], "")
		}
	}
	return "more than wanted"
}
