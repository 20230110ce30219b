package command

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/scenario"
	"ptsim/internal/verdicts"
)

// matrixSources are what the verdicts depend on.
var matrixSources = []string{
	"kern", "rcuhead", "mmctx", "tlbgather", "pgalloc", "explore", "lab", "internal/labs/pagetable", "internal/scenario", "internal/verdicts", "testdata/scenarios",
}

// sourceHash is a hash of all that the verdicts depend on, tests left out.
func sourceHash(t *testing.T, root string) string {
	t.Helper()
	h := sha256.New()
	for _, dir := range matrixSources {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name := d.Name()
			if d.IsDir() && name == "testdata" {
				return filepath.SkipDir
			}
			if d.IsDir() || strings.HasSuffix(name, "_test.go") || !strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, ".scn") {
				return nil
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(h, "%s/%s %d\n", dir, name, len(text))
			h.Write(text)
			return nil
		}))
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

// between returns what stands between two marks, and replaces it if with is not "".
func between(t *testing.T, text, from, to, with string) (inside, changed string) {
	t.Helper()
	before, rest, ok := strings.Cut(text, from)
	require.True(t, ok, from)
	inside, after, ok := strings.Cut(rest, to)
	require.True(t, ok, to)
	if with == "" {
		return inside, text
	}
	return inside, before + from + with + to + after
}

// tooSlow are scenarios whose cells are not all looked at again by the test of the table; that the sources have not
// changed since it was made has to do.
func tooSlow(name string) bool { return strings.HasPrefix(name, "S2") || strings.HasPrefix(name, "S3") }

// TestVerdictsAreFresh wants docs/reference/verdicts.md and the table in README.md to be what ptsim verdicts says: made of these very
// sources, and, where a cell takes no time, the same when asked again. With -update, a table of other sources is made
// anew, which takes a minute.
func TestVerdictsAreFresh(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	page, front := filepath.Join(root, "docs/reference/verdicts.md"), filepath.Join(root, "README.md")
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	hash := sourceHash(t, root)
	const begin, end = "<!-- verdicts of sources ", "<!-- end of verdicts -->\n"
	table, _ := between(t, string(text), begin, end, "")
	made, table, ok := strings.Cut(table, " -->\n")
	require.True(t, ok)
	if *update && made != hash {
		cells, err := verdicts.Cells(verdicts.Filter{})
		require.NoError(t, err)
		table = "\n" + markdown(t, cells) + "\n"
		_, changed := between(t, string(text), begin, end, hash+" -->\n"+table)
		require.NoError(t, os.WriteFile(page, []byte(changed), 0o644))
		made = hash
	}
	assert.Equal(t, hash, made, "docs/reference/verdicts.md is of other sources; go test ./lab/command -update makes it anew")

	readme, err := os.ReadFile(front)
	require.NoError(t, err)
	summary := regexp.MustCompile(`(?s)## All scenarios\n(\n.*?\n)\n\d+ cells`).FindStringSubmatch(table)
	require.NotNil(t, summary)
	const mark = "<!-- verdicts -->\n"
	few := "" // six rows of it
	for i, row := range strings.SplitAfter(summary[1], "\n") {
		name := strings.TrimPrefix(strings.SplitN(row+"  ", " ", 3)[1], " ")
		if i < 3 || slices.Contains([]string{"B4", "S1", "defer2", "fork", "munmap", "walk"}, name) {
			few += row
		}
	}
	inside, changed := between(t, string(readme), mark, mark, few+"\n")
	if *update {
		require.NoError(t, os.WriteFile(front, []byte(changed), 0o644))
	} else {
		assert.Equal(t, few+"\n", inside, "the table in README.md is not from the one in docs/reference/verdicts.md")
	}
	if testing.Short() {
		return
	}
	var names []string
	for _, name := range scenario.Names() {
		if !tooSlow(name) {
			names = append(names, name)
		}
	}
	cells, err := verdicts.Cells(verdicts.Filter{Scenarios: names})
	require.NoError(t, err)
	have := sections(table)
	for name, want := range sections(markdown(t, cells)) {
		assert.Equal(t, want, have[name], name)
	}
	all, err := verdicts.Cells(verdicts.Filter{})
	require.NoError(t, err)
	for _, c := range all {
		assert.Contains(t, have, c.Scenario)
	}
}

func markdown(t *testing.T, cells []verdicts.Cell) string {
	t.Helper()
	out, err := verdicts.Run(cells, verdicts.Options{Threads: 2, Races: explore.Adjacent, Context: t.Context()})
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, verdicts.Write(&b, out, "markdown", 80))
	return b.String()
}

// sections returns what the table says of each scenario.
func sections(text string) map[string]string {
	found := map[string]string{}
	for _, part := range strings.Split(text, "\n### ")[1:] {
		name, body, _ := strings.Cut(part, ":")
		found[name] = strings.TrimSpace(body)
	}
	return found
}

// TestVerdictsPage runs the commands that docs/reference/verdicts.md shows and compares the output.
func TestVerdictsPage(t *testing.T) {
	path, err := filepath.Abs("../../docs/reference/verdicts.md")
	require.NoError(t, err)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	fresh := string(text)
	found := consoleBlock.FindAllStringSubmatch(fresh, -1)
	require.NotEmpty(t, found)
	for _, m := range found {
		t.Run(m[1], func(t *testing.T) {
			out, code := runAtTop(t, strings.Fields(m[1])[1:]...)
			assert.Equal(t, exitFinding, code)
			out = elide(out, m[2])
			if !*update {
				assert.Equal(t, out, m[2])
			}
			fresh = strings.Replace(fresh, m[0], strings.Replace(m[0], m[2], out, 1), 1)
		})
	}
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(fresh), 0o644))
	}
}

// TestVersionsThatHold wants the default pin, and every version that is not known to be flawed, to hold in every scenario,
// but for classic, which frees at once, in those with a reader that does not lock: no cell says otherwise. In abba no version
// has a part.
func TestVersionsThatHold(t *testing.T) {
	text, err := os.ReadFile("../../docs/reference/verdicts.md")
	require.NoError(t, err)
	for name, section := range sections(string(text)) {
		for _, line := range strings.Split(section, "\n") {
			row := strings.Split(line, "|")
			if len(row) < 3 || strings.TrimSpace(row[0]) != "" {
				continue
			}
			version := strings.TrimSpace(row[1])
			held := []string{"pinned/half", "pinned/table", "pinned/page-locked", "typesafe", "active", "fullpage"}
			if !slices.Contains(held, version) && (version != "classic" || !strings.HasPrefix(name, "S")) {
				continue
			}
			for _, cell := range row[2 : len(row)-1] {
				if name == "abba" { // it breaks without any allocator
					assert.Contains(t, cell, "deadlock")
					continue
				}
				assert.True(t, strings.HasPrefix(strings.TrimSpace(cell), "safe "), "%s on %s: %s", name, version, cell)
			}
		}
	}
}
