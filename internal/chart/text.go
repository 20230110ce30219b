package chart

import (
	"strings"
	"unicode"
)

// clean makes any string safe to print on one line: white space becomes a space,
// what cannot be printed (control characters, escape sequences, direction
// overrides, bytes that are not UTF-8) a replacement character.
func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
}

// ascii replaces what is outside ASCII; the few characters that this package
// itself uses have a spelling.
func ascii(s string) string {
	s = strings.ReplaceAll(s, "µ", "u")
	s = strings.ReplaceAll(s, "…", "...")
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return '?'
		}
		return r
	}, s)
}

// columns is how many terminal columns s takes at most. Blocks known to be narrow
// count one a rune, all others beyond U+10FF two: an overestimate keeps lines
// within their width on every terminal, at the price of a gap.
func columns(s string) float64 {
	n := 0.0
	for _, r := range s {
		n++
		if wide(r) {
			n++
		}
	}
	return n
}

func wide(r rune) bool {
	switch {
	case r < 0x1100, r >= 0x1E00 && r < 0x2300, r >= 0x2500 && r < 0x25FD,
		r >= 0x27C0 && r < 0x2B00, r == unicode.ReplacementChar:
		return false
	}
	return true
}

// ems is how wide s is in a sans-serif font, in font sizes, erring to the wide side:
// the widths are those of DejaVu Sans, wider than Helvetica, Arial and Liberation.
func ems(s string) float64 {
	n := 0.0
	for _, r := range s {
		switch {
		case strings.ContainsRune("il|!'.,:;Ij ", r):
			n += 0.35
		case strings.ContainsRune("-tfr()[]\"", r):
			n += 0.44
		case strings.ContainsRune("mwMW@%", r):
			n += 0.98
		case r >= 'A' && r <= 'Z':
			n += 0.76
		case strings.ContainsRune("=+<>~&#", r):
			n += 0.86
		case r == '…' || wide(r) || r == unicode.ReplacementChar:
			n += 1.05
		case r > unicode.MaxASCII:
			n += 0.8
		default:
			n += 0.64
		}
	}
	return n
}

// clip shortens s to a given size under measure, with an ellipsis for what it drops.
func clip(s string, size float64, measure func(string) float64) string {
	if measure(s) <= size {
		return s
	}
	room := size - measure("…")
	used := 0.0
	for i, r := range s {
		used += measure(string(r))
		if used > room {
			if room < 0 {
				return ""
			}
			return strings.TrimRight(s[:i], " ") + "…"
		}
	}
	return s
}

// wrap joins words with spaces into lines of at most size under measure, clipping
// words that do not fit on a line, and ends with an ellipsis after most lines.
func wrap(words []string, size float64, most int, measure func(string) float64) []string {
	var lines []string
	line := ""
	for _, w := range words {
		switch w = clip(w, size, measure); {
		case line == "":
			line = w
		case measure(line+" "+w) <= size:
			line += " " + w
		case len(lines)+1 == most:
			return append(lines, clip(line+" "+w, size, measure))
		default:
			lines = append(lines, line)
			line = w
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// chain writes names as words to wrap, with sep after all but the last; that of
// coinciding series is " =".
func chain(names []string, sep string, size float64, measure func(string) float64) []string {
	words := make([]string, len(names))
	for i, n := range names {
		if n = clean(n); n == "" {
			n = "(no name)"
		}
		words[i] = clip(n, size-measure(sep), measure)
		if i+1 < len(names) {
			words[i] += sep
		}
	}
	return words
}
