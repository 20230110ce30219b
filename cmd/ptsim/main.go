// Ptsim runs the published versions of the s390 page-table allocator on recorded traces and scripts, and explores it and other
// protocols.
//
// Exit codes: 0 success, 1 a violation was found (where all versions run, one that is not a known flaw), 2 bad input or usage, 3 a
// search ended without an answer, 130 interrupted.
package main

import (
	"os"

	"ptsim/lab/command"
)

func main() { os.Exit(command.Main()) }
