package picture

import (
	"fmt"
	"html"
	"io"
)

// Half is how half a page is drawn: by a pattern and by a word.
type Half struct{ Class, Word string }

// The ways to draw a half. Each has a pattern of its own, which says the same without colour.
var (
	HalfFree      = Half{"free", "free"}
	HalfAllocated = Half{"full", "allocated"}
	HalfPending   = Half{"hatch", "pending"}
	HalfDeferred  = Half{"dots", "deferred"}
)

// Glyph is how wide a character of a monospaced font is, in font sizes: a little more than any common one.
const Glyph = 0.61

// Defs writes what every picture needs: the style sheet and the patterns, whose ids begin with prefix so that several
// pictures can stand in one document.
func Defs(w io.Writer, prefix string) {
	fmt.Fprintf(w, "<style>%s\n.%[2]s{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace}\n"+
		".%[2]s .h{font-family:system-ui,\"Segoe UI\",Helvetica,Arial,sans-serif}.%[2]s .l{fill:none}</style>\n", Style(Colours()), Class)
	fmt.Fprintf(w, `<pattern id="%s-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">`+
		`<path class="l s-gather" d="M2 0V7" stroke-width="2.2"/></pattern>`+"\n", prefix)
	fmt.Fprintf(w, `<pattern id="%s-dots" width="8" height="8" patternUnits="userSpaceOnUse">`+
		`<circle class="l s-defer" cx="4" cy="4" r="2.1" stroke-width="1.3"/></pattern>`+"\n", prefix)
}

// Cell writes a half of a page, or with class plain or double any other box with a word in it; its word stands on a plate of its own wherever a pattern would run through it.
func Cell(w io.Writer, prefix string, b Box, h Half, size float64) {
	m := b.Middle()
	rect := func(b Box, attrs string) {
		fmt.Fprintf(w, `<rect x="%s" y="%s" width="%s" height="%s" %s/>`, Num(b.X), Num(b.Y), Num(b.W), Num(b.H), attrs)
	}
	ink := "ink"
	switch h.Class {
	case "full":
		rect(b.Grow(-2), `class="f-full"`)
		ink = "onfull"
	case "double":
		rect(b.Grow(-3), `class="l s-ink" stroke-width="1"`)
	case "hatch", "dots":
		rect(b, fmt.Sprintf(`fill="url(#%s-%s)"`, prefix, h.Class))
		if h.Word != "" {
			rect(Around(m.X, m.Y, float64(len(h.Word))*size*Glyph+6, b.H-5), `class="f-ground"`)
		}
	case "free":
		ink = "muted"
	}
	if h.Word != "" {
		Text(w, m.X, m.Y+size*0.34, size, ink, "middle", "", h.Word)
	}
	rect(b, `class="l s-ink" stroke-width="1.2"`)
}

// Text writes a word or a line.
func Text(w io.Writer, x, y, size float64, colour, anchor, attrs, text string) {
	if anchor != "" && anchor != "start" {
		attrs += fmt.Sprintf(` text-anchor="%s"`, anchor)
	}
	fmt.Fprintf(w, `<text class="f-%s" x="%s" y="%s" font-size="%s"%s>%s</text>`, colour, Num(x), Num(y), Num(size), attrs, html.EscapeString(text))
}
