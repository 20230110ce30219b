package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"
	"sync"

	"ptsim/internal/prose"
)

//go:embed cost.html
var costHTML string

var costPage = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("cost").Parse(costHTML))
})

// bars is a picture of one Figure, a bar a version.
type bars struct {
	Title string
	SVG   template.HTML
}

// WriteHTML writes costs as one page that refers to nothing outside itself and needs neither colour nor a screen.
func (r *Report) WriteHTML(w io.Writer, rows []Cost) error {
	var pages bytes.Buffer
	if err := r.Plot().SVG(&pages); err != nil {
		return err
	}
	type line struct {
		Label string
		Sub   bool
		Cells []string
	}
	var table []line
	for _, l := range costLines {
		t := line{Label: l.label, Sub: l.part}
		for i := range rows {
			t.Cells = append(t.Cells, l.cell(&rows[i]))
		}
		table = append(table, t)
	}
	var names []string
	for i := range rows {
		names = append(names, rows[i].Variant)
	}
	var notes []string
	for i := range r.Outcomes {
		o := &r.Outcomes[i]
		if o.Total == 0 {
			continue
		}
		note := Told(o.Name, o.Variant, o.Total)
		if len(o.Violations) > 0 {
			note += ". The first: " + o.Violations[0].Sentence()
		}
		notes = append(notes, note)
	}
	return costPage().Execute(w, map[string]any{
		"Title": "What each variant costs: " + r.Title, "Heading": r.costHeading(), "Names": names, "Lines": table, "Notes": notes,
		"Pages": template.HTML(pages.String()), // drawn and escaped by package chart
		"Bars": []bars{
			{"Mean MiB in use, and the least there can be", drawBars(rows, func(c *Cost) Figure { return c.MeanMiB }, least(rows)/256, "MiB")},
			{"Mean MiB in halves wasted", drawBars(rows, func(c *Cost) Figure { return c.WastedMiB }, 0, "MiB")},
			{"Acquisitions of context.lock per table", drawBars(rows, func(c *Cost) Figure { return c.LocksPerTable }, 0, "")},
			{"Atomic operations per table", drawBars(rows, func(c *Cost) Figure { return c.AtomicsPerTable }, 0, "")},
			{"Milliseconds that an mm is kept after its exit", drawBars(rows, func(c *Cost) Figure { return c.KeptMeanMS }, 0, "ms")},
			{"Callbacks that waited at once, at most", drawBars(rows, func(c *Cost) Figure { return c.LongestQueue }, 0, "")},
		},
	})
}

// drawBars draws a bar for each row, with its value beside it, and a line at mark if that is not 0.
func drawBars(rows []Cost, value func(*Cost) Figure, mark Figure, unit string) template.HTML {
	const left, wide, high, right = 136, 214, 20, 80
	top := mark
	for i := range rows {
		if v := value(&rows[i]); v.Known() {
			top = max(top, v)
		}
	}
	if top == 0 {
		top = 1
	}
	var b strings.Builder
	height := high*len(rows) + 8
	if mark > 0 {
		height += high
	}
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13" role="img">`,
		left+wide+right, height, left+wide+right, height)
	for i := range rows {
		v, y := value(&rows[i]), 4+i*high
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`, left-8, y+14, template.HTMLEscapeString(rows[i].Variant))
		if !v.Known() {
			fmt.Fprintf(&b, `<text x="%d" y="%d">-</text>`, left+6, y+14)
			continue
		}
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%.1f" height="%d" fill="#ccc" stroke="#000"/>`, left, y+3, v/top*wide, high-6)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d">%s</text>`, left+v/top*wide+6, y+14, strings.TrimSpace(short(v)+" "+unit))
	}
	if mark > 0 {
		x, foot := left+mark/top*wide, high*len(rows)+8
		fmt.Fprintf(&b, `<line x1="%.1f" x2="%.1f" y1="0" y2="%d" stroke="#000" stroke-width="2" stroke-dasharray="5 3"/>`, x, x, foot)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">the least: %s %s</text>`, x, foot+14, short(mark), unit)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// least is the least of pages there can be, 0 where no version came to any.
func least(rows []Cost) Figure {
	for i := range rows {
		if l := rows[i].LeastPages; l.Known() {
			return l
		}
	}
	return 0
}

// short writes a value with four digits, or all of those before the point.
func short(v Figure) string {
	if v >= 999.95 {
		return prose.Group(int64(math.Round(float64(v))))
	}
	return fmt.Sprintf("%.4g", float64(v))
}
