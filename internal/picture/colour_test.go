package picture

import (
	"bytes"
	"encoding/xml"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestContrast: figures of WCAG's own examples and tools.
func TestContrast(t *testing.T) {
	assert.InDelta(t, 21, Contrast("#000000", "#ffffff"), 0.001)
	assert.InDelta(t, 1, Contrast("#336699", "#336699"), 0.001)
	assert.InDelta(t, 4.54, Contrast("#767676", "#ffffff"), 0.01)
	assert.InDelta(t, 3.998, Contrast("#ff0000", "#ffffff"), 0.01)
	assert.InDelta(t, 8.59, Contrast("#0000ff", "#ffffff"), 0.01)
	assert.True(t, math.IsNaN(Contrast("red", "#ffffff")))
}

// TestColoursAA: words at 4.5, lines and patterns at 3, by light and by dark.
func TestColoursAA(t *testing.T) {
	by := map[string]Colour{}
	for _, c := range Colours() {
		by[c.Name] = c
	}
	for _, theme := range []func(Colour) string{func(c Colour) string { return c.Light }, func(c Colour) string { return c.Dark }} {
		for name, c := range by {
			switch name {
			case "ground":
			case "onfull":
				assert.GreaterOrEqual(t, Contrast(theme(c), theme(by["full"])), 4.5)
			default:
				assert.GreaterOrEqual(t, Contrast(theme(c), theme(by["ground"])), 4.5, name)
			}
		}
	}
}

func TestStyle(t *testing.T) {
	s := Style([]Colour{{"x", "#111111", "#eeeeee"}})
	assert.Equal(t, ".ptsim .f-x{fill:#111111}.ptsim .s-x{stroke:#111111}\n"+
		"@media (prefers-color-scheme:dark){.ptsim .f-x{fill:#eeeeee}.ptsim .s-x{stroke:#eeeeee}}\n"+
		"@media print{.ptsim .f-x{fill:#111111}.ptsim .s-x{stroke:#111111}}", s)
}

// TestCell: each state of a half has a pattern of its own, and its word.
func TestCell(t *testing.T) {
	seen := map[string]string{}
	for _, h := range []Half{HalfFree, HalfAllocated, HalfPending, HalfDeferred} {
		var b, bare bytes.Buffer
		Cell(&b, "p", Box{0, 0, 120, 20}, h, 12)
		assert.Contains(t, b.String(), ">"+h.Word+"</text>")
		Cell(&bare, "p", Box{0, 0, 120, 20}, Half{Class: h.Class}, 12)
		assert.Empty(t, seen[bare.String()], h.Word)
		seen[bare.String()] = h.Word
	}
}

// TestDefs: what the patterns are called is what cells refer to, and it is well-formed.
func TestDefs(t *testing.T) {
	var b bytes.Buffer
	Defs(&b, "p")
	dec := xml.NewDecoder(strings.NewReader("<svg>" + b.String() + "</svg>"))
	for {
		_, err := dec.Token()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
	}
	for _, h := range []Half{HalfPending, HalfDeferred} {
		var c bytes.Buffer
		Cell(&c, "p", Box{W: 9, H: 9}, h, 9)
		assert.Contains(t, c.String(), "url(#p-"+h.Class+")")
		assert.Contains(t, b.String(), `id="p-`+h.Class+`"`)
	}
}
