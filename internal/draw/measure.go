package draw

import (
	"strings"
	"unicode/utf8"

	"ptsim/internal/prose"
)

// kind is a kind of text: what it looks like.
type kind string

// The kinds of text; each is a class of the style sheet.
const (
	title    kind = "pa"
	sentence kind = "pb"
	plain    kind = "pc"
	strong   kind = "pd"
	code     kind = "pe"
	small    kind = "pf"
	tiny     kind = "pg"
)

type font struct {
	size       float64
	bold, sans bool
}

var fonts = map[kind]font{
	title: {25, true, true}, sentence: {21, true, true}, plain: {17, false, true},
	strong: {16, true, false}, code: {15, false, false}, small: {13.5, false, false}, tiny: {12, false, false},
}

// glyph is how wide a character of a monospaced font is, in font sizes: a little more than any common one.
const glyph = 0.61

// Widths of the printable ASCII characters, in thousandths of the font size: the wider of DejaVu Sans and Liberation Sans,
// which is as wide as Arial and Helvetica. Whatever is shown is no wider.
var (
	regular = [...]uint16{317, 400, 459, 837, 636, 950, 779, 274, 390, 390, 500, 837, 317, 360, 317, 336, 636, 636, 636, 636, 636, 636, 636, 636,
		636, 636, 336, 336, 837, 837, 837, 556, 1015, 684, 686, 722, 770, 666, 610, 777, 751, 294, 500, 666, 557, 862, 748, 787, 666, 787, 722,
		666, 610, 731, 684, 988, 685, 666, 685, 390, 336, 390, 837, 556, 500, 612, 634, 549, 634, 615, 352, 634, 633, 277, 277, 579, 277, 974,
		633, 611, 634, 634, 411, 520, 392, 633, 591, 817, 591, 591, 524, 636, 336, 636, 837}
	bold = [...]uint16{348, 456, 520, 837, 695, 1001, 872, 306, 457, 457, 522, 837, 379, 415, 379, 365, 695, 695, 695, 695, 695, 695, 695, 695,
		695, 695, 399, 399, 837, 837, 837, 610, 1000, 773, 762, 733, 830, 683, 683, 820, 836, 372, 556, 774, 637, 995, 836, 850, 732, 850, 770,
		720, 682, 812, 773, 1103, 770, 724, 725, 457, 365, 457, 837, 556, 500, 674, 715, 592, 715, 678, 435, 715, 711, 342, 342, 665, 342, 1041,
		711, 687, 715, 715, 493, 595, 478, 711, 651, 923, 645, 651, 582, 711, 365, 711, 837}
)

// width is how wide a text is, at most.
func (k kind) width(s string) float64 {
	f := fonts[k]
	if !f.sans {
		w := 0.0
		for _, r := range s {
			w += glyph
			if r > 0x2e7f { // as wide as it is high
				w += 1 - glyph
			}
		}
		return w * f.size
	}
	table, sum := &regular, 0
	if f.bold {
		table = &bold
	}
	for _, r := range s {
		if r >= ' ' && r <= '~' {
			sum += int(table[r-' '])
		} else {
			sum += 1100
		}
	}
	return float64(sum) * f.size / 1000
}

// line is how far lines of a text are apart.
func (k kind) line() float64 { return fonts[k].size * 1.36 }

// fit shortens a text to a width. Three dots say so.
func (k kind) fit(s string, w float64) string {
	if k.width(s) <= w {
		return s
	}
	for s != "" {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
		if t := strings.TrimRight(s, " ") + "..."; k.width(t) <= w {
			return t
		}
	}
	return ""
}

// wrap breaks a text to a width. Of more than so many lines the last one is shortened; 0 is as many as it takes.
func (k kind) wrap(s string, w float64, lines int) []string {
	words := strings.Fields(s)
	if len(words) == 0 {
		return nil
	}
	list := prose.Paragraph{Width: w, Measure: k.width}.Lines(words)
	if lines == 0 || len(list) <= lines {
		return list
	}
	return append(list[:lines-1], k.fit(strings.Join(list[lines-1:], " "), w))
}
