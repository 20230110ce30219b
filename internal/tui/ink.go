package tui

import (
	"strings"

	"ptsim/internal/stepper"
)

// style is how text looks. Nothing is told by a style alone: what it stresses is also marked by a sign or a word.
type style uint8

const (
	plain style = iota
	bold
	faint
	strong   // headings
	fresh    // what is new
	altered  // what changed
	gone     // what is no more
	wrong    // what is broken
	marked   // what is chosen
	accented // keys
)

// sgr are the attributes of the styles: with colours, of the sixteen that a terminal's own theme sets, light or dark; and
// without.
var sgr = [...][2]string{
	bold:     {"1", "1"},
	faint:    {"2", "2"},
	strong:   {"1;36", "1"},
	fresh:    {"1;32", "1"},
	altered:  {"1;35", "1"},
	gone:     {"31", ""},
	wrong:    {"1;31", "1"},
	marked:   {"7", "7"},
	accented: {"36", "1"},
}

// ink is what the screen is drawn with: signs, and whether there are colours.
type ink struct {
	colour bool

	rule, focus      string // titles, and that of the panel with the focus
	left, mid, right string // of a page
	bar              string // between columns
	fill             [5]string
	mark             map[stepper.Change]string
	bad              string
	here             string // the line, the lane
	arrow            string
	moved            string
	branch, last, on string // of a tree
}

// The signs that ptsim run draws with, in box-drawing characters and in ASCII.
var (
	boxSigns = ink{
		rule: "─", focus: "═", left: "┃", mid: "│", right: "┃", bar: "│",
		fill: [...]string{stepper.HalfFree: " ", stepper.HalfAllocated: "█", stepper.HalfPending: "▒", stepper.HalfPendingHead: "░", stepper.HalfBroken: "?"},
		mark: map[stepper.Change]string{stepper.Same: " ", stepper.Changed: "●", stepper.Appeared: "+", stepper.Gone: "−"},
		bad:  "!", here: "▶", arrow: "→", moved: "•", branch: "├─", last: "└─", on: "│ ",
	}
	asciiSigns = ink{
		rule: "-", focus: "=", left: "[", mid: "|", right: "]", bar: "|",
		fill: [...]string{stepper.HalfFree: " ", stepper.HalfAllocated: "#", stepper.HalfPending: "/", stepper.HalfPendingHead: ":", stepper.HalfBroken: "?"},
		mark: map[stepper.Change]string{stepper.Same: " ", stepper.Changed: "*", stepper.Appeared: "+", stepper.Gone: "-"},
		bad:  "!", here: ">", arrow: "->", moved: "'", branch: "|-", last: "`-", on: "| ",
	}
)

const boxRunes = "─═┃│█▒░●−▶→•├└"

// inkRune tells whether a rune is one of the signs. They take one column, except in terminals of East Asian locales, for
// which [ASCII] finds that plain characters are better.
func inkRune(r rune) bool { return strings.ContainsRune(boxRunes, r) }

func newInk(ascii, colour bool) *ink {
	k := boxSigns
	if ascii {
		k = asciiSigns
	}
	k.colour = colour
	return &k
}

// half returns what fills a half in that state.
func (k *ink) half(state stepper.HalfState) string { return k.fill[state] }

// sign is the mark of a change in the margin, and its style.
func (k *ink) sign(c stepper.Change) (style, string) {
	st := plain
	switch c {
	case stepper.Changed:
		st = altered
	case stepper.Appeared:
		st = fresh
	case stepper.Gone:
		st = gone
	}
	return st, k.mark[c]
}

// render writes a line with the escape sequences of its styles.
func (k *ink) render(b *strings.Builder, l line) {
	for _, s := range l.spans {
		set := ""
		if s.style != plain {
			set = sgr[s.style][b2i(!k.colour)]
		}
		if set == "" {
			b.WriteString(s.text)
			continue
		}
		b.WriteString("\x1b[" + set + "m")
		b.WriteString(s.text)
		b.WriteString("\x1b[m")
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// ASCII tells from the environment whether box-drawing characters had better be left out: the locale is not UTF-8, or one
// in whose terminals they may take two columns.
func ASCII(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		v := strings.ToLower(getenv(name))
		if v == "" {
			continue
		}
		if !strings.Contains(v, "utf-8") && !strings.Contains(v, "utf8") {
			return true
		}
		return strings.HasPrefix(v, "zh") || strings.HasPrefix(v, "ja") || strings.HasPrefix(v, "ko")
	}
	return false
}
