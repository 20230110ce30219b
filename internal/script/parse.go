package script

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"ptsim/internal/quote"
)

// Limits of what a script may say.
const (
	MaxMM    = 1_000_000 // the largest number of an mm
	MaxCount = 1_000_000 // the most speculative references a page can have
	MaxLine  = 1000      // bytes in a line
	MaxName  = 100       // bytes in a name
)

// Script is a parsed script.
type Script struct {
	Name string // what errors call it: a file name
	Ops  []Op
}

// Error is something wrong with a script: its text, or a name used when nothing has it.
type Error struct {
	File     string
	Line     int    // 0 if it is about the whole script
	What     string // what is wrong
	Expected string // what was expected instead
}

func (e *Error) Error() string {
	where := e.File
	if e.Line > 0 {
		where = fmt.Sprintf("%s:%d", e.File, e.Line)
	}
	return fmt.Sprintf("%s: %s; expected %s", where, e.What, e.Expected)
}

// Parse reads a script. What is wrong with its text is told by an *Error; whether its names make sense shows when it
// runs. Errors of r are passed on, with name in front.
func Parse(name string, r io.Reader) (*Script, error) {
	s := &Script{Name: name}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 512), MaxLine+2) // room for CR LF
	n := 0
	for lines.Scan() {
		n++
		line := lines.Text()
		fail := func(what, expected string) error { return &Error{name, n, what, expected} }
		if len(line) > MaxLine {
			return nil, fail("line too long", fmt.Sprintf("at most %d bytes", MaxLine))
		}
		if strings.IndexByte(line, 0) >= 0 {
			return nil, fail("a NUL byte", "a text file with one operation a line")
		}
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if !printable(line) {
			return nil, fail("a byte that is no printable ASCII", "a text file with one operation a line")
		}
		op, what, expected := parseOp(line)
		if what != "" {
			return nil, fail(what, expected)
		}
		op.setLine(n)
		s.Ops = append(s.Ops, op)
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, &Error{name, n + 1, "line too long", fmt.Sprintf("at most %d bytes", MaxLine)}
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	case len(s.Ops) == 0:
		return nil, &Error{name, 0, "no operation in it", `at least one, such as "mm 1"`}
	}
	return s, nil
}

func (o *Op) setLine(n int) {
	o.Line = n
	if o.Hook != nil {
		o.Hook.setLine(n)
	}
}

func printable(s string) bool {
	for i := range len(s) {
		if (s[i] < ' ' || s[i] > '~') && s[i] != '\t' {
			return false
		}
	}
	return true
}

// parseOp reads one operation. If it cannot, it says what is wrong and what was expected.
func parseOp(text string) (op Op, what, expected string) {
	words := strings.Fields(text)
	op = Op{Kind: kindOf(words[0]), Text: text}
	if op.Kind == NoOp {
		names := kindNames()
		return op, fmt.Sprintf("unknown operation %s%s", quote.Short(words[0]), quote.Hint(words[0], names)), "one of " + strings.Join(names, ", ")
	}
	form := strings.Fields(op.Kind.Form())
	quoted := fmt.Sprintf("%q", op.Kind.Form())
	if op.Kind == Hook {
		return parseHook(op, words, quoted)
	}
	if len(words) != len(form) {
		return op, counted(len(words), "word"), quoted
	}
	for i, word := range words[1:] {
		ok := true
		switch form[i+1] {
		case "N":
			if op.MM, ok = number(word, 0, MaxMM); !ok {
				return op, fmt.Sprintf("%s is no number of an mm", quote.Short(word)), fmt.Sprintf("0 to %d", MaxMM)
			}
		case "COUNT":
			if op.N, ok = number(word, 1, MaxCount); !ok {
				return op, fmt.Sprintf("%s is no count of references", quote.Short(word)), fmt.Sprintf("1 to %d", MaxCount)
			}
		case "0/1":
			if op.N, ok = number(word, 0, 1); !ok {
				return op, fmt.Sprintf("%s does not switch it", quote.Short(word)), "0 or 1"
			}
		case "TABLE", "CRST", "NAME":
			if op.Name = word; !validName(word) {
				return op, fmt.Sprintf("%s is no name", quote.Short(word)), "letters, digits and _, not digits alone, such as t1"
			}
		default:
			if word != form[i+1] {
				return op, fmt.Sprintf("%q in place of %q", word, form[i+1]), quoted
			}
		}
	}
	return op, "", ""
}

func parseHook(op Op, words []string, form string) (Op, string, string) {
	if len(words) < 2 {
		return op, "a hook without an operation", form
	}
	if words[1] == Hook.String() {
		return op, "a hook inside a hook", "an operation that can run at once"
	}
	inner, what, expected := parseOp(strings.TrimSpace(op.Text[len(words[0]):]))
	if what != "" {
		return op, what, expected
	}
	if inner.Kind == GP || inner.Kind == Remove {
		return op, "a grace period inside a callback", "an operation that can run there: a callback is itself a reader, for which a grace period waits"
	}
	op.Hook = &inner
	return op, "", ""
}

// number reads a decimal number without a sign.
func number(s string, lo, hi int) (int, bool) {
	v := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		if v = v*10 + int(s[i]-'0'); v > hi {
			return 0, false
		}
	}
	return v, s != "" && v >= lo
}

func validName(s string) bool {
	letters := 0
	for i := range len(s) {
		switch ch := s[i]; {
		case ch >= '0' && ch <= '9':
		case ch >= 'a' && ch <= 'z', ch >= 'A' && ch <= 'Z', ch == '_':
			letters++
		default:
			return false
		}
	}
	return letters > 0 && len(s) <= MaxName
}
