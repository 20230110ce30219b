package prose_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	_ "ptsim/internal/nofiles"
	"ptsim/internal/prose"
)

func TestCountsAndCapitals(t *testing.T) {
	assert.Equal(t, "0 steps, 1 step, 2 steps",
		prose.Count(0, "step", "steps")+", "+prose.Count(1, "step", "steps")+", "+prose.Count(2, "step", "steps"))
	assert.Equal(t, "on off", prose.OnOff(true)+" "+prose.OnOff(false))
	for text, want := range map[string]string{"": "", "a": "A", "all is done": "All is done", "B waits": "B waits", "_x": "_x", "\u00fc": "\u00fc", "3": "3"} {
		assert.Equal(t, want, prose.Capital(text))
	}
}

func TestGroup(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", math.MinInt: "-9,223,372,036,854,775,808"} {
		assert.Equal(t, want, prose.Group(n))
	}
	assert.Equal(t, "18,446,744,073,709,551,615 states", prose.Count(uint64(math.MaxUint64), "state", "states"))
}

func TestList(t *testing.T) {
	words := []string{"pin", "wait", "leave"}
	for n, want := range []string{"", "pin", "pin or wait", "pin, wait or leave"} {
		assert.Equal(t, want, prose.List(words[:n], "or"))
	}
}

func TestParagraphs(t *testing.T) {
	assert.Equal(t, []string{"a b c", "d"}, prose.Paragraphs([]string{"", "a  b", "c", "", " ", "d"}))
	assert.Empty(t, prose.Paragraphs(nil))
	assert.Equal(t, "a b", prose.OneLine(" a\n\tb "))
}

// A character that a terminal shows in two columns counts as two, and what measures otherwise says so.
func TestWidths(t *testing.T) {
	assert.Equal(t, []string{"\u9875\u8868", "\u9875"}, prose.Wrap("\u9875\u8868 \u9875", 5))
	assert.Equal(t, []string{"a  b", "cd"}, prose.Break("a  b cd", 5))
	wide := prose.Paragraph{Width: 10, Measure: func(s string) float64 { return 3.5 * float64(len(s)) }}
	assert.Equal(t, []string{"a", "bc", "d"}, wide.Lines([]string{"a", "bcd"}))
	assert.Equal(t, []string{"a", "b"}, prose.Paragraph{Width: 1, Measure: wide.Measure}.Lines([]string{"ab"}), "one character a line at least")
}

// What is set as a paragraph keeps its words in their order, fits the width, and could not have done with fewer breaks: no
// line has room for the first word of the next one.
func TestHangKeepsWordsAndFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-z\x{e9}(>-]{1,30}`), 1, 20).Draw(t, "words")
		first, rest := rapid.SampledFrom([]string{"", "  ", "12. "}).Draw(t, "first"), rapid.SampledFrom([]string{"", "    "}).Draw(t, "rest")
		width := rapid.IntRange(12, 60).Draw(t, "width")
		text := prose.Hang(first, rest, strings.Join(words, " "), width)
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		joined, whole := "", true
		for i, l := range lines {
			front := rest
			if i == 0 {
				front = first
			}
			assert.LessOrEqual(t, utf8.RuneCountInString(l), width, "%q", l)
			if l = strings.TrimRight(l, " "); len(l) < len(front) { // only what is cut leaves a line that bare
				whole = false
				continue
			}
			assert.True(t, strings.HasPrefix(l, strings.TrimRight(front, " ")), "%q begins with %q", l, front)
			joined += strings.ReplaceAll(l[len(front):], " ", "")
			if i == 0 {
				continue
			}
			before := utf8.RuneCountInString(lines[i-1])
			word, _, _ := strings.Cut(l[len(front):], " ")
			if utf8.RuneCountInString(word) < width-4 && !cut(words, word) {
				assert.Greater(t, before+1+utf8.RuneCountInString(word), width, "%q has room for %q", lines[i-1], word)
			}
		}
		if whole {
			assert.Equal(t, strings.Join(words, ""), joined)
		}
	})
}

// cut tells whether a text may be what is left of a word of the list: it is none of them, or a part of a longer one.
func cut(words []string, part string) bool {
	return !slices.Contains(words, part) || slices.ContainsFunc(words, func(w string) bool {
		return len(w) > len(part) && strings.Contains(w, part)
	})
}

// A word that is too wide is cut where it has a joint, never in a name or a number.
func TestJoint(t *testing.T) {
	assert.Equal(t, []string{"spin_unlock_bh(", "&mm1->", "context.lock)"}, prose.Wrap("spin_unlock_bh(&mm1->context.lock)", 16))
	assert.Equal(t, []string{"a,b,", "12345"}, prose.Wrap("a,b,12345", 6))
	assert.Equal(t, []string{"long_", "name"}, prose.Wrap("long_name", 6))
}

// A table is as tight as it must be to stay one, and comes in parts, each with the first column, where it cannot.
func TestTable(t *testing.T) {
	rows := [][]string{{"", "one", "two"}, {"row", "1", "22"}}
	assert.Equal(t, "     one  two\nrow    1   22\n", prose.Table(rows, "", 80))
	assert.Equal(t, "    one two\nrow   1  22\n", prose.Table(rows, "", 11))
	assert.Equal(t, "     one\nrow    1\n\n     two\nrow   22\n", prose.Table(rows, "", 10))
	assert.Equal(t, "       one\n  row    1\n\n       two\n  row   22\n", prose.Table(rows, "  ", 1), "a column is never cut")
	assert.Empty(t, prose.Table(nil, "", 80))
}

func TestWrapAndIndent(t *testing.T) {
	assert.Equal(t, []string{"a b", "c"}, prose.Wrap(" a  b c ", 3))
	assert.Equal(t, []string{""}, prose.Wrap("", 3))
	assert.Equal(t, []string{"abcd", "ef"}, prose.Wrap("abcdef", 4), "a word that no line has room for is cut")
	assert.Equal(t, "  a\n  b\n", prose.Indent("a b", 4, 2))
}
