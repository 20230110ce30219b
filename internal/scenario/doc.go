// Package scenario is the language that tells the explorer what to explore: what there is at the start, what a few tasks do with
// it, and what must be left at the end. A scenario does not say in which order things happen: the explorer tries every order.
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
// The language itself has tasks and choices. The other words come from a lab: for what there is at the start, what a task can do,
// and what may be left at the end. A scenario that begins with "lab NAME" belongs to that lab. Without such a line it belongs to
// the page tables, and "ptsim help scenario" ends with their words. "ptsim labs" lists the labs, and "ptsim labs NAME" lists the
// words of one.
//
// # A scenario
//
// A line says one thing. Blank lines are skipped, and so are spaces at the start of a line. A # at the start of a line or after a
// blank begins a comment. Names are letters, digits and _, but not digits alone.
//
//	lab NAME                 the lab, if it is not the page tables; in the first line
//	title TEXT               a title, once
//	about TEXT               prose, any number of lines; an empty one ends a paragraph
//
// Then come the lab's lines for what there is at the start, and then the tasks.
//
// "task NAME" begins a task. It does its lines one after the other. In "task NAME may fail" an allocation may find no page, where
// the lab allows for that. A task has a CPU of its own, unless "task NAME on cpu0" puts it on a CPU that it may share with
// others. A task with preemption or BH off, or with a spin lock, keeps the others off its CPU. Any other task may lose its CPU at
// any step. The lines of a task come from the lab, apart from:
//
//	either ... or ... end    one of these; the explorer tries each. They do not nest
//
// An arrow gives a name to the result of a line. The result may be nothing; a line that uses its name then does nothing.
//
// A line "finally" after the tasks begins the last part. Its lines, which also come from the lab, say what must hold when all
// tasks have ended and no callback and no work item is left.
//
// # What is checked when
//
// Parse checks everything that can be checked without running: that a name is of the right kind, and what else the lab requires.
// An error is one line that says what is wrong and what was expected. Nothing is reported later, so whatever the explorer finds
// is a fault of the protocol. For an editor, Check reports every wrong line, and Complete says what may come at a place.
//
// # A schedule in a file
//
// A file may also say how to explore it. The explorer writes this when it saves what it found: variant, pin, softirqs N or cpu, grace
// precise or any, memory sc, tso, lkmm-6.1 or lkmm-6.12, schedule STRING, and expect with "safe" or "violated" and the kind. explore,
// step and export begin with these settings.
//
// # What it does not do
//
// It builds nothing: lab.Build makes a model of a scenario. It knows no word of any lab.
//
// # Where to start
//
// testdata/scenarios/page.scn and gather.scn, then S1.scn; the Examples; parse.go for the grammar.
package scenario
