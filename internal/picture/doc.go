// Package picture draws what a person is to read from a slide or a page of paper: boxes joined by lines with labels on
// them, and pages with their two halves. It knows nothing of the allocator; what is drawn, and where, is the caller's.
//
// # Lines
//
// Route finds the ways of lines between boxes as a router of circuit boards does. The sheet is covered by tracks, Pitch
// apart, and boxes have their sides on them. A line leaves a side at a right angle, turns at tracks and arrives at a
// right angle; on its way there is one straight piece that carries its label, in a gap of the line as wide as the label.
// The price of a way (search.go) is its length, and more for each corner, for each line that it crosses and for running
// beside another; so dear that it is a last resort is what makes a picture hard to read: two lines on one track, a corner
// on another line, a label on anything. Lines are laid one after another by the cheapest way past the rest, then torn up
// one by one and laid anew until none moves (route.go), in a few orders, the cheapest of which wins.
//
// Never, at any price: a line through a box, a label on a box or on a fence, anything in what is closed, a corner under
// the line's own label.
//
// The same plan is always routed the same way: there is no clock and no chance in it, since the shuffled orders are those
// of a fixed seed.
//
// # Without colour, by light and by dark
//
// Everything that is told by colour is told by shape or word as well: a half by its pattern and its word (page.go), a line
// by its dash and its ends. Colours come in pairs (colour.go), for light and for dark, which the reader's program chooses
// by prefers-color-scheme; paper is light. Contrast computes what WCAG asks of a pair. Fonts are the reader's own, so
// widths of words are computed for a monospaced font that is a little wider than any common one (Glyph).
//
// # What is not here
//
// Where boxes go: that is what a picture means, and the caller knows it. Lines at other angles, curves beyond rounded
// corners, and lines that join.
//
// # Where to start
//
// Plan and Route; then Example, which routes a line around a box.
package picture
