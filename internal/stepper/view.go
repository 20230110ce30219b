package stepper

import (
	"slices"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/lab"
)

// View is all there is to see at one point of a schedule. It is data only: every face draws it in its own way, and none
// needs to know a rule. The names in JSON are part of what the page and exports are made of.
type View struct {
	Step int    `json:"step"` // steps taken so far
	Path string `json:"path"` // the schedule up to here, as text
	lab.Scene
	RCU       []Callback   `json:"rcu"`               // queued callbacks, in the order of their addresses
	Work      []Callback   `json:"work"`              // pending work items
	Things    []Thing      `json:"things,omitempty"`  // unless the lab has a scene: the objects that there are, in the order in which they came to be
	Figures   []lab.Figure `json:"figures,omitempty"` // what the lab draws of them
	WhatIf    []WhatIf     `json:"what_if,omitempty"` // edits of the code to try, under a weak memory model
	Lanes     []Lane       `json:"lanes"`             // a thread each
	Did       *Did         `json:"did"`               // the step that led here, nil at the first state
	Ended     bool         `json:"ended"`             // nothing can move any more
	Violation *Violation   `json:"violation"`
}

// Change names the kinds of change that a thing can be marked with.
type Change = lab.Change

// The changes.
const (
	Same     = lab.Same
	Appeared = lab.Appeared
	Changed  = lab.Changed
	Gone     = lab.Gone
)

// What a lab's scene consists of.
type (
	Page       = lab.Page
	Half       = lab.Half
	MM         = lab.MM
	Batch      = lab.Batch
	File       = lab.File
	VMA        = lab.VMA
	Words      = lab.Words
	HalfState  = lab.HalfState
	BatchState = lab.BatchState
)

// Callback is a queued rcu_head, or a pending work item.
type Callback struct {
	Name   string   `json:"name"` // batch(batch1)
	Func   string   `json:"func"`
	Object string   `json:"object"`
	CPU    int      `json:"cpu"`   // whose queue it is in, -1 where any softirq CPU may run it
	Waits  []string `json:"waits"` // the readers it waits for: "s0 softirq on CPU3: softirq"; none if it may run
	Change Change   `json:"change"`
}

// Thing is an object of a protocol.
type Thing = lab.Thing

// Field is a field of a thing.
type Field = lab.Field

// Lane is a thread, and what it is about to do.
type Lane struct {
	Letter string             `json:"letter"` // as schedules have it: A, w0, s0
	Kind   explore.ThreadKind `json:"kind"`
	CPU    int                `json:"cpu"`
	Name   string             `json:"name"`
	Doing  string             `json:"doing"` // the operation, callback or work item that it is in, or about to begin
	Next   string             `json:"next"`  // the primitive that it is about to run, in the kernel's words
	At     Place              `json:"at"`    // where that is in the code
	State  explore.Wait       `json:"state"`
	Why    string             `json:"why"`   // why it cannot move, a sentence; "" if it can
	Moves  []Move             `json:"moves"` // what the scheduler can have it do; none if it cannot move
	BH     bool               `json:"bh_off"`
	RCU    bool               `json:"rcu_reader"`
	Moved  bool               `json:"moved"` // it took the last step
	Op     kern.Op            `json:"-"`     // of a thread that is to go on: the primitive that it is about to run
	Pos    int                `json:"-"`     // which of the task's operations Doing is; -1 of a callback or work item, and if it is in none
}

// Move is something that the scheduler can decide.
type Move struct {
	Text  string `json:"text"`            // as schedules have it: A, B?1, s0!12c0; what Session.Take takes
	Label string `json:"label"`           // in words
	Stale bool   `json:"stale,omitempty"` // under a weak memory model: it reads an old store

	Choice Choice `json:"-"`
}

// Choice is what a move decides. Two moves of the same thread that decide the same have equal ones, on two variants too.
type Choice struct {
	Kind      MoveKind
	Begins    string               // of a BeginMove: the callback or work item, as Callback.Name has it
	Way, Ways int                  // of a WayMove: which way of an either it goes, and of how many; 0 of a read
	Reads     *explore.MemoryStore // of a WayMove under a weak memory model: the store that it reads
	Slab      SlabResult           // of a SlabMove
	Cache     string               // and the cache of the object
}

// Same tells whether two choices decide the same.
func (c Choice) Same(o Choice) bool {
	if (c.Reads == nil) != (o.Reads == nil) || c.Reads != nil && *c.Reads != *o.Reads {
		return false
	}
	c.Reads, o.Reads = nil, nil
	return c == o
}

// SlabResult is how an allocation comes out.
type SlabResult uint8

// The results of an allocation.
const (
	SlabNew   SlabResult = iota // a new object
	SlabReuse                   // a freed one of a type-stable cache, as it was left
	SlabFails
)

// MoveKind is what kind of decision a move is.
type MoveKind uint8

// The kinds of moves.
const (
	StepMove  MoveKind = iota // the only way for the thread to go on
	BeginMove                 // to begin a callback or a work item
	WayMove                   // one of the ways of an either
	SlabMove                  // one of the ways in which an allocation can come out
	DrainMove                 // with TSO: the oldest store of its queue goes to memory
)

// Place is a place in this project's own code.
type Place struct {
	Func string `json:"func"` // the kernel function
	File string `json:"file"` // "pgalloc/rfc.go", "" if there is none
	Line int    `json:"line"`
}

// Did is a step that was taken.
type Did struct {
	Move     string       `json:"move"`
	Letter   string       `json:"letter"`
	CPU      int          `json:"cpu"`
	Name     string       `json:"name"`
	Doing    string       `json:"doing"`
	Func     string       `json:"func"`  // the kernel function that it is in, "" if none
	Text     string       `json:"text"`  // the step, in the kernel's words
	Plain    []string     `json:"plain"` // the plain accesses before it, of which nobody else takes note
	At       Place        `json:"at"`
	Switch   bool         `json:"switch"` // another CPU than that of the step before, or another task on it
	Sentence lab.Sentence `json:"sentence"`
	Stale    string       `json:"stale,omitempty"` // of a read of an old store: which, which newer ones it missed, and what would forbid it
	Changes  []string     `json:"changes"`         // what changed, in words, for readers that cannot see marks

	facts *lab.Facts
	steps []explore.Step
}

// Said is what changed, in words, and last the violation if there is one.
func (v *View) Said() []string {
	if v.Violation == nil {
		return v.Did.Changes
	}
	return append(slices.Clone(v.Did.Changes), "VIOLATION: "+v.Violation.Sentence)
}

// Own tells whether it came to nothing that others can see: there are no steps then.
func (d *Did) Own() bool { return len(d.steps) == 0 }

// Facts are what the sentence was made from.
func (d *Did) Facts() *lab.Facts { return d.facts }

// Steps are the primitives that were carried out: plain ones first, the step itself last. There are none if it is all its own.
func (d *Did) Steps() []explore.Step { return d.steps }

// Violation is what the schedule came to.
type Violation struct {
	Kind     string   `json:"kind"`
	Sentence string   `json:"sentence"`
	Splat    string   `json:"splat"`
	About    []string `json:"-"` // the names of the things that it is about
}
