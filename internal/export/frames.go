package export

import (
	"fmt"
	"io"
	"regexp"
	"sync"

	"ptsim/internal/draw"
	"ptsim/internal/stepper"
)

// Frame is one picture of a schedule.
type Frame struct {
	Name  string // its file: S1-rfc-003.svg
	Write func(w io.Writer) error
}

var notName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^A-Za-z0-9_.]+`) })

// Frames returns the pictures of the line that s is on, all of one size, in their order.
func Frames(s *stepper.Session, o Options) []Frame {
	e := &export{s: s, o: o, q: s.Question}
	for _, try := range s.Line() {
		e.views = append(e.views, try.View)
	}
	sheet := e.sheet()
	stem := notName().ReplaceAllString(e.q.Name(), "-")
	digits := max(3, len(fmt.Sprint(len(e.views)-1)))
	var list []Frame
	for i := range e.views {
		list = append(list, Frame{fmt.Sprintf("%s-%0*d.svg", stem, digits, i), func(w io.Writer) error { return sheet.Frame(w, i) }})
	}
	return list
}

func (e *export) sheet() *draw.Sheet {
	return draw.NewSheet(e.views, draw.Options{Width: e.o.Width, Dark: e.o.Dark, Title: e.title(), Steps: len(e.views) - 1})
}

// frame writes one picture, as large as all others of the schedule.
func (e *export) frame(w io.Writer, step int) error { return e.sheet().Frame(w, step) }
