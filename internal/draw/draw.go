package draw

import (
	"errors"
	"io"

	"ptsim/internal/stepper"
)

// Options say how a view is drawn. The zero Options are a light picture of the usual width.
type Options struct {
	Width  int    // in pixels, 0 is 1200; the picture can be scaled anyway
	Height int    // at least so many, so that the frames of a schedule are all the same; see Height
	Dark   bool   // light on dark
	Title  string // in the first line
	Steps  int    // how many steps the schedule has, for "step 3 of 12"; 0 if not known
}

// SVG draws a view as one self-contained picture.
func SVG(w io.Writer, v *stepper.View, o Options) error {
	return errors.New("draw: not there yet")
}

// Height returns how high a picture of that view is.
func Height(v *stepper.View, o Options) int { return 0 }

// Describe says in sentences what a picture of that view shows.
func Describe(v *stepper.View) string { return "" }
