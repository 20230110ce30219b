// Package command is ptsim as a function: the command with all its faces, and with labs of your own beside those that it comes with.
//
//	func main() { os.Exit(command.Main(mailbox.Lab())) }
//
// With that main, a module of your own has explore, step, play, quiz, beside, serve, verdicts, export and all the rest for its
// protocol. testdata/mailbox in the sources is such a module: a protocol with names, kinds of violations and assertions of its
// own, and a test that shows it through every face. docs/lab.md says how to write one.
//
// # What a lab must bring
//
// A [lab.Lab] whose tables fit together, see its Faults; scenarios in Lab.Scenarios; and, for the faces that show code, the sources
// in Lab.Source. A lab that does not fit, or whose name is taken, ends the command with one line and exit code 2.
//
// # Exit codes
//
// 0 is success, 1 says that a violation was found, 2 is bad input or usage, 3 a search that ended without an answer, 130 says that it
// was interrupted.
//
// # What it does not do
//
// A subcommand lives in the file of its name, and only reads flags and writes results: what it does is in the packages below. The
// package has no state but the labs that were added, which is written before the command runs. It starts no shell and no
// network server unless it is told to.
//
// # Where to start
//
// The Example; main.go for the list of subcommands.
package command
