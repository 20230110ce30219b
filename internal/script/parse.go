package script

import (
	"fmt"
	"io"
	"strings"

	"ptsim/internal/lines"
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
type Error = lines.Error

// Parse reads a script. What is wrong with its text is told by an *Error; whether its names make sense shows when it
// runs. Errors of r are passed on, with name in front.
func Parse(name string, r io.Reader) (*Script, error) {
	s := &Script{Name: name}
	in := lines.NewScanner(name, r, lines.Limits{Bytes: MaxLine})
	for in.Scan() {
		text, err := in.Text()
		if err != nil {
			return nil, err
		}
		op, what, expected := parseOp(text)
		if what != "" {
			return nil, in.Fail(expected, "%s", what)
		}
		op.setLine(in.Line())
		s.Ops = append(s.Ops, op)
	}
	switch err := in.Err(); {
	case err != nil:
		return nil, err
	case len(s.Ops) == 0:
		return nil, &Error{File: name, What: "no operation in it", Expected: `at least one, such as "mm 1"`}
	}
	return s, nil
}

func (o *Op) setLine(n int) {
	o.Line = n
	if o.Hook != nil {
		o.Hook.setLine(n)
	}
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
			if op.MM, ok = lines.Number(word, 0, MaxMM); !ok {
				return op, fmt.Sprintf("%s is no number of an mm", quote.Short(word)), fmt.Sprintf("0 to %d", MaxMM)
			}
		case "COUNT":
			if op.N, ok = lines.Number(word, 1, MaxCount); !ok {
				return op, fmt.Sprintf("%s is no count of references", quote.Short(word)), fmt.Sprintf("1 to %d", MaxCount)
			}
		case "0/1":
			if op.N, ok = lines.Number(word, 0, 1); !ok {
				return op, fmt.Sprintf("%s does not switch it", quote.Short(word)), "0 or 1"
			}
		case "TABLE", "CRST", "NAME":
			if op.Name = word; !lines.ValidName(word, MaxName) {
				return op, fmt.Sprintf("%s is no name", quote.Short(word)), lines.NameForm
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
