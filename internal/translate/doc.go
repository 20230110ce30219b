// Package translate makes a scenario and a schedule of a script, so that what ptsim run carries out as one sequence of
// operations can be stepped through: primitive by primitive, with every CPU in sight, and with the freedom to go back and let
// things happen in another order.
//
//	hook exit 1        task hook
//	gp                   tlbfree t2 ...
//
// # How a script becomes a scenario
//
// Its operations are those of a task called script. What gp and work do, a softirq and a kworker do: these are threads of
// every model. A hook is what another CPU does meanwhile, so that the operations of hooks that ran are those of a second task,
// called hook. mms are there from the start. The tables that a hook releases have to be there from the start, too, since a
// task of a scenario knows only those and its own: the allocations that a script with hooks begins with are its setup, and so
// they are where there are more of them than a task can name. What the script leaves, the task releases behind its end,
// because a scenario must; the schedule does not go there.
//
// # How its schedule is found
//
// The translation knows no rule of the allocator. It runs the script with package script, which tells which hooks ran, in
// which grace period, and in which page each table of the setup is. Then it drives the scenario with an [explore.Stepper]: the
// task through the operations of a line; for gp each callback that is queued by then from its beginning to its end, the first
// one queued first; for a hook the second task, just before a callback takes a lock. The script and the scenario are two
// machines, and the tests hold what they come to against each other, line by line.
//
// Since which hooks run depends on the version, and so does where tables are, a translation is one for a version.
//
// # What cannot be translated
//
// Segment and region tables, speculative references, memory that is short for tables, guests: scenarios have none of them. A
// gather that two mms or two tasks share. A hook that releases what the script allocated late. More operations or names than a
// scenario may have. Each is an error with the line of the script.
//
// # What differs
//
// A violation that the explorer's checks find ends a schedule, where a script may go on. A page that is lost is found only
// when all is done, not after the operation. The flush of a gather does not take context.lock.
//
// # Where to start
//
// The Example; text.go for the scenario, drive.go for the schedule.
package translate
