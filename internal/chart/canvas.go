package chart

import (
	"strconv"
	"strings"
)

// cell is one character of a terminal picture and the curve it belongs to.
type cell struct {
	r     rune
	owner int // index of a curve, or nobody or several
}

const (
	nobody  = -1
	several = -2
)

// canvas is the part of a terminal picture that curves are drawn on.
type canvas struct {
	cols, rows int
	ascii      bool
	dots       []uint8 // braille dots of each cell; in ASCII, 1 if anything
	cells      []cell
}

func newCanvas(cols, rows int, ascii bool) *canvas {
	c := &canvas{cols: cols, rows: rows, ascii: ascii,
		dots: make([]uint8, cols*rows), cells: make([]cell, cols*rows)}
	for i := range c.cells {
		c.cells[i] = cell{' ', nobody}
	}
	return c
}

// grain is how many dots a cell has across and down.
func (c *canvas) grain() (across, down int) {
	if c.ascii {
		return 1, 1
	}
	return 2, 4
}

// brailleBit is the bit of U+2800 for each dot of a cell, by row and column.
var brailleBit = [4][2]uint8{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}

// draw fills in each dot column the dots from s.lo to s.hi, counted from the bottom,
// for the curve with this index and mark.
func (c *canvas) draw(spans []span, index int, mark rune) {
	across, down := c.grain()
	for x, s := range spans {
		if !s.ok {
			continue
		}
		for y := int(s.lo); y <= int(s.hi); y++ {
			fromTop := c.rows*down - 1 - y
			at := fromTop/down*c.cols + x/across
			c.dots[at] |= brailleBit[fromTop%down][x%across]
			c.claim(at, index, mark)
		}
	}
}

// claim makes a cell belong to a curve, or to several if it is taken.
func (c *canvas) claim(at, index int, mark rune) {
	p := &c.cells[at]
	switch p.owner {
	case nobody, index:
		*p = cell{mark, index}
	default:
		*p = cell{'*', several}
	}
	if !c.ascii {
		p.r = 0x2800 + rune(c.dots[at])
	}
}

// row is one line of the picture, from the top.
func (c *canvas) row(y int) []cell { return c.cells[y*c.cols : (y+1)*c.cols] }

// shared reports whether some cell belongs to several curves.
func (c *canvas) shared() bool {
	for _, p := range c.cells {
		if p.owner == several {
			return true
		}
	}
	return false
}

// render writes cells as text without trailing space, in the colours of their owners
// if asked to.
func render(cells []cell, color bool) string {
	for len(cells) > 0 && cells[len(cells)-1].r == ' ' {
		cells = cells[:len(cells)-1]
	}
	var b strings.Builder
	owner := nobody
	for _, p := range cells {
		if o := max(p.owner, nobody); color && o != owner && p.r != ' ' {
			b.WriteString(sgr(o))
			owner = o
		}
		b.WriteRune(p.r)
	}
	if owner != nobody {
		b.WriteString(sgr(nobody))
	}
	return b.String()
}

// sgr is the escape sequence that selects the colour of a curve, or the default: the
// six hues that a terminal's theme defines, then their bright forms.
func sgr(owner int) string {
	if owner < 0 {
		return "\x1b[0m"
	}
	code := []int{34, 31, 32, 35, 36, 33, 94, 91, 92, 95, 96, 93}[owner%12]
	return "\x1b[" + strconv.Itoa(code) + "m"
}

// text makes plain cells of a string.
func text(s string) []cell {
	var out []cell
	for _, r := range s {
		out = append(out, cell{r, nobody})
	}
	return out
}
