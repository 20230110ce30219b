// Package sweep asks what each variant of the allocator costs over a grid of loads: how many processes there are, how many page
// tables each has, how long they live, how often something is collapsed, how long a grace period is, and how many CPUs there are.
// The presets of package workload are a few loads that resemble something; this is a few hundred that resemble nothing, and show
// which of these quantities a cost depends on.
//
// # A point
//
// A [Point] is one value of each. [Point.Text] turns it into a workload: processes that come as fast as they go, each with
// memory of its own and a part of a file that all share, in which something is collapsed and split again. [Run] plays it in
// virtual time on every variant, with every pin, and returns a [Row] for each: mean pages of tables, the least there can be, and
// the locks and atomics for each table allocated. A run takes milliseconds, and is the same on every machine.
//
// # A grid
//
// [Grid] is all combinations of some values. [Default] is the one that docs/costs.md is about.
//
// # The report
//
// [Report] keeps the rows of a grid and answers the question that they were made for: where do two tables per page stop paying?
// Two tables in a page save memory, and cost locks and atomics that a page per table does not need. [Report.Markdown] says what is
// saved and what it costs, along each axis with all else as it is in the middle of the grid, and over the whole grid.
// [Report.SVG] draws it. [WriteCSV] and [ReadCSV] keep the rows.
//
// # What is not done
//
// Nothing is measured in seconds: what a lock costs on a machine is another question, which docs/performance.md is about. Loads are
// steady; what happens while one grows is for the traces and the presets.
//
// # Where to start
//
// The Example; point.go, then report.go.
package sweep
