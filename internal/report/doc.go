// Package report says what a load cost: figures of machines that ran the same trace or the same synthetic load, side by side, as
// tables, pictures, CSV, JSON and one page of HTML.
//
// # Figures
//
// A [Figure] is a count or a value, or none: a run that was interrupted before, or a ratio to nothing, has no figure, and says so
// as "-" or null. Zero is a figure like any other.
//
// # Two reports
//
// A [Report] holds what the machines came to. Its rows are what happened: tables allocated, freed by which path, pages at the peak.
// Its costs are what that means for each variant beside the others: memory against a page per table and against the least there
// can be, locks and atomic operations per table, how long callbacks and pins keep things. Both are rows of figures in one order,
// that of JSON and CSV; a table shows some of them, a line for each figure and a column for each machine.
//
// # What a report says besides
//
// Of a trace it notes what makes its figures less than they seem, such as events that were lost, and what was assumed, such as
// processes that were there before. Of each machine it tells the violations.
//
// The package measures nothing and decides nothing: replay and workload run the machines, and whether violations are a finding
// is the command's to say. It keeps no state and has no locks.
//
// Start with the example of Report.
package report
