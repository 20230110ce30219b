package web_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/web"
)

// A browser keeps what the page loads, and is told when it is still the same. What is computed is never kept.
func TestAssetsAreCached(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	tags := map[string]string{}
	paths := []string{"/"}
	for _, ending := range []string{".js", ".css", ".svg"} {
		for _, name := range assetNames(t, ending) {
			paths = append(paths, "/assets/"+name)
		}
	}
	for _, path := range paths {
		w := send(s, "GET", path, nil)
		require.Equal(t, 200, w.Code, path)
		tag := w.Header().Get("ETag")
		assert.Regexp(t, `^"[0-9a-f]{32}"$`, tag, path)
		assert.Equal(t, "no-cache", w.Header().Get("Cache-Control"), "%s is asked for again, each time", path)
		assert.Empty(t, w.Header().Get("Last-Modified"), path)
		assert.Empty(t, tags[tag], "%s has the tag of another file", path)
		tags[tag] = path

		again := send(s, "GET", path, nil, func(r *http.Request) { r.Header.Set("If-None-Match", tag) })
		assert.Equal(t, http.StatusNotModified, again.Code, path)
		assert.Empty(t, again.Body.String(), path)
		assert.Equal(t, w.Header().Get("Content-Security-Policy"), again.Header().Get("Content-Security-Policy"), path)
		other := send(s, "GET", path, nil, func(r *http.Request) { r.Header.Set("If-None-Match", `"of another version"`) })
		assert.Equal(t, 200, other.Code, path)
		assert.Equal(t, w.Body.Bytes(), other.Body.Bytes(), path)
	}
	for _, path := range []string{"/api/setup", "/api/course", "/nothing"} {
		h := send(s, "GET", path, nil).Header()
		assert.Equal(t, "no-store", h.Get("Cache-Control"), path)
		assert.Empty(t, h.Get("ETag"), path)
	}
}

// Somebody who comes to an address where nothing is finds the way back; a program gets one line.
func TestAnUnknownAddress(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	browser := func(r *http.Request) { r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8") }
	for _, path := range []string{"/nothing", "/course", "/assets/nothing.js", "/%3Cscript%3Ealert(1)%3C/script%3E"} {
		w := send(s, "GET", path, nil, browser)
		assert.Equal(t, 404, w.Code, path)
		assert.Equal(t, "text/html; charset=utf-8", w.Header().Get("Content-Type"))
		assert.Contains(t, w.Body.String(), "There is nothing at this address")
		assert.Contains(t, w.Body.String(), `<a href="/">`)
		assert.NotContains(t, w.Body.String(), "<script", "what was asked for is text")
		assert.NotContains(t, w.Body.String(), "ADDRESS")
		assert.Contains(t, refused(t, s, 404, "GET", path, nil), "there is nothing here; expected /")
	}
	assert.Contains(t, send(s, "GET", "/course", nil, browser).Body.String(), `<code class="wrap">&#34;/course&#34;</code>`)
}
