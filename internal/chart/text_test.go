package chart

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestCleanLeavesOnePrintableLine(t *testing.T) {
	assert.Equal(t, "\uFFFD[31mred", clean("\x1b[31mred"))
	assert.Equal(t, "a b c", clean(" a\nb\tc\u2028"))
	assert.Equal(t, "\uFFFDx\uFFFD", clean("\xffx\u202E"))
	rapid.Check(t, func(t *rapid.T) {
		s := clean(rapid.String().Draw(t, "s"))
		assert.True(t, utf8.ValidString(s))
		assert.Equal(t, -1, strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", s)
	})
}

func TestClip(t *testing.T) {
	assert.Equal(t, "abcdef", clip("abcdef", 6, columns))
	assert.Equal(t, "abcd…", clip("abcdef", 5, columns))
	assert.Equal(t, "ab…", clip("ab cdef", 4, columns), "no space before the ellipsis")
	assert.Equal(t, "日…", clip("日本語", 4, columns))
	assert.Equal(t, "…", clip("abc", 1, columns))
	assert.Equal(t, "", clip("abc", 0, columns))
}

func TestWrap(t *testing.T) {
	words := strings.Fields("one two three extraordinarily four")
	assert.Equal(t, []string{"one two", "three", "extraor…", "four"}, wrap(words, 8, 9, columns))
	assert.Equal(t, []string{"one two", "three e…"}, wrap(words, 8, 2, columns), "what is cut is seen to be")
	assert.Empty(t, wrap(nil, 8, 2, columns))
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.StringMatching(`[a-z日]{1,12}`)).Draw(t, "words")
		size, most := float64(rapid.IntRange(2, 30).Draw(t, "size")), rapid.IntRange(1, 5).Draw(t, "most")
		lines := wrap(words, size, most, columns)
		assert.LessOrEqual(t, len(lines), most)
		for _, l := range lines {
			assert.LessOrEqual(t, columns(l), size, "%q", l)
		}
	})
}

func TestChainNamesEverySeries(t *testing.T) {
	assert.Equal(t, []string{"classic =", "(no name) =", "rfc"}, chain([]string{"classic", " ", "rfc"}, " =", 20, columns))
	assert.Equal(t, []string{"rfc-as-… =", "x"}, chain([]string{"rfc-as-posted", "x"}, " =", 10, columns))
}
