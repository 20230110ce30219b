package prose

import (
	"strconv"
	"strings"
)

// Count is a number with its noun: "1 step", "2 steps", "2,046 steps".
func Count[N integer](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Group(n) + " " + many
}

// integer is what is counted.
type integer interface {
	~int | ~int64 | ~uint32 | ~uint64
}

// Group writes a number with a comma before each three digits.
func Group[N integer](n N) string {
	sign, s := "", strconv.FormatUint(uint64(n), 10)
	if n < 0 {
		sign, s = "-", strconv.FormatUint(-uint64(n), 10)
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// List writes words one after the other, the last behind a word such as "and": "a, b and c".
func List(words []string, last string) string {
	n := len(words)
	if n < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n-1], ", ") + " " + last + " " + words[n-1]
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

// OneLine is a text of any number of lines as one, with one blank between two words.
func OneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
