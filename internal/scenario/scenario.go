package scenario

import "ptsim/lab"

// What a scenario is, package lab says: labs build models of them.
type (
	// Scenario is a parsed scenario that makes sense: Parse has looked at the names in it.
	Scenario = lab.Scenario
	// Run is what a file may say about how its scenario is to be explored, and what came of it.
	Run = lab.Run
	// Task is a task: its operations, one after the other.
	Task = lab.Task
	// Op is one operation of a task.
	Op = lab.Op
	// Error is something wrong with the text of a scenario.
	Error = lab.Error
)

// Limits of what a scenario may say.
const (
	MaxText     = lab.MaxText
	MaxLine     = lab.MaxLine
	MaxName     = lab.MaxName
	MaxSoftirqs = lab.MaxSoftirqs
	MaxTasks    = lab.MaxTasks
	MaxOps      = lab.MaxOps
	MaxBranches = lab.MaxBranches
	MaxThings   = lab.MaxThings
	MaxSlots    = lab.MaxSlots
)
