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
)

// userTexts are the texts that a user reads: the help of every command, README.md, and the docs that are written by hand.
func userTexts(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	names := []string{""}
	for _, c := range commands {
		names = append(names, c.name)
	}
	for _, name := range names {
		var out bytes.Buffer
		require.Equal(t, exitOK, run(context.Background(), append(strings.Fields(name), "--help"), streams{strings.NewReader(""), &out, &out}), name)
		texts["ptsim "+name+" --help"] = out.String()
	}
	files := []string{"../../README.md"}
	for _, pattern := range []string{"../../docs/*.md", "../../docs/course/*.md", "../../docs/reference/*.md"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		files = append(files, found...)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		texts[strings.TrimPrefix(file, "../../")] = string(text)
	}
	return texts
}

// TestOneWordAThing wants one word for a thing: a variant of the allocator, since --version is ptsim's own; a thread, which the
// scheduler chooses, and which a lane is drawn for. A version is the kernel's, a mail's or ptsim's.
func TestOneWordAThing(t *testing.T) {
	right := regexp.MustCompile(`version of ptsim|ptsim version|version\.go|--version|version for ptsim|of .version. is|GPL, version 2|first version of the series|[Tt]he version of 20 June|` +
		`version +(that they|whose)|version of the allocator|version that was published|Each version is called|of that version gives|"version"|^  version  |help for version|^version, softirqs|Print the version|scenario, version,|SCENARIO/VERSION`)
	for name, text := range userTexts(t) {
		if name == "docs/reference/mutants.md" {
			continue // what is changed, in the words of the code
		}
		for i, line := range strings.Split(text, "\n") {
			if regexp.MustCompile(`(?i)\bversions?\b`).MatchString(line) && !right.MatchString(line) {
				assert.Failf(t, "variant, or version?", "%s:%d: %s", name, i+1, line)
			}
			assert.NotRegexp(t, `(?i)\blanes?\b`, line, "%s:%d: a thread", name, i+1)
		}
	}
}
