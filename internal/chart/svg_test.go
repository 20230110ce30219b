package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// element is one element of a parsed document, with its own text.
type element struct {
	name  string
	attrs map[string]string
	text  string
}

func (e element) num(t require.TestingT, attr string) float64 {
	v, err := strconv.ParseFloat(e.attrs[attr], 64)
	require.NoError(t, err, "%s of %v", attr, e)
	return v
}

func drawSVG(t require.TestingT, p *Plot) (string, []element) {
	var b bytes.Buffer
	require.NoError(t, p.SVG(&b))
	d := xml.NewDecoder(bytes.NewReader(b.Bytes()))
	var out []element
	var open []int
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		switch k := tok.(type) {
		case xml.StartElement:
			e := element{name: k.Name.Local, attrs: map[string]string{}}
			for _, a := range k.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			open = append(open, len(out))
			out = append(out, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				out[open[len(open)-1]].text += string(k)
			}
		}
	}
	require.Empty(t, open)
	return b.String(), out
}

type rect struct{ x0, y0, x1, y1 float64 }

// textBox is where a text element is drawn, at most.
func textBox(t require.TestingT, e element) rect {
	x, y, size := e.num(t, "x"), e.num(t, "y"), e.num(t, "font-size")
	w := ems(e.text) * size
	switch e.attrs["text-anchor"] {
	case "middle":
		x -= w / 2
	case "end":
		x -= w
	}
	return rect{x, y - 0.76*size, x + w, y + 0.24*size}
}

// pathPoints lists the corners of a path of the commands M, L, H and V.
func pathPoints(t require.TestingT, d string) [][2]float64 {
	var out [][2]float64
	var at [2]float64
	words := strings.Fields(d)
	next := func() float64 {
		require.NotEmpty(t, words, "path ends early: %s", d)
		v, err := strconv.ParseFloat(words[0], 64)
		require.NoError(t, err)
		words = words[1:]
		return v
	}
	for len(words) > 0 {
		cmd := words[0]
		words = words[1:]
		switch cmd {
		case "M", "L":
			at = [2]float64{next(), next()}
		case "H":
			at[0] = next()
		case "V":
			at[1] = next()
		default:
			require.Fail(t, "unknown path command", "%q in %s", cmd, d)
		}
		out = append(out, at)
	}
	return out
}

// checkSVG requires what is true of every picture.
func checkSVG(t require.TestingT, doc string, els []element) {
	root := els[0]
	require.Equal(t, "svg", root.name)
	require.Equal(t, "http://www.w3.org/2000/svg", root.attrs["xmlns"])
	var x0, y0, wide, high float64
	_, err := fmt.Sscan(root.attrs["viewBox"], &x0, &y0, &wide, &high)
	require.NoError(t, err)
	require.Equal(t, []string{"title", "desc"}, []string{els[1].name, els[2].name})
	require.NotEmpty(t, els[1].text)
	inside := func(e element, x, y float64) {
		require.True(t, x >= 0 && x <= wide && y >= 0 && y <= high, "%v: (%g, %g) outside %gx%g", e, x, y, wide, high)
	}
	for _, e := range els {
		switch e.name {
		case "text":
			b := textBox(t, e)
			inside(e, b.x0, b.y0)
			inside(e, b.x1, b.y1)
		case "line":
			inside(e, e.num(t, "x1"), e.num(t, "y1"))
			inside(e, e.num(t, "x2"), e.num(t, "y2"))
		case "circle":
			inside(e, e.num(t, "cx"), e.num(t, "cy"))
		case "path":
			for _, p := range pathPoints(t, e.attrs["d"]) {
				inside(e, p[0], p[1])
			}
		case "svg", "g", "title", "desc", "rect", "style":
		default:
			require.Fail(t, "unexpected element", e.name)
		}
		for name := range e.attrs {
			require.False(t, strings.HasPrefix(name, "on") || strings.HasSuffix(name, "href") || name == "id", name)
		}
	}
	require.NotContains(t, doc, "NaN")
	require.NotContains(t, doc, "Inf")
	require.NotContains(t, doc, "url(")
	checkTextApart(t, els)
}

// checkTextApart requires that no two texts overlap.
func checkTextApart(t require.TestingT, els []element) {
	var texts []element
	var boxes []rect
	for _, e := range els {
		if e.name == "text" {
			texts, boxes = append(texts, e), append(boxes, textBox(t, e))
		}
	}
	for i, a := range boxes {
		for j, b := range boxes[:i] {
			overlap := a.x0 < b.x1 && b.x0 < a.x1 && a.y0+1 < b.y1-1 && b.y0+1 < a.y1-1
			require.False(t, overlap, "%q %v overlaps %q %v", texts[i].text, a, texts[j].text, b)
		}
	}
}

func TestSVGIsSoundForAnyPlot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPlot().Draw(t, "plot")
		doc, els := drawSVG(t, p)
		checkSVG(t, doc, els)
		again, _ := drawSVG(t, p)
		assert.Equal(t, doc, again)
	})
}

func TestSVGWithoutCurvesHasRoomForItsLastTick(t *testing.T) {
	doc, els := drawSVG(t, &Plot{End: 1500})
	checkSVG(t, doc, els)
	assert.Contains(t, doc, ">1500</text>")
	assert.Contains(t, doc, ">no data</text>")
}

func TestSVGOfSevenVariants(t *testing.T) {
	doc, els := drawSVG(t, sevenVariants())
	checkSVG(t, doc, els)
	var texts []string
	dashes := map[string]int{}
	for i, e := range els {
		switch {
		case e.name == "text":
			texts = append(texts, e.text)
		case e.name == "g" && els[i+1].name == "path":
			dashes[e.attrs["stroke-dasharray"]]++
		}
	}
	assert.Len(t, dashes, 4, "one dash pattern a curve: %v", dashes)
	all := strings.Join(texts, " ")
	assert.Contains(t, all, "classic = rfc-as-posted = rfc = pinned", "one label for what coincides")
	assert.Contains(t, all, "4K pages in use")
	assert.Contains(t, all, "time (s)")
	assert.Contains(t, all, "Pages that wait for a grace period are counted.")
	assert.Contains(t, els[2].text, "a, classic = rfc-as-posted = rfc = pinned: peak ")
}

func TestSVGKeepsThePeak(t *testing.T) {
	spike := []Point{{0, 10}}
	for i := int64(1); i < 2000; i++ {
		spike = append(spike, Point{i * 1e6, 10 + float64(i%2)})
	}
	spike[1234].V = 100
	_, els := drawSVG(t, &Plot{End: 2e9, Series: []Series{{Name: "s", Points: spike}}})
	top := math.Inf(1)
	corners := 0
	for _, e := range els {
		if e.name == "path" {
			pts := pathPoints(t, e.attrs["d"])
			corners = max(corners, len(pts))
			for _, p := range pts {
				top = min(top, p[1])
			}
		}
	}
	assert.Equal(t, 16.0, top, "the spike touches the top of the plot")
	assert.Less(t, corners, 3*2*svgWidth, "thinned out")
}

func TestSVGEscapesText(t *testing.T) {
	bad := `<script>alert("1")</script> & ]]> ` + "\x00\x1b\xff"
	doc, els := drawSVG(t, &Plot{Title: bad, XLabel: bad, YLabel: bad, Caption: bad,
		Series: []Series{{Name: bad, Points: []Point{{0, 1}}}, {Name: bad + "2"}}})
	checkSVG(t, doc, els)
	assert.NotContains(t, doc, "<script")
	assert.Equal(t, clean(bad), els[1].text, "and means the same after parsing")
}

func TestSVGGrowsForItsLabels(t *testing.T) {
	p := &Plot{End: 10}
	for i := range 40 {
		p.Series = append(p.Series, Series{Name: fmt.Sprintf("series %d", i), Points: []Point{{0, float64(i)}, {9, 0}}})
	}
	doc, els := drawSVG(t, p)
	checkSVG(t, doc, els)
	for i := range 40 {
		assert.Contains(t, doc, fmt.Sprintf(">series %d</text>", i))
	}
}

// TestSVGHasADarkMode wants a picture of its own to turn dark, and one inside a page to leave that to the page.
func TestSVGHasADarkMode(t *testing.T) {
	text, elements := drawSVG(t, &Plot{End: 10, Series: []Series{{Name: "a", Points: []Point{{0, 1}}}}})
	assert.Contains(t, text, "@media (prefers-color-scheme: dark) { svg:root {")
	styles := 0
	for _, e := range elements {
		if e.name == "style" {
			styles++
			assert.NotContains(t, strings.ReplaceAll(e.text, "svg:root", ""), "svg")
		}
	}
	assert.Equal(t, 1, styles)
}
