package course_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/course"
)

func TestHTML(t *testing.T) {
	for markdown, want := range map[string]string{
		"a *b* `<c>`":                      "<p>a <em>b</em> <code>&lt;c&gt;</code></p>\n",
		"# A":                              "<h1>A</h1>\n",
		"| a |\n|--:|\n| b |":              "<table>\n<thead>\n<tr>\n<th style=\"text-align:right\">a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td style=\"text-align:right\">b</td>\n</tr>\n</tbody>\n</table>\n",
		"<script>alert(1)</script>":        "<!-- raw HTML omitted -->\n",
		"a <img src=x onerror=alert(1)> b": "<p>a <!-- raw HTML omitted --> b</p>\n",
		"[a](javascript:alert(1))":         "<p><a href=\"\">a</a></p>\n",
		"[a](JaVaScRiPt&colon;alert(1))":   "<p><a href=\"\">a</a></p>\n",
		"[a](x.md \"t\\\"><script>\")":     "<p><a href=\"x.md\" title=\"t&quot;&gt;&lt;script&gt;\">a</a></p>\n",
		"![a](x.svg)":                      "<p><img src=\"x.svg\" alt=\"a\"></p>\n",
		"```go\"><script>\nx\n```":         "<pre><code class=\"language-go&quot;&gt;&lt;script&gt;\">x\n</code></pre>\n",
	} {
		got, err := course.HTML(markdown, nil)
		require.NoError(t, err)
		assert.Equalf(t, want, got, "%q", markdown)
	}
}

func TestHTMLLinks(t *testing.T) {
	link := func(dest string) string {
		if slug, ok := strings.CutSuffix(dest, ".md"); ok {
			return "#" + slug
		}
		return ""
	}
	got, err := course.HTML("[a *b*](2-c.md), [d](http://e), ![f *g*](h.svg).", link)
	require.NoError(t, err)
	assert.Equal(t, "<p><a href=\"#2-c\">a <em>b</em></a>, d, f <em>g</em>.</p>\n", got)
	got, err = course.HTML("[a ![b](x) c](y)", func(string) string { return "" })
	require.NoError(t, err)
	assert.Equal(t, "<p>a b c</p>\n", got)
	got, err = course.HTML("[a](b)", func(string) string { return "javascript:alert(1)" })
	require.NoError(t, err)
	assert.Equal(t, "<p><a href=\"\">a</a></p>\n", got, "not even if we say so")
}

var (
	tag       = regexp.MustCompile(`<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>`)
	attribute = regexp.MustCompile(`^\s+([a-zA-Z-]+)="([^"<>]*)"`)
	tags      = strings.Fields("p h1 h2 h3 h4 h5 h6 em strong code pre a img br hr ul ol li blockquote table thead tbody tr th td")
)

// requireHarmless wants no tag and no attribute but those that show text, and all tags closed.
func requireHarmless(t testing.TB, markdown, html string) {
	rest := strings.ReplaceAll(html, "<!-- raw HTML omitted -->", "")
	require.Equalf(t, strings.Count(rest, "<"), len(tag.FindAllString(rest, -1)), "%q gives %q", markdown, html)
	var open []string
	for _, m := range tag.FindAllStringSubmatch(rest, -1) {
		require.Containsf(t, tags, m[2], "%q gives %q", markdown, html)
		switch {
		case m[1] == "/":
			require.NotEmptyf(t, open, "%q gives %q", markdown, html)
			require.Equalf(t, open[len(open)-1], m[2], "%q gives %q", markdown, html)
			open = open[:len(open)-1]
		case !slices.Contains([]string{"br", "hr", "img"}, m[2]):
			open = append(open, m[2])
		}
		for attrs := m[3]; attrs != ""; {
			a := attribute.FindStringSubmatch(attrs)
			require.NotNilf(t, a, "%q gives %q", markdown, html)
			attrs = attrs[len(a[0]):]
			require.Containsf(t, []string{"href", "src", "alt", "title", "class", "style", "start"}, a[1], "%q gives %q", markdown, html)
			scheme, _, has := strings.Cut(strings.ToLower(a[2]), ":")
			if has && (a[1] == "href" || a[1] == "src") {
				require.NotContainsf(t, []string{"javascript", "vbscript", "file"}, scheme, "%q gives %q", markdown, html)
			}
		}
	}
	require.Emptyf(t, open, "%q gives %q", markdown, html)
}

func TestLessonsAsHTML(t *testing.T) {
	for _, l := range lessons(t) {
		for _, markdown := range markdowns(l) {
			html, err := course.HTML(markdown, nil)
			require.NoError(t, err)
			requireHarmless(t, markdown, html)
			assert.NotContains(t, html, "omitted")
		}
	}
}

// FuzzHTML wants nothing but text, whatever the markdown.
func FuzzHTML(f *testing.F) {
	for _, text := range pages(f) {
		f.Add(text)
	}
	f.Add("<a href='javascript:x'>[x](<javascript:y>)\n<style>\n![a\"b](data:text/html,c)\n[d]: vbscript:e\n[d]")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<16 {
			t.Skip("longer than 64 KiB")
		}
		html, err := course.HTML(text, nil)
		require.NoError(t, err)
		requireHarmless(t, text, html)
		html, err = course.HTML(text, func(string) string { return "" })
		require.NoError(t, err)
		requireHarmless(t, text, html)
		require.NotRegexp(t, `<img|href="[^"]`, tag.ReplaceAllStringFunc(html, func(s string) string {
			if strings.HasPrefix(s, "<a ") { // an address that stands in the text
				return ""
			}
			return s
		}))
	})
}
