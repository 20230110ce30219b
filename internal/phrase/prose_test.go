package phrase_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	_ "ptsim/internal/nofiles"
	"ptsim/internal/phrase"
)

func TestCountsAndCapitals(t *testing.T) {
	assert.Equal(t, "0 steps, 1 step, 2 steps",
		phrase.Count(0, "step", "steps")+", "+phrase.Count(1, "step", "steps")+", "+phrase.Count(2, "step", "steps"))
	assert.Equal(t, "on off", phrase.OnOff(true)+" "+phrase.OnOff(false))
	for text, want := range map[string]string{"": "", "a": "A", "all is done": "All is done", "B waits": "B waits", "_x": "_x", "\u00fc": "\u00fc", "3": "3"} {
		assert.Equal(t, want, phrase.Capital(text))
	}
}

// What is set as a paragraph keeps its words in their order, fits the width, and could not have done with fewer breaks: no
// line has room for the first word of the next one.
func TestHangKeepsWordsAndFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-z\x{e9}(>-]{1,30}`), 1, 20).Draw(t, "words")
		first, rest := rapid.SampledFrom([]string{"", "  ", "12. "}).Draw(t, "first"), rapid.SampledFrom([]string{"", "    "}).Draw(t, "rest")
		width := rapid.IntRange(12, 60).Draw(t, "width")
		text := phrase.Hang(first, rest, strings.Join(words, " "), width)
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
	assert.Equal(t, []string{"spin_unlock_bh(", "&mm1->", "context.lock)"}, phrase.Wrap("spin_unlock_bh(&mm1->context.lock)", 16))
	assert.Equal(t, []string{"a,b,", "12345"}, phrase.Wrap("a,b,12345", 6))
	assert.Equal(t, []string{"long_", "name"}, phrase.Wrap("long_name", 6))
}

// A table is as tight as it must be to stay one, and comes in parts, each with the first column, where it cannot.
func TestTable(t *testing.T) {
	rows := [][]string{{"", "one", "two"}, {"row", "1", "22"}}
	assert.Equal(t, "     one  two\nrow    1   22\n", phrase.Table(rows, "", 80))
	assert.Equal(t, "    one two\nrow   1  22\n", phrase.Table(rows, "", 11))
	assert.Equal(t, "     one\nrow    1\n\n     two\nrow   22\n", phrase.Table(rows, "", 10))
	assert.Equal(t, "       one\n  row    1\n\n       two\n  row   22\n", phrase.Table(rows, "  ", 1), "a column is never cut")
	assert.Empty(t, phrase.Table(nil, "", 80))
}

func TestWrapAndIndent(t *testing.T) {
	assert.Equal(t, []string{"a b", "c"}, phrase.Wrap(" a  b c ", 3))
	assert.Equal(t, []string{""}, phrase.Wrap("", 3))
	assert.Equal(t, []string{"abcd", "ef"}, phrase.Wrap("abcdef", 4), "a word that no line has room for is cut")
	assert.Equal(t, "  a\n  b\n", phrase.Indent("a b", 4, 2))
}
