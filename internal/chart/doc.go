// Package chart draws how step functions of time compare: the number of 4K
// pages that each allocator variant holds, say, over the length of one trace.
// The same Plot can be drawn for a terminal (Plot.Terminal) and as one
// self-contained SVG file (Plot.SVG).
//
// # What is drawn
//
// A Series is a step function: the V of a Point holds from its T up to the T of
// the next Point, and the last one up to Plot.End. Before its first point a
// series has no value and is not drawn. Several points may share one T: the
// values in between lasted no time, but were there, and count for the peak.
//
// The two pictures are made from the same preparation, in this order:
//
//	Plot ── prepare ──> figure: clipped to [0, End], repeated values dropped,
//	                    coinciding series merged into one curve (curve.go)
//	     ── axis ─────> round tick values and their labels   (axis.go)
//	     ── spans ────> range of values per picture column   (downsample.go)
//	     ── spot ─────> where a letter can stand by a curve  (place.go)
//	     ── Terminal (terminal.go, canvas.go) or SVG (svg.go)
//
// # What a reader may rely on
//
//   - Nothing is hidden. Series that are equal at all times become one curve,
//     named after all of them ("classic = rfc = pinned"). Curves that differ, but
//     fall on the same places of a coarse terminal picture, are said to.
//   - Peaks survive. A picture column shows the whole range of values taken in
//     its time, however short; peak and mean are those of all points.
//   - The value axis contains zero, so heights can be compared by eye.
//   - Colour is never needed: every distinct curve has a letter, at its right end,
//     in the legend, and next to the curve where there is room; in the SVG also a dash
//     pattern of its own.
//   - The mean is weighted by time, from the first point of the series to End.
//   - The same Plot gives the same bytes.
//
// # What it does not do
//
// It does not interpolate, smooth, use logarithmic axes, or draw more than 52
// distinct curves. Values that are not finite are left out; values beyond 1e300
// are drawn there.
//
// Start with ExamplePlot_Terminal.
package chart

import "io"

// Point says that a step function has the value V from the time T on.
type Point struct {
	T int64 // nanoseconds since the start
	V float64
}

// Series is one named step function.
type Series struct {
	Name   string
	Points []Point // sorted by T; if they are not, a sorted copy is drawn

	// Mean is the mean to print, where the points are a thinned-out copy of what it was taken of; nil takes that of the
	// points.
	Mean *float64
}

// Plot is a set of step functions over the same time, and the words around them.
// Every field may be left empty.
type Plot struct {
	Title   string
	XLabel  string // "" means "time"; the unit is chosen by the span and added
	YLabel  string // what is counted, with its unit: "4K pages in use"
	End     int64  // right edge in nanoseconds; 0 or less means the last point's T
	Series  []Series
	Caption string // a sentence or two below the picture
}

// TermOptions says how Plot.Terminal draws. The zero value is a picture of at most 72
// columns and 12 rows, in braille, without colour.
type TermOptions struct {
	Width  int  // most columns that any line takes; 0 means 72
	Height int  // rows between title and time axis; 0 means 12
	ASCII  bool // no character outside ASCII
	Color  bool // ANSI colours; a place that several curves share keeps the default colour
}

// Terminal writes the plot as lines of text, none wider than o.Width columns. The
// legend below the picture gives for each curve its letter, peak, time-weighted
// mean and series. In braille a cell has 2x4 dots and belongs to any curve through
// it; in ASCII a curve is drawn with its letter, and as '*' where curves meet. If
// there is no room for a picture (Width below 24 or so), only the legend is written.
func (p *Plot) Terminal(w io.Writer, o TermOptions) error {
	text, err := p.terminal(o)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, text)
	return err
}

// SVG writes the plot as one SVG document that refers to nothing outside itself:
// no scripts, style sheets or fonts, and no ids, so that several can be inlined in
// one HTML page. Text is dark on white; curves differ by dash pattern as well as
// by colour, and are labelled at their right ends.
func (p *Plot) SVG(w io.Writer) error {
	doc, err := p.svg()
	if err != nil {
		return err
	}
	_, err = w.Write(doc)
	return err
}
