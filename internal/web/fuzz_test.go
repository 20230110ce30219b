package web_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

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
