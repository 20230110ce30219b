package picture

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	_ "ptsim/internal/nofiles"
)

func plan(boxes ...Box) Plan { return Plan{Area: Box{W: 600, H: 360}, Boxes: boxes} }

func box(x, y float64) Box { return Around(x, y, 72, 48) }

// onBorder tells whether a point lies on a box's side, corners excluded, and in which direction out of it is.
func onBorder(b Box, p Point) (out Point, ok bool) {
	inX, inY := p.X > b.X && p.X < b.Right(), p.Y > b.Y && p.Y < b.Bottom()
	switch {
	case inX && p.Y == b.Y:
		return Point{0, -1}, true
	case inX && p.Y == b.Bottom():
		return Point{0, 1}, true
	case inY && p.X == b.X:
		return Point{-1, 0}, true
	case inY && p.X == b.Right():
		return Point{1, 0}, true
	}
	return Point{}, false
}

func unit(a, b Point) Point {
	l := length(a, b)
	return Point{(b.X - a.X) / l, (b.Y - a.Y) / l}
}

// pieceBox is a piece of a line as a box of no width.
func pieceBox(a, b Point) Box {
	return Box{math.Min(a.X, b.X), math.Min(a.Y, b.Y), math.Abs(a.X - b.X), math.Abs(a.Y - b.Y)}
}

// neverAtAnyPrice returns what a routed line does that none may.
func neverAtAnyPrice(p Plan, l Line, r Routed) (wrong []string) {
	if len(r.Points) < 2 {
		return []string{"no way"}
	}
	say := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	first, last := r.Points[0], r.Points[len(r.Points)-1]
	out, ok := onBorder(p.Boxes[l.From], first)
	say(ok && out == unit(first, r.Points[1]), "leaves %v at %v for %v", p.Boxes[l.From], first, r.Points[1])
	in, ok := onBorder(p.Boxes[l.To], last)
	say(ok && in == unit(last, r.Points[len(r.Points)-2]), "arrives at %v at %v from %v", p.Boxes[l.To], last, r.Points[len(r.Points)-2])
	under := 0
	for k := 1; k < len(r.Points); k++ {
		a, b := r.Points[k-1], r.Points[k]
		say((a.X == b.X) != (a.Y == b.Y), "slanting piece %v %v", a, b)
		piece := pieceBox(a, b)
		for i, box := range p.Boxes {
			say(!piece.Grow(0.5).Meets(box.Grow(-1)), "runs through box %d", i)
		}
		for _, c := range p.Closed {
			say(!piece.Grow(0.1).Meets(c), "runs through what is closed")
		}
		say(p.Area.Holds(piece), "leaves the area")
		if piece.Grow(0.1).Meets(r.Label.Grow(2)) {
			under++
			mid := r.Label.Middle()
			say(piece.Grow(0.1).Holds(Box{mid.X, mid.Y, 0, 0}), "label %v beside its piece %v", r.Label, piece)
			say(length(a, b) >= r.Label.W || a.X == b.X && length(a, b) >= r.Label.H, "a corner under the label")
		}
	}
	say(under == 1, "label over %d pieces", under)
	say(p.Area.Holds(r.Label), "label outside")
	for i, box := range p.Boxes {
		say(!r.Label.Meets(box), "label on box %d", i)
	}
	for i, f := range p.Fences {
		say(!f.Crosses(r.Label) || !f.Meets(r.Label), "label on fence %d", i)
	}
	return wrong
}

// TestStraight: with nothing in the way a line is straight, and its label lies on it.
func TestStraight(t *testing.T) {
	p := plan(box(60, 60), box(300, 60))
	p.Lines = []Line{{From: 0, To: 1, W: 40, H: 16}}
	r := Route(p)[0]
	assert.Equal(t, []Point{{96, 60}, {264, 60}}, r.Points)
	assert.Equal(t, 60.0, r.Label.Middle().Y)
	assert.Empty(t, neverAtAnyPrice(p, p.Lines[0], r))
}

// TestTwoWays: a line there and a line back keep apart.
func TestTwoWays(t *testing.T) {
	p := plan(box(60, 60), box(300, 60))
	p.Lines = []Line{{0, 1, 40, 16}, {1, 0, 40, 16}}
	r := Route(p)
	assert.False(t, r[0].Label.Meets(r[1].Label))
	assert.NotEqual(t, r[0].Points[0], r[1].Points[len(r[1].Points)-1])
}

// TestFence: a label that would lie on a fence moves along.
func TestFence(t *testing.T) {
	p := plan(box(60, 60), box(420, 60))
	p.Lines = []Line{{0, 1, 40, 16}}
	free := Route(p)[0].Label
	p.Fences = []Box{{0, 0, free.Middle().X, 120}}
	r := Route(p)[0]
	assert.Equal(t, []Point{{96, 60}, {384, 60}}, r.Points)
	assert.Empty(t, neverAtAnyPrice(p, p.Lines[0], r))
}

// TestNoWay: a line that cannot get out is left out, and the others are drawn.
func TestNoWay(t *testing.T) {
	p := plan(box(300, 180), box(60, 60), box(60, 300))
	p.Closed = []Box{{252, 144, 96, 6}, {252, 210, 96, 6}, {252, 144, 6, 72}, {342, 144, 6, 72}}
	p.Lines = []Line{{0, 1, 40, 16}, {1, 2, 40, 16}}
	r := Route(p)
	assert.Empty(t, r[0].Points)
	assert.NotEmpty(t, r[1].Points)
}

// TestRoute throws boxes and lines onto a sheet: what must never be never is, and twice the same is the same.
func TestRoute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := plan()
		p.Area = Box{W: 444, H: 240}
		for y := 60.0; y < 240; y += 120 {
			for x := 60.0; x < 450; x += 156 {
				if rapid.Bool().Draw(t, "box") {
					p.Boxes = append(p.Boxes, box(x, y))
				}
			}
		}
		if len(p.Boxes) < 2 {
			t.Skip("nothing to route between")
		}
		if rapid.Bool().Draw(t, "fence") {
			p.Fences = []Box{p.Boxes[0].Grow(18)}
		}
		for range rapid.IntRange(1, 4).Draw(t, "lines") {
			from := rapid.IntRange(0, len(p.Boxes)-1).Draw(t, "from")
			to := rapid.IntRange(0, len(p.Boxes)-2).Draw(t, "to")
			if to >= from {
				to++
			}
			p.Lines = append(p.Lines, Line{from, to, rapid.SampledFrom([]float64{20, 40, 60}).Draw(t, "w"), 16})
		}
		r := Route(p)
		require.Equal(t, r, Route(p))
		for i, l := range p.Lines {
			require.Empty(t, neverAtAnyPrice(p, l, r[i]), "line %d of %+v: %+v", i, p, r[i])
		}
	})
}

func TestPath(t *testing.T) {
	assert.Equal(t, "M0 0L32 0Q40 0 40 8L40 40", Path([]Point{{0, 0}, {40, 0}, {40, 40}}, 8))
	assert.Equal(t, "M0 0L5 0Q10 0 10 5L10 40", Path([]Point{{0, 0}, {10, 0}, {10, 40}}, 8), "a short piece has a small corner")
}

func TestNum(t *testing.T) {
	for v, want := range map[float64]string{0: "0", -0.01: "0", 12: "12", 12.34: "12.3", -3.25: "-3.2", 0.96: "1"} {
		assert.Equal(t, want, Num(v))
	}
}

func TestBox(t *testing.T) {
	b := Box{10, 10, 20, 10}
	assert.True(t, b.Meets(Box{29, 19, 5, 5}))
	assert.False(t, b.Meets(Box{30, 10, 5, 5}), "a common border is no meeting")
	assert.True(t, b.Holds(b))
	assert.False(t, b.Holds(b.Grow(1)))
	assert.True(t, b.Crosses(Box{25, 12, 10, 2}))
	assert.False(t, b.Crosses(Box{12, 12, 2, 2}))
	assert.Equal(t, Box{10, 10, 40, 20}, b.Union(Box{40, 25, 10, 5}))
	assert.Equal(t, b, Around(20, 15, 20, 10))
}
