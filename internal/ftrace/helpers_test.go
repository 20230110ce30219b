package ftrace

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// columns stand before an event where its prefix is not what is tested.
const columns = "              sh-77      (     70) [003] d....  5303.352750: "

// readAll reads a trace to its end or to its first error.
func readAll(r io.Reader) ([]Event, Stats, error) {
	t, err := NewReader(r, Options{Name: "t"})
	if err != nil {
		return nil, Stats{}, err
	}
	var all []Event
	for {
		var ev Event
		if err := t.Next(&ev); err == io.EOF {
			return all, t.Stats(), nil
		} else if err != nil {
			return all, t.Stats(), err
		}
		all = append(all, ev)
	}
}

// readOne reads a trace of one event.
func readOne(t *testing.T, line string) Event {
	t.Helper()
	all, _, err := readAll(strings.NewReader(line + "\n"))
	require.NoError(t, err)
	require.Len(t, all, 1)
	return all[0]
}

// arguments is ev without the columns that every event has.
func arguments(ev Event) Event {
	ev.Line, ev.Time, ev.CPU, ev.TID, ev.TGID = 0, 0, 0, 0, 0
	return ev
}

func zip(t testing.TB, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, s)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}
