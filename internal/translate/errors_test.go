package translate_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/question"
	"ptsim/internal/script"
	"ptsim/internal/translate"
	"ptsim/pgalloc"
)

// What cannot be translated is one line: where, what, and what was expected.
func TestErrors(t *testing.T) {
	many := "mm 1\n" + strings.Repeat("mmgrab 1\n", 60)
	for name, k := range map[string]struct{ text, want string }{
		"crst":      {"mm 1\ncrst 1 -> c", "f.txt:2: crst cannot be stepped through; expected mm, pgste, alloc,"},
		"oom":       {"mm 1\noom 1", "f.txt:2: oom cannot be stepped through"},
		"ref":       {"mm 1\nalloc 1 -> t\nref t 2", "f.txt:3: ref cannot be stepped through"},
		"guest":     {"mm 1\nhaspgste 1", "f.txt:2: haspgste cannot be stepped through"},
		"large mm":  {"mm 100", "f.txt:1: mm 100; expected at most 99"},
		"long":      {many, "f.txt:58: too many operations; expected at most 56 of a task"},
		"long name": {"mm 1\nalloc 1 -> " + strings.Repeat("x", 33), "f.txt:2: a name of 33 characters; expected at most 32"},
		"gathers":   {"mm 1\nmm 2\nalloc 1 -> a\nalloc 2 -> b\ntlbfree a\ntlbfree b", `f.txt:6: the gather of mm 2, while that of mm 1 is open; expected "flush 1" before it`},
		"late":      {"mm 1\nalloc 1 -> a\nalloc 1 -> b\ndefer a\nmmgrab 1\nalloc 1 -> c\nhook free c\ngp", "f.txt:7: c, which another task allocated, in the middle of the script"},
		"empty":     {"gp", "f.txt: nothing to step through; expected operations on an mm"},
		"its own":   {"mm 1\nfree t", `f.txt:2: no page table t; expected "alloc N -> t" before it`},
	} {
		_, err := translate.Script(parse(t, "f.txt", k.text), nil, question.Version(pgalloc.RFC), two)
		var wrong *script.Error
		require.ErrorAs(t, err, &wrong, name)
		assert.Contains(t, err.Error(), k.want, name)
		assert.NotContains(t, err.Error(), "\n", name)
	}
}

// The scenario is called by the file, in characters that a schedule can have.
func TestNames(t *testing.T) {
	for file, want := range map[string]string{
		"a/b/flaw.txt": "flaw", "standard input": "standard_input", "x@y:z#1.script": "x_y_z_1", "...": "script", "": "script",
	} {
		r, err := translate.Script(parse(t, file, "mm 1\nalloc 1 -> t"), []string{"about it"}, question.Version(pgalloc.Active), two)
		require.NoError(t, err, file)
		assert.Equal(t, want, r.Scenario.Name, file)
		open(t, r)
	}
}

func TestAbout(t *testing.T) {
	assert.Equal(t, []string{"one", "", "two   ?"}, translate.About("# one\n#\n#two \x1b ?\nmm 1\n# three"))
	assert.Empty(t, translate.About("mm 1"))
}

// FuzzScript: whatever script there is, it is translated and its schedule opens, or there is an error of one line.
func FuzzScript(f *testing.F) {
	for _, s := range corpus(f) {
		if len(s) < 150 {
			f.Add(s)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 600 {
			return
		}
		s, err := script.Parse("f.txt", strings.NewReader(text))
		if err != nil {
			return
		}
		for _, v := range []pgalloc.Variant{pgalloc.RFC, pgalloc.Active} {
			r, err := translate.Script(s, translate.About(text), question.Version(v), two)
			if err != nil {
				require.NotContains(t, err.Error(), "\n")
				continue
			}
			open(t, r)
		}
	})
}
