package masks_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is drawn is read back here as a person would: by where things stand, what words say and how lines run. It shares
// nothing with the code that draws.

type elem struct {
	name  string
	attrs map[string]string
	text  string
	group int // which top-level <g> it is in, 0 for none
}

func (e elem) num(attr string) float64 {
	v, err := strconv.ParseFloat(e.attrs[attr], 64)
	if err != nil {
		return 0
	}
	return v
}

func (e elem) class(name string) bool { return slices.Contains(strings.Fields(e.attrs["class"]), name) }

type rect struct{ x, y, r, b float64 }

func (e elem) rect() rect {
	return rect{e.num("x"), e.num("y"), e.num("x") + e.num("width"), e.num("y") + e.num("height")}
}

func (a rect) meets(b rect) bool         { return a.x < b.r && b.x < a.r && a.y < b.b && b.y < a.b }
func (a rect) holds(b rect) bool         { return b.x >= a.x && b.r <= a.r && b.y >= a.y && b.b <= a.b }
func (a rect) grow(d float64) rect       { return rect{a.x - d, a.y - d, a.r + d, a.b + d} }
func (a rect) size() (w, h float64)      { return a.r - a.x, a.b - a.y }
func (a rect) has(x, y float64) bool     { return x >= a.x && x <= a.r && y >= a.y && y <= a.b }
func (a rect) touches(x, y float64) bool { return a.grow(0.1).has(x, y) && !a.grow(-0.1).has(x, y) }

// textRect is where a text stands, for a font of ordinary width.
func (e elem) textRect() rect {
	size := e.num("font-size")
	wide := 0.6
	if e.class("h") {
		wide = 0.55
	}
	w := float64(len([]rune(e.text))) * size * wide
	x := e.num("x")
	switch e.attrs["text-anchor"] {
	case "middle":
		x -= w / 2
	case "end":
		x -= w
	}
	return rect{x, e.num("y") - size*0.75, x + w, e.num("y") + size*0.2}
}

// parseSVG returns the elements that are drawn, and those of the head apart.
func parseSVG(t *testing.T, svg string) (drawn, head []elem) {
	t.Helper()
	dec := xml.NewDecoder(strings.NewReader(svg))
	var stack []elem
	depth, group, hidden := 0, 0, 0
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			return drawn, head
		}
		require.NoError(t, err)
		switch tok := tok.(type) {
		case xml.StartElement:
			e := elem{name: tok.Name.Local, attrs: map[string]string{}}
			for _, a := range tok.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			if e.name == "g" {
				if depth == 0 {
					group++
				}
				depth++
			}
			if depth > 0 {
				e.group = group
			}
			if e.name == "marker" || e.name == "pattern" {
				hidden++
			}
			stack = append(stack, e)
		case xml.CharData:
			if len(stack) > 0 {
				stack[len(stack)-1].text += string(tok)
			}
		case xml.EndElement:
			e := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			switch e.name {
			case "g":
				depth--
			case "rect", "path", "text", "circle":
				if hidden == 0 {
					drawn = append(drawn, e)
					continue
				}
				head = append(head, e)
			case "marker", "pattern":
				hidden--
				head = append(head, e)
			default:
				head = append(head, e)
			}
		}
	}
}

var number = regexp.MustCompile(`-?\d+(?:\.\d+)?`)

// corners returns the points of a line: of a rounded corner the one that was rounded.
func corners(d string) [][2]float64 {
	var pts [][2]float64
	for _, piece := range regexp.MustCompile(`[MLQ][^MLQ]*`).FindAllString(d, -1) {
		var v []float64
		for _, n := range number.FindAllString(piece, -1) {
			f, _ := strconv.ParseFloat(n, 64)
			v = append(v, f)
		}
		switch piece[0] {
		case 'M':
			pts = append(pts, [2]float64{v[0], v[1]})
		case 'Q':
			pts[len(pts)-1] = [2]float64{v[0], v[1]} // instead of where the corner begins
		case 'L':
			pts = append(pts, [2]float64{v[0], v[1]})
		}
	}
	return pts
}

// drawnNode and drawnEdge are what a picture turns out to show.
type drawnNode struct {
	name   string // hex of its masks and its tag, or the word on it
	box    rect
	mask   string
	halves []string
	lost   bool
}

type drawnEdge struct {
	from, to, op string
	lock         bool
	class        string
	label        rect
	pts          [][2]float64
}

func (e drawnEdge) String() string {
	s := fmt.Sprintf("%s -- %s -> %s", e.from, e.op, e.to)
	if e.lock {
		s += " locked"
	}
	return s
}

type seenPicture struct {
	nodes []drawnNode
	edges []drawnEdge
	trays []rect
	texts []elem
}

var padlock = regexp.MustCompile(`^M\S+ [\d.]+(?:h16v10h-16z)`)

var maskText = regexp.MustCompile(`^[P-]{2}\|[H-]{2}\|[A-]{2}$`)

// see reads a picture of states.
func see(t *testing.T, svg string) *seenPicture {
	drawn, _ := parseSVG(t, svg)
	p := &seenPicture{}
	groups := map[int][]elem{}
	for _, e := range drawn {
		if e.name == "text" {
			p.texts = append(p.texts, e)
		}
		if e.group > 0 {
			groups[e.group] = append(groups[e.group], e)
		} else if e.name == "rect" && e.num("rx") > 0 {
			p.trays = append(p.trays, e.rect())
		}
	}
	for i := range len(groups) {
		g := groups[i+1]
		if box := slices.IndexFunc(g, func(e elem) bool { return e.name == "rect" && e.num("width") > 80 }); box >= 0 {
			p.nodes = append(p.nodes, seeNode(g))
		}
	}
	for _, e := range drawn {
		if e.name == "path" && e.attrs["marker-end"] != "" && e.group > 0 {
			p.edges = append(p.edges, p.seeEdge(drawn, e))
		}
	}
	return p
}

func seeNode(g []elem) drawnNode {
	n := drawnNode{box: rect{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}}
	var hex, tag string
	for _, e := range g {
		switch {
		case e.name == "rect":
			r := e.rect()
			n.box = rect{min(n.box.x, r.x), min(n.box.y, r.y), max(n.box.r, r.r), max(n.box.b, r.b)}
		case e.name != "text":
		case maskText.MatchString(e.text):
			n.mask = e.text
		case slices.Contains([]string{"free", "allocated", "pending", "deferred"}, e.text):
			n.halves = append(n.halves, e.text)
		case regexp.MustCompile(`^[0-9a-f]{2}( or [0-9a-f]{2})?$`).MatchString(e.text):
			hex = e.text
		case e.text == "no mask":
			hex = n.halves[0]
		case strings.HasPrefix(e.text, "LOST"):
			n.lost = true
			tag = strings.TrimSpace(strings.TrimPrefix(e.text, "LOST"))
		default:
			tag = e.text
		}
	}
	n.name = strings.TrimSpace(hex + " " + tag)
	return n
}

// seeEdge finds out what a line joins, and which label is on it.
func (p *seenPicture) seeEdge(drawn []elem, line elem) drawnEdge {
	e := drawnEdge{pts: corners(line.attrs["d"])}
	for _, c := range strings.Fields(line.attrs["class"]) {
		if strings.HasPrefix(c, "s-") {
			e.class = c[2:]
		}
	}
	first, last := e.pts[0], e.pts[len(e.pts)-1]
	for _, n := range p.nodes {
		if n.box.touches(first[0], first[1]) {
			e.from += n.name
		}
		if n.box.touches(last[0], last[1]) {
			e.to += n.name
		}
	}
	for _, l := range drawn {
		if l.name != "rect" || l.group > 0 || !l.class("f-ground") || l.num("width") > 200 || !e.through(l.rect()) {
			continue
		}
		e.label = l.rect()
		for _, x := range drawn {
			if x.name == "text" && x.group == 0 && e.label.has(x.num("x"), x.num("y")) {
				e.op += x.text
			}
		}
	}
	for _, x := range drawn {
		if m := padlock.FindStringSubmatch(x.attrs["d"]); m != nil {
			e.lock = e.lock || e.label.has(corners(m[0])[0][0], corners(m[0])[0][1])
		}
	}
	return e
}

// through tells whether the line runs through the middle of a box.
func (e drawnEdge) through(r rect) bool {
	mx, my := (r.x+r.r)/2, (r.y+r.b)/2
	for _, piece := range e.pieces() {
		if piece.grow(0.1).has(mx, my) {
			return true
		}
	}
	return false
}

// pieces returns the straight pieces of the line.
func (e drawnEdge) pieces() []rect {
	var all []rect
	for i := 1; i < len(e.pts); i++ {
		a, b := e.pts[i-1], e.pts[i]
		all = append(all, rect{min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])})
	}
	return all
}
