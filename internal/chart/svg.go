package chart

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Sizes in units of the viewBox. Printed 16 cm wide, a unit is 0.2 mm and the text
// of labels 7.5 points high.
const (
	svgWidth    = 800
	svgPlotHigh = 300 // grows if the labels need more
	svgLabelMax = 180 // widest text of a line-end label
	svgNameMax  = 100 // longest name in a description, in font sizes
	svgLeader   = 20  // from the end of a line to its label
	svgMark     = 14  // for the letter of a curve before its names
	svgSample   = 30  // piece of the line that stands before its label
	labelSize   = 13.0
	statSize    = 11.0
	labelLine   = 15.0
	labelGap    = 5.0
)

// strokes tell curves apart without colour: dash patterns, and hues of which the
// neighbours differ in lightness too, all dark enough on white.
var strokes = [12]struct{ color, dash string }{
	{"#111111", ""},
	{"#0a6ebd", "9 4"},
	{"#d9731a", "2 2.5"},
	{"#14532d", "12 3 2 3"},
	{"#b565c9", "5 2.5"},
	{"#6b5200", "16 4"},
	{"#1a9a9a", "8 3 2 3 2 3"},
	{"#7a0f3c", "1.5 4"},
	{"#8a8a8a", ""},
	{"#3232a8", "4 2 1.5 2"},
	{"#a9744f", "20 3 6 3"},
	{"#3f6b00", "3 5"},
}

// drawing is an SVG document being written.
type drawing struct {
	bytes.Buffer
	f                        *figure
	left, right, top, bottom float64 // of the plot area
	x, y                     axis
	labels                   []label
}

// label is the text at the right end of a curve.
type label struct {
	lines  []string
	stats  string
	top    float64
	height float64
}

func (p *Plot) svg() ([]byte, error) {
	f, err := p.prepare()
	if err != nil {
		return nil, err
	}
	d := &drawing{f: f}
	title, ylabel := clean(p.Title), clean(p.YLabel)
	d.top = 16
	if title != "" {
		d.top += 24
	}
	if ylabel != "" {
		d.top += 18
	}
	wide := d.makeLabels()
	d.y = valueAxis(f.lo, f.hi, 6, f.integral)
	for _, t := range d.y.ticks {
		d.left = max(d.left, 12+textWidth(t.label, 12)+8)
	}
	d.right = svgWidth - 12 - svgLeader - svgSample
	if len(d.labels) > 0 { // if not, half a label of the time axis still needs the room
		d.right -= 6 + wide
	}
	var unit string
	d.x, unit = timeAxis(f.end, 6)
	d.placeLabels()

	caption := d.captionLines(p.Caption)
	high := d.bottom + 46 + 17*float64(len(caption)) + 8
	d.printf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %s" role="img" font-family="%s" fill="#111">`+"\n",
		svgWidth, num(high), "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif")
	d.printf("<title>%s</title>\n<desc>%s</desc>\n", escape(firstOf(title, ylabel, "chart")), escape(d.describe(ylabel)))
	// Where the reader prefers dark a picture of its own, not one inside a page, turns its greys round and keeps the hues: the colours of curves are told apart as before.
	d.printf("<style>@media (prefers-color-scheme: dark) { svg:root { filter: invert(0.9) hue-rotate(180deg) } }</style>\n")
	d.printf(`<rect width="%d" height="%s" fill="#fff"/>`+"\n", svgWidth, num(high))
	if title != "" {
		d.text(12, 26, 17, `font-weight="bold"`, clip(title, (svgWidth-24)/17/1.12, ems))
	}
	if ylabel != "" {
		d.text(12, d.top-12, 12.5, "", clip(ylabel, (svgWidth-24)/12.5, ems))
	}
	d.axes(axisTitle(p.XLabel, unit))
	d.curves()
	for i, l := range caption {
		d.text(12, d.bottom+58+17*float64(i), 12, "", l)
	}
	d.WriteString("</svg>\n")
	return d.Bytes(), nil
}

func (d *drawing) printf(format string, args ...any) { fmt.Fprintf(&d.Buffer, format, args...) }

// text writes one line of text with its base line at y.
func (d *drawing) text(x, y, size float64, attrs, s string) {
	if attrs != "" {
		attrs = " " + attrs
	}
	d.printf(`<text x="%s" y="%s" font-size="%s"%s>%s</text>`+"\n", num(x), num(y), num(size), attrs, escape(s))
}

// num writes a coordinate to a tenth of a unit.
func num(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

// escape does what encoding/xml's EscapeText does, but for line breaks: that package makes a large table at every start.
func escape(s string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
			return utf8.RuneError // XML cannot hold it
		}
		return r
	}, s))
}

func textWidth(s string, size float64) float64 { return ems(s) * size }

func firstOf(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}

// makeLabels sets the text of the labels, and returns the width of the widest.
func (d *drawing) makeLabels() (wide float64) {
	for _, c := range d.f.curves {
		words := chain(c.names, " =", svgLabelMax/labelSize, ems)
		l := label{
			lines: wrap(words, svgLabelMax/labelSize, len(words), ems),
			stats: "peak " + formatValue(c.peak) + ", mean " + formatMean(c.mean),
		}
		for _, s := range l.lines {
			wide = max(wide, textWidth(s, labelSize))
		}
		wide = max(wide, textWidth(l.stats, statSize))
		l.height = labelLine*float64(len(l.lines)+1) + labelGap
		d.labels = append(d.labels, l)
	}
	return wide + svgMark
}

// placeLabels sets the height of the plot and where in it each label stands: from the
// curve that ends highest to the one that ends lowest.
func (d *drawing) placeLabels() {
	high := 0.0
	for _, l := range d.labels {
		high += l.height
	}
	d.bottom = d.top + max(svgPlotHigh, high)
	order := d.f.byEnd()
	want, size := make([]float64, len(order)), make([]float64, len(order))
	for k, i := range order {
		want[k] = d.atY(d.f.curves[i].last()) - labelLine/2
		size[k] = d.labels[i].height
	}
	for k, top := range stack(want, size, d.top, d.bottom) {
		d.labels[order[k]].top = top
	}
}

func (d *drawing) atX(t float64) float64 { return d.left + d.x.place(t)*(d.right-d.left) }
func (d *drawing) atY(v float64) float64 { return d.bottom - d.y.place(v)*(d.bottom-d.top) }

func (d *drawing) captionLines(caption string) []string {
	lines := wrap(strings.Fields(clean(caption)), (svgWidth-24)/12, maxCaptionLines, ems)
	if len(d.f.empty) > 0 {
		words := append([]string{"No data:"}, chain(d.f.empty, ",", (svgWidth-24)/12, ems)...)
		lines = append(lines, wrap(words, (svgWidth-24)/12, maxCaptionLines, ems)...)
	}
	return lines
}

// axes draws the grid, the frame, tick labels and the title of the time axis.
func (d *drawing) axes(xtitle string) {
	d.WriteString(`<g stroke="#ddd" stroke-width="0.8">` + "\n")
	for _, t := range d.y.ticks {
		d.line(d.left, d.atY(t.at), d.right, d.atY(t.at))
	}
	for _, t := range d.x.ticks {
		d.line(d.atX(t.at), d.top, d.atX(t.at), d.bottom)
	}
	d.WriteString("</g>\n" + `<g stroke="#555" stroke-width="1">` + "\n")
	d.line(d.left, d.top, d.left, d.bottom)
	d.line(d.left, d.atY(0), d.right, d.atY(0))
	for _, t := range d.y.ticks {
		d.line(d.left-4, d.atY(t.at), d.left, d.atY(t.at))
	}
	for _, t := range d.x.ticks {
		d.line(d.atX(t.at), d.bottom, d.atX(t.at), d.bottom+4)
	}
	d.WriteString("</g>\n")
	for _, t := range d.y.ticks {
		d.text(d.left-8, d.atY(t.at)+4, 12, `text-anchor="end"`, t.label)
	}
	for _, t := range d.x.ticks {
		d.text(d.atX(t.at), d.bottom+18, 12, `text-anchor="middle"`, t.label)
	}
	middle := (d.left + d.right) / 2
	room := 2 * min(middle-12, svgWidth-12-middle)
	d.text(middle, d.bottom+36, 12.5, `text-anchor="middle"`, clip(xtitle, room/12.5, ems))
	if len(d.f.curves) == 0 {
		d.text(middle, (d.top+d.bottom)/2, labelSize, `text-anchor="middle"`, "no data")
	}
}

func (d *drawing) line(x1, y1, x2, y2 float64) {
	d.printf(`<line x1="%s" y1="%s" x2="%s" y2="%s"/>`+"\n", num(x1), num(y1), num(x2), num(y2))
}

// curves draws the step functions, first the widest, so that where two run on the
// same line both are seen, each with its label; last the letters.
func (d *drawing) curves() {
	for i := range d.f.curves {
		d.curve(i)
	}
	if len(d.f.curves) > 1 {
		d.letters()
	}
}

// letters puts the letter of each curve next to it where there is room.
func (d *drawing) letters() {
	cols := int(d.right - d.left)
	all := make([][]span, len(d.f.curves))
	for i, c := range d.f.curves {
		all[i] = spans(c.pts, d.f.end, cols)
		for j, s := range all[i] {
			all[i][j].lo, all[i][j].hi = d.bottom-d.atY(s.lo), d.bottom-d.atY(s.hi)
		}
	}
	var taken []box
	for i, c := range d.f.curves {
		b, ok := spot(all, i, letterShape{reach: 6, high: 11, pad: 4, need: 8}, d.bottom-d.top, taken)
		if !ok {
			continue
		}
		taken = append(taken, b)
		d.text(d.left+float64(b.from+b.to+1)/2, d.bottom-b.lo-2, labelSize, `text-anchor="middle" font-weight="bold"`, string(c.mark))
	}
}

// curve draws curve i, its end, the leader to its label, and the label.
func (d *drawing) curve(i int) {
	c, l, s := &d.f.curves[i], &d.labels[i], strokes[i%len(strokes)]
	dash := ""
	if s.dash != "" {
		dash = ` stroke-dasharray="` + s.dash + `"`
	}
	width := 1.4
	if n := len(d.f.curves); n > 1 {
		width += 1.2 * float64(n-1-i) / float64(n-1)
	}
	y, first := d.atY(c.last()), l.top+labelLine/2
	d.printf("<g>\n<title>%s</title>\n", escape(strings.Join(chain(c.names, "", svgNameMax, ems), " = ")+": "+l.stats))
	d.printf(`<path d="M %s %s H %s L %s %s" fill="none" stroke="#999" stroke-width="0.8"/>`+"\n",
		num(d.right), num(y), num(d.right+4), num(d.right+svgLeader-3), num(first))
	d.printf(`<g fill="none" stroke="%s" stroke-width="%s"%s>`+"\n", s.color, num(width), dash)
	d.printf(`<path d="%s"/>`+"\n", d.path(c.pts))
	d.printf(`<path d="M %s %s H %s"/>`+"\n</g>\n", num(d.right+svgLeader), num(first), num(d.right+svgLeader+svgSample))
	d.printf(`<circle cx="%s" cy="%s" r="2.2" fill="%s"/>`+"\n", num(d.right), num(y), s.color)
	x := d.right + svgLeader + svgSample + 6
	d.text(x, first+4.5, labelSize, `font-weight="bold"`, string(c.mark))
	x += svgMark
	for k, t := range l.lines {
		d.text(x, first+4.5+labelLine*float64(k), labelSize, "", t)
	}
	d.text(x, first+4+labelLine*float64(len(l.lines)), statSize, `fill="#444"`, l.stats)
	d.WriteString("</g>\n")
}

// path draws points as steps, thinned out to what a column of the picture can show.
func (d *drawing) path(pts []Point) string {
	var b strings.Builder
	lastX, lastY := "", ""
	for i, p := range Downsample(pts, d.f.end, int(d.right-d.left)) {
		x, y := num(d.atX(float64(p.T))), num(d.atY(p.V))
		if i == 0 {
			fmt.Fprintf(&b, "M %s %s", x, y)
		} else {
			if x != lastX {
				b.WriteString(" H " + x)
			}
			if y != lastY {
				b.WriteString(" V " + y)
			}
		}
		lastX, lastY = x, y
	}
	return b.String() + " H " + num(d.right)
}

// describe says in words what the picture shows.
func (d *drawing) describe(ylabel string) string {
	unit, size := timeUnit(d.f.end)
	var b strings.Builder
	fmt.Fprintf(&b, "Step chart of %s over time, from 0 to %s %s.", firstOf(ylabel, "values"), formatValue(float64(d.f.end)/size), unit)
	for _, c := range d.f.curves {
		fmt.Fprintf(&b, " %c, %s: peak %s, mean %s, at the end %s.", c.mark,
			strings.Join(chain(c.names, "", svgNameMax, ems), " = "),
			formatValue(c.peak), formatMean(c.mean), formatValue(c.last()))
	}
	if len(d.f.empty) > 0 {
		b.WriteString(" No data: " + strings.Join(chain(d.f.empty, ",", svgNameMax, ems), " ") + ".")
	} else if len(d.f.curves) == 0 {
		b.WriteString(" No data.")
	}
	return b.String()
}
