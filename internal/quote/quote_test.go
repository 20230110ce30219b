package quote_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

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
