package quote_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	_ "ptsim/internal/nofiles"
	"ptsim/internal/quote"
)

func TestShort(t *testing.T) {
	for s, want := range map[string]string{
		"":                         `""`,
		"a word":                   `"a word"`,
		"two\nlines":               `"two\nlines"`,
		strings.Repeat("x", 40):    `"` + strings.Repeat("x", 40) + `"`,
		strings.Repeat("x", 41):    `"` + strings.Repeat("x", 40) + `"...`,
		strings.Repeat("é", 40):    `"` + strings.Repeat("é", 40) + `"`,
		strings.Repeat("é", 6000):  `"` + strings.Repeat("é", 40) + `"...`,
		strings.Repeat("\xff", 41): `"` + strings.Repeat(`\xff`, 40) + `"...`,
		strings.Repeat("x", 39) + "é" + "and more": `"` + strings.Repeat("x", 39) + `é"...`,
	} {
		assert.Equal(t, want, quote.Short(s))
	}
}

func ExampleShort() {
	fmt.Println("unknown scenario " + quote.Short("S9"))
	fmt.Println("unknown scenario " + quote.Short(strings.Repeat("A-", 3000)))
	// Output:
	// unknown scenario "S9"
	// unknown scenario "A-A-A-A-A-A-A-A-A-A-A-A-A-A-A-A-A-A-A-A-"...
}

// Whatever somebody gives, it is quoted in one line, and no character of it is cut in two.
func TestShortIsOneLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.String().Draw(t, "word")
		got, cut := strings.CutSuffix(quote.Short(word), "...")
		front, err := strconv.Unquote(got)
		require.NoError(t, err)
		assert.Equal(t, -1, strings.IndexFunc(got, unicode.IsControl), "%q", got)
		if !cut {
			assert.Equal(t, word, front)
			return
		}
		assert.True(t, utf8.RuneCountInString(front) == 40 && strings.HasPrefix(word, front), "%q of %q", front, word)
		assert.Equal(t, utf8.ValidString(word), utf8.ValidString(front), "no character is cut in two: %q", front)
	})
}

// A reader does not look through thirty names: then it is the nearest, and the command that lists them.
func TestExpectedOf(t *testing.T) {
	few := []string{"classic", "rfc"}
	assert.Equal(t, quote.Expected("rcf", few), quote.ExpectedOf("rcf", few, "ptsim variants"))
	var many []string
	for i := range 30 {
		many = append(many, fmt.Sprintf("name%02d", i))
	}
	assert.Equal(t, "did you mean name07? ptsim names lists all 30", quote.ExpectedOf("nane07", many, "ptsim names"))
	assert.Equal(t, "expected a name such as name00; ptsim names lists all 30", quote.ExpectedOf("else", many, "ptsim names"))
}
