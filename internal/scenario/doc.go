// Package scenario is the language of what the explorer explores: a few tasks, what they have at the start, what they do with it,
// and what must be left. A scenario says what happens and not in which order; the order is the explorer's.
//
//	title Both halves of a page are deferred
//	about A page has one rcu_head and two halves.
//
//	mm 1 users 2
//	page 1 t0 t1
//
//	task khugepaged0
//	  defer t0
//	  mmput 1
//
//	task khugepaged1
//	  defer t1
//	  mmput 1
//
//	finally
//	  freed 1
//
// # Labs
//
// The language has tasks and choices. What there is at the start and what a task can do with it, its lab says: a scenario that
// begins with "lab NAME" is one of that lab. Without such a line it is one of the page tables, whose words are below; ptsim labs lists
// the labs, and ptsim labs NAME the words of one.
//
// # A scenario
//
// One thing a line; blank lines and what follows a # are skipped, and so is the space a line begins with. Names are letters,
// digits and _, not digits alone.
//
//	lab NAME                 whose words these are, before all else
//	title TEXT               what it is about, once
//	about TEXT               and some prose, any number of lines; an empty one parts paragraphs
//
// What is there at the start follows, in lines of the lab, and then the tasks.
//
// "task NAME" begins one, "task NAME may fail" one whose allocations may find no page where that is foreseen. "task NAME on cpu0"
// puts it on a CPU, where others may be put, too: a task that has preemption or BH off, or a spin lock, keeps the others of its CPU
// off, and one that has not may lose the CPU at any step. A task that is not put anywhere has a CPU of its own. It does its lines one
// after the other. They are lines of the lab, or:
//
//	either ... or ... end    one of these, and which is for the explorer to choose; not nested
//
// An arrow gives a name to what a line comes to. A name may come to stand for nothing: what uses it then does nothing.
//
// A line "finally" behind the tasks begins what must be so when they have ended and no callback and no work item is left, in lines of
// the lab.
//
// # What is checked when
//
// Parse looks at what can be told without running: that names stand for what a line wants, and whatever else the lab says. Wrong is
// told by an *[Error], one line with what was expected, never later. So whatever the explorer finds is the protocol's doing. For an editor, Check reports every line that
// makes no sense, and Complete what may be written at a place.
//
// # A schedule in a file
//
// A file may also say how it is to be explored, which the explorer writes when it saves what it found: variant, pin,
// softirqs N or cpu, grace precise or any, schedule STRING, and expect with "safe" or "violated" and the kind. This
// package only keeps these words, in [Run].
//
// # What it does not do
//
// It builds nothing: lab.Build makes a model of a scenario. It knows no word of any lab.
//
// # Where to start
//
// testdata/scenarios/page.scn and gather.scn, then S1.scn; the Examples; parse.go for the grammar.
package scenario
