package replay_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/internal/ftrace"
	"ptsim/internal/replay"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// FuzzReplay replays whatever the reader makes of some bytes, which is every order of events that no kernel would ever
// show. The machine must take it: no violation, nothing lost, nothing left after all have exited.
func FuzzReplay(f *testing.F) {
	for _, s := range allStories() {
		f.Add([]byte(trace(s.lines...)))
	}
	for _, name := range traces {
		f.Add(headOf(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		in, err := ftrace.NewReader(bytes.NewReader(data), ftrace.Options{Name: "fuzz"})
		if err != nil {
			return
		}
		m, err := s390sim.New(s390sim.Config{Variant: pgalloc.Pinned, CPUs: 2, Checks: true, Contents: true})
		require.NoError(t, err)
		r := replay.New(m)
		var e ftrace.Event
		for err = in.Next(&e); err == nil; err = in.Next(&e) {
			r.Event(&e)
		}
		figures := m.Figures()
		require.Zero(t, m.Check())
		m.Close()
		list, n := m.M.Violations()
		require.Zero(t, n, "%v", list)
		require.Zero(t, m.Sys.Use(), "pages or tables are left")
		a := figures.Alloc
		require.EqualValues(t, a.Allocated(), a.FreedNow+a.FreedGather+a.FreedDeferred+uint64(a.Tables))
		require.LessOrEqual(t, figures.MeanPages, float64(figures.PeakPages))
	})
}

// headOf returns the first lines of a recorded trace.
func headOf(t testing.TB, name string) []byte {
	file, err := os.Open(tracePath(name))
	require.NoError(t, err)
	defer file.Close()
	z, err := gzip.NewReader(file)
	require.NoError(t, err)
	head, err := io.ReadAll(io.LimitReader(z, 16<<10))
	require.NoError(t, err)
	i := bytes.Index(head, []byte("# entries-in-buffer")) // promises more lines than there are
	j := i + bytes.IndexByte(head[i:], '\n') + 1
	return append(head[:i:i], head[j:bytes.LastIndexByte(head, '\n')+1]...)
}
