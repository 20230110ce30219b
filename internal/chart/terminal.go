package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

const (
	defaultWidth, defaultHeight = 72, 12
	maxWidth, maxHeight         = 1000, 400
	minPlotCols                 = 12 // below this no picture is drawn
	minNameCols                 = 24 // below this names stand under the numbers
	maxCaptionLines             = 8
)

// sheet collects the lines of one terminal plot.
type sheet struct {
	TermOptions
	f     *figure
	lines []string
}

func (p *Plot) terminal(o TermOptions) (string, error) {
	if o.Width < 0 || o.Height < 0 {
		return "", fmt.Errorf("chart: size %dx%d: expected no negative number", o.Width, o.Height)
	}
	f, err := p.prepare()
	if err != nil {
		return "", err
	}
	if o.Width == 0 {
		o.Width = defaultWidth
	}
	if o.Height == 0 {
		o.Height = defaultHeight
	}
	o.Width, o.Height = min(o.Width, maxWidth), min(o.Height, maxHeight)
	s := &sheet{TermOptions: o, f: f}
	s.text(clean(p.Title))
	s.text(clean(p.YLabel))
	same := s.picture(p.XLabel)
	s.legend(same)
	for _, l := range wrap(strings.Fields(s.spell(p.Caption)), float64(o.Width), maxCaptionLines, s.columns) {
		s.text(l)
	}
	return strings.Join(s.lines, "\n") + "\n", nil
}

// spell makes a string printable in the character set of the sheet.
func (s *sheet) spell(t string) string {
	t = clean(t)
	if s.ASCII {
		t = ascii(t)
	}
	return t
}

// columns measures a string as it will be spelled.
func (s *sheet) columns(t string) float64 {
	if s.ASCII {
		t = ascii(t)
	}
	return columns(t)
}

// text adds a line of text, clipped to the width; an empty one is left out.
func (s *sheet) text(t string) {
	t = strings.TrimRight(clip(t, float64(s.Width), s.columns), " ")
	if s.ASCII {
		t = ascii(t)
	}
	if t != "" {
		s.lines = append(s.lines, t)
	}
}

// picture draws the curves between their axes. It returns for each curve the index
// of the first that fills the very same dots, its own if there is none before it.
func (s *sheet) picture(xlabel string) []int {
	f := s.f
	same := make([]int, len(f.curves))
	for i := range same {
		same[i] = i
	}
	y := valueAxis(f.lo, f.hi, valueSteps(s.Height), f.integral)
	down := 4
	if s.ASCII {
		down = 1
	}
	level := func(v float64) float64 { return math.Round(y.place(v) * float64(s.Height*down-1)) }
	line := func(v float64) int { return (s.Height*down - 1 - int(level(v))) / down }

	marks, gutter := s.endMarks(line)
	labels := make([]string, s.Height)
	wide := 0
	for i := len(y.ticks) - 1; i >= 0; i-- { // of two on one line the lower stays
		labels[line(y.ticks[i].at)] = y.ticks[i].label
		wide = max(wide, len(y.ticks[i].label))
	}
	cols := s.Width - wide - 2 - gutter
	if cols < minPlotCols {
		return same
	}
	c := newCanvas(cols, s.Height, s.ASCII)
	same = s.curves(c, level)
	for i := range s.Height {
		bar := pick(s.ASCII, '|', '│')
		if labels[i] != "" {
			bar = pick(s.ASCII, '+', '┤')
		}
		row := append(text(fmt.Sprintf("%*s %c", wide, labels[i], bar)), c.row(i)...)
		s.lines = append(s.lines, render(append(row, marks[i]...), s.Color))
	}
	s.timeAxis(cols, wide+1, xlabel)
	if s.ASCII && c.shared() {
		s.text("* curves meet")
	}
	return same
}

// valueSteps is into how many steps to divide a value axis of some rows: two at least,
// if their labels then stand apart.
func valueSteps(rows int) int {
	if rows < 4 {
		return 1
	}
	return min(max(rows/3, 2), 6)
}

// pick chooses between the ASCII and the better form of a character.
func pick(ascii bool, plain, better rune) rune {
	if ascii {
		return plain
	}
	return better
}

// endMarks gives for each line of the picture the letters of the curves that end on
// it, and the columns that they take.
func (s *sheet) endMarks(line func(float64) int) ([][]cell, int) {
	marks := make([][]cell, s.Height)
	gutter := 0
	for i := range s.f.curves {
		at := line(s.f.curves[i].last())
		if marks[at] == nil {
			marks[at] = text(" ")
		}
		marks[at] = append(marks[at], cell{s.f.curves[i].mark, i})
		gutter = max(gutter, len(marks[at]))
	}
	return marks, gutter
}

// curves draws all curves, with a letter at each where there is room for it. It
// returns what picture does.
func (s *sheet) curves(c *canvas, level func(float64) float64) (same []int) {
	across, down := c.grain()
	cells := make([][]span, len(s.f.curves))
	drawn := make([][]span, len(s.f.curves))
	for i, cv := range s.f.curves {
		drawn[i] = spans(cv.pts, s.f.end, c.cols*across)
		for j := range drawn[i] {
			drawn[i][j].lo, drawn[i][j].hi = level(drawn[i][j].lo), level(drawn[i][j].hi)
		}
		c.draw(drawn[i], i, cv.mark)
		same = append(same, slices.IndexFunc(drawn[:i+1], func(d []span) bool { return slices.Equal(d, drawn[i]) }))
		cells[i] = inCells(drawn[i], across, float64(down))
	}
	if s.ASCII || len(cells) < 2 {
		return same
	}
	var taken []box
	for i := range cells {
		if b, ok := spot(cells, i, letterShape{reach: 1, high: 1, need: 1}, float64(c.rows), taken); ok {
			c.row(c.rows - 1 - int(b.lo))[(b.from+b.to)/2] = cell{s.f.curves[i].mark, i}
			taken = append(taken, b)
		}
	}
	return same
}

// inCells coarsens spans of dots to spans of whole cells, from the lower edge of the
// lowest to the upper edge of the highest.
func inCells(dots []span, across int, down float64) []span {
	out := make([]span, len(dots)/across)
	for i, d := range dots {
		if !d.ok {
			continue
		}
		o := &out[i/across]
		lo, hi := math.Floor(d.lo/down), math.Floor(d.hi/down)+1
		if !o.ok {
			*o = span{lo, hi, true}
		}
		o.lo, o.hi = min(o.lo, lo), max(o.hi, hi)
	}
	return out
}

// timeAxis adds the axis below cols columns of picture, its labels and its title.
func (s *sheet) timeAxis(cols, indent int, xlabel string) {
	x, unit := timeAxis(s.f.end, max(cols/12, 1))
	rule := []rune(strings.Repeat(string(pick(s.ASCII, '-', '─')), cols))
	names := []rune(strings.Repeat(" ", indent+1+cols))
	for _, t := range x.ticks { // at least 12 columns apart, with labels of at most 7
		col := min(int(x.place(t.at)*float64(cols)), cols-1)
		from := min(max(indent+1+col-(len(t.label)-1)/2, 0), len(names)-len(t.label))
		rule[col] = pick(s.ASCII, '+', '┬')
		copy(names[from:], []rune(t.label))
	}
	pad := strings.Repeat(" ", indent)
	s.text(pad + string(pick(s.ASCII, '+', '└')) + string(rule))
	s.text(string(names))
	title := clip(axisTitle(xlabel, unit), float64(cols), s.columns)
	s.text(pad + " " + strings.Repeat(" ", (cols-int(s.columns(title)))/2) + title)
}

// axisTitle names the time axis and its unit.
func axisTitle(xlabel, unit string) string {
	if xlabel = clean(xlabel); xlabel == "" {
		xlabel = "time"
	}
	return xlabel + " (" + unit + ")"
}

// legend adds a line or more for each curve.
func (s *sheet) legend(same []int) {
	peaks, means := make([]string, len(same)), make([]string, len(same))
	widePeak, wideMean := 0, 0
	for i, c := range s.f.curves {
		peaks[i], means[i] = formatValue(c.peak), formatMean(c.mean)
		widePeak, wideMean = max(widePeak, len(peaks[i])), max(wideMean, len(means[i]))
	}
	for i, c := range s.f.curves {
		head := fmt.Sprintf("%c  peak %*s  mean %*s  ", c.mark, widePeak, peaks[i], wideMean, means[i])
		var note string
		if same[i] != i {
			note = fmt.Sprintf("(drawn where %c is)", s.f.curves[same[i]].mark)
		}
		s.entry(head, i, c.names, note)
	}
	if len(s.f.empty) > 0 {
		s.entry("no data: ", nobody, s.f.empty, "")
	} else if len(s.f.curves) == 0 {
		s.text("no data")
	}
}

// entry adds names below each other right of head, which starts with the mark of the
// curve with this index, or with no mark.
func (s *sheet) entry(head string, index int, names []string, note string) {
	sep := " ="
	if index == nobody {
		sep = ","
	}
	indent := len(head)
	if s.Width-indent < minNameCols {
		s.marked(head, index)
		head, index, indent = "  ", nobody, 2
	}
	room := max(float64(s.Width-indent), 0)
	words := append(chain(names, sep, room, s.columns), strings.Fields(note)...)
	for _, l := range wrap(words, room, len(words), s.columns) {
		s.marked(head+l, index)
		head, index = strings.Repeat(" ", indent), nobody
	}
}

// marked adds a line of text, its first character in the colour of a curve.
func (s *sheet) marked(t string, index int) {
	from := len(s.lines)
	s.text(t)
	if index == nobody || !s.Color || len(s.lines) == from || !strings.HasPrefix(s.lines[from], t[:1]) {
		return
	}
	s.lines[from] = sgr(index) + t[:1] + sgr(nobody) + s.lines[from][1:]
}
