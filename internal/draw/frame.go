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
	things      bool
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
			y = scratch.lines(plain, "ink", 16, y, w-32, "The rule: "+d.Sentence.Rule, 3)
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
