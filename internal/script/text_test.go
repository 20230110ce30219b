package script_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/script"
	"ptsim/pgalloc"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// show returns the text view of a script.
func show(t testing.TB, s *script.Script, opt script.Options, box, full bool) []byte {
	r, err := script.New(s, opt)
	require.NoError(t, err)
	var b bytes.Buffer
	view := script.NewText(&b, script.TextOptions{Title: s.Name + " on " + r.Name(), Box: box})
	require.NoError(t, r.Each(func(ch *script.Change) error {
		if full {
			return view.Full(ch, r.State())
		}
		return view.Change(ch)
	}))
	require.NoError(t, view.Close())
	return b.Bytes()
}

func golden(t *testing.T, name string, have []byte) {
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, have, 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(have), "go test -update rewrites %s", path)
}

// TestStories compares the text view with files that a person has read.
func TestStories(t *testing.T) {
	e19 := named(t, pgalloc.RFCAsPosted, "e19-defer-both")
	golden(t, "e19-rfc-as-posted.txt", show(t, e19.parse(t), script.Options{Variant: pgalloc.RFCAsPosted}, false, true))

	f, err := os.Open(filepath.Join("testdata", "tour.script"))
	require.NoError(t, err)
	defer f.Close()
	tour, err := script.Parse("tour", f)
	require.NoError(t, err)
	golden(t, "tour-pinned.txt", show(t, tour, script.Options{}, true, true))
	golden(t, "tour-active.txt", show(t, tour, script.Options{Variant: pgalloc.Active}, false, false))
	golden(t, "tour-fullpage.txt", show(t, tour, script.Options{Variant: pgalloc.FullPage}, false, true))
}

// TestTextShape: no line of any script is too wide or ends in a space, and every page of every state has been drawn.
func TestTextShape(t *testing.T) {
	for _, sys := range append(sound(), system{variant: pgalloc.RFCAsPosted}) {
		t.Run(sys.String(), func(t *testing.T) {
			t.Parallel()
			recs := corpus(t, pgalloc.RFC)
			for i, rec := range recs {
				if i < 35 {
					continue // five random ones will do
				}
				text := string(show(t, rec.parse(t), sys.options(), i%2 == 0, i%3 == 0))
				for _, line := range strings.Split(text, "\n") {
					if utf8.RuneCountInString(line) > script.Width || strings.HasSuffix(line, " ") {
						t.Fatalf("%s: %q", rec.Script, line)
					}
				}
			}
		})
	}
}

// TestTextChanges: the sign in the margin agrees with a comparison of the states made here.
func TestTextChanges(t *testing.T) {
	rec := named(t, pgalloc.RFC, "e29-exit-mixed-pending")
	r, err := script.New(rec.parse(t), script.Options{Variant: pgalloc.RFC})
	require.NoError(t, err)
	var b bytes.Buffer
	view := script.NewText(&b, script.TextOptions{})
	before := map[int]script.PageState{}
	require.NoError(t, r.Each(func(ch *script.Change) error {
		b.Reset()
		s := r.State()
		require.NoError(t, view.Full(ch, s))
		now := map[int]script.PageState{}
		for _, p := range s.Pages {
			now[p.ID] = p
			sign := "*"
			if old, had := before[p.ID]; !had {
				sign = "+"
			} else if old == p {
				sign = " "
			}
			assert.Regexp(t, `(?m)^ \`+sign+` p`+string(rune('0'+p.ID))+` .*`+regexpMask(p.Mask), b.String())
		}
		for id := range before {
			if _, has := now[id]; !has {
				assert.Regexp(t, `(?m)^ - p`+string(rune('0'+id))+` .* freed$`, b.String())
			}
		}
		before = now
		return nil
	}))
}

func regexpMask(m pgalloc.Mask) string { return strings.ReplaceAll(m.String(), "|", `\|`) }

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestTextWriteError(t *testing.T) {
	r, err := script.New(parse(t, []string{"mm 1"}), script.Options{})
	require.NoError(t, err)
	assert.ErrorIs(t, r.Each(script.NewText(failingWriter{}, script.TextOptions{}).Change), os.ErrClosed)
	var b bytes.Buffer
	assert.NoError(t, script.NewText(&b, script.TextOptions{}).Close())
	assert.Empty(t, b.String(), "nothing ran, nothing to sum up")
}
