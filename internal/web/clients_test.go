package web_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/internal/web"
)

// Several clients at once, each on its own way through a scenario: forwards, back, other ways, by links to the middle of
// what they know. Each has a session of its own besides, that shares nothing with the server's, and what the server answers
// is what that one shows. Several have the same question, so that they take sessions from the pool that others used.
func TestManyClients(t *testing.T) {
	url := listen(t, web.Options{Start: flaw})
	clients, each := 8, 300
	if testing.Short() {
		each = 100
	}
	questions := []struct{ name, version string }{{"S1", "rfc"}, {"S1", "rfc"}, {"S1", "active"}, {"defer2", "rfc-as-posted"}, {"S1", "rfc"}, {"defer2", "rfc-as-posted"}, {"gather", "pinned/half"}, {"S1", "active"}}
	var requests atomic.Int64
	var wg sync.WaitGroup
	for c := range clients {
		own := session(t, questions[c].name, questions[c].version, 2)
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(1, uint64(c)))
			http := &http.Client{Transport: &http.Transport{}}
			defer http.CloseIdleConnections()
			post := func(path string, body any) []byte {
				text, _ := json.Marshal(body)
				r, err := http.Post(url+path, "application/json", bytes.NewReader(text))
				if !assert.NoError(t, err) {
					return nil
				}
				defer r.Body.Close()
				got, err := io.ReadAll(r.Body)
				requests.Add(1)
				if !assert.NoError(t, err) || !assert.Equal(t, 200, r.StatusCode, string(got)) {
					return nil
				}
				return got
			}
			for range each {
				v := own.View()
				var moves []string
				for i := range v.Lanes {
					for _, m := range v.Lanes[i].Moves {
						moves = append(moves, m.Text)
					}
				}
				switch n := rng.IntN(12); {
				case n == 0 || len(moves) == 0:
					_ = own.Jump(rng.IntN(len(own.Tries())))
				case n == 1:
					var line web.Line
					if !assert.NoError(t, json.Unmarshal(post("/api/line", web.Place{Link: own.Link()}), &line)) {
						return
					}
					got := views(t, line.Views)
					assert.Equal(t, pathless(t, v), got[v.Step])
					assert.Len(t, got, len(own.Line()))
				default:
					link, move := own.Link(), moves[rng.IntN(len(moves))]
					if !assert.NoError(t, own.Take(move)) {
						return
					}
					want, err := json.Marshal(own.View())
					if got := post("/api/step", web.Step{Place: web.Place{Link: link}, Move: move}); !assert.NoError(t, err) ||
						!assert.Equal(t, string(want), string(got), "client %d, %s from %s", c, move, link) {
						return
					}
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d requests", requests.Load())
	assert.Greater(t, requests.Load(), int64(clients*each*3/4))
}

// What the server keeps it may lose at any time: a pool too small for a single session answers as any other.
func TestNothingDependsOnWhatIsKept(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	web.ShrinkPool(s, 3)
	own, err := stepper.Open(flaw, scenario.Load)
	require.NoError(t, err)
	defer own.Close()
	line := own.Line()
	for i := 1; i < len(line); i++ {
		v := answer[stepper.View](t, s, "POST", "/api/step", web.Step{Place: web.Place{Link: line[i-1].View.Path}, Move: line[i].View.Did.Move})
		assert.Equal(t, plain(t, line[i].View), plain(t, &v))
		assert.LessOrEqual(t, web.Kept(s), 3)
	}
	s.Close()
	v := answer[stepper.View](t, s, "POST", "/api/step", web.Step{Place: web.Place{Link: line[3].View.Path}, Move: line[4].View.Did.Move})
	assert.Equal(t, plain(t, line[4].View), plain(t, &v), "a request that was under way at the end is answered")
	assert.Zero(t, web.Kept(s))
}

// However many ways are tried, what is kept stays within its bound.
func TestThePoolIsBounded(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	web.ShrinkPool(s, 60)
	for _, name := range []string{"S1", "S2", "gather", "defer2", "page", "walk"} {
		for _, version := range []string{"rfc", "active"} {
			own := session(t, name, version, 2)
			for range 12 {
				link := own.Link()
				before := own.View().Step
				walk(t, own, 1)
				if own.View().Step == before {
					break
				}
				_ = answer[stepper.View](t, s, "POST", "/api/step", web.Step{Place: web.Place{Link: link}, Move: own.View().Did.Move})
				assert.LessOrEqual(t, web.Kept(s), 60)
			}
		}
	}
	assert.Positive(t, web.Kept(s))
}
