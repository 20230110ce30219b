// Package checkpoint keeps in a file what a long piece of work has come to, so that a later run can go on from there.
//
// # What a file holds
//
// A line that says what it is and of which format; then values: a [Head], and whatever the work puts behind it; at
// the end the SHA-256 of all that. A value is its length in 8 bytes, and bytes as they are or JSON. Nothing is compressed: most of
// what a search keeps is fingerprints, which look like noise. JSON and not encoding/gob, because gob takes 0.3 ms of every start of
// the program, whatever it does.
//
// # What is refused
//
// A file goes with one question and one build of the program, which its Head names: what a search has learnt of code means
// nothing to other code. [Open] reads the whole file once, for the checksum, before it believes any of it. What it refuses
// it refuses with a [*Refused], whose text is one line: what is wrong, and what to do.
//
// # How it is written
//
// Beside the old one under another name, and renamed when it is whole and on the disk. Whoever ends the program in the middle
// leaves the old file as it was.
//
// # What it does not do
//
// It keeps no two processes from using one file: each would write what it has come to, whole, and the last one wins.
//
// # Where to start
//
// The Example; file.go.
package checkpoint
