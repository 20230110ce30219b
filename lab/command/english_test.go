package command

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/labs"
	"ptsim/internal/scenario"
	"ptsim/lab"
)

// stumbles are turns of phrase over which a native reader stumbles, each with what to write instead.
var stumbles = []struct{ wrong, instead string }{
	{`\bto be had\b`, "there is"},
	{`\b(is|are|was|were|be)( not)? waited for\b`, "say who waits"},
	{`\bin the mean\b`, "on average"},
	{`\b[Aa]s much again as\b`, "twice"},
	{`\bby way of\b`, "through"},
	{`(^|[.:;,(|] ?)[Ww]ho (has|takes|holds|uses|wants|spins|looks|waits|reads|registers|sees|meets|found|brings|comes) [^?]*$`, "whoever, or name the task"},
	{`\bfor who\b`, "for whoever"},
	{`, of which [^,.]* (has|have|is|are)\b`, "a sentence of its own"},
	{`\b(is|are) (also )?wanted\b`, "is needed"},
	{`\b(right )?behind (the (xor|unlock|lock|fields|flag|count|store)|complete\(\))`, "after"},
	{`\bno bug of its time\b|\bin another coin\b|\bas it is\.$|is none of slab`, "say it plainly"},
	{`\b(line|operation|row|page|job|picture|file|MiB|ms|one) a (line|table|page|process|job|step|version|cell|second job)\b`, "per"},
	{`\bcalled by its name\b|\bso that it be\b|\bwhose it is that\b`, "say it plainly"},
	{`\blooks whether\b`, "checks whether"},
	{`\b(is|are) (there|held|registered|on a list) yet\b`, "still"},
}

// proseOf are the texts that a lab shows to people.
func proseOf(l *lab.Lab) string {
	b := []string{l.Title, l.About}
	for _, v := range l.Versions {
		b = append(b, v.About, v.Flawed)
	}
	for _, r := range l.Rows {
		b = append(b, r.Note)
	}
	for _, r := range l.Rules {
		b = append(b, r.Text)
	}
	for _, v := range l.Levels {
		b = append(b, v.Title, v.Goal, v.Hint, v.Story)
	}
	for _, v := range l.Lessons {
		b = append(b, v.Text)
	}
	for _, n := range scenario.NamesOf(l) {
		text, _ := scenario.Text(n)
		for _, line := range strings.Split(text, "\n") {
			for _, word := range []string{"about ", "title "} {
				if rest, ok := strings.CutPrefix(line, word); ok {
					b = append(b, rest)
				}
			}
		}
	}
	return strings.Join(b, "\n")
}

// TestPlainEnglish wants no text that a user reads to have one of the stumbles. It is no more than a memory of those that were found.
func TestPlainEnglish(t *testing.T) {
	texts := map[string]string{}
	for _, c := range commands {
		var out bytes.Buffer
		require.Equal(t, exitOK, run(context.Background(), []string{c.name, "--help"}, streams{strings.NewReader(""), &out, &out}), c.name)
		texts["ptsim "+c.name+" --help"] = out.String()
	}
	files := []string{"../../README.md"}
	for _, pattern := range []string{"../../docs/*.md", "../../docs/course/*.md", "../../docs/labs/*.md", "../../docs/reference/rules.md"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		files = append(files, found...)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		texts[strings.TrimPrefix(file, "../../")] = string(text)
	}
	for _, l := range labs.All() {
		texts["lab "+l.Name] = proseOf(l)
	}
	require.Greater(t, len(texts), 60)
	for _, s := range stumbles {
		re := regexp.MustCompile(s.wrong)
		for name, text := range texts {
			for i, line := range strings.Split(text, "\n") {
				if re.MatchString(line) && !strings.Contains(line, `"`) { // what is quoted is as it was said
					assert.Failf(t, s.instead, "%s:%d: %q in %s", name, i+1, re.FindString(line), line)
				}
			}
		}
	}
}
