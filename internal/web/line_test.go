package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/labs"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/internal/web"
)

// pathless is a view as a packed line has it.
func pathless(t testing.TB, v *stepper.View) map[string]any {
	m := plain(t, v)
	m["path"] = ""
	return m
}

// A line is what a session of one's own shows along the same schedule.
func TestALineIsTheSchedule(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	own, err := stepper.Open(flaw, scenario.Load)
	require.NoError(t, err)
	defer own.Close()
	for _, link := range []string{flaw, flaw + "#16", flaw + "#0", flaw + "#9", own.Schedule() + "#9", flaw} {
		line := answer[web.Line](t, s, "POST", "/api/line", web.Place{Link: link})
		assert.Empty(t, line.Stale)
		assert.Equal(t, own.Schedule(), line.Path, "folded steps are taken one by one")
		want := 16
		if _, at, ok := strings.Cut(link, "#"); ok {
			want = map[string]int{"16": 16, "0": 0, "9": 9}[at]
		}
		assert.Equal(t, want, line.Step, link)
		got := views(t, line.Views)
		require.Len(t, got, 17)
		for i, try := range own.Line() {
			assert.Equal(t, pathless(t, try.View), got[i], "step %d", i)
		}
		assert.Equal(t, "S1", line.Question.Scenario)
		assert.Equal(t, "rfc", line.Question.Version)
		assert.Contains(t, line.Question.Flawed, "uses freed mms")
	}
}

// The flaw of rfc by hand: each step is a request that says all that was before.
func TestTheFlawStepByStep(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	line := answer[web.Line](t, s, "POST", "/api/begin", web.Begin{Scenario: "S1", Version: "rfc", Softirqs: "2", Grace: "precise"})
	own := session(t, "S1", "rfc", 2)
	link := line.Path + "#0"
	for _, m := range strings.Fields("B?1 B B B B B B s0!12c0 s0 B B B B B B s0") {
		v := answer[stepper.View](t, s, "POST", "/api/step", web.Step{Place: web.Place{Link: link}, Move: m})
		require.NoError(t, own.Take(m))
		assert.Equal(t, plain(t, own.View()), plain(t, &v))
		link = v.Path
	}
	require.NotNil(t, own.View().Violation)
	assert.Equal(t, "use-after-free", own.View().Violation.Kind)
	why := refused(t, s, 422, "POST", "/api/step", web.Step{Place: web.Place{Link: link}, Move: "A"})
	assert.Contains(t, why, "the schedule has ended")
	// From an earlier state another way, while the end of the first is known.
	v := answer[stepper.View](t, s, "POST", "/api/step", web.Step{Place: web.Place{Link: link + "#7"}, Move: "A"})
	assert.Equal(t, 8, v.Step)
	assert.Equal(t, "A", v.Did.Letter)
	why = refused(t, s, 422, "POST", "/api/step", web.Step{Place: web.Place{Link: link + "#1"}, Move: "s0"})
	assert.Contains(t, why, "no callback is queued")
}

func TestAhead(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	a := answer[web.AheadAnswer](t, s, "POST", "/api/ahead", web.AheadQuery{Place: web.Place{Link: first}, Run: true})
	assert.Equal(t, "violated", a.Verdict)
	assert.Len(t, a.Moves, 16)
	got := views(t, a.Views)
	require.Len(t, got, 16)
	assert.NotNil(t, got[15]["violation"])
	line := answer[web.Line](t, s, "POST", "/api/line", web.Place{Link: a.Path})
	assert.Len(t, line.Views.Frames, 17, "the path of the answer leads to where it ran")
	safe := strings.Replace(first, "rfc", "active", 1)
	a = answer[web.AheadAnswer](t, s, "POST", "/api/ahead", web.AheadQuery{Place: web.Place{Link: safe}, Run: true})
	assert.Equal(t, "safe", a.Verdict)
	assert.Empty(t, a.Views.Frames)
	assert.Greater(t, a.States, uint64(100))
}

// A scenario that the server was started with is known by its name; one that a request brings, by its text.
func TestOwnScenarios(t *testing.T) {
	sc := big(t)
	s := newServer(t, web.Options{Start: flaw, Scenario: sc})
	begin := web.Begin{Scenario: "big", Version: "active", Softirqs: "cpu", Grace: "any"}
	line := answer[web.Line](t, s, "POST", "/api/begin", begin)
	assert.Equal(t, "cpu", line.Question.Softirqs)
	assert.Equal(t, "any", line.Question.Grace)
	assert.Len(t, views(t, line.Views)[0]["pages"], 16)
	setup := answer[web.Setup](t, s, "GET", "/api/setup", nil)
	assert.Equal(t, "big", setup.Scenarios[0].Name)
	assert.Len(t, setup.Scenarios, len(scenario.AllNames())+1)
	assert.Len(t, setup.Labs[0].Versions, len(question.Versions()))
	assert.Len(t, setup.Labs, len(labs.All()))
	src := answer[web.Source](t, s, "GET", "/api/source?file=big.scn", nil)
	assert.Equal(t, sc.Source, src.Text)

	other := newServer(t, web.Options{Start: flaw})
	assert.Contains(t, refused(t, other, 422, "POST", "/api/begin", begin), "unknown scenario")
	begin.Text = sc.Source
	mine := answer[web.Line](t, other, "POST", "/api/begin", begin)
	assert.Equal(t, line.Views, mine.Views)
	assert.Contains(t, refused(t, other, 422, "POST", "/api/line", web.Place{Link: mine.Path}), "unknown scenario", "the text goes with every request")
	// Two texts of one name are two scenarios.
	begin.Text = strings.Replace(sc.Source, "free t0", "defer t0", 1)
	_ = answer[web.Line](t, other, "POST", "/api/begin", begin)
	a := answer[stepper.View](t, other, "POST", "/api/step", web.Step{Place: web.Place{Link: mine.Path, Text: sc.Source}, Move: "A"})
	b := answer[stepper.View](t, other, "POST", "/api/step", web.Step{Place: web.Place{Link: mine.Path, Text: begin.Text}, Move: "A"})
	assert.Equal(t, a.Step, b.Step)
	begin.Text = strings.Replace(sc.Source, "free t0", "free nothing", 1)
	assert.Contains(t, refused(t, other, 422, "POST", "/api/begin", begin), "big.scn:29: ")
}

func TestCompare(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	c := answer[web.CompareAnswer](t, s, "POST", "/api/compare", web.CompareQuery{Place: web.Place{Link: flaw}, Version: "active"})
	assert.Equal(t, "rfc", c.LeftName)
	assert.Equal(t, "active", c.RightName)
	rows := views(t, c.Rows)
	require.NotEmpty(t, rows)
	require.Positive(t, c.First)
	assert.Equal(t, true, rows[c.First]["differs"])
	assert.NotEmpty(t, rows[c.First]["why"])
	assert.False(t, slices.ContainsFunc(rows[:c.First], func(r map[string]any) bool { return r["why"] != "" }))
	assert.Contains(t, c.LeftEnd, "use after free")
	line := answer[web.Line](t, s, "POST", "/api/line", web.Place{Link: c.RightLink})
	assert.Empty(t, line.Stale)
	refused(t, s, 422, "POST", "/api/compare", web.CompareQuery{Place: web.Place{Link: flaw}, Version: "nothing"})
}

// A schedule under each memory model: rows hold the states of each, and null where one did not get there.
func TestModels(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	const stale = "swap/on/no-rmb@2,precise,lkmm-6.12:s:00000000:Bx27-Ax7-A?1"
	m := answer[web.ModelsAnswer](t, s, "POST", "/api/models", web.Place{Link: stale})
	require.Len(t, m.Under, 3)
	assert.Equal(t, "lkmm-6.12", m.Under[2].Memory, "the release is that of the schedule")
	assert.Equal(t, 34, m.First)
	rows := views(t, m.Rows)
	require.Len(t, rows, 36)
	for i, row := range rows {
		list := row["views"].([]any)
		require.Len(t, list, 3)
		for n, v := range list {
			assert.Equal(t, i == 35 && n < 2, v == nil, "row %d, %s", i, m.Under[n].Memory)
		}
	}
	line := answer[web.Line](t, s, "POST", "/api/line", web.Place{Link: m.Under[1].Link})
	assert.Empty(t, line.Stale)
	assert.Equal(t, "tso", line.Question.Memory)
	refused(t, s, 409, "POST", "/api/models", web.Place{Link: first + "Ax65535"})
}

func TestHeadOfThePage(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	w := send(s, http.MethodHead, "/", nil)
	assert.Equal(t, 200, w.Code)
	assert.Equal(t, "text/html; charset=utf-8", w.Header().Get("Content-Type"))
}
