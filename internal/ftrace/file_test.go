package ftrace

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string][]byte{"plain": []byte(fault1), "zipped.gz": zip(t, fault1)} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, content, 0o600))
		f, err := Open(path)
		require.NoError(t, err)
		var ev Event
		require.NoError(t, f.Next(&ev))
		require.ErrorIs(t, f.Next(&ev), io.EOF)
		assert.Equal(t, int64(len(content)), f.Size())
		assert.Equal(t, f.Size(), f.Stats().BytesRead)
		require.NoError(t, f.Close())
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(dir)
	require.EqualError(t, err, dir+": is a directory; expected an ftrace text file")

	absent := filepath.Join(dir, "absent")
	_, err = Open(absent)
	require.EqualError(t, err, absent+": no such file or directory; expected an ftrace text file")
	require.ErrorIs(t, err, fs.ErrNotExist)

	empty := filepath.Join(dir, "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	_, err = Open(empty)
	require.EqualError(t, err, empty+":1: the input is empty; expected the text of a tracefs trace or trace_pipe file")

	_, err = Open("")
	require.Error(t, err)
}

func TestOpenStdin(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trace")
	require.NoError(t, os.WriteFile(path, []byte(fault1+"hello\n"), 0o600))
	in, err := os.Open(path)
	require.NoError(t, err)
	defer func(old *os.File) { os.Stdin = old; _ = in.Close() }(os.Stdin)
	os.Stdin = in

	f, err := Open(Stdin)
	require.NoError(t, err)
	var ev Event
	require.NoError(t, f.Next(&ev))
	require.ErrorContains(t, f.Next(&ev), "stdin:2: ")
	require.NoError(t, f.Close())
	_, err = in.Stat()
	require.NoError(t, err, "still open")
}
