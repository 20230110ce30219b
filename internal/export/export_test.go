package export_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/export"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

func open(t testing.TB, sc *scenario.Scenario, version string, softirqs int) *stepper.Session {
	t.Helper()
	v, err := question.ParseVersion(version)
	require.NoError(t, err)
	s, err := stepper.New(stepper.Question{Scenario: sc, Version: v, Setting: question.Setting{Softirqs: softirqs}})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// broken returns a session on the shortest schedule that breaks a version.
func broken(t testing.TB, name, version string, softirqs int) *stepper.Session {
	t.Helper()
	sc, err := scenario.Load(name)
	require.NoError(t, err)
	s := open(t, sc, version, softirqs)
	a, err := s.Run(context.Background(), 100_000)
	require.NoError(t, err)
	require.Equal(t, string(explore.Violated), a.Verdict)
	return s
}

// long returns a session on a schedule of at least 200 steps, with much going on.
func long(t testing.TB) *stepper.Session {
	t.Helper()
	var b strings.Builder
	b.WriteString("title A long day\nabout Two tasks that never rest.\nwithout lazy-flush\nmm 1 users 4\npage 1 t0 t1\n")
	for task := range 4 {
		fmt.Fprintf(&b, "task busy%d\n", task)
		for i := range 6 {
			if i%3 == 2 {
				fmt.Fprintf(&b, "  alloc 1 -> a%d\n  defer a%d\n", i, i)
			} else {
				fmt.Fprintf(&b, "  alloc 1 -> a%d\n  tlbfree a%d\n  flush\n", i, i)
			}
		}
		if task < 2 {
			fmt.Fprintf(&b, "  free t%d\n", task)
		}
		b.WriteString("  mmput 1\n")
	}
	b.WriteString("finally\n  freed 1\n")
	sc, err := scenario.Parse("long.scn", b.String())
	require.NoError(t, err)
	s := open(t, sc, "pinned/half", 2)
	for i := 0; !s.View().Ended && s.View().Step < 220; i++ {
		lanes := s.View().Lanes
		if l := &lanes[i/5%len(lanes)]; len(l.Moves) > 0 {
			require.NoError(t, s.Take(l.Moves[0].Text))
		}
	}
	require.GreaterOrEqual(t, s.View().Step, 200)
	return s
}

func write(t testing.TB, s *stepper.Session, format string, o export.Options) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, export.Write(&b, s, format, o))
	return b.String()
}

// TestText: the text of a commit message, as it is pasted.
func TestText(t *testing.T) {
	for _, k := range []struct {
		file, scenario, version string
		softirqs                int
	}{
		{"S1-rfc.txt", "S1", "rfc", 2}, {"B4-rfc.txt", "B4", "rfc", explore.SoftirqsOnCPU}, {"defer2-posted.txt", "defer2", "rfc-as-posted", 2},
	} {
		text := write(t, broken(t, k.scenario, k.version, k.softirqs), "text", export.Options{})
		file := filepath.Join("testdata", k.file)
		if *update {
			require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, string(want), text)
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		for i, l := range lines {
			assert.Equal(t, strings.TrimRight(l, " "), l)
			assert.False(t, strings.HasPrefix(l, "#"), "git would leave it out: %s", l)
			assert.False(t, strings.HasPrefix(l, "---") || strings.HasPrefix(l, "diff "), "git am would end the message there: %s", l)
			if i < len(lines)-1 { // the last is the command
				assert.LessOrEqual(t, len(l), 75, l)
			}
		}
	}
}

// TestProse: each step once, in order, with its sentence; each rule once, and pointed back to.
func TestProse(t *testing.T) {
	s := broken(t, "S1", "rfc", 2)
	text := write(t, s, "prose", export.Options{})
	flat := strings.Join(strings.Fields(text), " ")
	rules := map[string]bool{}
	at := 0
	for _, try := range s.Line()[1:] {
		d := try.View.Did
		i := strings.Index(flat[at:], fmt.Sprintf("%d. %s %s on CPU%d", try.View.Step, d.Letter, d.Name, d.CPU))
		require.GreaterOrEqual(t, i, 0, "step %d", try.View.Step)
		at += i
		assert.Contains(t, flat[at:], strings.Join(strings.Fields(d.Sentence.Text), " "))
		rules[d.Sentence.Rule] = true
	}
	for r := range rules {
		assert.GreaterOrEqual(t, strings.Count(flat, r), 1, r)
	}
	assert.Equal(t, strings.Count(flat, "The rule: ")+strings.Count(flat, "The rule is that of step "), len(s.Line())-1)
	for _, m := range regexp.MustCompile(`(\d+)\. [^.]*?The rule is that of step (\d+)\.`).FindAllStringSubmatch(flat, -1) {
		assert.Less(t, len(m[2]), 3)
	}
	assert.Contains(t, flat, "It breaks: use after free: __tlb_remove_table takes context.lock of freed mm1.")
	assert.Contains(t, flat, "ptsim step --replay '"+s.Link()+"'")
	for _, l := range strings.Split(text, "\n") {
		if !strings.Contains(l, "--replay") {
			assert.LessOrEqual(t, len([]rune(l)), 78, l)
		}
	}
}

// TestJSON: the views as they are.
func TestJSON(t *testing.T) {
	s := broken(t, "S1", "rfc", 2)
	var doc struct {
		Title, Scenario, Version, Grace, Link, Ending string
		About                                         []string
		Softirqs                                      any
		Views                                         []json.RawMessage
	}
	require.NoError(t, json.Unmarshal([]byte(write(t, s, "json", export.Options{Title: "A <title>"})), &doc))
	assert.Equal(t, []any{"A <title>", "S1", "rfc", "precise", s.Link(), 2.0}, []any{doc.Title, doc.Scenario, doc.Version, doc.Grace, doc.Link, doc.Softirqs})
	assert.Len(t, doc.About, 2)
	require.Len(t, doc.Views, len(s.Line()))
	for i, try := range s.Line() {
		want, err := json.Marshal(try.View)
		require.NoError(t, err)
		assert.JSONEq(t, string(want), string(doc.Views[i]))
	}
}

// TestStoryboard: a frame a step, with its sentence; no script, nothing from elsewhere.
func TestStoryboard(t *testing.T) {
	for _, s := range []*stepper.Session{broken(t, "S1", "rfc", 2), broken(t, "defer2", "rfc-as-posted", 2), long(t)} {
		page := write(t, s, "storyboard", export.Options{})
		steps := len(s.Line())
		assert.Equal(t, steps, strings.Count(page, "<li"))
		assert.Equal(t, steps, strings.Count(page, `role="img"`))
		assert.Equal(t, steps, strings.Count(page, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"pt\""))
		assert.NotRegexp(t, `<script|javascript:|\son[a-z]+=|<link|@import|src=`, page)
		assert.NotRegexp(t, `https?://`, strings.ReplaceAll(page, "http://www.w3.org/2000/svg", ""))
		assert.Contains(t, page, "break-inside: avoid")
		flat := strings.NewReplacer(`<span class="m">`, "", "</span>", "", "&#39;", "'", "&gt;", ">", "&lt;", "<", "&amp;", "&", "&#34;", `"`, "&#43;", "+").Replace(page)
		for _, try := range s.Line()[1:] {
			assert.Contains(t, flat, try.View.Did.Sentence.Text)
		}
		body := page[strings.Index(page, "<header>"):strings.Index(page, "</body>")]
		d := xml.NewDecoder(strings.NewReader("<x>" + body + "</x>"))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else {
				require.NoError(t, err)
			}
		}
	}
}

// TestSizes: a schedule of 200 steps stays below a megabyte in every format that is one file.
func TestSizes(t *testing.T) {
	s := long(t)
	for _, format := range export.Formats() {
		n := len(write(t, s, format, export.Options{}))
		t.Logf("%s of %d steps: %d bytes", format, s.View().Step, n)
		most := 1 << 20
		if format == "json" { // says everything at every step
			most = 3 << 19
		}
		assert.Less(t, n, most, format)
	}
	total := 0
	for _, f := range export.Frames(s, export.Options{}) {
		var b bytes.Buffer
		require.NoError(t, f.Write(&b))
		assert.Less(t, b.Len(), 40<<10, f.Name)
		total += b.Len()
	}
	t.Logf("its frames: %d bytes", total)
}

// TestFrames: numbered so that they sort, all of one size, as the one that is written alone.
func TestFrames(t *testing.T) {
	s := broken(t, "S1", "rfc", 2)
	frames := export.Frames(s, export.Options{Title: "T"})
	require.Len(t, frames, 17)
	assert.Equal(t, "S1-rfc-000.svg", frames[0].Name)
	assert.Equal(t, "S1-rfc-016.svg", frames[16].Name)
	sizes := map[string]bool{}
	for i, f := range frames {
		var b strings.Builder
		require.NoError(t, f.Write(&b))
		head, _, _ := strings.Cut(b.String(), "\n")
		sizes[head] = true
		require.NoError(t, s.Seek(i))
		assert.Equal(t, b.String(), write(t, s, "svg", export.Options{Title: "T"}))
	}
	assert.Len(t, sizes, 1)
}

// TestHTML: one file, with the steps in it, and with nothing from elsewhere.
func TestHTML(t *testing.T) {
	s := broken(t, "S1", "rfc", 2)
	page := write(t, s, "html", export.Options{Title: "Mind the <mm>"})
	assert.Contains(t, page, "<title>Mind the &lt;mm&gt;</title>")
	assert.NotRegexp(t, `<script[^>]* src=|<link[^>]* href="(https?:)?/`, page)
}

// TestTitles: a title is text everywhere, whatever is in it.
func TestTitles(t *testing.T) {
	s := broken(t, "S1", "rfc", 2)
	for _, format := range []string{"html", "svg", "storyboard"} {
		page := write(t, s, format, export.Options{Title: `</title><script>alert("x")</script>&`})
		assert.NotContains(t, page, "<script>alert")
		assert.Contains(t, page, "&lt;script&gt;alert")
	}
}

// TestCommands: what opens an export again names the file of a scenario that ptsim has not, safely.
func TestCommands(t *testing.T) {
	s1, err := scenario.Load("S1")
	require.NoError(t, err)
	for file, want := range map[string]string{
		s1.File: "ptsim step --replay 'S1/rfc@", "my.scn": "ptsim step my.scn --replay '", "it's here.scn": `ptsim step 'it'\''s here.scn' --replay '`,
		"standard input": "ptsim step - --replay 'standard input/rfc@",
	} {
		sc := *s1
		if file != s1.File {
			sc.File, sc.Source = file, sc.Source+"\n# mine\n"
			sc.Name = strings.TrimSuffix(file, ".scn")
		}
		s := open(t, &sc, "rfc", 2)
		require.NoError(t, s.Take("A"))
		for _, format := range []string{"prose", "text"} {
			assert.Contains(t, write(t, s, format, export.Options{}), want, file)
		}
	}
}

func TestNothingToExport(t *testing.T) {
	sc, err := scenario.Load("S1")
	require.NoError(t, err)
	s := open(t, sc, "active", 2)
	a, err := s.Run(context.Background(), 100_000)
	require.NoError(t, err)
	assert.Equal(t, string(explore.Safe), a.Verdict)
	for _, format := range export.Formats() {
		err := export.Write(io.Discard, s, format, export.Options{})
		if format == "svg" { // the first state can be drawn
			assert.NoError(t, err)
		} else {
			assert.ErrorIs(t, err, export.ErrNoSteps, format)
		}
	}
	require.NoError(t, s.Take("A"))
	assert.Contains(t, write(t, s, "prose", export.Options{}), "The schedule is not at its end.")
}

// TestSettings: what surrounds the scenario is said in words.
func TestSettings(t *testing.T) {
	for softirqs, want := range map[int]string{1: "1 softirq CPU and precise", 2: "2 softirq CPUs and precise", explore.SoftirqsOnCPU: "callbacks on the CPU that queued them and precise"} {
		sc, err := scenario.Load("S1")
		require.NoError(t, err)
		s := open(t, sc, "rfc", softirqs)
		require.NoError(t, s.Take("A"))
		assert.Contains(t, strings.Join(strings.Fields(write(t, s, "prose", export.Options{})), " "), want)
	}
}

type full struct{ left int }

func (w *full) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errors.New("the disk is full")
	}
	return len(p), nil
}

func TestErrors(t *testing.T) {
	s := broken(t, "S1", "rfc", 2)
	require.ErrorContains(t, export.Write(io.Discard, s, "pdf", export.Options{}), `unknown format "pdf"; expected one of html, svg`)
	for _, format := range export.Formats() {
		assert.Error(t, export.Write(&full{100}, s, format, export.Options{}), format)
	}
}

// TestDeterministic: an export made twice is the same.
func TestDeterministic(t *testing.T) {
	for _, format := range export.Formats() {
		assert.Equal(t, write(t, broken(t, "S1f", "pinned/page-life", 1), format, export.Options{}), write(t, broken(t, "S1f", "pinned/page-life", 1), format, export.Options{}), format)
	}
}
