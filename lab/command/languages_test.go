package command

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/conform"
	"ptsim/internal/lines"
	"ptsim/internal/scenario"
	"ptsim/internal/script"
	"ptsim/internal/workload"
)

// language is one of the small languages: a text that it reads, and what it says of faults in the last line of one.
type language struct {
	name  string
	parse func(text string) error
	good  string // ends with a whole line
	named string // a line with %s where a name stands, "" if no line has one
	head  string // what stands before a line with a number, if not good
	num   string // a line with %s where a number stands, "" if no line has one
	word  string // a line that begins with a misspelt word
	about bool   // it has lines of prose
}

func languages() []language {
	return []language{
		{
			name:  "scenario",
			parse: func(text string) error { _, err := scenario.Parse("f", text); return err },
			good:  "title A title\nmm 1\npage 1 t1 -\ntask one\n  free t1\n  mmput 1\n", named: "task %s", head: "title A title\n", num: "mm %s", word: "taks one", about: true,
		},
		{
			name:  "script",
			parse: func(text string) error { _, err := script.Parse("f", strings.NewReader(text)); return err },
			good:  "mm 1\nalloc 1 -> t1\n", named: "free %s", num: "mm %s", word: "fre t1",
		},
		{
			name:  "workload",
			parse: func(text string) error { _, err := workload.Parse("f", strings.NewReader(text)); return err },
			good:  "cpus 2\nprocess web\n  count 1\n  anon 8M\n", named: "process %s", num: "cpus %s", word: "cpsu 3", about: true,
		},
		{
			name:  "log of a live kernel",
			parse: func(text string) error { _, err := conform.Read("f", strings.NewReader(text)); return err },
			good:  "", word: "aloc 1",
		},
	}
}

// TestLanguagesAgree feeds the same faults to each small language and wants the same error of each: a lines.Error with its file, its line,
// what is wrong and what was expected. Comments, blanks and ends of lines mean the same in all.
func TestLanguagesAgree(t *testing.T) {
	for _, l := range languages() {
		t.Run(l.name, func(t *testing.T) {
			if l.good != "" {
				require.NoError(t, l.parse(l.good))
				for _, same := range []string{
					strings.ReplaceAll(l.good, "\n", "\r\n"), strings.ReplaceAll(l.good, "\n", "   # why\n\n# é\n"), "\t\n" + strings.ReplaceAll(l.good, "\n", " \t\n"),
					strings.TrimSuffix(l.good, "\n"),
				} {
					if l.name == "scenario" {
						same = strings.Replace(same, "A title   # why", "A title", 1) // prose
					}
					assert.NoError(t, l.parse(same), "%q", same)
				}
			}
			faultIn := func(before, line, want string) {
				at := strings.Count(before, "\n") + 1
				err := l.parse(before + line + "\n")
				var e *lines.Error
				if !assert.True(t, errors.As(err, &e), "%q: %v", line, err) {
					return
				}
				assert.Equal(t, []any{"f", at}, []any{e.File, e.Line}, "%q: %v", line, err)
				assert.NotEmpty(t, e.Expected, "%q: %v", line, err)
				assert.Regexp(t, "^"+fmt.Sprintf(want, at)+"$", err.Error(), "%q", line)
			}
			fault := func(line, want string) { faultIn(l.good, line, want) }
			fault("x\x01y", `f:%d: byte 0x01 is no printable ASCII; expected a text file`)
			fault("é", `f:%d: byte 0xc3 is no printable ASCII; expected a text file`)
			fault("# \x1b[2J", `f:%d: byte 0x1b in a comment is no text; expected a text file`)
			fault("# \xff", `f:%d: byte 0xff in a comment is no text; expected a text file`)
			fault(strings.Repeat("x", 50_000), `f:%d: line too long; expected at most \d+ bytes`)
			fault(l.word, `f:%d: unknown \w+ "\w+" \(did you mean \w+\?\); expected one of .*`)
			fault("zzzzzz", `f:%d: unknown \w+ "zzzzzz"; expected one of .*`)
			if l.named != "" {
				for _, bad := range []string{"7", "a-b", strings.Repeat("n", 300)} {
					fault(fmt.Sprintf(l.named, bad), `f:%d: (\w+: )?".*"(\.\.\.)? is no name; expected `+regexp.QuoteMeta(lines.NameForm))
				}
			}
			if l.num != "" {
				for _, bad := range []string{"-1", "x", "99999999999999999999", "1.5"} {
					faultIn(cmp.Or(l.head, l.good), fmt.Sprintf(l.num, bad), `f:%d: (\w+: )?"?`+regexp.QuoteMeta(bad)+`"? .*; expected .*\d to \d.*`)
				}
			}
			err := l.parse("# nothing\n")
			var e *lines.Error
			require.ErrorAs(t, err, &e)
			assert.Zero(t, e.Line, "%v", err)
			assert.Regexp(t, `^f: no .*; expected .*`, err.Error())
		})
	}
}
