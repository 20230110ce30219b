package draw

import (
	"fmt"
	"io"
	"strings"

	"ptsim/internal/stepper"
)

// Sheet draws the views of one schedule, all to one size, so that nothing jumps from one to the next.
type Sheet struct {
	views  []*stepper.View
	o      Options
	has    contents
	sizes  sizes
	shared map[string]string
	ids    string
}

// NewSheet measures the views.
func NewSheet(views []*stepper.View, o Options) *Sheet {
	s := &Sheet{views: views, o: o, ids: "pt-"}
	for _, v := range views {
		s.has.work = s.has.work || len(v.Work) > 0
		s.has.files = s.has.files || len(v.Files)+len(v.VMAs) > 0
		s.has.mms = max(s.has.mms, len(v.MMs))
		s.has.things = s.has.things || len(v.Things) > 0
		of := map[string]int{}
		for i := range v.Pages {
			if v.Pages[i].Freed {
				of["freed"]++
			} else {
				of["of "+v.Pages[i].MM]++
			}
			s.has.pages = max(s.has.pages, of["of "+v.Pages[i].MM])
		}
		s.has.freed = max(s.has.freed, of["freed"])
	}
	if !o.Compact { // so that nothing jumps
		for _, v := range views {
			f := newFrame(v, o, s.has)
			for i := range v.MMs {
				s.has.head = max(s.has.head, len(f.mmHead(&v.MMs[i], f.headWidth(f.mmWidth(), len(f.pages(v.MMs[i].Name))))))
			}
			rows, lane := f.laneRows()
			for i, row := range rows {
				if i == len(s.has.rows) {
					s.has.rows = append(s.has.rows, 0)
				}
				s.has.rows[i] = max(s.has.rows[i], f.rowHeight(row, lane))
			}
		}
	}
	for _, v := range views {
		s.sizes.atLeast(newFrame(v, o, s.has).measure())
	}
	return s
}

// Size is how large each picture is, in pixels.
func (s *Sheet) Size() (width, height int) {
	f := newFrame(s.views[0], s.o, s.has)
	w, h := f.w, f.height(s.sizes)
	if s.o.Width > 0 {
		w, h = float64(s.o.Width), h*float64(s.o.Width)/w
	}
	return int(w + 0.5), int(h + 0.5)
}

// Frame writes one view as a picture of its own.
func (s *Sheet) Frame(w io.Writer, i int) error {
	var b strings.Builder
	s.frame(&b, i, nil)
	_, err := io.WriteString(w, b.String())
	return err
}

// frame writes one picture and returns where its texts are. With shared it is one of many in a page.
func (s *Sheet) frame(b *strings.Builder, i int, shared map[string]string) []placed {
	v := s.views[i]
	f := newFrame(v, s.o, s.has)
	f.ids = s.ids
	sz := s.sizes
	if s.o.Compact { // stands in a text, and is no larger than it must be
		sz = f.measure()
	}
	h := f.height(sz)
	width, height := f.w, h
	if s.o.Width > 0 {
		width, height = float64(s.o.Width), h*float64(s.o.Width)/f.w
	}
	p := &pen{prefix: s.ids, shared: shared}
	f.draw(p, sz)
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" class="pt" viewBox="0 0 %s %s" width="%s" height="%s" role="img">`+"\n",
		num(f.w), num(h), num(width), num(height))
	fmt.Fprintf(b, "<title>%s</title>\n", clean(headline(v, s.o)))
	if shared == nil {
		fmt.Fprintf(b, "<desc>%s</desc>\n<style>\n%s</style>\n<defs>\n%s</defs>\n", clean(Describe(v)), style(s.o.Dark), patterns(s.ids))
	}
	b.WriteString(p.String())
	b.WriteString("</svg>\n")
	return p.texts
}

// Defs writes what the pictures of a page refer to: a style sheet and an empty picture, once, before them.
func (s *Sheet) Defs(w io.Writer) error {
	_, err := fmt.Fprintf(w, "<style>\n%s</style>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\"><defs>\n%s</defs></svg>\n",
		style(s.o.Dark), patterns(s.ids))
	return err
}

// Inline writes one view as a picture in an HTML page that has the Defs. What was drawn before is referred to. It has no
// description: beside it there should be one, such as Describe.
func (s *Sheet) Inline(w io.Writer, i int) error {
	if s.shared == nil {
		s.shared = map[string]string{}
	}
	var b strings.Builder
	s.frame(&b, i, s.shared)
	_, err := io.WriteString(w, b.String())
	return err
}
