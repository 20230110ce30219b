package phrase

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Count is a number with its noun: "1 step", "2 steps".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// OnOff says how a flag such as PageActive stands.
func OnOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// Capital has a sentence begin with a capital letter, if it begins with a letter of ASCII and not with the name of
// something: mm1 is written one way everywhere.
func Capital(s string) string {
	word, _, _ := strings.Cut(s, " ")
	if s == "" || s[0] < 'a' || s[0] > 'z' || strings.ContainsAny(word, "_0123456789") {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// Hang sets a text as a paragraph at most that many characters wide: first stands before its first line, rest before the
// others. A word that no line has room for is cut at a joint, as Joint says.
func Hang(first, rest, text string, width int) string {
	var b strings.Builder
	line, used, empty := first, utf8.RuneCountInString(first), true
	next := func() {
		b.WriteString(strings.TrimRight(line, " ") + "\n")
		line, used, empty = rest, utf8.RuneCountInString(rest), true
	}
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		if !empty && used+1+n > width {
			next()
		}
		if !empty {
			line, used = line+" ", used+1
		}
		for room := max(width-used, 1); n > room; room = max(width-used, 1) {
			cut := Joint(word, room)
			line, word, n = line+word[:cut], word[cut:], n-utf8.RuneCountInString(word[:cut])
			next()
		}
		line, used, empty = line+word, used+n, false
	}
	b.WriteString(line + "\n")
	return b.String()
}

// Joint returns where to cut a word for which there is room for that many characters: behind a parenthesis, a comma or a slash,
// else behind an arrow, else behind another sign, so that no name and no number is cut in two; only if there is none of these
// is it after as many characters as there is room for.
func Joint(word string, room int) int {
	end := len(word)
	for i := range word {
		if room--; room < 0 {
			end = i
			break
		}
	}
	for _, signs := range []string{"(,/", ">", ":;!=-_.|+"} {
		if i := strings.LastIndexAny(word[:end], signs); i >= 0 && i+1 < len(word) {
			return i + 1
		}
	}
	return end
}

// Wrap breaks a text at its blanks into lines of at most that many characters.
func Wrap(text string, width int) []string {
	return strings.Split(strings.TrimSuffix(Hang("", "", text, width), "\n"), "\n")
}

// Indent wraps a text and moves it to the right, by that many of the width.
func Indent(text string, width, by int) string {
	blank := strings.Repeat(" ", by)
	return Hang(blank, blank, text, width)
}
