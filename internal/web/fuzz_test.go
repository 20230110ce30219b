package web_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/internal/scenario"
	"ptsim/internal/web"
)

// FuzzLink wants of any link and move an answer, or one line that says what is wrong; and of a link that is answered,
// that it is the beginning of what is asked for next.
func FuzzLink(f *testing.F) {
	for _, link := range []string{flaw, flaw + "#9", first, first + "B?1-Bx6", "defer2/active@cpu,any:s:00000000:A-B", "S1/pinned/half@1,precise:s:00000000:#0", ":::", "S1/rfc@2,precise:s:0:Ax9"} {
		f.Add(link, "A")
		f.Add(link, "s0!12c0")
	}
	s := newServer(f, web.Options{Start: flaw})
	f.Fuzz(func(t *testing.T, link, move string) {
		w := send(s, "POST", "/api/line", web.Place{Link: link})
		if !assert.Contains(t, []int{200, 400, 413, 422}, w.Code, w.Body.String()) || w.Code != 200 {
			errorOf(t, w)
			return
		}
		line := answer[web.Line](t, s, "POST", "/api/line", web.Place{Link: link})
		again := answer[web.Line](t, s, "POST", "/api/line", web.Place{Link: line.Path})
		assert.Empty(t, again.Stale, "what a line says of itself is not stale")
		assert.Equal(t, line.Path, again.Path)
		w = send(s, "POST", "/api/step", web.Step{Place: web.Place{Link: line.Path}, Move: move})
		if assert.Contains(t, []int{200, 400, 413, 422}, w.Code, w.Body.String()); w.Code != 200 {
			errorOf(t, w)
		}
	})
}

// FuzzRequest wants the server to answer whatever it is sent, and never with more than a line of what went wrong.
func FuzzRequest(f *testing.F) {
	f.Add("POST", "/api/line", `{"link":"`+flaw+`"}`)
	f.Add("POST", "/api/begin", `{"scenario":"S1","version":"rfc","softirqs":"2","grace":"any"}`)
	f.Add("POST", "/api/step", `{"link":"`+first+`","move":"A"}`)
	f.Add("POST", "/api/ahead", `{"link":"`+first+`","run":true}`)
	f.Add("POST", "/api/compare", `{"link":"`+flaw+`","version":"active"}`)
	f.Add("POST", "/api/predict", `{"link":"`+first+`","move":"A","id":"mask","answer":{"bits":[true]}}`)
	f.Add("POST", "/api/judge", `{"level":"lost","claim":true}`)
	f.Add("POST", "/api/answer", `{"lesson":"1","question":1,"choices":[0]}`)
	f.Add("POST", "/api/grade", `{"seed":"1","n":1,"item":1,"id":"mask"}`)
	f.Add("POST", "/api/line", `{"link":"own/rfc@2,precise:s:00000000:","code":"KskvyUlVqMhVyM1VMOTiKkhMT1UwVCgxUNDlKkkszlbIz8upVNBVSCtKTVUwUMjNLSgBAA"}`)
	f.Add("POST", "/api/edit", `{"before":"title x\nmm 1\ntask a\n  fr","after":"\n"}`)
	f.Add("POST", "/api/explore", `{"scenario":"walk","version":"rfc","softirqs":"1","grace":"any"}`)
	f.Add("POST", "/api/hint", `{"link":"`+first+`","level":"lost","n":3}`)
	f.Add("GET", "/api/doc?name=glossary", "")
	f.Add("GET", "/api/course/1-one-page-two-tables", "")
	f.Add("GET", "/api/source?file=pgalloc/rfc.go", "")
	s := newServer(f, web.Options{Start: flaw})
	f.Fuzz(func(t *testing.T, method, path, body string) {
		if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, " \r\n\t") || method == "" || strings.Contains(path, "n=") {
			return
		}
		for _, c := range method + path {
			if c <= ' ' || c > '~' {
				return
			}
		}
		r, err := http.NewRequest(method, "http://"+host+path, strings.NewReader(body))
		if err != nil {
			return
		}
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		assert.NotEqual(t, 500, w.Code, w.Body.String())
		if w.Code >= 400 {
			errorOf(t, w)
		}
	})
}

// FuzzEdit wants of any text, with the caret anywhere, an answer: errors if there is something to mend, and words that go on
// where the caret is.
func FuzzEdit(f *testing.F) {
	f.Add("title x\nmm 1\npage 1 a -\ntask t\n  free ", "\n  mmput 1\nfinally\n  freed 1\n")
	f.Add("title x\nmm 1 users 2\nvma v f 1 ", "")
	f.Add("task t\n  either x\n  or\n  fork 1 -> ", "\nfinally\nkept ")
	s := newServer(f, web.Options{Start: flaw})
	f.Fuzz(func(t *testing.T, before, after string) {
		e := answer[web.Edited](t, s, "POST", "/api/edit", web.Edit{Before: before, After: after})
		_, err := scenario.Parse("own.scn", strings.ToValidUTF8(before, "\uFFFD")+strings.ToValidUTF8(after, "\uFFFD"))
		assert.Equal(t, err != nil, len(e.Errors) > 0, "%v %v", err, e.Errors)
		for _, w := range e.Complete.Words {
			assert.True(t, strings.HasPrefix(w.Text, e.Complete.Typed) && len(w.Text) > len(e.Complete.Typed), w.Text)
		}
	})
}

// FuzzScenario wants a scenario that anybody may have written to cost an answer.
func FuzzScenario(f *testing.F) {
	if text, err := os.ReadFile("testdata/big.scn"); err == nil {
		f.Add(string(text))
	}
	f.Add("title x\nmm 1\npage 1 a -\ntask t\n  free a\n  mmput 1\nfinally\n  freed 1\n")
	f.Add("mm 1 users 0\npage 1 a b\ntask t\n  either\n    free a\n  or\n    tlbfree a\n    flush\n  end\n  defer b\n  mmdrop 1\n")
	s := newServer(f, web.Options{Start: flaw})
	f.Fuzz(func(t *testing.T, text string) {
		w := send(s, "POST", "/api/begin", web.Begin{Scenario: "own", Text: text, Version: "rfc", Softirqs: "2", Grace: "precise"})
		if text == "" {
			return
		}
		if assert.Contains(t, []int{200, 400, 413, 422}, w.Code, w.Body.String()); w.Code != 200 {
			errorOf(t, w)
			return
		}
		assert.False(t, bytes.Contains(w.Body.Bytes(), []byte("</")))
	})
}
