package script_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/script"
	"ptsim/pgalloc"
)

func TestParseOps(t *testing.T) {
	text := "# a comment\r\n\n  mm 1\t\r\nalloc  1 -> t1  # and why\nref t1 3\nhook tlbfree t1\nhook  crst 1 -> _c\nbatchfail 1\nmm 1000000"
	s, err := script.Parse("f", strings.NewReader(text))
	require.NoError(t, err)
	assert.Equal(t, []script.Op{
		{Kind: script.MM, Line: 3, Text: "mm 1", MM: 1},
		{Kind: script.Alloc, Line: 4, Text: "alloc  1 -> t1", MM: 1, Name: "t1"},
		{Kind: script.Ref, Line: 5, Text: "ref t1 3", Name: "t1", N: 3},
		{Kind: script.Hook, Line: 6, Text: "hook tlbfree t1", Hook: &script.Op{Kind: script.TLBFree, Line: 6, Text: "tlbfree t1", Name: "t1"}},
		{Kind: script.Hook, Line: 7, Text: "hook  crst 1 -> _c", Hook: &script.Op{Kind: script.CRST, Line: 7, Text: "crst 1 -> _c", MM: 1, Name: "_c"}},
		{Kind: script.BatchFail, Line: 8, Text: "batchfail 1", N: 1},
		{Kind: script.MM, Line: 9, Text: "mm 1000000", MM: 1000000},
	}, s.Ops)
}

func TestParseErrors(t *testing.T) {
	long := strings.Repeat("x", script.MaxLine)
	for _, c := range []struct{ text, want string }{
		{"", `f: no operation in it; expected at least one, such as "mm 1"`},
		{"# nothing\n\n", `f: no operation in it; expected at least one, such as "mm 1"`},
		{"mm 1\nfrob 2", `f:2: unknown operation "frob"; expected one of mm, pgste, haspgste, alloc, look, add, free, tlbfree, defer, flush, gp, remove, batchfail, oom, crst, crstfree, crsttlb, ref, unref, exit, mmgrab, mmdrop, work, hook`},
		{"MM 1", `f:1: unknown operation "MM" (did you mean mm?); expected one of mm,`},
		{"mm 1\nhook tlbfre t1", `f:2: unknown operation "tlbfre" (did you mean tlbfree?); expected one of mm,`},
		{"mm", `f:1: 1 word; expected "mm N"`},
		{"mm 1 2", `f:1: 3 words; expected "mm N"`},
		{"gp now", `f:1: 2 words; expected "gp"`},
		{"mm -1", `f:1: "-1" is no number of an mm; expected 0 to 1000000`},
		{"mm +1", `f:1: "+1" is no number of an mm; expected 0 to 1000000`},
		{"mm 0x1", `f:1: "0x1" is no number of an mm; expected 0 to 1000000`},
		{"mm 1000001", `f:1: "1000001" is no number of an mm; expected 0 to 1000000`},
		{"mm 99999999999999999999999999", `is no number of an mm; expected 0 to 1000000`},
		{"mm t1", `f:1: "t1" is no number of an mm; expected 0 to 1000000`},
		{"alloc 1 t1", `f:1: 3 words; expected "alloc N -> TABLE"`},
		{"alloc 1->t1", `f:1: 2 words; expected "alloc N -> TABLE"`},
		{"alloc 1 => t1", `f:1: "=>" in place of "->"; expected "alloc N -> TABLE"`},
		{"alloc 1 -> 17", `f:1: "17" is no name; expected letters, digits and _, not digits alone, such as t1`},
		{"alloc 1 -> t-1", `f:1: "t-1" is no name; expected letters`},
		{"free t1;", `f:1: "t1;" is no name; expected letters`},
		{"crst 1 -> " + long[:script.MaxName+1], `is no name; expected letters`},
		{"ref t1", `f:1: 2 words; expected "ref TABLE COUNT"`},
		{"ref t1 0", `f:1: "0" is no count of references; expected 1 to 1000000`},
		{"unref t1 1000001", `f:1: "1000001" is no count of references; expected 1 to 1000000`},
		{"batchfail 2", `f:1: "2" does not switch it; expected 0 or 1`},
		{"oom on", `f:1: "on" does not switch it; expected 0 or 1`},
		{"hook", `f:1: a hook without an operation; expected "hook CMD"`},
		{"hook hook gp", `f:1: a hook inside a hook; expected an operation that can run at once`},
		{"hook gp", `f:1: a grace period inside a callback; expected an operation that can run there`},
		{"\nhook free", `f:2: 1 word; expected "free TABLE"`},
		{"mm 1\n\x00", `f:2: byte 0x00 is no printable ASCII; expected a text file`},
		{"\x1f\x8b\x08\x01", `f:1: byte 0x1f is no printable ASCII; expected a text file`},
		{"mm １", `f:1: byte 0xef is no printable ASCII; expected a text file`},
		{"mm 1\n" + long + "x", `f:2: line too long; expected at most 1000 bytes`},
		{"mm 1\n" + long + long + long, `f:2: line too long; expected at most 1000 bytes`},
		{"#" + long, `f:1: line too long; expected at most 1000 bytes`},
	} {
		s, err := script.Parse("f", strings.NewReader(c.text))
		if assert.Error(t, err, "%.40q", c.text) {
			assert.Nil(t, s)
			assert.Contains(t, err.Error(), c.want)
			assert.ErrorAs(t, err, new(*script.Error))
			assert.NotContains(t, err.Error(), "\n")
		}
	}
	_, err := script.Parse("f", strings.NewReader("#"+long[1:]+"\r\nmm 1"))
	assert.NoError(t, err, "a line of just the length that is allowed")
}

func TestParseReadError(t *testing.T) {
	broken := errors.New("is a directory")
	_, err := script.Parse("dir", iotest.ErrReader(broken))
	assert.ErrorIs(t, err, broken)
	assert.EqualError(t, err, "dir: is a directory")
}

// TestNames runs scripts that use names wrongly. They are wrong for every version.
func TestNames(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"alloc 1 -> t1", `f:1: no mm 1; expected "mm 1" before it`},
		{"mm 1\nmm 1", `f:2: mm 1 a second time; expected a number that no mm has had`},
		{"mm 1\nexit 1\nmm 1", `f:3: mm 1 a second time; expected a number that no mm has had`},
		{"mm 1\nexit 1\nalloc 1 -> t1", `f:3: mm 1 was freed; expected an mm that exists`},
		{"mm 1\nexit 1\nflush 1", `f:3: mm 1 was freed; expected an mm that exists`},
		{"mm 1\nmmgrab 1\nexit 1\nalloc 1 -> t1", `f:4: mm 1 has exited; expected mmgrab, mmdrop or flush, or an mm with a user`},
		{"mm 1\nmmgrab 1\nexit 1\nflush 1\nmmgrab 1\nmmdrop 1\nmmdrop 1\nmmdrop 1", `f:8: mm 1 was freed; expected an mm that exists`},
		{"mm 1\nmmdrop 1", `f:2: mm 1 has no reference of the script left; expected as many mmdrops as mmgrabs`},
		{"mm 1\nalloc 1 -> t1\npgste 1", `f:3: mm 1 has had page tables; expected pgste before the first alloc`},
		{"mm 1\nfree t1", `f:2: no page table t1; expected "alloc N -> t1" before it`},
		{"mm 1\nalloc 1 -> table\nfree tabel", `f:3: no page table tabel (did you mean table?); expected "alloc N -> tabel" before it`},
		{"mm 1\ncrsttlb c1", `f:2: no segment or region table c1; expected "crst N -> c1" before it`},
		{"mm 1\ncrst 1 -> c1\nfree c1", `f:3: c1 is a segment or region table; expected a page table`},
		{"mm 1\nalloc 1 -> t1\ncrstfree t1", `f:3: t1 is a page table; expected a segment or region table`},
		{"mm 1\nalloc 1 -> t1\ncrst 1 -> t1", `f:3: t1 a second time; expected a name not yet given; line 2 gave this one`},
		{"mm 1\nalloc 1 -> t1\nfree t1\ntlbfree t1", `f:4: t1 was freed before; expected a page table that is allocated`},
		{"mm 1\nalloc 1 -> t1\nexit 1\nfree t1", `f:4: t1 was freed before; expected a page table that is allocated`},
		{"mm 1\nalloc 1 -> t1\nfree t1\nref t1 1", `f:4: t1 was freed before; expected a page table that is allocated`},
		{"mm 1\nalloc 1 -> t1\nref t1 2\nunref t1 3", `f:4: unref of 3, with 2 references on the page of t1; expected no more than ref took`},
		{"mm 1\nalloc 1 -> t1\nref t1 1000000\nref t1 1", `f:4: 1000001 references on the page of t1; expected at most 1000000`},
		{"mm 1\noom 1\nalloc 1 -> t1\nfree t1\nfree t1\nref t1 1\nalloc 1 -> t1", `f:7: t1 a second time`},
	} {
		for _, sys := range append(sound(), system{variant: pgalloc.RFC}, system{variant: pgalloc.RFCAsPosted}) {
			s, err := script.Parse("f", strings.NewReader(c.text))
			require.NoError(t, err)
			r, err := script.New(s, sys.options())
			require.NoError(t, err)
			err = r.Run(nil)
			if assert.Error(t, err, "%s: %q", sys, c.text) {
				assert.Contains(t, err.Error(), c.want)
				assert.ErrorAs(t, err, new(*script.Error))
			}
			_, again := r.Step()
			assert.Equal(t, err, again, "the script cannot go on")
			assert.Empty(t, r.Violations(), "%s: %q", sys, c.text)
		}
	}
}

// TestHookedNames: a hooked operation is checked when it runs, and its error names its own line.
func TestHookedNames(t *testing.T) {
	const text = "mm 1\nalloc 1 -> t1\nalloc 1 -> t2\nhook free t9\ndefer t1\ngp"
	s, err := script.Parse("f", strings.NewReader(text))
	require.NoError(t, err)
	r, err := script.New(s, script.Options{})
	require.NoError(t, err)
	assert.EqualError(t, r.Run(nil), `f:4: no page table t9; expected "alloc N -> t9" before it`)

	r, err = script.New(s, script.Options{Variant: pgalloc.Active})
	require.NoError(t, err)
	var last *script.State
	require.NoError(t, r.Run(func(s *script.State) error { last = s; return nil }), "its callbacks take no lock")
	assert.Equal(t, 1, last.Waiting)
	_, err = r.Step()
	assert.Equal(t, io.EOF, err)
}

func TestNewErrors(t *testing.T) {
	s, err := script.Parse("f", strings.NewReader("gp"))
	require.NoError(t, err)
	_, err = script.New(s, script.Options{Variant: "frob"})
	assert.ErrorContains(t, err, "frob")
	_, err = script.New(s, script.Options{Pin: "frob"})
	assert.ErrorContains(t, err, "frob")
}
