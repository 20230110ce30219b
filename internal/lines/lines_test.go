package lines_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/lines"
)

func ExampleScanner() {
	s := lines.NewScanner("two.txt", strings.NewReader("# a comment\nabout C# is a language\nfree t1   # why\nfre t1\n"),
		lines.Limits{Bytes: 100, Prose: []string{"about"}})
	for s.Scan() {
		text, err := s.Text()
		if err != nil {
			fmt.Println(err)
			continue
		}
		word, rest := lines.Word(text)
		if names := []string{"about", "free"}; word != "about" && word != "free" {
			fmt.Println(lines.Unknown("two.txt", s.Line(), "word", word, names))
			continue
		}
		fmt.Printf("%d: %s, %s\n", s.Line(), word, rest)
	}
	// Output:
	// 2: about, C# is a language
	// 3: free, t1
	// two.txt:4: unknown word "fre" (did you mean free?); expected one of about, free
}

// read returns the lines that say something, and the errors, one a string.
func read(text string, l lines.Limits) (list []string) {
	s := lines.NewScanner("f", strings.NewReader(text), l)
	for s.Scan() {
		if text, err := s.Text(); err != nil {
			list = append(list, err.Error())
		} else {
			list = append(list, fmt.Sprintf("%d %s", s.Line(), text))
		}
	}
	if s.Err() != nil {
		list = append(list, s.Err().Error())
	}
	return list
}

func TestScanner(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"\n\n  \t\n# all of\n", nil},
		{"a\r\nb", []string{"1 a", "2 b"}},
		{"a#b #c#d", []string{"1 a#b"}},
		{"a\t# b", []string{"1 a"}},
		{"about x # y", []string{"1 about x # y"}},
		{"aboutx # y", []string{"1 aboutx"}},
		{"0123456789\n0123456789a\nb", []string{"1 0123456789", "f:2: line too long; expected at most 10 bytes", "3 b"}},
		{"0123456789\r\nb", []string{"1 0123456789", "2 b"}},
		{strings.Repeat("x", 50) + "\nb", []string{"f:1: line too long; expected at most 10 bytes", "2 b"}},
		{strings.Repeat("x", 48), []string{"f:1: line too long; expected at most 10 bytes"}},
		{strings.Repeat("x", 12) + "\n", []string{"f:1: line too long; expected at most 10 bytes"}},
		{"\x00", []string{"f:1: byte 0x00 is no printable ASCII; expected a text file"}},
		{"a １", []string{"f:1: byte 0xef is no printable ASCII; expected a text file"}},
		{"a # ü", []string{"1 a"}},
		{"a # \x1b[", []string{"f:1: byte 0x1b in a comment is no text; expected a text file"}},
		{"# \xff", []string{"f:1: byte 0xff in a comment is no text; expected a text file"}},
		{"\n\n\n\n\nb", []string{"f:6: more than 5 lines; expected at most 5"}},
	} {
		assert.Equal(t, c.want, read(c.text, lines.Limits{Bytes: 10 + 8*strings.Count(c.text, "about"), Lines: 5, Prose: []string{"about"}}), "%q", c.text)
	}
}

// TestScannerReads gives the text in pieces, and with an error in place of its end.
func TestScannerReads(t *testing.T) {
	s := lines.NewScanner("f", iotest.OneByteReader(strings.NewReader("mm 1\n\n  gp # now")), lines.Limits{Bytes: 100})
	require.True(t, s.Scan())
	require.True(t, s.Scan())
	text, err := s.Text()
	require.NoError(t, err)
	assert.Equal(t, "gp", text)
	assert.Equal(t, 3, s.Line())
	assert.False(t, s.Scan())
	require.NoError(t, s.Err())

	broken := errors.New("is a directory")
	s = lines.NewScanner("dir", iotest.ErrReader(broken), lines.Limits{Bytes: 100})
	assert.False(t, s.Scan())
	require.ErrorIs(t, s.Err(), broken)
	assert.EqualError(t, s.Err(), "dir: is a directory")
}

func TestError(t *testing.T) {
	cause := errors.New("cause")
	err := &lines.Error{File: "f", What: "it", Err: cause}
	assert.EqualError(t, err, "f: it")
	assert.ErrorIs(t, err, cause)
}

func TestNumber(t *testing.T) {
	for text, want := range map[string]int{"0": 0, "7": 7, "007": 7, "9": 9, "10": -1, "": -1, "-1": -1, "+1": -1, "0x1": -1, "99999999999999999999": -1} {
		n, ok := lines.Number(text, 0, 9)
		assert.Equal(t, want >= 0, ok, text)
		assert.Equal(t, max(want, 0), max(n, 0)*map[bool]int{true: 1}[ok], text)
	}
	_, ok := lines.Number("1", 2, 9)
	assert.False(t, ok)
}

func TestValidName(t *testing.T) {
	for text, want := range map[string]bool{"t1": true, "_": true, "T_0": true, "0a": true, "17": false, "": false, "t-1": false, "ü": false, "abcde": false} {
		assert.Equal(t, want, lines.ValidName(text, 4), text)
	}
}
