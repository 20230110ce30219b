// Package ftrace reads Linux ftrace text: what tracefs shows in its trace and
// trace_pipe files, plain or gzip. It turns each line into a typed [Event] and
// knows nothing of what the events mean to an address space; that is the
// business of the simulator that replays them.
//
// # The input
//
// A trace is a header of comment lines and then one line an event:
//
//	# entries-in-buffer/entries-written: 73136/73140   #P:2
//	              sh-10759   (  10759) [001] d....  5303.352750: page_fault_user: address=0x5597e98c31d8 ...
//	              ^TASK-PID  ^TGID     ^CPU  ^FLAGS ^TIMESTAMP   ^EVENT
//
// TGID (option record-tgid) and FLAGS (option irq-info) may be absent, and TGID
// may follow the CPU, as it did at first. A task name may hold anything, text
// that looks like a PID, a CPU or a timestamp included. The kernel pads it so
// that its dash falls on column 16, so that column is tried first; a line that
// was re-indented is searched for the first dash behind which all of
// "PID [CPU] TIMESTAMP:" follows. Fields of events that print free text (a task
// name, a file name) are found from the side on which no free text stands.
//
// # Numbers
//
// Syscall arguments without 0x are hexadecimal. Up to v6.17 the kernel printed
// every argument as bare hexadecimal ("len: 2000" is 8192); since v6.18 it
// prints 0x, but for values below ten, which read the same in either base.
//
// # Dynamic events
//
// Kernels without page_fault_user, such as s390's, are traced by dynamic events:
// a kprobe on handle_mm_fault, an event probe on s390's sys_enter_old_mmap.
// They may have any name, and are known by "(handle_mm_fault+0x..)" or
// "(syscalls.sys_enter_old_mmap)" in front of their fields. error_code holds the
// flags of handle_mm_fault there; [Event] has them as x86's bits. Faults in the mm
// of another task are of kind [Other]. Of other dynamic events the place is
// skipped, and their name counts.
//
// # What is lost, what is missing
//
// Lost events are no error: "CPU:1 [LOST 12 EVENTS]" lines become events of
// kind [Lost], and [Stats] adds what the header says was overwritten. A file that
// ends before it has shown as many events as its header promises is cut short,
// and that is an error, as is a gzip stream without its end. Every error is a
// [SyntaxError] with the line it is about, unless the input itself cannot be
// read. The first error is final.
//
// # Other tools, other options
//
// A line has one of several forms (prefix.go): that of tracefs and trace-cmd report, that of latency-format, with verbose
// or without, that of perf script. The form of the line before is tried first. Calls are named as tracefs names them, by
// their events, field by field (fields.go), or by number (arch.go). A clock without seconds is counted. [Merge] merges the
// files of several CPUs; order.go keeps time from running back; mend.go joins torn lines; foreign.go knows what is no text
// of events and says how to make one of it. Events that nobody uses are of kind [Other].
//
// # Where to start
//
// [Open] and [Reader.Next]; the table of arguments is at [Event]. A line goes
// through lines.go (bytes to lines), prefix.go (the columns before the event)
// and then syscall.go or tracepoint.go.
package ftrace
