package masks_test

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/masks"
	"ptsim/pgalloc"
)

// pictures returns all that are drawn, by name.
func pictures(t *testing.T) map[string]string {
	all := map[string]string{}
	tables(func(v pgalloc.Variant, pin pgalloc.Pin) {
		table, svg := drawn(t, v, pin)
		all[table.Name] = svg
	})
	stories, err := masks.Stories()
	require.NoError(t, err)
	var b strings.Builder
	require.NoError(t, masks.WriteStories(&b, stories, "svg"))
	all["life"] = b.String()
	return all
}

// TestTextEquivalent: a picture says what it is, and in words all that it shows.
func TestTextEquivalent(t *testing.T) {
	for name, svg := range pictures(t) {
		head := svg[:strings.Index(svg, "<style>")]
		assert.Contains(t, head, `role="img"`, name)
		by := regexp.MustCompile(`aria-labelledby="(\S+) (\S+)"`).FindStringSubmatch(head)
		require.NotNil(t, by, name)
		assert.Regexp(t, `<title id="`+by[1]+`">[^<]{10,}</title>`, head, name)
		desc := regexp.MustCompile(`<desc id="` + by[2] + `">([^<]+)</desc>`).FindStringSubmatch(head)
		require.NotNil(t, desc, name)
		if name == "life" {
			continue
		}
		p := see(t, svg)
		assert.Equal(t, len(p.edges), strings.Count(desc[1], "From "), name)
		for _, n := range p.nodes {
			words := n.mask
			switch {
			case n.name == "released":
				words = "the release of the page"
			case n.mask == "" && n.name != "alloc_page":
				continue
			case n.mask == "":
				words = "alloc_page"
			}
			assert.Contains(t, desc[1], words, name)
		}
	}
}

// TestSelfContained: well-formed, nothing from outside, and every reference resolves within it.
func TestSelfContained(t *testing.T) {
	for name, svg := range pictures(t) {
		parseSVG(t, svg)
		assert.NotContains(t, svg, "NaN", name)
		assert.NotContains(t, strings.ReplaceAll(svg, "http://www.w3.org/2000/svg", ""), "http", name)
		assert.NotContains(t, svg, "@import", name)
		assert.NotContains(t, svg, "<script", name)
		assert.Contains(t, svg, `viewBox="0 0 1280 720"`, name)
		ids := map[string]int{}
		for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(svg, -1) {
			ids[m[1]]++
		}
		for id, n := range ids {
			assert.Equal(t, 1, n, "%s: id %s", name, id)
		}
		for _, m := range regexp.MustCompile(`url\(#([^)]+)\)`).FindAllStringSubmatch(svg, -1) {
			assert.Contains(t, ids, m[1], name)
		}
		style := svg[strings.Index(svg, "<style>"):strings.Index(svg, "</style>")]
		for _, m := range regexp.MustCompile(`class="([^"]+)"`).FindAllStringSubmatch(svg, -1) {
			for _, c := range strings.Fields(m[1]) {
				assert.Contains(t, style, "."+c+"{", name)
			}
		}
	}
}

// TestPictureContrast computes, from what a picture's own style sheet says, whether words and lines can be told from what
// they stand on at level AA: by light, by dark and on paper.
func TestPictureContrast(t *testing.T) {
	for name, svg := range pictures(t) {
		style := svg[strings.Index(svg, "<style>"):strings.Index(svg, "</style>")]
		light, rest, ok := strings.Cut(style, "@media (prefers-color-scheme:dark)")
		require.True(t, ok, name)
		dark, paper, ok := strings.Cut(rest, "@media print")
		require.True(t, ok, name)
		drawn, head := parseSVG(t, svg)
		for theme, css := range map[string]string{"light": light, "dark": dark, "paper": paper} {
			colour := map[string]string{}
			for _, m := range regexp.MustCompile(`\.([fs]-\w+)\{(?:fill|stroke):(#[0-9a-f]{6})\}`).FindAllStringSubmatch(css, -1) {
				colour[m[1]] = m[2]
			}
			for _, e := range append(drawn, head...) {
				on, least := colour["f-ground"], 3.0
				for _, c := range strings.Fields(e.attrs["class"]) {
					switch {
					case c == "f-ground" && e.name != "text", c == "h", c == "l", e.name == "svg":
						continue
					case e.name == "text":
						least = 4.5
						if c == "f-onfull" {
							on = colour["f-full"]
						}
						if c == "f-ground" {
							on = colour["f-alarm"]
						}
					}
					have, ok := colour[c]
					require.True(t, ok, "%s %s: %s", name, theme, c)
					assert.GreaterOrEqual(t, ratio(have, on), least, "%s by %s: %s %q of class %s", name, theme, e.name, e.text, c)
				}
			}
		}
	}
}

// ratio is the contrast of two colours, after the definition in WCAG 2.1.
func ratio(a, b string) float64 {
	l := func(hex string) float64 {
		sum := 0.0
		for i, w := range []float64{0.2126, 0.7152, 0.0722} {
			v, err := strconv.ParseInt(hex[1+2*i:3+2*i], 16, 32)
			if err != nil {
				return math.NaN()
			}
			c := float64(v) / 255
			if c > 0.04045 {
				c = math.Pow((c+0.055)/1.055, 2.4)
			} else {
				c /= 12.92
			}
			sum += w * c
		}
		return sum
	}
	x, y := l(a), l(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestWithoutColour: operations differ in dash or in the shape of an end, and so does how a half is filled.
func TestWithoutColour(t *testing.T) {
	_, svg := drawn(t, pgalloc.RFC, "")
	all, _ := parseSVG(t, svg)
	looks := map[string]string{}
	for _, e := range see(t, svg).edges {
		for _, l := range all {
			if l.name == "path" && l.attrs["marker-end"] != "" && l.group > 0 && fmt.Sprint(corners(l.attrs["d"])) == fmt.Sprint(e.pts) {
				look := fmt.Sprintf("dash %q, tail %v, open %v", l.attrs["stroke-dasharray"], l.attrs["marker-start"] != "", e.class == "alloc")
				if l.attrs["marker-start"] != "" {
					look += " " + e.class // a square or a ring: two shapes of marker
				}
				op := strings.Replace(e.op, "fresh", "alloc", 1)
				assert.True(t, looks[op] == "" || looks[op] == look, op)
				looks[op] = look
			}
		}
	}
	seen := map[string]bool{}
	for _, l := range looks {
		assert.False(t, seen[l], l)
		seen[l] = true
	}
	assert.Len(t, looks, 6)
}
