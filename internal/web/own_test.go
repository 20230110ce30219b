package web_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/scenario"
	"ptsim/internal/web"
)

func template(t *testing.T, s *web.Server) string {
	text := answer[web.Setup](t, s, "GET", "/api/setup", nil).Template
	require.NotEmpty(t, text)
	return text
}

// The template works: it is a scenario, breaks the RFC, and holds where the RFC was mended.
func TestTheTemplateWorks(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	text := template(t, s)
	_, err := scenario.Parse("own.scn", text)
	require.NoError(t, err)
	ask := func(version string) web.Judged {
		return answer[web.Judged](t, s, "POST", "/api/explore", web.Begin{Scenario: "own", Text: text, Version: version, Softirqs: "2", Grace: "precise"})
	}
	broken := ask("rfc")
	assert.Equal(t, "violated", broken.Verdict)
	assert.Contains(t, broken.Sentence, "use after free")
	line := answer[web.Line](t, s, "POST", "/api/line", web.Place{Link: broken.Link, Text: text})
	last := views(t, line.Views)
	assert.Equal(t, "use-after-free", last[len(last)-1]["violation"].(map[string]any)["kind"], "its link leads to what is broken")
	safe := ask("pinned/half")
	assert.Equal(t, "safe", safe.Verdict)
	assert.NotEmpty(t, safe.Covers)
	assert.True(t, strings.HasPrefix(safe.Link, "own/pinned/half@2,precise:s:"), safe.Link)
	assert.Contains(t, refused(t, s, 422, "POST", "/api/explore", web.Begin{Scenario: "own", Text: "title x\n", Version: "rfc", Softirqs: "2", Grace: "precise"}), "own.scn: no task")
}

// What is wrong with a text is told at its lines, and what may stand at the caret comes from the language's own table.
func TestEdit(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	text := template(t, s)
	e := answer[web.Edited](t, s, "POST", "/api/edit", web.Edit{Before: text})
	assert.Empty(t, e.Errors)
	e = answer[web.Edited](t, s, "POST", "/api/edit", web.Edit{Before: "title x\nmm 1\npage 1 t0 -\ntask a\n  fly\n  free t", After: "\nmm 2\n"})
	require.Len(t, e.Errors, 2)
	assert.Equal(t, 5, e.Errors[0].Line)
	assert.Contains(t, e.Errors[0].Text, `unknown operation "fly"; expected one of alloc, `)
	assert.Equal(t, 7, e.Errors[1].Line)
	require.Len(t, e.Complete.Words, 1)
	assert.Equal(t, "t0", e.Complete.Words[0].Text)
	assert.Equal(t, "t", e.Complete.Typed)
	assert.Equal(t, "free TABLE", e.Complete.Form)
	for _, bad := range []string{strings.Repeat("x\n", 40_000), "\x00\n", "ü"} {
		assert.NotEmpty(t, answer[web.Edited](t, s, "POST", "/api/edit", web.Edit{Before: bad}).Errors)
	}
	refused(t, s, 413, "POST", "/api/edit", web.Edit{Before: strings.Repeat("x", web.MaxBody)})
}

// A link holds the text of a scenario that the server does not know; what is too long for one is told in one line.
func TestALinkHoldsTheText(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	text := template(t, s)
	begun := answer[web.Line](t, s, "POST", "/api/begin", web.Begin{Scenario: "own", Text: text, Version: "rfc", Softirqs: "2", Grace: "precise"})
	assert.Equal(t, text, begun.Text)
	require.NotEmpty(t, begun.Code)
	assert.Empty(t, begun.NoCode)
	there := answer[web.Line](t, newServer(t, web.Options{}), "POST", "/api/line", web.Place{Link: begun.Path + "~" + begun.Code})
	assert.Equal(t, text, there.Text)
	assert.Equal(t, begun.Question, there.Question)
	assert.Equal(t, begun.Code, there.Code)
	known := answer[web.Line](t, s, "POST", "/api/line", web.Place{Link: flaw})
	assert.Empty(t, known.Text+known.Code, "S1 needs no text")
	assert.Contains(t, refused(t, s, 422, "POST", "/api/line", web.Place{Link: begun.Path + "~" + begun.Code[:9]}), "expected all of what follows its ~")

	long := text
	for i := range 400 {
		long += "# " + strings.Repeat(string(rune('a'+i*7%26)), i%13) + strings.Repeat(string(rune('A'+i*i%26)), i*i%11) + strings.Repeat("0123456789"[i%10:], i%17) + "\n"
	}
	require.Less(t, len(long), scenario.MaxText)
	if _, err := scenario.Encode(long); err == nil {
		long += noise(scenario.MaxText - len(long) - 2)
	}
	begun = answer[web.Line](t, s, "POST", "/api/begin", web.Begin{Scenario: "own", Text: long, Version: "rfc", Softirqs: "2", Grace: "precise"})
	assert.Empty(t, begun.Code)
	assert.Regexp(t, `too long for a link: \d+ characters; expected at most 8192`, begun.NoCode)
}

// noise is a comment that nothing compresses.
func noise(n int) string {
	out, x := []byte("# "), uint32(1)
	for len(out) < n {
		if len(out)%4000 == 0 {
			out = append(out, "\n# "...)
		}
		x = x*1664525 + 1013904223
		out = append(out, 'a'+byte(x>>24)%26)
	}
	return string(out[:n])
}
