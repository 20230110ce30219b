package lines

import (
	"fmt"
	"strings"

	"ptsim/internal/quote"
)

// Error is something wrong with a text, or with a name in it.
type Error struct {
	File     string
	Line     int    // 0 if it is about the whole file
	What     string // what is wrong
	Mend     string // how to mend it, if that can be guessed: "did you mean free?"
	Expected string // what was expected instead; "" if What says that
	Err      error  // what is behind it, such as what a decompressor said
}

// Error returns "FILE:LINE: WHAT (MEND); expected EXPECTED".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	return b.String() + ": " + e.Message()
}

// Message is the error without its place.
func (e *Error) Message() string {
	var b strings.Builder
	b.WriteString(e.What)
	if e.Mend != "" {
		b.WriteString(" (" + e.Mend + ")")
	}
	if e.Expected != "" {
		b.WriteString("; expected " + e.Expected)
	}
	return b.String()
}

// Unwrap returns what is behind the error.
func (e *Error) Unwrap() error { return e.Err }

// Unknown is the error about a word that is none of the names; what says what the names are names of.
func Unknown(file string, line int, what, word string, names []string) *Error {
	return &Error{
		File: file, Line: line, What: "unknown " + what + " " + quote.Short(word), Mend: quote.DidYouMean(word, names),
		Expected: "one of " + strings.Join(names, ", "),
	}
}
