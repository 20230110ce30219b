package draw

import (
	"fmt"
	"html"
	"strings"
	"unicode"

	"ptsim/internal/picture"
)

// pen writes SVG. Where nothing is written to, it only measures.
type pen struct {
	strings.Builder
	prefix string
	texts  []placed          // for tests: what was written, and the room it had
	shared map[string]string // what was drawn already, by what it is; nil if nothing is referred to
	dx, dy float64
	scale  float64
}

// within returns a pen for a part that is moved, and larger by a factor.
func (p *pen) within(x, y, scale float64) *pen {
	return &pen{prefix: p.prefix, shared: p.shared, dx: p.dx + p.factor()*x, dy: p.dy + p.factor()*y, scale: p.factor() * scale}
}

func (p *pen) factor() float64 {
	if p.scale == 0 {
		return 1
	}
	return p.scale
}

// placed is a text and the room that it has, from its left or, if it is centred, around its middle.
type placed struct {
	kind    kind
	text    string
	x, y, w float64 // in the picture
	scale   float64
	middle  bool
}

func num(v float64) string { return picture.Num(v) }

// clean leaves out what XML cannot have.
func clean(s string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar || r == 0xfffe || r == 0xffff {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " ")))
}

// text writes a text at its baseline, shortened to its room.
func (p *pen) text(k kind, colour string, x, y, w float64, s string) {
	p.put(k, colour, x, y, w, s, false)
}

// middle writes a text around x.
func (p *pen) middle(k kind, colour string, x, y, w float64, s string) {
	p.put(k, colour, x, y, w, s, true)
}

func (p *pen) put(k kind, colour string, x, y, w float64, s string, middle bool) {
	if s = k.fit(s, w); s == "" {
		return
	}
	p.texts = append(p.texts, placed{k, s, p.dx + p.factor()*x, p.dy + p.factor()*y, p.factor() * w, p.factor(), middle})
	anchor := ""
	if middle {
		anchor = ` text-anchor="middle"`
	}
	fmt.Fprintf(p, `<text class="%s f-%s" x="%s" y="%s"%s>%s</text>`, k, colour, num(x), num(y), anchor, clean(s))
}

// lines writes a text in as many lines as it takes, at most that many if not 0, and returns where the next line would be.
func (p *pen) lines(k kind, colour string, x, y, w float64, s string, most int) float64 {
	for _, l := range k.wrap(s, w, most) {
		p.text(k, colour, x, y, w, l)
		y += k.line()
	}
	return y
}

// rect writes a rectangle with those classes and attributes.
func (p *pen) rect(class string, x, y, w, h float64, attrs string) {
	fmt.Fprintf(p, `<rect class="%s" x="%s" y="%s" width="%s" height="%s"%s/>`, class, num(x), num(y), num(w), num(h), attrs)
}

// box is the frame of a card: thick if it changed, dashed if what it is has gone.
func (p *pen) box(x, y, w, h float64, changed, gone bool) {
	attrs := ` rx="5" stroke-width="1.2"`
	switch {
	case gone && changed:
		attrs = ` rx="5" stroke-width="2.8" stroke-dasharray="6 4"`
	case gone:
		attrs = ` rx="5" stroke-width="1.2" stroke-dasharray="6 4"`
	case changed:
		attrs = ` rx="5" stroke-width="2.8"`
	}
	stroke := "s-muted"
	if changed {
		stroke = "s-ink"
	}
	p.rect("f-ground "+stroke, x, y, w, h, attrs)
}

// tag writes a word on a plate that ends at x, and returns where it begins.
func (p *pen) tag(colour string, x, y float64, word string) float64 {
	if word == "" {
		return x
	}
	w := tiny.width(word) + 12
	p.rect("f-"+colour, x-w, y-13, w, 18, ` rx="3"`)
	p.middle(tiny, "on"+colour, x-w/2, y, w-6, word)
	return x - w - 6
}

// card draws something at a place, larger by a factor. In a sheet whose pictures stand in one page, what looks the same as before is referred
// to.
func (p *pen) card(x, y, scale float64, draw func(p *pen)) {
	sub := p.within(x, y, scale)
	sub.shared = nil // what is in it is drawn with it
	draw(sub)
	p.texts = append(p.texts, sub.texts...)
	body, move := sub.String(), fmt.Sprintf("translate(%s %s)", num(x), num(y))
	if scale != 1 {
		move += fmt.Sprintf(" scale(%s)", num(scale))
	}
	switch id, drawn := p.shared[body]; {
	case p.shared == nil:
		fmt.Fprintf(p, `<g transform="%s">%s</g>`+"\n", move, body)
	case drawn && scale != 1:
		fmt.Fprintf(p, `<use href="#%s" transform="%s"/>`+"\n", id, move)
	case drawn:
		fmt.Fprintf(p, `<use href="#%s" x="%s" y="%s"/>`+"\n", id, num(x), num(y))
	default:
		id = fmt.Sprintf("%s%d", p.prefix, len(p.shared))
		p.shared[body] = id
		fmt.Fprintf(p, `<g transform="%s"><g id="%s">%s</g></g>`+"\n", move, id, body)
	}
}
