package sweep

import (
	"fmt"
	"html"
	"io"
	"math"
	"slices"
	"strings"
)

// line is a line of a picture: a value for each place on the horizontal axis.
type line struct {
	name   string
	values []float64
}

// panel is one picture: lines over places that are equally far from each other.
type panel struct {
	title, across, up string
	places            []string
	lines             []line
	log               bool // the vertical axis is logarithmic
	show              func(float64) string
}

// Sizes in pixels.
const (
	panelWide, panelHigh    = 470, 330
	marginLeft, marginRight = 64, 96
	marginTop, marginBottom = 44, 52
	plotWide, plotHigh      = panelWide - marginLeft - marginRight, panelHigh - marginTop - marginBottom
	letterHigh              = 13
)

// strokes tell lines apart without colour, too.
var strokes = [4]struct{ colour, dash string }{{"#111111", ""}, {"#0a6ebd", "9 4"}, {"#d9731a", "2 2.5"}, {"#14532d", "12 3 2 3"}}

// SVG draws what two tables per page save, and by what: by tables per process and lifetimes, and by lifetimes and grace periods.
func (r *Report) SVG(w io.Writer) error {
	mid := Middle()
	// A line has one value of axis a; its places are those of another axis, and all else is as in the middle.
	lineOf := func(over, a int, value string, quantity func(*Result) float64) line {
		l := line{name: value}
		for _, place := range r.values(over) {
			v := math.NaN()
			for i := range r.Results {
				p, same := &r.Results[i].Point, true
				for k := range axes {
					want := axes[k].text(&mid)
					switch k {
					case over:
						want = place
					case a:
						want = value
					}
					same = same && axes[k].text(p) == want
				}
				if same {
					v = quantity(&r.Results[i])
				}
			}
			l.values = append(l.values, v)
		}
		return l
	}
	lines := func(over, a int, quantity func(*Result) float64) (list []line) {
		for _, value := range r.values(a) {
			list = append(list, lineOf(over, a, value, quantity))
		}
		return list
	}
	panels := []panel{
		{"Memory saved by two tables per page", "tables per process", "of the memory of full pages, by lifetime", r.values(tablesAxis),
			lines(tablesAxis, lifetimeAxis, (*Result).Saved), false, percent},
		{"What an extra lock or atomic saves", "lifetime", "KiB s per operation, by tables per process", r.values(lifetimeAxis),
			lines(lifetimeAxis, tablesAxis, (*Result).PerOperation), true, func(x float64) string { return fmt.Sprintf("%.3g", x) }},
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12" role="img">`+"\n", panelWide*len(panels), panelHigh)
	b.WriteString("<title>Where two tables per page pay</title>\n")
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", panelWide*len(panels), panelHigh)
	for i := range panels {
		fmt.Fprintf(&b, `<g transform="translate(%d 0)">`+"\n", i*panelWide)
		panels[i].draw(&b)
		b.WriteString("</g>\n")
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (p *panel) draw(b *strings.Builder) {
	text := func(x, y float64, more, s string) {
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f"%s>%s</text>`+"\n", x, y, more, html.EscapeString(s))
	}
	text(marginLeft, 18, ` font-size="14" font-weight="bold"`, p.title)
	text(marginLeft, 34, "", p.up)
	text(marginLeft+plotWide/2, panelHigh-10, ` text-anchor="middle"`, p.across)
	low, high := p.bounds()
	y := func(v float64) float64 {
		share := (v - low) / (high - low)
		if p.log {
			share = math.Log(v/low) / math.Log(high/low)
		}
		return marginTop + plotHigh*(1-share)
	}
	x := func(i int) float64 {
		return marginLeft + plotWide*(float64(i)+0.5)/float64(len(p.places))
	}
	for _, t := range p.ticks(low, high) {
		fmt.Fprintf(b, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#dddddd"/>`+"\n", marginLeft, marginLeft+plotWide, y(t), y(t))
		text(marginLeft-6, y(t)+4, ` text-anchor="end"`, p.show(t))
	}
	for i, place := range p.places {
		text(x(i), marginTop+plotHigh+18, ` text-anchor="middle"`, place)
	}
	type end struct {
		y    float64
		line int
	}
	var ends []end
	for k, l := range p.lines {
		s := strokes[k%len(strokes)]
		var points []string
		for i, v := range l.values {
			if math.IsNaN(v) || p.log && v <= 0 {
				continue
			}
			points = append(points, fmt.Sprintf("%.1f,%.1f", x(i), y(v)))
			fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="2.5" fill="%s"/>`+"\n", x(i), y(v), s.colour)
			if i == len(l.values)-1 {
				ends = append(ends, end{y(v), k})
			}
		}
		fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="1.6" stroke-dasharray="%s"/>`+"\n", strings.Join(points, " "), s.colour, s.dash)
	}
	// The names stand at the right ends, apart from each other.
	slices.SortStableFunc(ends, func(a, b end) int { return int(math.Copysign(1, a.y-b.y)) })
	last := math.Inf(-1)
	for _, e := range ends {
		at := max(e.y, last+letterHigh)
		last = at
		l := p.lines[e.line]
		fmt.Fprintf(b, `<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" stroke="%s" stroke-width="0.8"/>`+"\n",
			x(len(l.values)-1)+4, float64(marginLeft+plotWide), e.y, at, strokes[e.line%len(strokes)].colour)
		text(marginLeft+plotWide+4, at+4, fmt.Sprintf(` fill="%s"`, strokes[e.line%len(strokes)].colour), l.name)
	}
}

// bounds is what the vertical axis shows.
func (p *panel) bounds() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, l := range p.lines {
		for _, v := range l.values {
			if math.IsNaN(v) || p.log && v <= 0 {
				continue
			}
			low, high = min(low, v), max(high, v)
		}
	}
	switch {
	case math.IsInf(low, 0):
		return 0, 1
	case p.log:
		return math.Pow(10, math.Floor(math.Log10(low))), math.Pow(10, math.Ceil(math.Log10(high)))
	}
	return min(low, 0), max(math.Ceil(high*10)/10, 0.1)
}

func (p *panel) ticks(low, high float64) (list []float64) {
	if p.log {
		for v := low; v <= high*1.001; v *= 10 {
			list = append(list, v)
		}
		return list
	}
	for i := 0; ; i++ {
		v := low + float64(i)*0.1
		if v > high+1e-9 {
			return list
		}
		list = append(list, v)
	}
}
