package litmus_test

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/ulikunitz/xz"
)

// herdStates reads the lists of final states beside the tests of an archive, NAME.litmus.expected, by NAME.litmus.
func herdStates(t *testing.T, name string) map[string][]string {
	t.Helper()
	file, err := os.Open(name)
	require.NoError(t, err)
	defer file.Close()
	r, err := xz.NewReader(file)
	require.NoError(t, err)
	all := map[string][]string{}
	for archive := tar.NewReader(r); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		test, ok := strings.CutSuffix(path.Base(h.Name), ".expected")
		if !ok {
			continue
		}
		text, err := io.ReadAll(archive)
		require.NoError(t, err)
		m := herdOutput.FindStringSubmatch(string(text))
		require.NotNil(t, m, h.Name)
		all[test] = strings.Split(m[1], "\n")
	}
}
