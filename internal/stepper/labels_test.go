package stepper_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var allLabels = flag.Bool("labels", false, "TestLabelsAreNoData runs all tests of the packages that show labels; it takes minutes")

// letters are the words of a label; verbs of fmt stay.
var letters = regexp.MustCompile(`%[-+#0-9.]*[a-z]|[A-Za-z]`)

// otherWords returns the source of a file of labels with each letter of each label replaced by another.
func otherWords(t *testing.T, file string) []byte {
	src, err := os.ReadFile(file)
	require.NoError(t, err)
	set := token.NewFileSet()
	_, err = parser.ParseFile(set, file, src, 0)
	require.NoError(t, err)
	var out bytes.Buffer
	var s scanner.Scanner
	at := set.AddFile(file, -1, len(src))
	s.Init(at, src, nil, scanner.ScanComments)
	done, n := 0, 0
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			break
		}
		if tok != token.STRING {
			continue
		}
		text, err := strconv.Unquote(lit)
		require.NoError(t, err)
		from := at.Offset(pos)
		out.Write(src[done:from])
		out.WriteString(strconv.Quote(letters.ReplaceAllStringFunc(text, func(word string) string {
			if word[0] == '%' {
				return word
			}
			return string("nopqrstuvwxyzabcdefghijklm"[(word[0]|0x20)-'a'])
		})))
		done = from + len(lit)
		n++
	}
	require.Positive(t, n, "%s has no label", file)
	out.Write(src[done:])
	return out.Bytes()
}

// TestLabelsAreNoData builds with other words in place of those that people read, and runs tests of what is made of views:
// sessions, schedules on two versions, levels. All pass but those that hold sentences against a file. So nothing compares a
// label. Every file labels.go holds labels and nothing else.
func TestLabelsAreNoData(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds some packages anew")
	}
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(root, "internal/*/labels.go"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	files = append(files, filepath.Join(root, "lab/labels.go"))
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for i, file := range files {
		to := filepath.Join(dir, strconv.Itoa(i)+".go")
		require.NoError(t, os.WriteFile(to, otherWords(t, file), 0o600))
		overlay.Replace[file] = to
	}
	text, err := json.Marshal(overlay)
	require.NoError(t, err)
	where := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(where, text, 0o600))

	run := func(args ...string) (failed []string, out string) {
		cmd := exec.Command("go", append([]string{"test", "-count=1", "-overlay", where}, args...)...)
		cmd.Dir = root
		said, err := cmd.CombinedOutput()
		for _, m := range regexp.MustCompile(`(?m)^--- FAIL: (\w+)`).FindAllStringSubmatch(string(said), -1) {
			failed = append(failed, m[1])
		}
		if err != nil && failed == nil {
			failed = []string{"build"}
		}
		return failed, string(said)
	}
	for _, c := range []struct {
		pkg     string
		goldens string // the tests that compare words with a file or an Output, and must fail
		few     string // what runs without -labels
	}{
		{"./internal/stepper", "TestWhyNot Example", "TestWhyNot|Example|TestLinks|TestTheTreeOfTries"},
		{"./internal/sidebyside", "TestWhatTheyShow", "TestWhatTheyShow|TestEveryPair|TestFromTheStart"},
		{"./internal/draw", "TestGolden TestDescribe Example", ""},
		{"./internal/quiz", "TestDrawGolden", ""},
		{"./internal/levels", "", ""},
		{"./internal/translate", "", ""},
		{"./internal/export", "", ""},
		{"./internal/tui", "TestScreens", ""},
	} {
		args := []string{c.pkg}
		switch {
		case *allLabels:
		case c.few == "":
			continue
		default:
			args = append(args, "-run", "^("+c.few+")$")
		}
		failed, out := run(args...)
		assert.ElementsMatch(t, strings.Fields(c.goldens), failed, "%s\n%s", c.pkg, out)
	}
}
