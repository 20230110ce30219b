package checkpoint

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func written(t *testing.T) (name string, text []byte) {
	name = filepath.Join(t.TempDir(), "file")
	w, err := Create(name, "a question")
	require.NoError(t, err)
	require.NoError(t, w.Add([]uint64{1, 2, 3}))
	require.NoError(t, w.Commit())
	text, err = os.ReadFile(name)
	require.NoError(t, err)
	return name, text
}

// refused wants a file with this text to be refused in one line that names the file and says what to do.
func refused(t *testing.T, name string, text []byte, says string) {
	t.Helper()
	require.NoError(t, os.WriteFile(name, text, 0o600))
	_, err := Open(name, "a question")
	require.Error(t, err)
	assert.IsType(t, &Refused{}, err)
	assert.True(t, strings.HasPrefix(err.Error(), name+": "), err)
	assert.Contains(t, err.Error(), says)
	assert.NotContains(t, err.Error(), "\n")
}

// Every bit that flips and every byte that is missing, or too many, is noticed.
func TestDamage(t *testing.T) {
	name, text := written(t)
	for i := range text {
		bad := append([]byte(nil), text...)
		bad[i] ^= 1 << (i % 8)
		says := "damaged"
		if i < len(magic)+2 {
			says = "checkpoint"
		}
		refused(t, name, bad, says)
		refused(t, name, text[:i], "")
	}
	refused(t, name, append(text, 0), "damaged")
	require.NoError(t, os.WriteFile(name, text, 0o600))
	r, err := Open(name, "a question")
	require.NoError(t, err)
	var have []uint64
	require.NoError(t, r.Read(&have))
	assert.Equal(t, []uint64{1, 2, 3}, have)
	var refused *Refused
	assert.ErrorAs(t, r.Read(&have), &refused, "there is no more")
	require.NoError(t, r.Close())
}

// sealed is a text with its checksum.
func sealed(text []byte) []byte {
	sum := sha256.Sum256(text)
	return append(text, sum[:]...)
}

// Files that are whole, and not what is wanted.
func TestForeign(t *testing.T) {
	name, text := written(t)
	body := text[:len(text)-sha256.Size]
	refused(t, name, nil, "is no checkpoint")
	refused(t, name, []byte("S1\n"), "is no checkpoint of ptsim; expected")
	other := strings.Replace(string(body), fmt.Sprintf("%s%d\n", magic, Format), fmt.Sprintf("%s%d\n", magic, Format+1), 1)
	refused(t, name, sealed([]byte(other)), "is a checkpoint of format 3, and this ptsim knows format 2")
	build := strings.Replace(string(body), Program()[:8], "00000000", 1)
	refused(t, name, sealed([]byte(build)), "was written by another build of ptsim (")
	question := strings.Replace(string(body), "a question", "b question", 1)
	refused(t, name, sealed([]byte(question)), "is about b question; expected a question")
	_, err := Open(filepath.Dir(name), "")
	assert.ErrorContains(t, err, "is a directory")
	r, err := Open(name+".none", "")
	assert.NoError(t, err)
	assert.Nil(t, r)
	_, err = Create(filepath.Join(name, "in", "no", "folder"), "")
	assert.ErrorContains(t, err, "cannot write")
}

// What is given up leaves the old file as it was, and nothing beside it.
func TestAside(t *testing.T) {
	name, text := written(t)
	w, err := Create(name, "another")
	require.NoError(t, err)
	require.NoError(t, w.Add("something"))
	w.Discard()
	have, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, text, have)
	list, err := os.ReadDir(filepath.Dir(name))
	require.NoError(t, err)
	assert.Len(t, list, 1)
}

// Values are read as they were written, bytes as they are; one that says it is longer than the file is refused.
func TestValues(t *testing.T) {
	type value struct {
		N     uint64
		Bytes []byte
		Of    map[string]int
		None  *value
	}
	name := filepath.Join(t.TempDir(), "file")
	w, err := Create(name, "a question")
	require.NoError(t, err)
	want := value{1<<64 - 1, []byte{0, 0xff, '"'}, map[string]int{"\u2028": 1}, nil}
	require.NoError(t, w.Add(&want))
	require.NoError(t, w.Add([]byte{}))
	require.NoError(t, w.Add([]byte("\x00{\n")))
	require.NoError(t, w.Add(7))
	require.NoError(t, w.Commit())
	r, err := Open(name, "a question")
	require.NoError(t, err)
	var have value
	var bytes []byte
	var text string
	require.NoError(t, r.Read(&have))
	assert.Equal(t, want, have)
	require.NoError(t, r.Read(&bytes))
	assert.Empty(t, bytes)
	require.NoError(t, r.Read(&bytes))
	assert.Equal(t, "\x00{\n", string(bytes))
	assert.ErrorContains(t, r.Read(&text), "cannot be understood", "it is a number")
	require.NoError(t, r.Close())

	whole, err := os.ReadFile(name)
	require.NoError(t, err)
	body := whole[:len(whole)-sha256.Size]
	for _, length := range []byte{2, 0x80} {
		longer := append([]byte(nil), body...)
		longer[len(longer)-9] = length // of the last value
		longer[len(longer)-2] = length
		require.NoError(t, os.WriteFile(name, sealed(longer), 0o600))
		r, err = Open(name, "a question")
		require.NoError(t, err)
		for range 3 {
			require.NoError(t, r.Read(&bytes))
		}
		assert.ErrorContains(t, r.Read(&text), "unexpected EOF")
		require.NoError(t, r.Close())
	}
}
