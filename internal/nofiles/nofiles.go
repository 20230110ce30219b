// Package nofiles keeps property tests from leaving files in the tree when they fail: rapid writes what failed into
// testdata/rapid, and says the seed as well, with which the test fails again:
//
//	go test -run TestX -rapid.seed=N
//
// Why it matters: a tree with new files in it is not the tree that was checked out. A build that puts the state of the tree
// into its version says so, go vet and the tests of the floors walk over them, and a reviewer finds bytes that nobody can
// read in a commit. The seed says the same in a number: it is printed by every test that fails, with the command to repeat it,
// and it needs no file. What it does not survive is a change of the generators, which does not matter: a failure that is
// understood becomes a test of its own, with the case written out.
//
// The flag is set in an init, before the flags of the test are read, so that the command line has the last word. One file of a
// package is enough: the flag is the test binary's. A test at the top of the module wants every package that uses rapid to
// have it.
//
// A test file that imports rapid imports this package beside it, for what its init does. Whoever wants the file gives
// -rapid.nofailfile=false.
package nofiles

import (
	"flag"

	_ "pgregory.net/rapid" // defines the flag
)

func init() {
	if f := flag.Lookup("rapid.nofailfile"); f != nil {
		f.DefValue = "true"
		_ = f.Value.Set("true")
	}
}
