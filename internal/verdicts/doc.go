// Package verdicts asks the explorer about every version of the allocator, with every pin, in every scenario, and puts the
// answers in a table: which hold for every schedule, and by what shortest schedule the others break.
//
// # Cells
//
// A [Cell] is one question: a scenario, a [Version], the softirq CPUs and what a grace period waits for. [Cells] returns all
// there are: 1 and 2 softirq CPUs of their own, which take any callback that is ready, and callbacks on the CPU that queued
// them, as interrupts between any two steps; each with precise grace periods and with those that wait for rcu_read_lock
// alone. Scenarios that are too large to be searched in seconds are left out unless asked for by name.
//
// # Outcomes
//
// An [Outcome] is safe, after an exhaustive search that met every state; violated, with the kind and the shortest schedule;
// or incomplete, where a limit of memory ended the search. The shortest schedule is that of the explorer's Shortest, as long
// as that needs no more states than a budget; beyond it the first schedule that was found is shrunk by trial, and the figures
// have a tilde. Which cell is beyond it does not depend on the machine. Each cell is searched on one thread, and several
// cells at once, so states, and which violation a search meets first, do not change from run to run; seconds do, and are
// only where that does not matter.
//
// # Tables
//
// Text and Markdown have a table a scenario, a row a version, a column a setting. safe 1,079 is a safe cell of that many
// states. UAF 3/16 is one that is violated, by a schedule of 3 switches and 16 steps: UAF a use after free, "lost" a lost
// page, "deadlock" a softirq that waits for what it interrupted; other kinds by their names. [Summary] is one table for all,
// a row a scenario and a column a version: of a version that breaks it shows one setting, two softirq CPUs with precise grace
// periods if it breaks there. Below a table stand the
// operations in which no schedule did anything; JSON has everything, and all that each safe cell covers.
//
// # Going on
//
// A matrix may take hours. A [Folder] keeps each outcome, by the question that it answers, and for a cell that is in the middle
// of a search the checkpoint of that. A run that is interrupted, or killed, goes on from there, and comes to the same outcomes:
// what was answered is not asked again, and its seconds are those of the run that answered it. A cell whose search a limit of
// memory ended is no answer: it goes on when there is more.
//
// # What is not done
//
// Nothing here says what the answer should be. Times are no benchmark: cells run beside each other.
//
// # Where to start
//
// The Example; cells.go, then run.go.
package verdicts
