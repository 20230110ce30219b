package web_test

import (
	"io/fs"
	"math"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/web"
	"ptsim/pgalloc"
)

func assetText(t *testing.T, name string) string {
	text, err := fs.ReadFile(web.Assets, "assets/"+name)
	require.NoError(t, err)
	return string(text)
}

func assetNames(t *testing.T, ending string) []string {
	var list []string
	entries, err := fs.ReadDir(web.Assets, "assets")
	require.NoError(t, err)
	for _, e := range entries {
		if path.Ext(e.Name()) == ending {
			list = append(list, e.Name())
		}
	}
	require.NotEmpty(t, list)
	return list
}

// The scripts load each other and nothing else, make no markup of what they are told, and run nothing that is a string.
func TestScripts(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	imports := regexp.MustCompile(`(?m)^(?:import|export) .*from '([^']*)'`)
	for _, name := range assetNames(t, ".js") {
		w := send(s, "GET", "/assets/"+name, nil)
		assert.Equal(t, 200, w.Code)
		assert.Equal(t, "text/javascript; charset=utf-8", w.Header().Get("Content-Type"))
		text := w.Body.String()
		for _, m := range imports.FindAllStringSubmatch(text, -1) {
			assetText(t, strings.TrimPrefix(m[1], "./"))
		}
		for _, evil := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "http://", "https://", "import(", "console."} {
			text := strings.ReplaceAll(text, "http://www.w3.org/2000/svg", "")
			assert.NotContains(t, text, evil, name)
		}
		if name != "questions.js" {
			assert.NotContains(t, text, "DOMParser", "%s: markup is made in one place", name)
		}
	}
}

// The scripts know no rule: not the name of a version that something would depend on, and no function of the allocator.
func TestScriptsKnowNoRule(t *testing.T) {
	for _, name := range assetNames(t, ".js") {
		text := assetText(t, name)
		for _, v := range pgalloc.Variants() {
			if v.Variant == pgalloc.Active || v.Variant == pgalloc.RFC {
				continue // app.js proposes one of them to compare with
			}
			assert.NotRegexp(t, `['"`+"`"+`]`+string(v.Variant)+`['"`+"`"+`]`, text, name)
		}
		assert.NotRegexp(t, `page_table_|pte_free|__tlb_|mmdrop|xor`, text, name)
	}
}

// The page has one word for a thing, the one that the command has: a variant, which is no version, and a thread, which is drawn
// as a lane.
func TestThePageHasOneWordAThing(t *testing.T) {
	texts := map[string][]string{"index.html": {assetText(t, "index.html")}}
	for _, name := range assetNames(t, ".js") {
		for _, m := range regexp.MustCompile(`'([^'\n]*)'|`+"`([^`\n]*)`").FindAllStringSubmatch(assetText(t, name), -1) {
			text := m[1] + regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllString(m[2], "")
			if strings.Contains(text, " ") && !strings.ContainsAny(text, "#[{=") && !strings.HasPrefix(text, "lane ") && !strings.HasPrefix(text, "col ") && !strings.HasPrefix(text, ".") {
				texts[name] = append(texts[name], text)
			}
		}
	}
	assert.Greater(t, len(texts["player.js"]), 20)
	for name, list := range texts {
		for _, text := range list {
			text = regexp.MustCompile(`(?s)<[^>]*>`).ReplaceAllString(text, " ")
			assert.NotRegexp(t, `(?i)\b(versions?|lanes?)\b`, text, name)
		}
	}
}

// The page has nothing inline, which the policy would not allow, and its parts have names.
func TestThePageIsMarkup(t *testing.T) {
	html := assetText(t, "index.html")
	assert.NotRegexp(t, `<script[^>]*>[^<]`, html)
	assert.NotRegexp(t, `<style|\sstyle=|\son\w+=`, html)
	assert.NotRegexp(t, `(?:src|href)="(?:https?:|//)`, html)
	for _, m := range regexp.MustCompile(`(?:src|href)="(/[^"]*)"`).FindAllStringSubmatch(html, -1) {
		assetText(t, strings.TrimPrefix(m[1], "/assets/"))
	}
	assert.Contains(t, html, `<html lang="en">`)
	for _, tag := range []string{"<header", "<nav", "<main", "<h1", "<noscript"} {
		assert.Contains(t, html, tag)
	}
}

// tokens are the colours of a scheme.
func tokens(t *testing.T, css, from, to string) map[string][3]float64 {
	_, rest, ok := strings.Cut(css, from)
	require.True(t, ok, from)
	block, _, ok := strings.Cut(rest, to)
	require.True(t, ok)
	out := map[string][3]float64{}
	for _, m := range regexp.MustCompile(`--([\w-]+): #([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2});`).FindAllStringSubmatch(block, -1) {
		var c [3]float64
		for i := range c {
			n, err := strconv.ParseUint(m[i+2], 16, 8)
			require.NoError(t, err)
			if v := float64(n) / 255; v <= 0.04045 {
				c[i] = v / 12.92
			} else {
				c[i] = math.Pow((v+0.055)/1.055, 2.4)
			}
		}
		out[m[1]] = c
	}
	return out
}

func contrast(a, b [3]float64) float64 {
	l := func(c [3]float64) float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }
	x, y := l(a), l(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// The contrast of what is read is that of WCAG AA, light and dark: 4.5 for text, 3 for the edges and shapes that tell
// something.
func TestContrast(t *testing.T) {
	css := assetText(t, "style.css")
	grounds := []string{"paper", "card", "sunk", "tint"}
	text := map[string][]string{
		"ink": append(grounds, "bad-tint", "good-tint", "warn-tint"), "soft": append(grounds, "bad-tint", "good-tint", "warn-tint"), "accent": append(grounds, "bad-tint", "good-tint", "warn-tint"),
		"on-accent": {"accent"}, "bad": {"paper", "card", "bad-tint"}, "good": {"paper", "card", "good-tint"}, "warn": {"paper", "card", "warn-tint"},
		"note": {"sunk", "tint"}, "word": {"sunk", "tint"}, "text": {"sunk", "tint"}, "paper": {"ink"},
	}
	shapes := map[string][]string{"edge": {"paper", "card"}, "accent": {"paper", "card", "tint"}, "ink": {"paper", "card", "alloc", "pend", "rcu", "wrong"}, "bad": {"paper"}}
	light := tokens(t, css, ":root {", "}")
	dark := tokens(t, css, "@media (prefers-color-scheme: dark) {\n  :root {", "}")
	assert.Equal(t, len(light), len(dark), "each colour has its dark counterpart")
	for scheme, c := range map[string]map[string][3]float64{"light": light, "dark": dark} {
		for least, pairs := range map[float64]map[string][]string{4.5: text, 3: shapes} {
			for fg, bgs := range pairs {
				for _, bg := range bgs {
					require.Contains(t, c, fg)
					require.Contains(t, c, bg)
					assert.GreaterOrEqual(t, contrast(c[fg], c[bg]), least, "%s: %s on %s", scheme, fg, bg)
				}
			}
		}
	}
	assert.InDelta(t, 21, contrast([3]float64{0, 0, 0}, [3]float64{1, 1, 1}), 0.01)
	body := css[strings.Index(css, "* { box-sizing"):strings.Index(css, "@media print")]
	assert.NotRegexp(t, `#[0-9a-fA-F]{3,8}\b`, body, "colours are tokens")
	for _, m := range regexp.MustCompile(`[^-\w]color: ([^;}]*)`).FindAllStringSubmatch(body, -1) {
		name := strings.TrimSuffix(strings.TrimPrefix(m[1], "var(--"), ")")
		if m[1] == "inherit" || m[1] == "currentColor" {
			continue
		}
		_, known := text[name]
		assert.True(t, known, "color: %s: what is it read on?", m[1])
	}
	for _, want := range []string{"prefers-reduced-motion", "forced-colors", "@media print", ":focus-visible"} {
		assert.Contains(t, css, want)
	}
	assert.Equal(t, 1, strings.Count(css, "animation:"), "what moves is inside the query for motion")
	assert.Greater(t, strings.Index(css, "animation:"), strings.Index(css, "prefers-reduced-motion: no-preference"))
}
