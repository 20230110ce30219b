package picture

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Colour is one that a picture uses, by light and by dark: as class f-Name it fills, as s-Name it strokes.
type Colour struct{ Name, Light, Dark string }

// Colours returns what all pictures are painted with. Lines and words stand on ground, and words of a filled cell on
// full; every pair is told apart at the ratios of WCAG's level AA, by light and by dark.
func Colours() []Colour {
	return []Colour{
		{"ground", "#ffffff", "#0d1117"},
		{"ink", "#1b1f24", "#e6edf3"},
		{"muted", "#57606a", "#9aa5b1"},
		{"full", "#2f3b4a", "#c9d5e3"},
		{"onfull", "#ffffff", "#0d1117"},
		{"alloc", "#116329", "#56d364"},
		{"free", "#1b1f24", "#e6edf3"},
		{"gather", "#0550ae", "#79c0ff"},
		{"defer", "#953800", "#ffa657"},
		{"alarm", "#b3123a", "#ff8fa3"},
	}
}

// Class is the class of a picture as a whole, so that a page that several stand in keeps its own styles.
const Class = "ptsim"

// Style returns the style sheet of the colours: light, dark where the reader prefers that, and light on paper. The values
// are written out, since not every program that shows SVG knows variables.
func Style(colours []Colour) string {
	var b strings.Builder
	rules := func(pick func(Colour) string) {
		for _, c := range colours {
			fmt.Fprintf(&b, ".%[1]s .f-%[2]s{fill:%[3]s}.%[1]s .s-%[2]s{stroke:%[3]s}", Class, c.Name, pick(c))
		}
	}
	light := func(c Colour) string { return c.Light }
	rules(light)
	b.WriteString("\n@media (prefers-color-scheme:dark){")
	rules(func(c Colour) string { return c.Dark })
	b.WriteString("}\n@media print{")
	rules(light)
	b.WriteString("}")
	return b.String()
}

// Contrast is the ratio that WCAG defines for two colours, from 1 to 21.
func Contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func luminance(c string) float64 {
	v, err := strconv.ParseUint(strings.TrimPrefix(c, "#"), 16, 24)
	if err != nil || len(c) != 7 {
		return math.NaN()
	}
	l := 0.0
	for i, weight := range [...]float64{0.0722, 0.7152, 0.2126} {
		s := float64(v>>(8*i)&0xff) / 255
		if s <= 0.04045 {
			s /= 12.92
		} else {
			s = math.Pow((s+0.055)/1.055, 2.4)
		}
		l += weight * s
	}
	return l
}
