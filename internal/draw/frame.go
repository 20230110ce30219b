package draw

import (
	"fmt"
	"io"
	"strings"

	"ptsim/internal/stepper"
)

// Options say how a view is drawn. The zero Options are a light picture of the usual width.
type Options struct {
	Width   int    // in pixels; 0 is 1200, or 500 if compact. The picture is the same, only larger or smaller
	Dark    bool   // light on dark
	Compact bool   // one narrow column, without the sentence: for storyboards, which have that beside it
	Title   string // in the first line
	Steps   int    // how many steps the schedule has, for "step 3 of 12"; 0 if not known
}

// SVG draws a view as one self-contained picture.
func SVG(w io.Writer, v *stepper.View, o Options) error {
	return NewSheet([]*stepper.View{v}, o).Frame(w, 0)
}

// frame is one picture being laid out.
type frame struct {
	v      *stepper.View
	o      Options
	ids    string // what the names of patterns begin with
	w      float64
	perRow int // pages in a row
	scale  float64

	mmsPerRow int
	has       contents
}

// contents tells what there is in a schedule at all, so that frames do not jump when it comes and goes.
type contents struct {
	work, files bool
	pages       int       // of one mm, at most
	mms         int       // at most
	freed       int       // pages that have been given back, in the end
	head        int       // lines that are said of an mm, at most
	rows        []float64 // how high each row of lanes is
}

const edge = 24.0 // around a picture

func newFrame(v *stepper.View, o Options, has contents) *frame {
	f := &frame{v: v, o: o, w: 1200, perRow: 3, scale: 1, mmsPerRow: 1, has: has}
	switch {
	case o.Compact:
		f.w, f.perRow = 500, 2
	case has.pages == 1 && has.mms > 1: // side by side
		f.perRow, f.scale, f.mmsPerRow = 1, 1.3, 2
	case has.pages <= 2: // there is room
		f.perRow, f.scale = 2, 1.3
	}
	return f
}

// sizes are how high the parts of a picture are.
type sizes struct{ left, right, below, sentence float64 }

func (s *sizes) atLeast(o sizes) {
	s.left, s.right = max(s.left, o.left), max(s.right, o.right)
	s.below, s.sentence = max(s.below, o.below), max(s.sentence, o.sentence)
}

// measure returns what the parts of this picture need.
func (f *frame) measure() sizes {
	return sizes{f.left(nil), f.right(nil), f.below(nil), f.sentence(nil, 0)}
}

func (f *frame) top() float64 {
	if f.o.Compact {
		return 6
	}
	return 66
}

func (f *frame) margin() float64 {
	if f.o.Compact {
		return 4
	}
	return edge
}

// height of the whole picture.
func (f *frame) height(s sizes) float64 {
	if f.o.Compact {
		return f.top() + s.left + s.right + s.below + 4
	}
	return f.top() + max(s.left, s.right) + s.below + 10 + s.sentence + edge
}

// columns are the widths of the two columns; compact, both are all there is.
func (f *frame) columns() (left, right float64) {
	all := f.w - 2*f.margin()
	if f.o.Compact {
		return all, all
	}
	return 772, all - 772 - 16
}

// draw writes everything.
func (f *frame) draw(p *pen, s sizes) {
	m := f.margin()
	left, _ := f.columns()
	if f.o.Compact {
		f.at(p, m, f.top(), f.left)
		f.at(p, m, f.top()+s.left, f.right)
		f.at(p, m, f.top()+s.left+s.right, f.below)
		return
	}
	p.rect("f-ground", 0, 0, f.w, f.height(s), "")
	step := fmt.Sprintf("step %d", f.v.Step)
	if f.o.Steps > 0 {
		step += fmt.Sprintf(" of %d", f.o.Steps)
	}
	room := f.w - 2*m
	sw := title.width(step)
	p.text(title, "ink", m, 40, room-sw-24, f.o.Title)
	p.text(title, "ink", f.w-m-sw, 40, sw+1, step)
	p.rect("f-ink", m, 52, room, 1.4, "")
	p.WriteByte('\n')
	f.at(p, m, f.top(), f.left)
	f.at(p, m+left+16, f.top(), f.right)
	body := max(s.left, s.right)
	f.at(p, m, f.top()+body, f.below)
	f.at(p, m, f.top()+body+s.below+10, func(p *pen) float64 { return f.sentence(p, s.sentence) })
}

// at has a part draw itself somewhere.
func (f *frame) at(p *pen, x, y float64, part func(p *pen) float64) {
	sub := p.within(x, y, 1)
	part(sub)
	p.texts = append(p.texts, sub.texts...)
	fmt.Fprintf(p, `<g transform="translate(%s %s)">%s</g>`+"\n", num(x), num(y), sub.String())
}

// lanesBeside tells whether the lanes stand beside the mms; else they stand below, and what is queued beside.
func (f *frame) lanesBeside() bool { return !f.o.Compact && len(f.v.Lanes) <= 6 }

// left are the mms with their pages, and the pages that are nobody's; below them files, or all lists.
func (f *frame) left(p *pen) float64 {
	w, _ := f.columns()
	y := 0.0
	mw := f.mmWidth()
	for i := 0; i < len(f.v.MMs); i += f.mmsPerRow {
		h := 0.0
		for k := range f.v.MMs[i:min(i+f.mmsPerRow, len(f.v.MMs))] {
			m := &f.v.MMs[i+k]
			pages := f.pages(m.Name)
			if p != nil {
				f.at(p, float64(k)*(mw+8), y, func(p *pen) float64 { return f.mm(p, m, pages, mw) })
			}
			h = max(h, f.mm(nil, m, pages, mw))
		}
		y += h
	}
	if stray := f.pages(""); len(stray) > 0 {
		m := &stepper.MM{Name: strays}
		if p != nil {
			f.at(p, 0, y, func(p *pen) float64 { return f.mm(p, m, stray, w) })
		}
		y += f.mm(nil, m, stray, w)
	}
	var lists []panel
	if f.lanesBeside() {
		lists = f.panels()
	}
	if l, ok := f.files(); ok {
		lists = append(lists, l)
	}
	return y + f.lists(p, lists, w, y)
}

func (f *frame) mmWidth() float64 {
	w, _ := f.columns()
	return (w - 8*float64(f.mmsPerRow-1)) / float64(f.mmsPerRow)
}

// pages returns the pages of an mm; "" stands for those whose mm is not shown.
func (f *frame) pages(mm string) []*stepper.Page {
	var list []*stepper.Page
	for i := range f.v.Pages {
		p := &f.v.Pages[i]
		shown := false
		for k := range f.v.MMs {
			shown = shown || f.v.MMs[k].Name == p.MM
		}
		if (p.MM == mm && shown || mm == "" && !shown) && !f.past(p) {
			list = append(list, p)
		}
	}
	return list
}

// past tells whether a page is not drawn any more: it was given back before, and so many were that they would be in the way.
func (f *frame) past(p *stepper.Page) bool {
	return p.Freed && p.Change == stepper.Same && f.has.freed > 2
}

// pastOf names the pages of an mm that are not drawn any more.
func (f *frame) pastOf(mm string) []string {
	var list []string
	for i := range f.v.Pages {
		if p := &f.v.Pages[i]; p.MM == mm && f.past(p) {
			list = append(list, p.Name)
		}
	}
	return list
}

// right are the lanes, or the lists of what is queued.
func (f *frame) right(p *pen) float64 {
	_, w := f.columns()
	if f.lanesBeside() {
		return f.lanes(p)
	}
	y := 0.0
	for _, l := range f.panels() {
		if f.o.Compact && len(l.entries) == 0 {
			continue
		}
		if p != nil {
			f.at(p, 0, y, func(p *pen) float64 { return f.panel(p, &l, w, 0) })
		}
		y += f.panel(nil, &l, w, 0) + 6
	}
	return y
}

// below are the lanes, if they are not beside.
func (f *frame) below(p *pen) float64 {
	if f.lanesBeside() {
		return 0
	}
	return f.lanes(p)
}

// lists draws panels beside each other, all equally high.
func (f *frame) lists(p *pen, lists []panel, w, from float64) float64 {
	per := len(lists)
	switch {
	case f.o.Compact || per == 0:
		per = 1
	case per == 4:
		per = 2
	}
	const gap = 8.0
	lw := (w - gap*float64(per-1)) / float64(per)
	y := 0.0
	for i := 0; i < len(lists); i += per {
		row := lists[i:min(i+per, len(lists))]
		h := 0.0
		for k := range row {
			h = max(h, f.panel(nil, &row[k], lw, 0))
		}
		for k := range row {
			if p != nil {
				f.at(p, float64(k)*(lw+gap), from+y, func(p *pen) float64 { return f.panel(p, &row[k], lw, h) })
			}
		}
		y += h + 6
	}
	return y
}

// lanes are the threads. A compact picture has those only that take part.
func (f *frame) lanes(p *pen) float64 {
	rows, w := f.laneRows()
	y := 0.0
	for i, row := range rows {
		h := f.rowHeight(row, w)
		if i < len(f.has.rows) {
			h = max(h, f.has.rows[i])
		}
		for k, l := range row {
			if p != nil {
				p.card(float64(k)*(w+laneGap), y, 1, func(p *pen) { f.lane(p, l, w, h) })
			}
		}
		y += h + f.rowGap()
	}
	return y
}

func (f *frame) rowGap() float64 {
	if f.o.Compact {
		return 4
	}
	return 6
}

const laneGap = 10.0

// laneRows are the lanes that are shown, row by row, and how wide each is.
func (f *frame) laneRows() (rows [][]*stepper.Lane, w float64) {
	var show []*stepper.Lane
	for i := range f.v.Lanes {
		if l := &f.v.Lanes[i]; !f.o.Compact || l.Moved || l.Doing != "" && l.State != "ended" || len(l.Moves) > 0 {
			show = append(show, l)
		}
	}
	per := max(len(show), 1)
	_, right := f.columns()
	all := f.w - 2*f.margin()
	switch {
	case f.o.Compact:
		per = 1
	case f.lanesBeside():
		all, per = right, 1
	case per == 5, per == 6:
		per = 3
	case per > 6:
		per = 4
	}
	for i := 0; i < len(show); i += per {
		rows = append(rows, show[i:min(i+per, len(show))])
	}
	return rows, (all - laneGap*float64(per-1)) / float64(per)
}

func (f *frame) rowHeight(row []*stepper.Lane, w float64) float64 {
	h := 0.0
	for _, l := range row {
		h = max(h, f.lane(nil, l, w, 0))
	}
	return h
}

// sentence is what happened and on which rule it rests, in a box of at least that height; and what went wrong.
func (f *frame) sentence(p *pen, height float64) float64 {
	if f.o.Compact {
		return 0
	}
	w := f.w - 2*f.margin()
	y := 32.0
	scratch := p
	if p == nil {
		scratch = &pen{}
	} else {
		p.rect("f-panel", 0, 0, w, height, ` rx="6"`)
	}
	d := f.v.Did
	if d == nil {
		y = scratch.lines(sentence, "ink", 16, y, w-32, "The first state: nothing has happened yet.", 0)
	} else {
		who := fmt.Sprintf("%s %s on CPU%d", d.Letter, d.Name, d.CPU)
		if d.Doing != "" {
			who += ": " + d.Doing
		}
		if d.Func != "" {
			who += ", in " + d.Func + "()"
		}
		scratch.text(code, "muted", 16, y-4, w-32, who)
		scratch.text(strong, "ink", 16, y+code.line()-3, w-32, d.Text)
		y += 2*code.line() + 10
		y = scratch.lines(sentence, "ink", 16, y, w-32, d.Sentence.Text, 4)
		if d.Sentence.Rule != "" {
			y = scratch.lines(prose, "ink", 16, y, w-32, "The rule: "+d.Sentence.Rule, 3)
		}
		var cites []string
		for _, c := range d.Sentence.Cites {
			cites = append(cites, c.Where)
		}
		if len(cites) > 0 {
			y = scratch.lines(small, "muted", 16, y, w-32, "From: "+strings.Join(cites, "; "), 2)
		}
	}
	if bad := f.v.Violation; bad != nil {
		lines := sentence.wrap(bad.Sentence, w-200, 3)
		h := float64(len(lines))*sentence.line() + 14
		scratch.rect("f-ground s-alarm", 12, y-8, w-24, h, ` rx="5" stroke-width="2.8"`)
		scratch.rect("f-alarm", 12, y-8, 148, h, ` rx="5"`)
		scratch.middle(sentence, "onalarm", 86, y-8+h/2+7, 146, "VIOLATION")
		at := y - 8 + 7 + 0.78*sentence.line()
		for _, l := range lines {
			scratch.text(sentence, "alarm", 174, at, w-200, l)
			at += sentence.line()
		}
		y += h + 6
	}
	return y - 8
}
