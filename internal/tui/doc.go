// Package tui is the stepper in a terminal: a schedule of a scenario on a screen, in the hands of a user who is the
// scheduler.
//
//	s, err := stepper.New(question)
//	err = tui.Run(ctx, tui.Options{Session: s}, os.Stdin, os.Stdout)
//
// # What is on the screen
//
// What the last step did, in a sentence, and the rule it rests on. The pages with their two halves, drawn as ptsim run
// draws them, with their masks; the mms with counts, list and lock; batches, RCU callbacks and whom they wait for; files and
// mappings. A lane for each thread: the operation it is in, and the primitive that it is about to run or why it cannot.
// The line of this project's code at which the chosen lane stands. After a violation, what a kernel would print.
//
// A screen of 80 columns and 24 lines has it all in one column; from 110 columns on there are two, from 170 on a third for
// the schedule and the tree of tries. Where there is not enough room a panel shows the part that changed, says which lines
// these are, and can be scrolled. In no size is a line wider than the terminal.
//
// # Without colour, and without box-drawing
//
// Colours come from the sixteen of the terminal's own theme, and say nothing that a sign or a word does not say, too: + new,
// ● changed, − gone, ! wrong, ▶ chosen. Text of scenarios is stripped of what is not a character in its own column. In
// locales in which the signs might not be one, [ASCII] says to draw with plain characters.
//
// # What the keys do
//
// The table in keys.go is what they do and what the help says. All that they decide goes to [stepper.Session]; this package
// knows no rule of the allocator. A search for a violation runs beside the screen and has the session to itself until it is
// done or stopped.
//
// # Line by line, and the course
//
// [Plain] is the same stepper for pipes and screen readers: commands in, sentences out, nothing said by a picture. [Prose]
// writes a whole schedule. [Learn] and [LearnPlain] go through the lessons of package course, and open their runs in the
// stepper.
//
// # What it does not do
//
// It knows no mouse, and keeps nothing on disk. bubbletea needs a terminal, so that this package is not part of what runs in
// a browser.
//
// # Where to start
//
// The Example; model.go for what is kept, keys.go for what is done, view.go for what is where.
package tui
