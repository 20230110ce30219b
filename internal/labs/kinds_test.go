package labs_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
)

// docs/reference/kinds.md tells each kind of violation once, and maps the words in which others speak of them to kinds that there are.
func TestKindsAreTold(t *testing.T) {
	text, err := os.ReadFile("../../docs/reference/kinds.md")
	require.NoError(t, err)
	lists, words, ok := strings.Cut(string(text), "\n## Other words")
	require.True(t, ok)
	var told []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|").FindAllStringSubmatch(lists, -1) {
		told = append(told, m[1])
	}
	assert.ElementsMatch(t, kern.KindNames(), told)
	properties := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\| ([\w-]+)(?::[^|]*)? \| ([^|]*) \|$`).FindAllStringSubmatch(words, -1) {
		properties[m[1]] = true
		for _, kind := range regexp.MustCompile("`([a-z-]+)`").FindAllStringSubmatch(m[2], -1) {
			assert.Contains(t, kern.KindNames(), kind[1], m[1])
		}
	}
	for _, property := range []string{"use-after-free", "NULL-deref", "wild-pointer", "double-free", "uninitialised-read", "sleep-in-atomic",
		"page-lock-not-held", "BUG_ON", "deadlock", "imbalance", "end-state", "wrong-data"} {
		assert.True(t, properties[property], property)
	}
}
