package prose

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Paragraph says how words are set.
type Paragraph struct {
	First, Rest string               // what stands before the first line, and before the others
	Gap         string               // between two words of a line; "" is a blank
	Width       float64              // how wide a line may be, First or Rest included
	Measure     func(string) float64 // how wide a text is; nil counts columns of a terminal
}

// columns is how wide a text is in a terminal.
func columns(s string) float64 { return float64(ansi.StringWidth(s)) }

// Lines breaks words into lines, each as full as it can be. A word that no line has room for is cut at a joint.
func (p Paragraph) Lines(words []string) []string {
	measure, gap := p.Measure, p.Gap
	if measure == nil {
		measure = columns
	}
	if gap == "" {
		gap = " "
	}
	var lines []string
	between := measure(gap)
	line, used, empty := p.First, measure(p.First), true
	next := func() {
		lines = append(lines, strings.TrimRight(line, " "))
		line, used, empty = p.Rest, measure(p.Rest), true
	}
	for _, word := range words {
		wide := measure(word)
		if !empty && used+between+wide > p.Width {
			next()
		}
		if !empty {
			line, used = line+gap, used+between
		}
		for used+wide > p.Width {
			cut := joint(word, fits(word, p.Width-used, measure))
			if cut == len(word) {
				break // one character, wider than the line
			}
			line, word = line+word[:cut], word[cut:]
			wide = measure(word)
			next()
		}
		line, used, empty = line+word, used+wide, false
	}
	return append(lines, strings.TrimRight(line, " "))
}

// fits is how many bytes of a word there is room for: those of one character at least.
func fits(word string, room float64, measure func(string) float64) int {
	end := 0
	for end < len(word) {
		_, n := utf8.DecodeRuneInString(word[end:])
		if end > 0 && measure(word[:end+n]) > room {
			break
		}
		end += n
	}
	return end
}

// Joint returns where to cut a word when the line has room for so many of its columns: behind a parenthesis, a comma or a slash,
// else behind an arrow, else behind another sign, so that no name and no number is cut in two; only if there is none of these
// is it where the room ends.
func Joint(word string, room int) int { return joint(word, fits(word, float64(room), columns)) }

func joint(word string, end int) int {
	for _, signs := range []string{"(,/", ">", ":;!=-_.|+"} {
		if i := strings.LastIndexAny(word[:end], signs); i >= 0 && i+1 < len(word) {
			return i + 1
		}
	}
	return end
}

// Hang sets a text as a paragraph at most that many columns wide: first stands before its first line, rest before the others.
func Hang(first, rest, text string, width int) string {
	p := Paragraph{First: first, Rest: rest, Width: float64(width)}
	return strings.Join(p.Lines(strings.Fields(text)), "\n") + "\n"
}

// Wrap breaks a text at its blanks into lines of at most that many columns.
func Wrap(text string, width int) []string {
	return Paragraph{Width: float64(width)}.Lines(strings.Fields(text))
}

// Break is Wrap for a text whose blanks mean something, such as those between columns: they stay as many as they are.
func Break(text string, width int) []string {
	return Paragraph{Width: float64(width)}.Lines(strings.Split(text, " "))
}

// Indent wraps a text and moves it to the right, by that many of the width.
func Indent(text string, width, by int) string {
	blank := strings.Repeat(" ", by)
	return Hang(blank, blank, text, width)
}

// Paragraphs joins lines to paragraphs, parted by lines with nothing on them.
func Paragraphs(lines []string) []string {
	var all, words []string
	for _, l := range append(lines[:len(lines):len(lines)], "") {
		next := strings.Fields(l)
		if words = append(words, next...); len(next) == 0 && len(words) > 0 {
			all, words = append(all, strings.Join(words, " ")), nil
		}
	}
	return all
}
