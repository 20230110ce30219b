package command

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestCommits wants every commit of Linux that the project cites to be one that was looked up, and a release that stands right beside
// it to be the one that it came with: testdata/commits.tsv has them.
func TestCommits(t *testing.T) {
	list, err := os.ReadFile("../../testdata/commits.tsv")
	require.NoError(t, err)
	release := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(list)), "\n") {
		if f := strings.Split(line, "\t"); !strings.HasPrefix(line, "#") {
			require.Len(t, f, 4, line)
			release[f[0]] = f[1]
		}
	}
	commit := regexp.MustCompile(`\b[0-9a-f]{12}\b`)
	beside := []*regexp.Regexp{ // a release and a commit
		regexp.MustCompile(`(v\d+\.\d+)(?:, [A-Z][a-z]+ 20\d\d \|[^|]*\|)?(?: in)?(?:,| as)?(?: mm/zsmalloc.c of)?(?: commit)? ([0-9a-f]{12})`),
		regexp.MustCompile(`(v\d+\.\d+) \| [^|]*commit ([0-9a-f]{12})`),
	}
	after := regexp.MustCompile(`([0-9a-f]{12})(?: \("[^"]*"\) added them)?,?(?: of| in)? (v\d+\.\d+)`)
	cited := map[string]bool{}
	check := func(file, line, c, version string) {
		if want := release[c]; want != "" {
			assert.Equal(t, want, version, "%s: %s", file, line)
		}
	}
	require.NoError(t, filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && (d.Name() == ".git" || d.Name() == "testdata" || d.Name() == "findings" || d.Name() == "perf" || d.Name() == "real") {
				return filepath.SkipDir
			}
			return err
		}
		if ext := filepath.Ext(path); ext != ".md" && ext != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, line := range strings.Split(string(text), "\n") {
			if !commit.MatchString(line) {
				continue
			}
			for _, re := range beside {
				for _, m := range re.FindAllStringSubmatch(line, -1) {
					check(path, line, m[2], m[1])
				}
			}
			for _, m := range after.FindAllStringSubmatch(line, -1) {
				check(path, line, m[1], m[2])
			}
			for _, at := range commit.FindAllStringIndex(line, -1) {
				c := line[at[0]:at[1]]
				if strings.Trim(c, "0123456789") == "" || strings.HasSuffix(line[:at[0]], "-") || strings.Contains(line, "bytedance") || strings.Contains(c, "0000") {
					continue // a number, or a part of a longer name
				}
				cited[c] = true
				assert.Contains(t, release, c, "%s cites a commit that testdata/commits.tsv does not have", path)
			}
		}
		return nil
	}))
	for c := range release {
		assert.True(t, cited[c] || c == "ca1d36b82394", "%s is cited nowhere", c) // whose name stands in full
	}
}
