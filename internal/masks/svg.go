package masks

import (
	"fmt"
	"html"
	"strings"
)

// strokes tell operations apart by hue and dash, dark enough to print. Freeing through RCU and what comes out of it
// share a hue.
var strokes = [...]struct{ colour, dash, arrow string }{
	Fresh:   {"#14532d", "", "alloc"},
	Alloc:   {"#14532d", "", "alloc"},
	Free:    {"#111111", "", "free"},
	FreeRCU: {"#0b4f9e", "", "gather"},
	Remove:  {"#0b4f9e", "7 4", "gather"},
	Defer:   {"#a03a00", "", "defer"},
	Now:     {"#a03a00", "7 4", "defer"},
}

const (
	titleSize = 16.0
	noteSize  = 12.0
	labelSize = 12.5
	glyph     = 0.61 // width of a character of a monospaced font, in font sizes
)

// svg writes the state graph as one self-contained drawing.
func (t *Table) svg() []byte {
	d := t.layout()
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" height="%s" role="img" `+
		`font-family="DejaVu Sans Mono, Menlo, Consolas, monospace">`+"\n", num(d.width), num(d.height), num(d.width), num(d.height))
	fmt.Fprintf(&b, "<title>%s: the life of a page</title>\n", html.EscapeString(t.Name))
	b.WriteString("<defs>\n")
	drawn := map[string]bool{}
	for _, s := range strokes {
		if !drawn[s.arrow] {
			fmt.Fprintf(&b, `<marker id="%s" viewBox="0 0 10 8" refX="9" refY="4" markerWidth="8" markerHeight="7" orient="auto">`+
				`<path d="M0 0 10 4 0 8z" fill="%s"/></marker>`+"\n", s.arrow, s.colour)
			drawn[s.arrow] = true
		}
	}
	b.WriteString("</defs>\n")
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="#fff"/>`+"\n")
	fmt.Fprintf(&b, `<text x="24" y="36" font-size="22" font-weight="bold">%s</text>`+"\n", html.EscapeString(t.Name))
	fmt.Fprintf(&b, `<text x="24" y="58" font-size="13">%s</text>`+"\n", html.EscapeString(t.Info.Kernel))

	for i, e := range d.edges {
		s := strokes[e.ops[0]]
		c := d.curves[i]
		fmt.Fprintf(&b, `<path d="M%s %s Q%s %s %s %s" fill="none" stroke="%s" stroke-width="1.4"%s marker-end="url(#%s)"/>`+"\n",
			num(c.a.x), num(c.a.y), num(c.b.x), num(c.b.y), num(c.c.x), num(c.c.y), s.colour, dashed(s.dash), s.arrow)
	}
	for i, e := range d.edges {
		d.svgLabel(&b, e, d.labels[i])
	}
	for i, n := range d.nodes {
		n.svg(&b, d.boxes[i])
	}
	t.svgKey(&b, d)
	b.WriteString("</svg>\n")
	return []byte(b.String())
}

func (d *drawing) svgLabel(b *strings.Builder, e edge, at box) {
	fmt.Fprintf(b, `<rect x="%s" y="%s" width="%s" height="%s" fill="#fff"/>`+"\n", num(at.left()), num(at.top()), num(2*at.w), num(2*at.h))
	for i, l := range e.labels {
		y := at.top() + labelLine*(float64(i)+0.78)
		fmt.Fprintf(b, `<text x="%s" y="%s" font-size="%s" text-anchor="middle" fill="%s">%s</text>`+"\n",
			num(at.x), num(y), num(labelSize), strokes[e.ops[i]].colour, html.EscapeString(l))
	}
}

// svg draws a node: a double frame on the list, round corners off it, thick with PageActive, dashed when lost.
func (n node) svg(b *strings.Builder, at box) {
	b.WriteString("<g>")
	if n.kind == nodeState {
		round, width, dash := 12.0, 1.5, ""
		switch {
		case n.listed:
			round = 0
		case n.lost:
			dash = "4 3"
		case n.place.Active:
			width = 3
		}
		frame(b, at, round, width, dash)
		if n.listed {
			frame(b, box{at.x, at.y, at.w - 3.5, at.h - 3.5}, 0, 1, "")
		}
	} else {
		fmt.Fprintf(b, `<rect x="%s" y="%s" width="%s" height="%s" fill="#fff"/>`, num(at.left()), num(at.top()), num(2*at.w), num(2*at.h))
		y := at.top()
		if n.kind == nodeBirth {
			y += 2 * at.h
		}
		fmt.Fprintf(b, `<path d="M%s %sh%s" stroke="#111" stroke-width="2.5"/>`, num(at.left()), num(y), num(2*at.w))
	}
	if n.title == "" { // in the key
		b.WriteString("</g>\n")
		return
	}
	y := at.y + titleSize*0.35
	if n.note != "" {
		y = at.y - 3
		fmt.Fprintf(b, `<text x="%s" y="%s" font-size="%s" text-anchor="middle">%s</text>`, num(at.x), num(at.y+15), num(noteSize), html.EscapeString(n.note))
	}
	fmt.Fprintf(b, `<text x="%s" y="%s" font-size="%s" text-anchor="middle" font-weight="bold">%s</text></g>`+"\n",
		num(at.x), num(y), num(titleSize), html.EscapeString(n.title))
}

func frame(b *strings.Builder, at box, round, width float64, dash string) {
	fmt.Fprintf(b, `<rect x="%s" y="%s" width="%s" height="%s" rx="%s" fill="#fff" stroke="#111" stroke-width="%s"%s/>`,
		num(at.left()), num(at.top()), num(2*at.w), num(2*at.h), num(round), num(width), dashed(dash))
}

func dashed(dash string) string {
	if dash == "" {
		return ""
	}
	return fmt.Sprintf(` stroke-dasharray="%s"`, dash)
}

// num writes a coordinate with as few digits as show.
func num(v float64) string {
	s := strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
	if s == "-0" {
		return "0"
	}
	return s
}

// svgKey explains lines and frames below the drawing, those that occur.
func (t *Table) svgKey(b *strings.Builder, d *drawing) {
	used := map[Op]bool{}
	var listed, off, active, lost bool
	for _, e := range d.edges {
		for _, op := range e.ops {
			used[op] = true
		}
	}
	for _, n := range d.nodes {
		listed, active, lost = listed || n.listed, active || n.place.Active, lost || n.lost
		off = off || n.kind == nodeState && !n.listed && t.Fragments
	}
	k := key{b: b, x: keyLeft, y: d.height - 46}
	used[Alloc] = used[Alloc] || used[Fresh]
	for _, o := range []struct {
		op   Op
		text string
	}{
		{Alloc, "alloc"}, {Free, "free, at once"}, {FreeRCU, "free_rcu, into a batch"}, {Remove, "remove, out of the batch"},
		{Defer, "defer, pte_free_defer"}, {Now, "its callback"},
	} {
		if used[o.op] {
			k.line(o.op, o.text)
		}
	}
	k.x, k.y = keyLeft, d.height-20
	for _, f := range []struct {
		have bool
		n    node
		text string
	}{
		{listed, node{listed: true}, "on the list"}, {off, node{}, "off the list"},
		{active, node{place: Place{Active: true}}, "PageActive"}, {lost, node{lost: true}, "lost: no way to the release"},
	} {
		if f.have {
			f.n.svg(b, box{k.x + 15, k.y - 4, 15, 9})
			k.text(f.text, 38)
		}
	}
}

const keyLeft = 24.0

// key is a legend being written: where its next entry goes.
type key struct {
	b    *strings.Builder
	x, y float64
}

func (k *key) line(op Op, text string) {
	s := strokes[op]
	fmt.Fprintf(k.b, `<path d="M%s %sh34" stroke="%s" stroke-width="1.6"%s marker-end="url(#%s)"/>`+"\n",
		num(k.x), num(k.y-4), s.colour, dashed(s.dash), s.arrow)
	k.text(text, 42)
}

func (k *key) text(text string, indent float64) {
	fmt.Fprintf(k.b, `<text x="%s" y="%s" font-size="%s">%s</text>`+"\n", num(k.x+indent), num(k.y), num(noteSize), html.EscapeString(text))
	k.x += indent + float64(len(text))*noteSize*glyph + 26
}
