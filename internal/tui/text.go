package tui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// span is text in one style.
type span struct {
	style style
	text  string
}

// line is one line of the screen: plain text in styles. It holds no escape sequences and no control characters, so that it
// can be measured, cut and wrapped, and only [ink.render] turns it into what a terminal gets.
type line struct {
	spans []span
	row   rowKind
}

// rowKind says whether a line begins a row of the state, and whether the row has a mark in its margin.
type rowKind uint8

const (
	goesOn rowKind = iota // no row begins here
	unmarkedRow
	markedRow
)

// text returns a line of one style.
func text(st style, s string) line {
	var l line
	l.add(st, s)
	return l
}

// add appends text, made harmless.
func (l *line) add(st style, s string) *line {
	if s = clean(s); s == "" {
		return l
	}
	if n := len(l.spans); n > 0 && l.spans[n-1].style == st {
		l.spans[n-1].text += s
	} else {
		l.spans = append(l.spans, span{st, s})
	}
	return l
}

// join appends the spans of another line.
func (l *line) join(o line) *line {
	for _, s := range o.spans {
		l.add(s.style, s.text)
	}
	return l
}

// pad fills up with spaces to n columns.
func (l *line) pad(n int) *line {
	if have := l.width(); have < n {
		l.add(plain, strings.Repeat(" ", n-have))
	}
	return l
}

// plain returns the text without styles.
func (l line) plain() string {
	var b strings.Builder
	for _, s := range l.spans {
		b.WriteString(s.text)
	}
	return b.String()
}

func (l line) width() int {
	n := 0
	for _, s := range l.spans {
		n += width(s.text)
	}
	return n
}

// cut returns the first n columns. What does not fit is shown to be missing by a ~.
func (l line) cut(n int) line {
	if l.width() <= n {
		return l
	}
	if n <= 0 {
		return line{}
	}
	var out line
	room := n - 1
	for _, s := range l.spans {
		part := cutText(s.text, room)
		out.add(s.style, part)
		room -= width(part)
		if len(part) < len(s.text) {
			out.add(s.style, "~")
			break
		}
	}
	return out
}

// cutText returns what of s fits into n columns.
func cutText(s string, n int) string {
	at := 0
	for i, r := range s {
		w := runeWidth(r)
		if w > n {
			return s[:i]
		}
		n -= w
		at = i + len(string(r))
	}
	return s[:at]
}

// short cuts a text that is too long, and shows that it did.
func short(s string, n int) string {
	if width(s) <= n {
		return s
	}
	return cutText(s, max(n-1, 0)) + cutText("~", n)
}

// wrap breaks a line at spaces into lines of at most n columns, all but the first with an indent; a word that is longer is
// cut in two.
func (l line) wrap(n, indent int) []line {
	n = max(n, 1)
	if indent >= n {
		indent = 0
	}
	var out []line
	cur := line{row: l.row}
	room, empty := n, true
	next := func() {
		out = append(out, cur)
		cur = line{}
		cur.add(plain, strings.Repeat(" ", indent))
		room, empty = n-indent, true
	}
	for _, s := range l.spans {
		rest := s.text
		for rest != "" {
			word := rest
			if i := strings.IndexByte(rest[1:], ' '); i >= 0 {
				word = rest[:i+1]
			}
			rest = rest[len(word):]
			if empty && len(out) > 0 {
				if word = strings.TrimLeft(word, " "); word == "" {
					continue
				}
			}
			if w := width(word); w > room && !empty {
				next()
				if word = strings.TrimLeft(word, " "); word == "" {
					continue
				}
			}
			for width(word) > room {
				part := cutText(word, room)
				if part == "" && !empty {
					next()
					continue
				}
				if part == "" { // a wide character where there is one column: the screen cuts it
					_, n := utf8.DecodeRuneInString(word)
					part = word[:n]
				}
				cur.add(s.style, part)
				if word = word[len(part):]; word == "" {
					room, empty = 0, false
					break
				}
				next()
			}
			cur.add(s.style, word)
			room -= width(word)
			empty = false
		}
	}
	return append(out, cur)
}

// wrapText wraps a text of one style.
func wrapText(st style, s string, n, indent int) []line { return text(st, s).wrap(n, indent) }

// clean replaces what would do more than stand in its column: control characters, marks that join the character before
// them, characters that change the direction of text. A tab is a space.
func clean(s string) string {
	ok := true
	for _, r := range s {
		if r < ' ' || r > '~' {
			ok = ok && known(r)
		}
	}
	if ok {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r >= ' ' && r <= '~' || known(r):
			return r
		}
		return '?'
	}, s)
}

// known tells whether a rune that is no ASCII stands in columns of its own, whoever measures it.
func known(r rune) bool {
	return r > '~' && unicode.IsPrint(r) && !unicode.In(r, unicode.M, unicode.Cf) && (r < 0x1f000 || r >= 0x20000) && runeWidth(r) > 0
}

func runeWidth(r rune) int {
	if r < 0x300 || inkRune(r) {
		return 1
	}
	return ansi.StringWidth(string(r))
}

func width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}
