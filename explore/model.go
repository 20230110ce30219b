package explore

import "ptsim/kern"

// Model is a bounded concurrent program written in kern's primitives: a handful of tasks, each a list of operations, on a
// machine that Build puts together.
type Model struct {
	Name string
	// Build makes the machine and everything on it, always in the same way: searches build several, and an address means
	// the same on each. cpus is how many CPUs the machine must have. The machine must have no scheduler and no checks of
	// its own; its allocators are the real ones while Build runs, and the explorer's afterwards.
	//
	// The machine should have few frames (kern.Config.Frames, 16 say): a search has tables with a place for each word that there can
	// be, and with all the frames there can be, it takes seconds and gigabytes before its first step.
	Build func(cpus int, sched kern.Scheduler) *Instance
	// Tasks is how many tasks Build will return.
	Tasks int
}

// Instance is a Model on a machine of its own.
type Instance struct {
	M     *kern.Machine
	Tasks []Task

	// ReusesFrames has page frames that were freed be handed out again, or not: both are tried. A struct page stays what it is, so
	// that get_page_unless_zero of one that serves another by then gives a reference to that. Without it a frame that was freed stays
	// free, and all allocations are local.
	ReusesFrames bool

	// Alive is set by the explorer once the Instance is built: it tells whether the object at an address is live. Freed
	// memory is not poisoned under the explorer, it reads as it did at first.
	Alive func(a kern.Addr) bool
	// Frames is set by the explorer, too: it calls f for each page frame that is in use.
	Frames func(f func(p kern.PFN))
	// Objects is set by the explorer, too: it calls f for each object of a slab cache that is in use.
	Objects func(f func(cache string, a kern.Addr))

	// ObjectAt is set by the explorer, too: it tells which object of which slab cache the word at an address is in, whether that is in
	// use or not. ok is false of a word of a struct page, and where nothing is.
	ObjectAt func(a kern.Addr) (cache int, base kern.Addr, ok bool)

	// Named is what the model itself calls an object that is there at the start, by its address, "" if nothing. It is for reports
	// alone, and may be nil.
	Named func(a kern.Addr) string

	// Check is asked of each state whether it is sound; it reads memory as a debugger. It may be nil. What it returns, nil
	// if all is well, is the violation.
	Check func() *kern.Violation
	// Final is asked when all is quiet: the tasks have ended, no callback and no work item is left. It may be nil.
	Final func() *kern.Violation
}

// Task is one task, on a CPU of its own unless On says otherwise.
type Task struct {
	Name string
	// On is the CPU that it runs on, counted from 1: tasks with the same number share that CPU. 0 is a CPU of its own, the
	// first that no task names. The numbers go up to that of the tasks. See share.go.
	On    int
	Start Frame
	Ops   []Operation
	// MayFail has the task's GFP_NOWAIT allocations fail or not, as a choice of the schedule.
	MayFail bool
}

// Frame is what a task keeps from one operation to the next: its local variables. It must be a comparable value, without
// pointers to anything that changes, since an operation may be run many times from the same Frame.
type Frame any

// Operation is one thing that a task does. Run does it on the CPU, by way of kern's primitives only, and returns the
// Frame to go on with. It must be deterministic: what it does may depend on the Frame and on what its primitives return.
type Operation struct {
	Name string // what it does, in a few words, for reports
	Run  func(c *kern.CPU, f Frame) Frame
}
