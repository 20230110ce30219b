package ftrace

import (
	"fmt"

	"ptsim/internal/lines"
	"ptsim/internal/quote"
)

// SyntaxError says that a line of the input is not what it should be.
type SyntaxError = lines.Error

// fault is a SyntaxError before the reader adds where it happened.
type fault struct {
	what, want string
	final      bool // no line after it can mend it
}

func bad(what, want string) *fault   { return &fault{what: what, want: want} }
func final(what, want string) *fault { return &fault{what: what, want: want, final: true} }

// wantNumber is the Want of an address, a length, flags or a result.
const wantNumber = "a number of at most 64 bits, hexadecimal"

func badField(event, field string, value []byte, want string) *fault {
	return bad(fmt.Sprintf("%s: field %s is %s", event, field, quote.Short(value)), want)
}

func noField(event, field string) *fault {
	return bad(fmt.Sprintf("%s: field %s is missing", event, field), "a line with all its fields")
}
