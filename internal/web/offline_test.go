package web_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/internal/web"
)

func offline(t testing.TB, o web.OfflineOptions) string {
	var b bytes.Buffer
	require.NoError(t, web.Offline(&b, o))
	return b.String()
}

// A file of its own holds the line, the sources, and a policy that allows its script and its style and nothing else.
func TestOfflineIsWhole(t *testing.T) {
	s, err := stepper.Open(flaw+"#9", scenario.Load)
	require.NoError(t, err)
	defer s.Close()
	page := offline(t, web.OfflineOptions{Session: s, Title: `A <title> & "more"`})
	assert.Contains(t, page, "<h1>A &lt;title&gt; &amp; &#34;more&#34;</h1>")
	between := func(open, end string) string {
		_, rest, ok := strings.Cut(page, open)
		require.True(t, ok, open)
		text, _, ok := strings.Cut(rest, end)
		require.True(t, ok, end)
		return text
	}
	policy := between(`<meta http-equiv="Content-Security-Policy" content="`, `"`)
	for what, text := range map[string]string{"script-src": between("<script>", "</script>"), "style-src": between("<style>", "</style>")} {
		sum := sha256.Sum256([]byte(text))
		assert.Contains(t, policy, what+" 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	assert.Contains(t, policy, "default-src 'none'")
	assert.NotContains(t, policy, "unsafe")
	assert.NotContains(t, policy, "http")
	for _, m := range regexp.MustCompile(`(?:src|href|action|url)\s*[=(]\s*["']?([^"'\s>)]+)`).FindAllStringSubmatch(between("<html", "<script type"), -1) {
		assert.True(t, strings.HasPrefix(m[1], "data:"), "refers to %s", m[1])
	}
	assert.NotContains(t, between("<script>", "</script>"), "fetch(")
	var data struct {
		Step     int
		Path     string
		Link     string
		Views    web.Pack
		Question web.Question
		Sources  map[string]string
	}
	require.NoError(t, json.Unmarshal([]byte(between(`<script type="application/json" id="line">`, "</script>")), &data))
	assert.Equal(t, 9, data.Step)
	assert.Equal(t, s.Link(), data.Link)
	got := views(t, &data.Views)
	require.Len(t, got, 17)
	for i, try := range s.Line() {
		assert.Equal(t, pathless(t, try.View), got[i])
		if did := try.View.Did; did != nil && did.At.File != "" {
			text, err := s.Text(did.At.File)
			require.NoError(t, err)
			assert.Equal(t, text, data.Sources[did.At.File])
		}
	}
	for _, try := range s.Line()[1:] {
		assert.Contains(t, between("<noscript>", "</noscript>"), strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&#39;", `"`, "&#34;").Replace(try.View.Did.Sentence.Text))
	}
	require.Error(t, web.Offline(&bytes.Buffer{}, web.OfflineOptions{}))
}

// A schedule of 200 steps is less than a megabyte, on as much as there can be to show.
func TestOfflineStaysSmall(t *testing.T) {
	for _, version := range []string{"rfc", "active"} {
		s := sessionOf(t, big(t), version, 8)
		walk(t, s, 200)
		require.Equal(t, 200, s.View().Step, "%s", version)
		page := offline(t, web.OfflineOptions{Session: s})
		t.Logf("%s: %d bytes for 200 steps, 16 pages, 8 CPUs and 8 softirq CPUs", version, len(page))
		assert.Less(t, len(page), 1_000_000)
	}
}

// What a scenario says of itself cannot break out of where it is put.
func TestOfflineEscapes(t *testing.T) {
	evil := `</script><script>alert(1)</script><!--`
	sc, err := scenario.Parse("evil.scn", "title "+evil+"\nabout "+evil+"\nmm 1\npage 1 t0 -\ntask t\n  free t0 # "+evil+"\n  mmput 1\n")
	require.NoError(t, err)
	s := sessionOf(t, sc, "rfc", 1)
	walk(t, s, 3)
	page := offline(t, web.OfflineOptions{Session: s})
	assert.Equal(t, 2, strings.Count(page, "<script"), "the data and the script")
	assert.Equal(t, 2, strings.Count(page, "</script"))
	assert.NotContains(t, page, "<!--")
	assert.Contains(t, page, "&lt;/script&gt;")
}

// The bundle knows the forms that the scripts are written in, and says so of another.
func TestBundle(t *testing.T) {
	text, err := web.Bundle(web.Assets, web.Bundled)
	require.NoError(t, err)
	assert.NotRegexp(t, `(?m)^\s*(import|export)\b`, text)
	for _, c := range []struct{ a, b, want string }{
		{"export default 1;", "", `a.js:1: "export default 1;"; expected an import or export as the others are`},
		{"import './b.js';", "", "a.js:1"},
		{"export const x = 1;", "import {x} from './c.js';", "b.js:1: imports c; expected it to stand before in the list"},
		{"export const x = 1;", "import {\n  x,\n} from './a.js';", "b.js:1"},
	} {
		_, err := web.Bundle(fstest.MapFS{"assets/a.js": {Data: []byte(c.a)}, "assets/b.js": {Data: []byte(c.b)}}, []string{"a", "b"})
		assert.ErrorContains(t, err, c.want)
	}
	_, err = web.Bundle(fstest.MapFS{}, []string{"a"})
	assert.ErrorIs(t, err, fs.ErrNotExist)
}
