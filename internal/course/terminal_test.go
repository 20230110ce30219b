package course_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/internal/course"
	_ "ptsim/internal/nofiles"
)

func TestTerminal(t *testing.T) {
	for markdown, want := range map[string]string{
		"":                                   "",
		"One two\nthree.\n\nFour.":           "One two three.\n\nFour.\n",
		"# A *b*\n\n## `c d`\n\n### e\nf":    "A b\n===\n\nc d\n---\n\ne\n\nf\n",
		"a **b c**, *d*; `e`.":               "a b c, d; e.\n",
		"\\*a\\* &amp; &lt;b&gt; `&lt;`":     "*a* & <b> &lt;\n",
		"a<b>c</b>d\n\n<script>\nx\n":        "acd\n",
		"- a\n- b\n  c\n\n\nd":               "- a\n- b c\n\nd\n",
		"- a\n\n- b\n\n  c":                  "- a\n\n- b\n\n  c\n",
		"9. a\n10. b\n    - c\n    - d":      "9. a\n10. b\n    - c\n    - d\n",
		"- \n- b":                            "-\n- b\n",
		"> a\n> b\n>\n> c":                   "| a b\n\n| c\n",
		"a  \nb\\\nc":                        "a\nb\nc\n",
		"```go\nfunc f() {\n\tx\n}\n```":     "    func f() {\n        x\n    }\n",
		"1. a\n\n   ```\n   b\n   ```":       "1. a\n\n       b\n",
		"[w](../x.md#y) [v](2-b.md) [u](#z)": "w (docs/x.md) v u\n",
		"[w](https://a.b/c#d)!":              "w (https://a.b/c#d)!\n",
		"<https://a.b>":                      "https://a.b\n",
		"![p](x.svg)":                        "p\n",
		"***":                                strings.Repeat("-", 40) + "\n",
		"a&#27;[2Jb&#x202e;c":                "a[2Jbc\n",
		"one two three four five six seven eight nine ten":    "one two three four five six seven eight\nnine ten\n",
		"- one two three four five six seven eight nine":      "- one two three four five six seven\n  eight nine\n",
		"x `one two three four five six seven` y":             "x one two three four five six seven y\n",
		"xxxxxxxxxx `one two three four five six seven` y":    "xxxxxxxxxx\none two three four five six seven y\n",
		"(`one two three four five six seven eight nin`, b)":  "(one two three four five six seven eight\nnin, b)\n",
		strings.Repeat("x", 50) + " y":                        strings.Repeat("x", 50) + "\ny\n",
		"| a | b |\n|---|--:|\n| `x \\| y` | 10 |\n| z | 7 |": "a       b\n---------\nx | y  10\nz       7\n",
		"| a | b |\n|---|---|\n| x | one two three four five six seven eight nine |\n| y | |": "" +
			"a  b\n" + strings.Repeat("-", 40) + "\nx  one two three four five six seven\n   eight nine\ny\n",
	} {
		assert.Equalf(t, want, course.Terminal(markdown, 40, nil), "%q", markdown)
	}
}

func TestTerminalPaints(t *testing.T) {
	mark := func(s course.Style, text string) string {
		return [...]string{"", "h", "s", "e", "c"}[s] + "{" + text + "}"
	}
	got := course.Terminal("# A *b*\n\none **two three**, *four* `x y`.", 40, mark)
	assert.Equal(t, "h{A b}\nh{===}\n\n{one} s{two three}{,} e{four} c{x y}{.}\n", got)
}

// TestLessonsInATerminal wants all that the course says to be there at any width, and to fit.
func TestLessonsInATerminal(t *testing.T) {
	for _, l := range lessons(t) {
		for _, markdown := range markdowns(l) {
			plain := strings.Join(strings.Fields(course.Terminal(markdown, 10_000, nil)), "")
			for _, width := range []int{40, 80, 200} {
				text := course.Terminal(markdown, width, nil)
				requireFits(t, markdown, text, width)
				if !strings.Contains(markdown, "\n|") { // of tables and headings the rules are longer
					assert.Equal(t, letters(plain), letters(text))
				}
				assert.NotContains(t, text, "](")
				assert.NotContains(t, text, "<!--")
			}
		}
	}
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// markdowns are the texts of a lesson.
func markdowns(l *course.Lesson) (list []string) {
	for _, b := range l.Blocks {
		switch b := b.(type) {
		case *course.Prose:
			list = append(list, b.Text)
		case *course.Question:
			list = append(append(append(list, b.Prompt, b.Why), b.Choices...), b.Cite...)
		case *course.Exercise:
			list = append(list, b.Text, b.Answer)
		}
	}
	return list
}

// requireFits wants lines to be no longer than allowed: but for code, and for what has no place to break.
func requireFits(t require.TestingT, markdown, text string, width int) {
	width = max(width, 20)
	for _, line := range strings.Split(text, "\n") {
		body := strings.TrimLeft(line, " -|.0123456789")
		if utf8.RuneCountInString(line) > width && strings.Contains(body, " ") && !strings.Contains(markdown, "```") &&
			!strings.Contains(markdown, "    ") && !strings.Contains(markdown, "\t") && !strings.Contains(markdown, "`") {
			require.LessOrEqualf(t, utf8.RuneCountInString(line), width, "%q at %d: %q", markdown, width, line)
		}
		require.Equal(t, strings.TrimRight(line, " "), line, "%q", markdown)
		require.NotContains(t, line, "\x1b")
	}
}

// TestWrapAgainstPlain wraps words by another way and compares.
func TestWrapAgainstPlain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "length") // SliceOfN(1, 60) has a median of 4
		list := rapid.SliceOfN(rapid.StringMatching("[a-z]{1,12}"), n, n).Draw(t, "words")
		width := rapid.IntRange(20, 60).Draw(t, "width")
		var want strings.Builder
		line := ""
		for _, w := range list {
			switch {
			case line == "":
				line = w
			case len(line)+1+len(w) <= width:
				line += " " + w
			default:
				want.WriteString(line + "\n")
				line = w
			}
		}
		want.WriteString(line + "\n")
		assert.Equal(t, want.String(), course.Terminal(strings.Join(list, " "), width, nil))
	})
}

// TestHostileMarkdown wants nesting to cost no more than it says.
func TestHostileMarkdown(t *testing.T) {
	for _, part := range []string{">", "> ", "- ", "1. ", "[", "![", "*", "_a", "`", "<", "&", "|", "\\", "](", "**a *b "} {
		text := strings.Repeat(part, 8_000/len(part))
		out := course.Terminal(text+"x\n", 80, nil)
		assert.LessOrEqualf(t, len(out), 4*len(text)+1000, "%q", part)
		html, err := course.HTML(text, nil)
		require.NoError(t, err)
		assert.LessOrEqualf(t, len(html), 40*len(text)+1000, "%q", part)
	}
}

// FuzzTerminal wants nothing that a terminal acts upon, whatever the text, and lines that end.
func FuzzTerminal(f *testing.F) {
	for _, text := range pages(f) {
		f.Add(text, 80)
	}
	f.Add("- 1. > # a\n\n  | a | b |\n  |---|---|\n  | c `|` | &#27;[31m |", 1)
	f.Add("> - ```\n> x\n[a]( <b c> 'd' )![e](f)", -3)
	f.Fuzz(func(t *testing.T, text string, width int) {
		if len(text) > 1<<16 {
			t.Skip("longer than 64 KiB")
		}
		width %= 300
		out := course.Terminal(text, width, nil)
		for _, r := range out {
			if r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069) {
				t.Fatalf("%q gives %q", text, r)
			}
		}
		if out != "" && !strings.HasSuffix(out, "\n") {
			t.Fatalf("%q does not end a line", text)
		}
		painted := course.Terminal(text, width, func(_ course.Style, s string) string { return "\x1b[1m" + s + "\x1b[m" })
		if got := strings.NewReplacer("\x1b[1m", "", "\x1b[m", "").Replace(painted); got != out {
			t.Fatalf("%q: colours change the text:\n%q\n%q", text, got, out)
		}
	})
}

// TestOnceUnescaped: what an escape or a reference stands for is text, whatever it looks like.
func TestOnceUnescaped(t *testing.T) {
	for markdown, want := range map[string]string{
		`a \&lt; b`: "a &lt; b", `a &amp;lt; b`: "a &lt; b", `&#38;#60;`: "&#60;", `a &lt; b \* c`: "a < b * c", `AT&T; \_x`: "AT&T; _x",
		`&#92;*`: `\*`, `a & \* b;`: "a & * b;",
	} {
		assert.Equal(t, want, strings.TrimSpace(course.Terminal(markdown, 80, nil)), markdown)
	}
}
