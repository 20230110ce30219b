package ptsim_test

import (
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fileName is what looks like the name of a file of ours. Those of the kernel end in .c, .h, .S, .rst or .txt.
var fileName = regexp.MustCompile(`(?:[\w*.-]+/)*[\w*-]+\.(?:go|js|md|scn|mut|pml|ftrace(?:\.gz)?|html|css)\b`)

// placeholder is a part of a name that stands for any name: NAME.scn, N-NAME.md.
var placeholder = regexp.MustCompile(`\b(?:NAME|LAB|PACKAGE|FILE|N-NAME)\b`)

// isThere tells whether a file name that a text in dir mentions is one of a file: one beside it, or below the root.
func isThere(dir, name string) bool {
	for _, at := range []string{dir, dir + "/assets", ".", "testdata/scenarios"} {
		if found, err := filepath.Glob(filepath.Join(at, filepath.FromSlash(name))); err == nil && len(found) > 0 {
			return true
		}
	}
	return false
}

// TestFilesInCommentsAreThere wants the files that comments name to exist, so that a comment is mended when its file moves.
func TestFilesInCommentsAreThere(t *testing.T) {
	for dir, files := range packages(t) {
		for _, file := range files {
			set := token.NewFileSet()
			f, err := parser.ParseFile(set, file, nil, parser.ParseComments)
			require.NoError(t, err)
			for _, group := range f.Comments {
				if strings.Contains(group.Text(), "Output:\n") {
					continue // of an Example
				}
				for _, name := range fileName.FindAllString(group.Text(), -1) {
					assert.Truef(t, placeholder.MatchString(name) || isThere(dir, name), "%s: the comment names %s, which is not there", set.Position(group.Pos()), name)
				}
			}
		}
	}
}

// TestFilesOnTheMapAreThere wants the same of docs/architecture.md. A name without a folder is in the folder of the name before it.
func TestFilesOnTheMapAreThere(t *testing.T) {
	text, err := os.ReadFile("docs/architecture.md")
	require.NoError(t, err)
	dir, n := ".", 0
	for _, name := range fileName.FindAllString(string(text), -1) {
		if strings.Contains(name, "/") {
			dir = path.Dir(name)
		}
		assert.Truef(t, isThere(dir, name), "docs/architecture.md names %s, which is not in %s", name, dir)
		n++
	}
	assert.Greater(t, n, 40, "the names that the map has")
}

// TestExploreSaysWhichFileHasWhat wants a line of the essay of package explore for each of its files. A name with an
// underscore goes with the name before it.
func TestExploreSaysWhichFileHasWhat(t *testing.T) {
	essay, err := os.ReadFile("explore/doc.go")
	require.NoError(t, err)
	for _, file := range packages(t)["explore"] {
		name, _, _ := strings.Cut(strings.TrimSuffix(path.Base(file), ".go"), "_")
		switch name {
		case "doc", "errors", "prefetch", "region": // the essay, an error, and code of one kind of machine
			continue
		}
		if !strings.HasSuffix(file, "_test.go") {
			assert.Truef(t, regexp.MustCompile(`\b`+name+`(_\w+)?\.go\b`).Match(essay), "explore/doc.go does not say what %s has", file)
		}
	}
}
