package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/internal/web"
)

// flaw is the shortest schedule of S1 that breaks rfc, as the explorer prints it.
const flaw = "S1/rfc@2,precise:f:1592e5da:B?1-Bx4-s0!12c0-Bx4-s0"

// host is how requests of these tests name the server.
const host = "127.0.0.1:7000"

// newServer makes a server that nobody can connect to: requests are handed to it.
func newServer(t testing.TB, opt web.Options) *web.Server {
	s := web.New("7000", opt)
	t.Cleanup(s.Close)
	return s
}

// listen has a server listen on loopback until the test is over, and returns its URL.
func listen(t testing.TB, opt web.Options) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- web.Serve(ctx, l, opt) }()
	t.Cleanup(func() {
		cancel()
		assert.NoError(t, <-done)
	})
	return "http://" + l.Addr().String()
}

// send hands a request to a server, as its page would send it.
func send(s http.Handler, method, path string, body any, with ...func(*http.Request)) *httptest.ResponseRecorder {
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = bytes.NewReader([]byte(b))
	default:
		text, _ := json.Marshal(b)
		in = bytes.NewReader(text)
	}
	r := httptest.NewRequest(method, path, in)
	r.Host = host
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, f := range with {
		f(r)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// answer sends a request that must succeed, and decodes the answer.
func answer[T any](t testing.TB, s http.Handler, method, path string, body any) (v T) {
	t.Helper()
	w := send(s, method, path, body)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &v), w.Body.String())
	return v
}

// refused sends a request that must fail with that status, and returns the one line that says why.
func refused(t testing.TB, s http.Handler, status int, method, path string, body any, with ...func(*http.Request)) string {
	t.Helper()
	w := send(s, method, path, body, with...)
	assert.Equal(t, status, w.Code, w.Body.String())
	return errorOf(t, w)
}

// errorOf wants an answer to be an error as they all are: JSON with one line.
func errorOf(t testing.TB, w *httptest.ResponseRecorder) string {
	t.Helper()
	var e struct {
		Error string `json:"error"`
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &e), w.Body.String())
	assert.NotEmpty(t, e.Error)
	assert.NotContains(t, e.Error, "\n")
	assert.Less(t, len(e.Error), 1000, "%.160s", e.Error)
	return e.Error
}

// session opens a question for a test.
func session(t testing.TB, name, version string, softirqs int) *stepper.Session {
	sc, err := scenario.Load(name)
	require.NoError(t, err)
	return sessionOf(t, sc, version, softirqs)
}

func sessionOf(t testing.TB, sc *scenario.Scenario, version string, softirqs int) *stepper.Session {
	v, err := question.ParseVersion(version)
	require.NoError(t, err)
	s, err := stepper.New(stepper.Question{Scenario: sc, Version: v, Setting: question.Setting{Softirqs: softirqs, Grace: explore.GracePrecise}})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// big is a scenario with 16 pages and 8 CPUs.
func big(t testing.TB) *scenario.Scenario {
	text, err := os.ReadFile("testdata/big.scn")
	require.NoError(t, err)
	sc, err := scenario.Parse("big.scn", string(text))
	require.NoError(t, err)
	require.Len(t, pagetable.Of(sc).Pages, 16)
	require.Len(t, sc.Tasks, 8)
	return sc
}

// walk takes up to n steps, the first move of the lanes in turn.
func walk(t testing.TB, s *stepper.Session, n int) {
	for i := 0; i < n && !s.View().Ended; {
		for k := range s.View().Lanes {
			if l := &s.View().Lanes[k]; len(l.Moves) > 0 && i < n {
				require.NoError(t, s.Take(l.Moves[0].Text))
				i++
			}
		}
	}
}

// views is what a packed line comes to, unpacked by other code than the page's: the slow way, a node at a time.
func views(t testing.TB, p *web.Pack) []map[string]any {
	text, err := json.Marshal(p)
	require.NoError(t, err)
	var raw struct {
		Shapes [][]string
		Nodes  []any
		Frames []int
	}
	require.NoError(t, json.Unmarshal(text, &raw))
	var value func(i int) any
	value = func(i int) any {
		list, ok := raw.Nodes[i].([]any)
		if !ok {
			return raw.Nodes[i]
		}
		if shape := int(list[0].(float64)); shape >= 0 {
			m := map[string]any{}
			for k, key := range raw.Shapes[shape] {
				m[key] = value(int(list[k+1].(float64)))
			}
			return m
		}
		out := []any{}
		for _, e := range list[1:] {
			out = append(out, value(int(e.(float64))))
		}
		return out
	}
	var out []map[string]any
	for _, f := range raw.Frames {
		out = append(out, value(f).(map[string]any))
	}
	return out
}

// plain is a value as JSON has it.
func plain(t testing.TB, v any) (m map[string]any) {
	text, err := json.Marshal(v)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &m))
	return m
}
