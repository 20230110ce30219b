package picture

import (
	"fmt"
	"math"
	"strings"
)

// Point is a place on the sheet; y grows downward.
type Point struct{ X, Y float64 }

// Box is a rectangle, by its upper left corner.
type Box struct{ X, Y, W, H float64 }

// Around returns the box of that size around its middle.
func Around(x, y, w, h float64) Box { return Box{x - w/2, y - h/2, w, h} }

// Right and Bottom are the far sides.
func (b Box) Right() float64 { return b.X + b.W }

// Bottom is the lower side.
func (b Box) Bottom() float64 { return b.Y + b.H }

// Middle is the box's centre.
func (b Box) Middle() Point { return Point{b.X + b.W/2, b.Y + b.H/2} }

// Grow returns the box with that much added on each side.
func (b Box) Grow(d float64) Box { return Box{b.X - d, b.Y - d, b.W + 2*d, b.H + 2*d} }

// Meets tells whether two boxes share more than a border.
func (b Box) Meets(o Box) bool {
	return b.X < o.Right() && o.X < b.Right() && b.Y < o.Bottom() && o.Y < b.Bottom()
}

// Holds tells whether the other box lies inside this one.
func (b Box) Holds(o Box) bool {
	return o.X >= b.X && o.Y >= b.Y && o.Right() <= b.Right() && o.Bottom() <= b.Bottom()
}

// Union returns the smallest box that holds both.
func (b Box) Union(o Box) Box {
	x, y := math.Min(b.X, o.X), math.Min(b.Y, o.Y)
	return Box{x, y, math.Max(b.Right(), o.Right()) - x, math.Max(b.Bottom(), o.Bottom()) - y}
}

// Crosses tells whether the box's border runs through o: o is neither all inside nor all outside.
func (b Box) Crosses(o Box) bool { return b.Meets(o) && !b.Holds(o) }

// Num writes a coordinate with as few digits as show.
func Num(v float64) string {
	s := strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
	if s == "-0" {
		return "0"
	}
	return s
}

// Path writes a line of horizontal and vertical pieces as SVG path data, with its corners rounded.
func Path(pts []Point, radius float64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "M%s %s", Num(pts[0].X), Num(pts[0].Y))
	for i := 1; i < len(pts)-1; i++ {
		r := math.Min(radius, math.Min(length(pts[i-1], pts[i]), length(pts[i], pts[i+1]))/2)
		in, out := toward(pts[i], pts[i-1], r), toward(pts[i], pts[i+1], r)
		fmt.Fprintf(&b, "L%s %sQ%s %s %s %s", Num(in.X), Num(in.Y), Num(pts[i].X), Num(pts[i].Y), Num(out.X), Num(out.Y))
	}
	last := pts[len(pts)-1]
	fmt.Fprintf(&b, "L%s %s", Num(last.X), Num(last.Y))
	return b.String()
}

func length(a, b Point) float64 { return math.Abs(a.X-b.X) + math.Abs(a.Y-b.Y) }

func toward(from, to Point, d float64) Point {
	l := length(from, to)
	if l == 0 {
		return from
	}
	return Point{from.X + (to.X-from.X)*d/l, from.Y + (to.Y-from.Y)*d/l}
}
