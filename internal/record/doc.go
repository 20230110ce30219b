// Package record makes traces: it runs a command on Linux, has the kernel write down through tracefs what the command and
// all its descendants do to their memory, and leaves a text that package ftrace reads and package replay replays.
//
// # How a recording goes
//
//	hold      the command's process is started, but waits at a gate before it executes the command: its PID is known
//	instance  tracefs gets an instance of its own, instances/ptsim-PID, with its own buffers, events and options
//	set       events, options, clock, buffer size; set_event_pid is the command, and khugepaged, which works for all
//	stream    tracing_on, and from now on trace_pipe is copied to the output
//	open      the gate: the process executes the command; event-fork carries the tracing over to every child
//	end       the command ends, or a signal asks for the end: tracing off, what is in the buffers is copied
//	restore   the instance is removed, or what was changed is changed back
//
// # What is restored, and when
//
// Every change goes through settings, which reads the old value, notes it, and only then writes the new one; so a write
// that failed half-way is taken back as well. The restoring is deferred before the first change: it happens after an
// error of any step, after a signal, and while a panic unwinds. A write that fails while restoring is tried again. Only
// SIGKILL leaves something behind, an instance and the events of dynamic.go: the next recording sweeps them.
//
// A kernel that grants no instance is recorded through the top level of tracefs. That belongs to everybody, so it is
// used only if no events are enabled there and its buffer is empty, and every setting is put back one by one. A tracer
// that is active at the top level is an error in both cases: it slows the command down and holds resources, and who set
// it should decide.
//
// # What ends up in the output
//
// The text of trace_pipe as it is, behind a header of comments that says what was recorded where. Two things are mended.
// A task or file name may hold a line break, which tears an event in two: the pieces are joined, with a question mark for
// the break. And events that the kernel dropped without a line in the text, as its per-CPU statistics tell, get one.
// Where the output can be written in place, the header at last gets the count of events, so that a reader notices a file
// that was cut short.
//
// # What it does not do
//
// It mounts nothing and changes nothing outside of tracefs; whether khugepaged touches shared memory is for the user to
// set. It records one machine from its first PID namespace, as set_event_pid knows no other. Page faults are traced on
// x86 and RISC-V; elsewhere by an event of its own (dynamic.go), tried on s390. What the command left running in the background is not recorded any
// further once the command itself has ended; how many such tasks there were is told.
//
// # Where to start
//
// Run, in record.go, is the list above. tracefs.go reads and writes the files, settings.go changes them and changes them
// back, plan.go says to what, gate.go holds the command, lines.go and pipe.go carry the text.
package record
