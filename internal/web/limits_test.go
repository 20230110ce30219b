package web_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"ptsim/internal/scenario"
	"ptsim/internal/web"
)

const first = "S1/rfc@2,precise:s:00000000:"

// posts are where a place is posted to.
var posts = []string{"/api/line", "/api/step", "/api/ahead", "/api/what-if", "/api/compare", "/api/predict", "/api/judge", "/api/offline", "/api/models", "/api/begin", "/api/grade", "/api/answer", "/api/edit", "/api/explore", "/api/hint"}

// Whatever is posted, the answer is one line that says what is wrong, and soon.
func TestHostileRequests(t *testing.T) {
	s := newServer(t, web.Options{Start: first})
	long := strings.Repeat("Bx65535-", 1000)
	for _, link := range []string{
		"", "#", "#1", ":", ":::", "S1", "S1/rfc", "S1/rfc@2,precise", "S1/rfc@2,precise:s", "S1/rfc@2,precise:s:0", "S1/rfc@9,precise:s:00000000:", "S1/rfc@2,never:s:00000000:",
		"S1/nothing@2,precise:s:00000000:", "nothing/rfc@2,precise:s:00000000:", "/@,:::", "S1/rfc@2,precise:z:00000000:", "S1/rfc@2,precise:s:xyz:", "S1/rfc@2,precise:s:00000000:Q",
		"S1/rfc@2,precise:s:00000000:A-", "S1/rfc@2,precise:s:00000000:Ax0", "S1/rfc@2,precise:s:00000000:Ax99999999999", "S1/rfc@2,precise:s:00000000:A?999", "S1/rfc@2,precise:s:00000000:s0!0",
		first + "#-1", first + "#x", first + "#99999999999999999999", first + "#1#2", first + strings.Repeat("A-", web.MaxLink), "S1/rfc@2,precise:s:00000000:" + long, "../../etc/passwd/rfc@2,precise:s:00000000:",
		"S1/pinned/nothing@2,precise:s:00000000:", "S1/rfc/half@2,precise:s:00000000:", strings.Repeat(":", 1000), strings.Repeat("S1/", 1000), "\x00/rfc@2,precise:s:00000000:", "S1/rfc@cpu,any:f:0:B\n",
	} {
		for _, path := range posts[:9] {
			body := map[string]any{"link": link}
			switch path {
			case "/api/step", "/api/predict":
				body["move"] = "A"
			case "/api/compare":
				body["version"] = "active"
			case "/api/judge":
				body["level"] = "lost"
			}
			w := send(s, "POST", path, body)
			assert.Contains(t, []int{400, 409, 413, 422}, w.Code, "%s %.60q: %s", path, link, w.Body.String())
			errorOf(t, w)
		}
	}
	for _, body := range []string{
		"", "{", "null x", "[]", "1", `"x"`, `{"link":1}`, `{"link":[]}`, `{"nothing":1}`, `{"link":"` + first + `"} {}`, `{"link":"` + first + `","text":5}`, strings.Repeat("[", 100000),
		`{"link":"` + strings.Repeat("x", web.MaxBody) + `"}`, "\xff\xfe", `{"seed":"1","n":99}`, `{"seed":"x"}`, `{"lesson":"../x"}`, `{"scenario":"S1","version":"rfc","softirqs":"0","grace":"precise"}`,
	} {
		for _, path := range posts {
			w := send(s, "POST", path, body)
			assert.Contains(t, []int{400, 413, 422}, w.Code, "%s %.40q: %s", path, body, w.Body.String())
			errorOf(t, w)
		}
	}
	for _, q := range []string{"", "?seed=x&n=1", "?seed=1", "?seed=1&n=0", "?seed=1&n=21", "?seed=-1&n=1", "?seed=1&n=1e9", "?seed=99999999999999999999&n=1"} {
		refused(t, s, 400, "GET", "/api/quiz"+q, nil)
	}
}

// A schedule that says to step on and on ends where the scenario does, and says so.
func TestAScheduleThatGoesTooFarIsStale(t *testing.T) {
	s := newServer(t, web.Options{Start: first})
	line := answer[web.Line](t, s, "POST", "/api/line", web.Place{Link: first + "Ax65535"})
	assert.Contains(t, line.Stale, "stale schedule")
	assert.Less(t, line.Step, 20)
	assert.Positive(t, line.Step)
	refused(t, s, 409, "POST", "/api/step", web.Step{Place: web.Place{Link: first + "Ax65535"}, Move: "B"})
	line = answer[web.Line](t, s, "POST", "/api/line", web.Place{Link: first + "A#7"})
	assert.Contains(t, line.Stale, "the link is of step 7; the schedule has 1")
	line = answer[web.Line](t, s, "POST", "/api/line", web.Place{Link: strings.Replace(flaw, "1592e5da", "12345678", 1)})
	assert.Contains(t, line.Stale, "stale schedule")
	assert.Len(t, line.Views.Frames, 17)
}

// A scenario of the largest size that makes as many states as it can costs what a search may cost, and no more.
func TestHostileScenarios(t *testing.T) {
	s := newServer(t, web.Options{Start: first})
	begin := func(text string) web.Begin {
		return web.Begin{Scenario: "own", Text: text, Version: "rfc", Softirqs: "8", Grace: "precise"}
	}
	for _, text := range []string{
		"x", strings.Repeat("a", scenario.MaxText+1), strings.Repeat("mm 1\n", 1000), "title x\n", "mm 1\npage 1 a b\n", "\x00", strings.Repeat("about x\n", 5000),
		"mm 1\nmm 1\n", "mm 1 users 99999999999\n", "task t\n" + strings.Repeat("  ipi\n", 5000),
	} {
		w := send(s, "POST", "/api/begin", begin(text))
		assert.Contains(t, []int{400, 413, 422}, w.Code, "%.40q: %s", text, w.Body.String())
		errorOf(t, w)
	}
	for _, name := range []string{"", "a/b", "a@b", "a:b", "a#b", "a b", strings.Repeat("x", 99)} {
		b := begin("title x\n")
		b.Scenario = name
		refused(t, s, 400, "POST", "/api/begin", b)
	}
	var b strings.Builder
	b.WriteString("title As large as it gets\nbatch 16\n")
	fmt.Fprintf(&b, "mm 1 users 16\n")
	for p := range 16 {
		fmt.Fprintf(&b, "page 1 a%d b%d\n", p, p)
	}
	for task := range 8 {
		fmt.Fprintf(&b, "task t%d may fail\n", task)
		for p := task * 2; p < task*2+2; p++ {
			fmt.Fprintf(&b, "  either\n    tlbfree a%d\n    flush\n  or\n    defer a%d\n  or\n    free a%d\n  end\n  defer b%d\n", p, p, p, p)
		}
		for i := range 2 { // more batches of a task the explorer has no room for
			fmt.Fprintf(&b, "  alloc 1 -> x%d\n  tlbfree x%d\n  flush\n", i, i)
		}
		b.WriteString("  mmput 1\n  mmput 1\n")
	}
	b.WriteString("finally\n  freed 1\n")
	line := answer[web.Line](t, s, "POST", "/api/begin", begin(b.String()))
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	w := send(s, "POST", "/api/ahead", web.AheadQuery{Place: web.Place{Link: line.Path, Text: b.String()}}, func(r *http.Request) { *r = *r.WithContext(ctx) })
	assert.Contains(t, []int{200, 503}, w.Code, w.Body.String())
	if w.Code == 200 {
		assert.Contains(t, w.Body.String(), "not everything was tried")
	}
}

// Who waits for a turn and goes away again leaves nothing behind, and who comes next gets an answer.
func TestRequestsThatAreGivenUp(t *testing.T) {
	s := newServer(t, web.Options{Start: first})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 50 {
		w := send(s, "POST", "/api/ahead", web.AheadQuery{Place: web.Place{Link: first}}, func(r *http.Request) { *r = *r.WithContext(gone) })
		assert.Contains(t, []int{200, 503}, w.Code, w.Body.String())
	}
	a := answer[web.AheadAnswer](t, s, "POST", "/api/ahead", web.AheadQuery{Place: web.Place{Link: first}})
	assert.Equal(t, "violated", a.Verdict)
	assert.Len(t, a.Moves, 16)
}

// While as many search as may, a step is answered.
func TestStepsDoNotWaitForSearches(t *testing.T) {
	s := newServer(t, web.Options{Start: first})
	ctx, cancel := context.WithCancel(t.Context())
	searching := make(chan struct{})
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			w := send(s, "POST", "/api/ahead", web.AheadQuery{Place: web.Place{Link: "S3r4/active@2,precise:s:00000000:"}}, func(r *http.Request) {
				*r = *r.WithContext(ctx)
				select {
				case searching <- struct{}{}:
				default:
				}
			})
			assert.Contains(t, []int{200, 503}, w.Code)
		})
	}
	<-searching
	for i := range 20 {
		_ = answer[web.Line](t, s, "POST", "/api/line", web.Place{Link: flaw + fmt.Sprint("#", i%17)})
	}
	cancel()
	wg.Wait()
}
