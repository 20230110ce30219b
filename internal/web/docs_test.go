package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"ptsim/internal/course"
	"ptsim/internal/labs/pagetable/tell"
	"ptsim/internal/question"
	"ptsim/internal/web"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// letters is what is left of a heading or an anchor to compare them by.
func letters(s string) string {
	return regexp.MustCompile(`<[^>]*>|&[a-z]+;|[^a-z0-9]`).ReplaceAllString(strings.ToLower(s), "")
}

// Every link of a lesson or a document leads to a lesson, to a heading of a document, or to the web; so does every section
// that a rule cites.
func TestLinksOfDocs(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	headings := map[string]map[string]bool{}
	open := func(name string) {
		if headings[name] != nil {
			return
		}
		d := answer[web.Doc](t, s, "GET", "/api/doc?name="+url.QueryEscape(name), nil)
		assert.NotEmpty(t, d.Title)
		headings[name] = map[string]bool{letters(d.Title): true}
		for _, m := range regexp.MustCompile(`(?s)<h\d>(.*?)</h\d>`).FindAllStringSubmatch(d.HTML, -1) {
			headings[name][letters(m[1])] = true
		}
	}
	resolve := func(dest, from string) {
		name, heading, _ := strings.Cut(dest, ":")
		open(name)
		if heading != "" {
			assert.True(t, headings[name][letters(heading)], "%s: %s has no such heading", from, dest)
		}
	}
	links := 0
	check := func(html, from string) {
		for _, m := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(html, -1) {
			links++
			switch dest := m[1]; {
			case strings.HasPrefix(dest, "https://"), dest == "#course":
			case strings.HasPrefix(dest, "#course/"):
				assert.Contains(t, course.Names(), strings.TrimPrefix(dest, "#course/"), from)
			case strings.HasPrefix(dest, "#docs/"):
				resolve(strings.TrimPrefix(dest, "#docs/"), from)
			default:
				assert.Fail(t, "a link that leads nowhere", "%s: %s", from, dest)
			}
		}
	}
	for _, name := range course.Names() {
		l := answer[web.Lesson](t, s, "GET", "/api/course/"+name, nil)
		for _, b := range l.Blocks {
			check(b.HTML+b.Answer, name)
			if b.Kind == "question" {
				check(answer[web.Marked](t, s, "POST", "/api/answer", web.Answered{Lesson: name, Question: b.Number}).Why, name)
			}
		}
	}
	for _, r := range tell.Rules() {
		for _, v := range question.Versions() {
			for _, c := range r.Cites(string(v)) {
				if file, heading, _ := strings.Cut(c.Where, "#"); c.Kind == "docs" {
					resolve(strings.TrimSuffix(strings.TrimPrefix(file, "docs/"), ".md")+":"+heading, r.ID)
				}
			}
		}
	}
	for name := range headings {
		check(answer[web.Doc](t, s, "GET", "/api/doc?name="+url.QueryEscape(name), nil).HTML, name)
	}
	assert.Greater(t, links, 30)
	assert.GreaterOrEqual(t, len(headings), 3, headings)
	check(answer[web.Plan](t, s, "GET", "/api/plan", nil).HTML, "the plan")
	for _, name := range []string{"", "nothing", "../README", "course/README", "scenarios/../glossary", "/glossary", strings.Repeat("x", 5000)} {
		assert.Contains(t, refused(t, s, 404, "GET", "/api/doc?name="+url.QueryEscape(name), nil), "no such document")
	}
}

func TestGlossaryOfThePage(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	terms := answer[[]course.Term](t, s, "GET", "/api/glossary", nil)
	want, err := course.Glossary()
	require.NoError(t, err)
	assert.Equal(t, want, terms)
	assert.Contains(t, answer[web.Plan](t, s, "GET", "/api/plan", nil).HTML, "<table>")
}

// Hints of a level come one after the other, from where the player stands.
func TestHints(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	link := "munmap/rfc@2,precise:s:00000000:"
	type hint struct {
		Text, Move string
		More       bool
	}
	ask := func(n int, link string) hint {
		return answer[hint](t, s, "POST", "/api/hint", web.Asked{Place: web.Place{Link: link}, Level: "munmap", N: n})
	}
	assert.NotEqual(t, ask(1, link).Text, ask(2, link).Text)
	assert.Equal(t, "A", ask(3, link).Move)
	assert.Equal(t, "s0!1100", ask(3, link+"Ax4").Move)
	assert.Contains(t, refused(t, s, 422, "POST", "/api/hint", web.Asked{Place: web.Place{Link: link}, Level: "nothing", N: 1}), "unknown level")
}
