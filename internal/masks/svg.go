package masks

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"sync"

	"ptsim/internal/picture"
)

// looks tell operations apart by hue, dash and the shape of both ends. Freeing through RCU and what comes out of it share
// a hue and differ by the dash.
var looks = [...]struct{ class, dash, head, tail string }{
	Fresh:   {class: "alloc", head: "open"},
	Alloc:   {class: "alloc", head: "open"},
	Free:    {class: "free", head: "full"},
	FreeRCU: {class: "gather", head: "full", tail: "square"},
	Remove:  {class: "gather", dash: "8 4", head: "full"},
	Defer:   {class: "defer", head: "full", tail: "ring"},
	Now:     {class: "defer", dash: "2 4", head: "full"},
}

var notID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^a-z0-9]+`) })

// sketch is an SVG being written.
type sketch struct {
	strings.Builder
	prefix string
}

// begin opens a picture of a sheet's size, with a title and a description that say it in words.
func (s *sketch) begin(prefix, title, desc string) {
	s.prefix = notID().ReplaceAllString(prefix, "-")
	fmt.Fprintf(s, `<svg class="%[4]s" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]s %[2]s" width="%[1]s" height="%[2]s" role="img" aria-labelledby="%[3]s-title %[3]s-desc">`+"\n",
		picture.Num(sheetWidth), picture.Num(sheetHeight), s.prefix, picture.Class)
	fmt.Fprintf(s, "<title id=\"%s-title\">%s</title>\n<desc id=\"%[1]s-desc\">%[3]s</desc>\n", s.prefix, html.EscapeString(title), html.EscapeString(desc))
	picture.Defs(s, s.prefix)
	for _, l := range [...]struct{ class, head string }{{"alloc", "open"}, {"free", "full"}, {"gather", "full"}, {"defer", "full"}} {
		fill := "f-" + l.class
		if l.head == "open" {
			fill = "f-ground"
		}
		fmt.Fprintf(s, `<marker id="%s-%s" viewBox="-1 -1 13 12" refX="10.5" refY="5" markerWidth="13" markerHeight="12" markerUnits="userSpaceOnUse" orient="auto">`+
			`<path class="%s s-%[2]s" d="M0 0 10.5 5 0 10z" stroke-width="1.4" stroke-linejoin="round"/></marker>`+"\n", s.prefix, l.class, fill)
	}
	for _, l := range [...]struct{ class, shape string }{{"gather", "M1 1H7V7H1z"}, {"defer", "M4 1A3 3 0 1 1 3.99 1z"}} {
		fmt.Fprintf(s, `<marker id="%s-%s-tail" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse">`+
			`<path class="f-ground s-%[2]s" d="%[3]s" stroke-width="1.5"/></marker>`+"\n", s.prefix, l.class, l.shape)
	}
	fmt.Fprintf(s, `<rect class="f-ground" width="%s" height="%s"/>`+"\n", picture.Num(sheetWidth), picture.Num(sheetHeight))
}

func (s *sketch) heading(title, note string) {
	picture.Text(s, 24, 40, 25, "ink", "", ` font-weight="700"`, title)
	s.WriteByte('\n')
	fmt.Fprintf(s, `<text class="h f-muted" x="24" y="64" font-size="14.5">%s</text>`+"\n", html.EscapeString(note))
}

func (s *sketch) rect(b picture.Box, attrs string) {
	fmt.Fprintf(s, `<rect x="%s" y="%s" width="%s" height="%s" %s/>`, picture.Num(b.X), picture.Num(b.Y), picture.Num(b.W), picture.Num(b.H), attrs)
}

func (s *sketch) line(op Op, path string) {
	l := looks[op]
	width := "1.7"
	dash, tail := "", ""
	if l.dash != "" {
		dash = fmt.Sprintf(` stroke-dasharray="%s"`, l.dash)
	}
	if l.dash == "2 4" {
		width = "2.4"
	}
	if l.tail != "" {
		tail = fmt.Sprintf(` marker-start="url(#%s-%s-tail)"`, s.prefix, l.class)
	}
	fmt.Fprintf(s, `<path class="l s-%s" d="%s" stroke-width="%s"%s%s marker-end="url(#%s-%s)"/>`, l.class, path, width, dash, tail, s.prefix, l.class)
}

// svg draws the states of a page and the moves between them on one self-contained sheet.
func (t *Table) svg() []byte {
	d := t.draw()
	s := &sketch{}
	s.begin("states-"+t.Name, t.Name+": the states of a page", strings.Join(append(t.sentences(d.graph), d.mirrored(t)...), " "))
	s.heading(t.Name+": the states of a page", t.subtitle())
	for _, tray := range d.trays {
		s.rect(tray, `class="l s-muted" rx="10" stroke-width="2.4"`)
		l := trayLabel(tray)
		picture.Text(s, l.X+2, l.Y+12, noteSize, "ink", "", ` font-weight="700"`, trayText)
		s.WriteByte('\n')
	}
	for i, n := range d.nodes {
		s.node(t, n, d.boxes[i])
	}
	for i, e := range d.edges {
		s.WriteString("<g>")
		fmt.Fprintf(s, "<title>%s</title>", html.EscapeString(t.sentence(d.graph, e)))
		s.line(e.op, picture.Path(d.routes[i].Points, 8))
		s.WriteString("</g>\n")
	}
	for i, e := range d.edges {
		s.label(e, d.routes[i].Label)
	}
	s.axis(d, t.Fragments)
	s.legend(d, t)
	s.WriteString("</svg>\n")
	return []byte(s.String())
}

// subtitle says where a version was published, and what is wrong with it or else what it is.
func (t *Table) subtitle() string {
	if t.Info.Flawed != "" {
		return t.Info.Kernel + " · flawed: " + t.Info.Flawed
	}
	return t.Info.Kernel + " · " + t.Info.About
}

// label writes an edge's label into the gap that it makes in the edge.
func (s *sketch) label(e edge, b picture.Box) {
	s.rect(b, `class="f-ground"`)
	class := looks[e.op].class
	x := b.X + 2
	picture.Text(s, x, b.Y+14, labelSize, class, "", "", e.text())
	if e.softirq {
		s.lock(b.Right()-18, b.Y, class)
	}
	s.WriteByte('\n')
}

// lock draws a padlock, taller than the letters beside it: where it stands is what the picture of the RFC is about.
func (s *sketch) lock(x, y float64, class string) {
	fmt.Fprintf(s, `<path class="f-%[3]s" d="M%[1]s %[2]sh16v10h-16z"/><path class="l s-%[3]s" d="M%[4]s %[2]sv-2a5 5 0 0 1 10 0v2" stroke-width="2.4"/>`,
		picture.Num(x), picture.Num(y+8), class, picture.Num(x+3))
}

// node draws a page as its two halves, with its mask below; alloc_page and the release are no pages.
func (s *sketch) node(t *Table, n node, b picture.Box) {
	m := b.Middle()
	s.WriteString("<g>")
	switch n.kind {
	case nodeBirth, nodeReleased:
		word := map[nodeKind]string{nodeBirth: "alloc_page", nodeReleased: "released"}[n.kind]
		s.rect(b, `class="f-ground s-ink" rx="24" stroke-width="1.5"`)
		picture.Text(s, m.X, m.Y+4.5, 13.5, "ink", "middle", ` font-weight="700"`, word)
		s.WriteString("</g>\n")
		return
	}
	s.rect(b, `class="f-ground"`)
	if n.tag != "" || n.lost {
		tag := picture.Box{X: b.X, Y: b.Y, W: b.W, H: tagHeight}
		colour, ink := "l s-ink", "ink"
		if n.lost {
			colour, ink = "f-alarm", "ground"
		}
		s.rect(tag, fmt.Sprintf(`class="%s" stroke-width="1.2"`, colour))
		picture.Text(s, m.X, tag.Y+16, 12.5, ink, "middle", ` font-weight="700"`, n.tagText())
		b.Y, b.H = b.Y+tagHeight, b.H-tagHeight
	}
	halves := n.halves(t.Fragments)
	h := 40 / float64(len(halves))
	for i, half := range halves {
		picture.Cell(s, s.prefix, picture.Box{X: b.X, Y: b.Y + h*float64(i), W: b.W, H: h}, half, 12.5)
	}
	if mask, hex := n.caption(); hex != "" {
		picture.Text(s, m.X, b.Y+53, 13.5, "ink", "middle", ` font-weight="700"`, mask)
		picture.Text(s, m.X, b.Y+67, 12, "muted", "middle", "", hex)
	} else {
		picture.Text(s, m.X, b.Y+60, 12, "muted", "middle", "", mask)
	}
	s.rect(b, `class="l s-ink" stroke-width="1.2"`)
	s.WriteString("</g>\n")
}

func (n node) tagText() string {
	switch {
	case n.lost && n.tag != "":
		return "LOST " + n.tag
	case n.lost:
		return "LOST"
	}
	return n.tag
}

// caption is what stands below a page: its mask, then in hex what masks it is drawn for.
func (n node) caption() (mask, hex string) {
	if n.masks == nil {
		return "no mask", ""
	}
	var all []string
	for _, m := range n.masks {
		all = append(all, fmt.Sprintf("%02x", uint8(m)))
	}
	return n.masks[0].String(), strings.Join(all, " or ")
}

// axis says what the columns mean.
func (s *sketch) axis(d *drawing, fragments bool) {
	words := [...]string{"2 halves in use", "1 half in use", "2 halves pending", "1 half pending", "gone"}
	if !fragments {
		words = [...]string{"", "in use", "", "pending", "gone"}
	}
	y := area.Bottom() + 22
	for i, c := range d.cols {
		if w := words[c]; w != "" {
			fmt.Fprintf(s, `<text class="h f-muted" x="%s" y="%s" font-size="14" text-anchor="middle">%s</text>`, picture.Num(d.colX[i]), picture.Num(y), w)
		}
	}
	fmt.Fprintf(s, "\n"+`<path class="l s-muted" d="M24 %[1]sH1256" stroke-width="1"/>`+"\n", picture.Num(y+10))
}

// legend explains the lines and the halves that occur.
func (s *sketch) legend(d *drawing, t *Table) {
	used := map[Op]bool{}
	softirq, pinned := false, false
	for _, e := range d.edges {
		used[e.op] = true
		softirq, pinned = softirq || e.softirq, pinned || e.pin != 0
	}
	used[Alloc] = used[Alloc] || used[Fresh]
	k := key{s, 24, 666}
	for _, o := range opNotes {
		if used[o.op] {
			k.entry(34, o.text, func(x, y float64) { s.line(o.op, fmt.Sprintf("M%s %sh30", picture.Num(x), picture.Num(y))) })
		}
	}
	k.x, k.y = 24, 688
	seen := map[picture.Half]bool{}
	for _, n := range d.nodes {
		if n.kind == nodeState {
			for _, h := range n.halves(t.Fragments) {
				seen[h] = true
			}
		}
	}
	for _, h := range halfNotes {
		if seen[h.half] {
			text := h.text
			if t.Fragments {
				text += h.bits
			}
			k.entry(28, text, func(x, y float64) {
				picture.Cell(s, s.prefix, picture.Box{X: x, Y: y - 7, W: 24, H: 14}, picture.Half{Class: h.half.Class}, 12)
			})
		}
	}
	if softirq {
		k.entry(20, "takes the list's lock in a softirq", func(x, y float64) { s.lock(x, y-9, "ink") })
	}
	if pinned {
		k.entry(0, "+mm −mm: mmgrab, mmdrop", nil)
	}
	foot := "ptsim masks --variant " + t.flags() + " --format svg"
	if d.folded && t.Fragments {
		foot = "A box is a page and its mirror image, upper half on top · from the running code, one operation at a time · " + foot
	} else {
		foot = "From the running code, one operation at a time · " + foot
	}
	fmt.Fprintf(s, `<text class="h f-muted" x="24" y="710" font-size="13">%s</text>`+"\n", html.EscapeString(foot))
}

var opNotes = []struct {
	op   Op
	text string
}{
	{Alloc, "fresh, alloc"}, {Free, "free: at once"}, {FreeRCU, "free_rcu: into a batch"}, {Remove, "remove: out of it, after a grace period"},
	{Defer, "defer: onto rcu_head"}, {Now, "now: its callback"},
}

var halfNotes = []struct {
	half       picture.Half
	text, bits string // and the bits that say so
}{
	{picture.HalfAllocated, "allocated", " (A)"}, {picture.HalfPending, "pending in a batch", " (P)"},
	{picture.HalfDeferred, "deferred, pending on rcu_head", " (P and H)"}, {picture.HalfFree, "free", ""},
}

// key is a legend being written: where its next entry goes.
type key struct {
	s    *sketch
	x, y float64
}

func (k *key) entry(wide float64, text string, sample func(x, y float64)) {
	if sample != nil {
		sample(k.x, k.y-4.5)
	}
	picture.Text(k.s, k.x+wide+6, k.y, noteSize, "ink", "", "", text)
	k.s.WriteByte('\n')
	k.x += wide + 6 + float64(len([]rune(text)))*noteSize*picture.Glyph + 18
}

func (t *Table) flags() string {
	if name, pin, ok := strings.Cut(t.Name, "/"); ok {
		return name + " --pin " + pin
	}
	return t.Name
}
