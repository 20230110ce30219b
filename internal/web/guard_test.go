package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/web"
)

// A name that somebody has lead here is not the server's: a page of that name would else be of the server's origin.
func TestHostMustNameTheServer(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	open := newServer(t, web.Options{Start: flaw, Network: true, Hostname: "Box"})
	for _, c := range []struct {
		host           string
		local, network bool
	}{
		{"127.0.0.1:7000", true, true},
		{"localhost:7000", true, true},
		{"[::1]:7000", true, true},
		{"127.9.9.9:7000", true, true},
		{"192.168.1.7:7000", false, true},
		{"[fe80::1]:7000", false, true},
		{"box:7000", false, true},
		{"127.0.0.1:7001", false, false},
		{"127.0.0.1", false, false},
		{"localhost", false, false},
		{"evil.example:7000", false, false},
		{"127.0.0.1.evil.example:7000", false, false},
		{"localhost.evil.example:7000", false, false},
		{"2130706433:7000", false, false},
		{"0x7f.1:7000", false, false},
		{"", false, false},
		{":7000", false, false},
		{"[::1:7000", false, false},
		{strings.Repeat("a", 5000) + ":7000", false, false},
	} {
		for _, path := range []string{"/", "/assets/app.js", "/api/setup", "/nothing"} {
			named := func(r *http.Request) { r.Host = c.host }
			assert.Equal(t, c.local, send(s, "GET", path, nil, named).Code != http.StatusForbidden, "%s %s", c.host, path)
			assert.Equal(t, c.network, send(open, "GET", path, nil, named).Code != http.StatusForbidden, "%s %s, open", c.host, path)
		}
	}
	assert.Contains(t, refused(t, s, 403, "GET", "/", nil, func(r *http.Request) { r.Host = "evil.example:7000" }), "expected the address that ptsim serve printed")
}

// What a browser sends on behalf of another page is not answered, whatever it is.
func TestOtherOriginsGetNothing(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	set := func(k, v string) func(*http.Request) { return func(r *http.Request) { r.Header.Set(k, v) } }
	body := web.Place{Link: flaw}
	for _, origin := range []string{"http://evil.example", "https://127.0.0.1:7000", "http://127.0.0.1:7001", "http://localhost:7000", "null", "http://127.0.0.1:7000.evil.example", "::", "file://"} {
		refused(t, s, 403, "POST", "/api/line", body, set("Origin", origin))
	}
	assert.Equal(t, 200, send(s, "POST", "/api/line", body, set("Origin", "http://"+host)).Code)
	assert.Equal(t, 200, send(s, "POST", "/api/line", body).Code, "a program has no origin")
	for _, site := range []string{"cross-site", "same-site"} {
		refused(t, s, 403, "POST", "/api/line", body, set("Sec-Fetch-Site", site))
		refused(t, s, 403, "GET", "/api/setup", nil, set("Sec-Fetch-Site", site))
		assert.Equal(t, 200, send(s, "GET", "/", nil, set("Sec-Fetch-Site", site)).Code, "a link to the page may be anywhere")
	}
	assert.Equal(t, 200, send(s, "POST", "/api/line", body, set("Sec-Fetch-Site", "same-origin")).Code)
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json2", "a/b; c"} {
		refused(t, s, 415, "POST", "/api/line", body, set("Content-Type", kind))
	}
	assert.Equal(t, 200, send(s, "POST", "/api/line", body, set("Content-Type", "application/json; charset=utf-8")).Code)
	for _, method := range []string{"PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "BREW"} {
		refused(t, s, 405, method, "/api/line", nil)
	}
}

// The policy is sent with everything, errors included, and allows nothing inline.
func TestEveryAnswerHasThePolicy(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	for _, path := range []string{"/", "/assets/style.css", "/assets/app.js", "/assets/icon.svg", "/favicon.ico", "/api/setup", "/nothing", "/assets/..%2fserver.go", "/api/source?file=/etc/passwd"} {
		h := send(s, "GET", path, nil).Header()
		policy := map[string]string{}
		for _, p := range strings.Split(h.Get("Content-Security-Policy"), ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(p), " ")
			policy[name] = value
		}
		assert.Equal(t, map[string]string{
			"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:", "connect-src": "'self'",
			"base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
		}, policy, path)
		assert.Equal(t, "nosniff", h.Get("X-Content-Type-Options"), path)
		assert.Equal(t, "no-referrer", h.Get("Referrer-Policy"), path)
		assert.Contains(t, []string{"no-store", "no-cache"}, h.Get("Cache-Control"), path)
		assert.Empty(t, h.Get("Access-Control-Allow-Origin"), path)
		assert.Empty(t, h.Get("Set-Cookie"), path)
	}
}

// Only what is meant to be served is.
func TestOtherFilesAreNotServed(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	for _, path := range []string{
		"/assets/", "/assets/index.html", "/assets/../server.go", "/assets/%2e%2e/server.go", "/assets/..%2f..%2fgo.mod", "/server.go", "/etc/passwd", "/api/", "/api/nothing",
		"/assets/a%00.js", "/assets/" + strings.Repeat("x", 5000) + ".js",
	} {
		w := send(s, "GET", path, nil)
		assert.Contains(t, []int{301, 307, 404}, w.Code, path)
	}
	for _, file := range []string{"", "/etc/passwd", "../go.mod", "doc.go", "testdata/traces/shm.ftrace.gz", "pgalloc", "pgalloc/../go.mod", strings.Repeat("x", 9000)} {
		r := send(s, "GET", "/api/source", nil, func(r *http.Request) {
			q := r.URL.Query()
			q.Set("file", file)
			r.URL.RawQuery = q.Encode()
		})
		assert.Equal(t, 404, r.Code, file)
		errorOf(t, r)
	}
	src := answer[web.Source](t, s, "GET", "/api/source?file=pgalloc/rfc.go", nil)
	assert.Contains(t, src.Text, "package pgalloc")
	src = answer[web.Source](t, s, "GET", "/api/source?file=testdata/scenarios/S1.scn", nil)
	assert.Contains(t, src.Text, "task khugepaged")
}

func TestLoopback(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1:0": true, "localhost:80": true, "[::1]:8080": true, "127.1.2.3:1": true,
		":8080": false, "0.0.0.0:80": false, "[::]:80": false, "192.168.0.1:80": false, "example.org:80": false, "nonsense": false, "": false,
	} {
		assert.Equal(t, want, web.Loopback(addr), addr)
	}
	require.True(t, web.Loopback("localhost:0"))
}
