// Package quote shows what somebody gave in the message that tells what is wrong with it.
//
// An error of ptsim is one line: what is wrong, where, what was expected. It repeats the word that is wrong, since the reader
// looks for that word. The word may be anything: a schedule of 6,000 steps that was pasted where the name of a scenario
// belongs, a line of a trace that holds control characters, bytes that are no UTF-8. So every message quotes by Short, which
// escapes as Go does and stops after 40 characters. The rest of the message then stays in sight, in a terminal and on the
// page alike.
//
// It has no states and no locks. It does not look at what a word means, and it does not make a word fit for a shell: that
// is the business of the package that prints a command. It does not shorten what ptsim itself says, either; where a column is
// too narrow for that, the package that draws the column cuts.
//
// A wrong name is often a right one with a letter amiss. Meant finds the right one, and Expected ends the message with it and with
// all the others.
//
// Start with the example of Short.
package quote

import (
	"strconv"
	"unicode/utf8"
)

// most is how many characters of the input a message holds.
const most = 40

// Short quotes text as Go does. Of a long one it quotes the first 40 characters, and dots follow the quotes.
func Short[T ~string | ~[]byte](text T) string {
	s := string(text[:min(len(text), most*utf8.UTFMax+1)])
	end := 0
	for range most {
		_, size := utf8.DecodeRuneInString(s[end:])
		if end += size; end == len(s) {
			return strconv.Quote(s)
		}
	}
	return strconv.Quote(s[:end]) + "..."
}
