package ftrace

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Lines come out as they are, wherever the end of the buffer falls: no two of these are alike.
func TestLinesAcrossTheBuffer(t *testing.T) {
	var want []string
	for i, size := 0, 0; size < 3*bufferSize; i++ {
		line := strings.Repeat(fmt.Sprint(i, " "), 1+i*7919%997)
		want, size = append(want, line), size+len(line)+1
	}
	l, err := newLines(strings.NewReader(strings.Join(want, "\n") + "\n"))
	require.NoError(t, err)
	for i := range want {
		line, whole, err := l.next()
		require.NoError(t, err)
		require.True(t, whole)
		require.Equal(t, want[i], string(line), "line %d", i+1)
	}
	_, _, err = l.next()
	assert.Equal(t, io.EOF, err)
}

// hesitant gives a byte at every third read, and nothing at the others.
type hesitant struct {
	text string
	n    int
}

func (h *hesitant) Read(p []byte) (int, error) {
	h.n++
	if h.n%3 != 0 || len(p) == 0 {
		return 0, nil
	}
	if h.text == "" {
		return 0, io.EOF
	}
	n := copy(p[:1], h.text)
	h.text = h.text[n:]
	return n, nil
}

// A source may give nothing now and then, but not for ever: then it is broken, and that is no end of the trace.
func TestSourceThatHesitates(t *testing.T) {
	l := &lineReader{src: &hesitant{text: "a\nbc\n"}, raw: &counter{}, buf: make([]byte, bufferSize)}
	for _, want := range []string{"a", "bc"} {
		line, _, err := l.next()
		require.NoError(t, err)
		assert.Equal(t, want, string(line))
	}
	_, _, err := l.next()
	assert.Equal(t, io.EOF, err)

	l = &lineReader{src: io.MultiReader(strings.NewReader("a\nb"), stuck{}), raw: &counter{}, buf: make([]byte, bufferSize)}
	_, _, err = l.next()
	require.NoError(t, err)
	_, _, err = l.next()
	assert.True(t, errors.Is(err, io.ErrNoProgress), "%v", err)
}
