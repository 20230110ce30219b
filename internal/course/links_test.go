package course_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ptsim"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/course"
)

// link is a link in markdown.
var link = regexp.MustCompile(`\[((?:[^\[\]]|\n)*)\]\(([^()\s]*)\)`)

// pages are the files of the course.
func pages(t testing.TB) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range append(course.Names(), "README") {
		text, err := os.ReadFile(filepath.Join(root, "docs/course", name+".md"))
		require.NoError(t, err)
		all["docs/course/"+name+".md"] = string(text)
	}
	return all
}

// anchor is what GitHub makes of a heading.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		}
		return -1
	}, strings.ToLower(strings.TrimSpace(strings.TrimLeft(heading, "#"))))
}

func headings(text string) (anchors []string) {
	for _, l := range strings.Split(text, "\n") {
		if strings.HasPrefix(l, "#") {
			anchors = append(anchors, anchor(l))
		}
	}
	return anchors
}

// TestLinksLead wants every link of the course to lead to a file of the project, and to a heading in it if it names one. A
// link into Go code must have the words that it is on in that file.
func TestLinksLead(t *testing.T) {
	n := 0
	for file, text := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			n++
			words := strings.ReplaceAll(strings.Join(strings.Fields(m[1]), " "), "`", "")
			to, frag, _ := strings.Cut(m[2], "#")
			require.NotContainsf(t, to, ":", "%s: %s leads out of the project", file, m[0])
			target := path.Join(path.Dir(file), to)
			there, err := os.ReadFile(filepath.Join(root, target))
			if !assert.NoErrorf(t, err, "%s: %s", file, m[0]) {
				continue
			}
			if frag != "" {
				assert.Containsf(t, headings(string(there)), frag, "%s: %s", file, m[0])
			}
			if path.Ext(to) == ".go" {
				assert.Containsf(t, strings.ReplaceAll(string(there), "\n// ", " "), words, "%s: %s", file, m[0])
			}
		}
	}
	assert.Greater(t, n, 80)
}

// TestCitesAreLinks wants each source of an answer to be a link, which the test above follows.
func TestCitesAreLinks(t *testing.T) {
	whole := regexp.MustCompile("^" + link.String() + "$")
	for _, l := range lessons(t) {
		for _, q := range each[*course.Question](l) {
			for _, c := range q.Cite {
				assert.Regexpf(t, whole, c, "%s:%d", l.File, q.Line)
			}
		}
	}
}

// TestIndexHasAllLessons wants the first page to link to each lesson, by its title and in order.
func TestIndexHasAllLessons(t *testing.T) {
	at := 0
	for i, l := range lessons(t) {
		assert.Equal(t, i+1, l.Number)
		entry := itoa(l.Number) + ". [" + l.Title + "](" + l.Slug + ".md)"
		next := strings.Index(frontPage(t), entry)
		assert.Greaterf(t, next, at, "docs/course/README.md has no %s, or not in order", entry)
		at = next
	}
	assert.GreaterOrEqual(t, len(lessons(t)), 8)
}

// named is what looks like a file or an identifier of the project in a code span.
var (
	span     = regexp.MustCompile("`([^`\n]+)`")
	fileName = regexp.MustCompile(`^(?:[a-z0-9]+/)+[a-z0-9_]+\.(?:go|md|scn|txt)$`)
	mutName  = regexp.MustCompile(`^(?:classic|rfc|active|pinned|typesafe|gather|base)/[a-z-]+$`)
)

// TestNamesAreThere wants files, mutants and scenarios that the prose names to be there.
func TestNamesAreThere(t *testing.T) {
	files, muts := 0, 0
	for file, text := range pages(t) {
		for _, m := range span.FindAllStringSubmatch(text, -1) {
			switch {
			case fileName.MatchString(m[1]) && strings.HasPrefix(m[1], "arch/") || strings.HasPrefix(m[1], "mm/"):
			case fileName.MatchString(m[1]):
				files++
				_, err := os.Stat(filepath.Join(root, m[1]))
				assert.NoErrorf(t, err, "%s names %s", file, m[1])
			case mutName.MatchString(m[1]):
				muts++
				mutant(t, m[1])
			}
		}
	}
	assert.Greater(t, files, 5)
	assert.Greater(t, muts, 2)
}

// quotedScenario is a part of a scenario in a lesson: its lines must stand in the scenario's file, in order.
var quotedScenario = regexp.MustCompile("(?s)\n```scenario ([A-Za-z0-9]+)\n(.*?)```\n")

func TestQuotedScenarios(t *testing.T) {
	n := 0
	for file, text := range pages(t) {
		for _, m := range quotedScenario.FindAllStringSubmatch(text, -1) {
			n++
			source, err := os.ReadFile(filepath.Join(root, "testdata/scenarios", m[1]+".scn"))
			if !assert.NoErrorf(t, err, file) {
				continue
			}
			rest := strings.Split(string(source), "\n")
			for _, l := range strings.Split(strings.TrimSpace(m[2]), "\n") {
				i := 0
				for i < len(rest) && strings.TrimSpace(rest[i]) != strings.TrimSpace(l) {
					i++
				}
				if !assert.Lessf(t, i, len(rest), "%s: %s.scn has no %q there", file, m[1], l) {
					break
				}
				rest = rest[i+1:]
			}
		}
	}
	assert.GreaterOrEqual(t, n, 5)
}

// TestCostsAreThoseOfTheDocs wants the figures in a lesson's table of costs to be those of docs/costs.md.
func TestCostsAreThoseOfTheDocs(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join(root, "docs/costs.md"))
	require.NoError(t, err)
	rows := map[string][]string{}
	for _, l := range strings.Split(string(doc), "\n") {
		if cells := strings.Split(l, " | "); strings.HasPrefix(l, "| ") {
			name := strings.TrimPrefix(cells[0], "| ")
			rows[name] = append(rows[name], l+" ")
		}
	}
	n := 0
	for _, l := range lessons(t) {
		for _, p := range each[*course.Prose](l) {
			for _, line := range strings.Split(p.Text, "\n") {
				cells := strings.Split(strings.Trim(line, "| "), " | ")
				if !strings.HasPrefix(line, "| ") || rows[cells[0]] == nil || cells[0] == "load" {
					continue
				}
				n++
				same := false
				for _, row := range rows[cells[0]] {
					at := 0
					for _, c := range cells[1:] {
						if i := strings.Index(row[at:], "| "+c+" "); i >= 0 {
							at += i + 1
						} else {
							at = len(row)
						}
					}
					same = same || at < len(row)
				}
				assert.Truef(t, same, "%s:%d: docs/costs.md does not have %s", l.File, p.Line, line)
			}
		}
	}
	assert.GreaterOrEqual(t, n, 5)
}

// frontPage is what the course begins with.
func frontPage(t testing.TB) string {
	text, err := ptsim.Course.ReadFile("docs/course/README.md")
	require.NoError(t, err)
	return string(text)
}

// TestDatesAgree wants the table of dates of the course to have the dates of docs/thread.md, and every date in the lessons
// to be one of them or a day of the year that the thread explains.
func TestDatesAgree(t *testing.T) {
	thread, err := os.ReadFile("../../docs/thread.md")
	require.NoError(t, err)
	day := regexp.MustCompile(`\b([0-9]+) (May|June|July)\b`)
	known := map[string]bool{}
	headings := map[string]bool{}
	for _, line := range strings.Split(string(thread), "\n") {
		for _, d := range day.FindAllString(line, -1) {
			known[d] = true
			headings[d] = headings[d] || strings.HasPrefix(line, "## ")
		}
	}
	index, err := os.ReadFile("../../docs/course/README.md")
	require.NoError(t, err)
	_, table, _ := strings.Cut(string(index), "| date | what | lesson |")
	listed := map[string]bool{}
	for _, row := range strings.Split(table, "\n") {
		if cells := strings.Split(row, "|"); len(cells) > 2 {
			// "7 and 8 June" is two of them
			for _, d := range day.FindAllString(regexp.MustCompile(`([0-9]+) and ([0-9]+) (\w+)`).ReplaceAllString(cells[1], "$1 $3, $2 $3"), -1) {
				listed[d] = true
				assert.Truef(t, known[d], "%s is not in docs/thread.md", d)
			}
		}
	}
	for d := range headings {
		if headings[d] {
			assert.Truef(t, listed[d], "%s is not in the table of the course", d)
		}
	}
	files, err := filepath.Glob("../../docs/course/[0-9]*.md")
	require.NoError(t, err)
	seen := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, d := range day.FindAllString(string(text), -1) {
			seen++
			assert.Truef(t, known[d], "%s: %s is not in docs/thread.md", file, d)
		}
		assert.NotRegexpf(t, `Since v5\.0 .*flavour`, string(text), "%s: the flavours were merged in v4.20", file)
	}
	assert.Greater(t, seen, 10)
}
