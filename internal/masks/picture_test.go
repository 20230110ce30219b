package masks_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/masks"
	"ptsim/pgalloc"
)

// drawings are kept, since routing takes a while.
var drawings sync.Map

type drawing struct {
	table *masks.Table
	svg   string
}

// drawn returns the table of a version, which nobody may change, and its picture.
func drawn(t *testing.T, v pgalloc.Variant, pin pgalloc.Pin) (*masks.Table, string) {
	t.Helper()
	key := string(v) + "/" + string(pin)
	if d, ok := drawings.Load(key); ok {
		return d.(drawing).table, d.(drawing).svg
	}
	d := drawing{table: build(t, v, pin)}
	d.svg = text(t, d.table, "svg")
	drawings.Store(key, d)
	return d.table, d.svg
}

// nodeName is what a place should be called on a picture: the masks of the page and of its mirror image, worked out on
// binary digits, and what else there is to know.
func nodeName(t *masks.Table, p masks.Place) string {
	switch {
	case p.Released:
		return "released"
	case !t.Fragments && p.Callback != "":
		return "deferred on rcu_head"
	case !t.Fragments && p.Batch != 0:
		return "pending"
	case !t.Fragments:
		return "allocated"
	}
	digits := fmt.Sprintf("%06b", uint8(p.Mask))
	mirrored := ""
	for i := 0; i < 6; i += 2 {
		mirrored += digits[i+1:i+2] + digits[i:i+1]
	}
	var both []string
	for _, d := range []string{digits, mirrored} {
		v, _ := strconv.ParseUint(d, 2, 8)
		if h := fmt.Sprintf("%02x", v); !slices.Contains(both, h) {
			both = append(both, h)
		}
	}
	slices.Sort(both)
	name := strings.Join(both, " or ")
	switch {
	case p.Active:
		name += " PageActive"
	case p.Mask == 0:
		name += " on rcu_head"
	case strings.Contains(digits[2:4], "1") && p.Callback == "":
		name += " not queued"
	}
	return name
}

// shouldShow is the graph of a table as names: its nodes, those that are lost, those that are listed, and its edges.
func shouldShow(t *masks.Table) (nodes, lost, listed, edges map[string]bool) {
	nodes, lost, listed, edges = map[string]bool{"alloc_page": true}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i, p := range t.Life.Places {
		name := nodeName(t, p)
		nodes[name] = true
		lost[name] = lost[name] || slices.Contains(t.Life.Lost, i)
		for _, s := range t.States {
			if !p.Released && s.Mask == p.Mask && s.Active == p.Active && s.Listed {
				listed[name] = true
			}
		}
	}
	op := func(r masks.Row) string {
		s := r.Op.String()
		if r.Pin > 0 {
			s += " +mm"
		} else if r.Pin < 0 {
			s += " −mm"
		}
		return s
	}
	e := drawnEdge{from: "alloc_page", to: nodeName(t, t.Life.Places[0]), op: op(t.Birth)}
	edges[e.String()] = true
	for _, m := range t.Life.Moves {
		r := t.Rows[m.Row]
		softirq := r.Op == masks.Remove || r.Op == masks.Now
		e := drawnEdge{nodeName(t, t.Life.Places[m.From]), nodeName(t, t.Life.Places[m.To]), op(r), softirq && r.Locked, "", rect{}, nil}
		edges[e.String()] = true
	}
	return nodes, lost, listed, edges
}

// differences lists all in which a picture and its table differ.
func differences(table *masks.Table, p *seenPicture) (wrong []string) {
	say := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	nodes, lost, listed, edges := shouldShow(table)
	for _, n := range p.nodes {
		say(nodes[n.name], "%q is drawn, and is no state", n.name)
		delete(nodes, n.name)
		say(n.lost == lost[n.name], "%s: lost is drawn as %v", n.name, n.lost)
		in := false
		for _, tray := range p.trays {
			in = in || tray.holds(n.box)
			say(tray.holds(n.box) || !tray.meets(n.box), "%s is half in a tray", n.name)
		}
		say(in == listed[n.name], "%s: on the list is drawn as %v", n.name, in)
		if n.mask == "" {
			continue
		}
		v, err := strconv.ParseUint(n.name[:2], 16, 8)
		say(err == nil && n.mask == spell(uint8(v)), "%s: mask %s", n.name, n.mask)
		say(slices.Equal(n.halves, halfWords(uint8(v))), "%s: halves %v", n.name, n.halves)
	}
	for n := range nodes {
		say(false, "%s is not drawn", n)
	}
	for _, e := range p.edges {
		say(edges[e.String()], "%s is drawn, and is no move", e)
		delete(edges, e.String())
	}
	for e := range edges {
		say(false, "%s is not drawn", e)
	}
	return wrong
}

func spell(mask uint8) string {
	s := ""
	for i, d := range fmt.Sprintf("%06b", mask) {
		if i == 2 || i == 4 {
			s += "|"
		}
		s += map[bool]string{true: string("PPHHAA"[i]), false: "-"}[d == '1']
	}
	return s
}

func halfWords(mask uint8) (words []string) {
	p := decode(mask, false)
	for _, half := range []string{"1", "0"} {
		switch {
		case p.head.has(half):
			words = append(words, "deferred")
		case p.pending.has(half):
			words = append(words, "pending")
		case p.alloc.has(half):
			words = append(words, "allocated")
		default:
			words = append(words, "free")
		}
	}
	return words
}

// TestPictureShowsTheTable: what is drawn is what the table says, nothing less and nothing more.
func TestPictureShowsTheTable(t *testing.T) {
	tables(func(v pgalloc.Variant, pin pgalloc.Pin) {
		table, svg := drawn(t, v, pin)
		assert.Empty(t, differences(table, see(t, svg)), table.Name)
	})
}

// TestPictureCanBeWrong spoils a picture in the ways that the comparison looks at.
func TestPictureCanBeWrong(t *testing.T) {
	table, svg := drawn(t, pgalloc.RFCAsPosted, "")
	once := func(pattern, by string) func(string) string {
		return func(s string) string {
			re := regexp.MustCompile(pattern)
			at := re.FindStringSubmatchIndex(s)
			require.NotNil(t, at, pattern)
			return s[:at[2]] + by + s[at[3]:]
		}
	}
	for name, spoil := range map[string]func(string) string{
		"edge left out":  once(`(<g><title>[^<]*</title><path class="l s-defer"[^>]*></g>)`, ""),
		"wrong label":    once(`<text class="f-gather"[^>]*>(free_rcu)</text>`, "remove"),
		"wrong mask":     once(`>(-P\|--\|A-)<`, "P-|--|A-"),
		"wrong hex":      once(`>(12 or 21)<`, "11 or 22"),
		"wrong half":     once(`>(pending)</text>`, "deferred"),
		"no tray":        once(`(<rect[^>]*class="l s-muted" rx="10"[^>]*>)`, ""),
		"not lost":       once(`>(LOST not queued)<`, "not queued"),
		"no lock":        once(`(<path class="f-gather" d="[^"]*h16v10h-16z"/>)`, ""),
		"node left out":  once(`(<g><rect(?:<[^/]|</[^g]|/>|[^<])*?>30</text><rect[^>]*></g>)`, ""),
		"ends elsewhere": once(`<path class="l s-alloc" d="M(\S+)`, "777"),
	} {
		assert.NotEmpty(t, differences(table, see(t, spoil(svg))), name)
	}
}

// TestPictureIsReadable: nothing hides anything, on any of the pictures.
func TestPictureIsReadable(t *testing.T) {
	tables(func(v pgalloc.Variant, pin pgalloc.Pin) {
		table, svg := drawn(t, v, pin)
		assert.Empty(t, unreadable(see(t, svg)), table.Name)
	})
}

func unreadable(p *seenPicture) (wrong []string) {
	say := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	sheet := rect{0, 0, 1280, 720}
	for i, n := range p.nodes {
		say(sheet.holds(n.box.grow(8)), "%s is off the sheet", n.name)
		for _, o := range p.nodes[:i] {
			say(!n.box.grow(10).meets(o.box), "%s is too near %s", n.name, o.name)
		}
	}
	for i, x := range p.texts {
		r := x.textRect()
		say(sheet.holds(r), "%q is off the sheet", x.text)
		for _, o := range p.texts[:i] {
			say(!r.meets(o.textRect()), "%q is on %q", x.text, o.text)
		}
		for _, n := range p.nodes {
			say(n.box.holds(r) || !n.box.meets(r), "%q sticks out of %s, or into it", x.text, n.name)
		}
	}
	for i, e := range p.edges {
		for _, n := range p.nodes {
			say(!e.label.meets(n.box), "label of %s on %s", e, n.name)
			for _, piece := range e.pieces() {
				say(!piece.grow(0.5).meets(n.box.grow(-1)), "%s runs through %s", e, n.name)
				own := n.name == e.from || n.name == e.to
				say(own || !piece.grow(8).meets(n.box), "%s runs too near %s", e, n.name)
			}
		}
		for _, tray := range p.trays {
			say(!tray.meets(e.label) || tray.holds(e.label), "label of %s on the border of the tray", e)
		}
		words := 0
		for _, x := range p.texts {
			r := x.textRect()
			if e.label.holds(r) {
				words++
				continue
			}
			say(!e.label.meets(r), "label of %s meets %q", e, x.text)
			for _, piece := range e.pieces() {
				say(!piece.grow(1).meets(r), "%s runs through %q", e, x.text)
			}
		}
		say(words == 1, "label of %s holds %d words", e, words)
		for j, o := range p.edges {
			if i == j {
				continue
			}
			say(!e.label.meets(o.label), "labels of %s and %s", e, o)
			for _, b := range o.pieces() {
				say(!e.label.grow(2).meets(b.grow(0.1)), "label of %s on %s", e, o)
				for _, a := range e.pieces() {
					w, h := a.size()
					bw, bh := b.size()
					say((w > h) != (bw > bh) || !a.grow(5).meets(b.grow(5)), "%s runs along %s", e, o)
				}
			}
			for _, c := range o.pts {
				for _, a := range e.pieces() {
					say(!a.grow(5).has(c[0], c[1]), "%s has a corner on %s", o, e)
				}
			}
		}
	}
	return wrong
}

// TestReadableCanFail moves things to where they should not be.
func TestReadableCanFail(t *testing.T) {
	_, svg := drawn(t, pgalloc.RFC, "")
	clean := see(t, svg)
	require.Empty(t, unreadable(clean))
	for name, spoil := range map[string]func(p *seenPicture){
		"labels":        func(p *seenPicture) { p.edges[3].label = p.edges[4].label },
		"label on node": func(p *seenPicture) { p.edges[3].label = p.nodes[3].box },
		"along":         func(p *seenPicture) { p.edges[3].pts = p.edges[4].pts },
		"through node": func(p *seenPicture) {
			b := p.nodes[4].box
			p.edges[0].pts = [][2]float64{{b.x - 20, b.y + 20}, {b.r + 20, b.y + 20}}
		},
		"off the sheet": func(p *seenPicture) { p.nodes[2].box = rect{1200, 10, 1300, 60} },
		"text on text":  func(p *seenPicture) { p.texts[0].attrs["y"] = p.texts[1].attrs["y"] },
		"tray":          func(p *seenPicture) { p.trays[0].r = p.edges[1].label.x + 5; p.trays[0].b = 720; p.trays[0].x = 0 },
	} {
		p := see(t, svg)
		spoil(p)
		assert.NotEmpty(t, unreadable(p), name)
	}
}

// TestFewCrossings keeps an eye on what makes a picture of a graph hard to follow.
func TestFewCrossings(t *testing.T) {
	tables(func(v pgalloc.Variant, pin pgalloc.Pin) {
		_, svg := drawn(t, v, pin)
		p := see(t, svg)
		crossings := 0
		for i, e := range p.edges {
			for _, o := range p.edges[:i] {
				for _, a := range e.pieces() {
					for _, b := range o.pieces() {
						if a.grow(0.1).meets(b.grow(0.1)) {
							crossings++
						}
					}
				}
			}
		}
		t.Logf("%s %s: %d lines, %d crossings", v, pin, len(p.edges), crossings)
		assert.LessOrEqual(t, crossings, 10, "%s %s", v, pin)
	})
}
